"""How a chart is to look: how wide it is, and in which language it speaks."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from undercount.report.text import ENGLISH

if TYPE_CHECKING:
    from undercount.report.words import Words

_RIGHT_TO_LEFT: Final = frozenset({"R", "AL", "AN"})
_MARK: Final = "\u200f"
_PER_POINT: Final = {"ltr": 0.0082, "rtl": 0.0076}
"""Inches that a letter takes on average, for each point of its size."""


class Width(NamedTuple):
    """Inches of a chart, and the sizes of its type in points."""

    inches: float
    small: float
    normal: float
    title: float
    is_narrow: bool


WIDE: Final = Width(11.5, 8.5, 9.5, 13.0, is_narrow=False)
NARROW: Final = Width(3.7, 8.5, 9.0, 11.0, is_narrow=True)
"""For a telephone, 390 pixels wide: at one to one, small letters are then 11 pixels high."""


@dataclass(frozen=True)
class Look:
    """How a chart is to look.

    Parameters
    ----------
    width : Width
        `WIDE`, or `NARROW` for a telephone.
    words : Words
        Of the language; the layout is mirrored where that is written from right to left, except for axes.
    has_heading : bool
        Whether title, subtitle and provenance are part of the picture; a page has its own.
    """

    width: Width = WIDE
    words: Words = ENGLISH
    has_heading: bool = True

    @property
    def is_narrow(self) -> bool:
        """Whether names stand above bars, and the key beneath the chart."""
        return self.width.is_narrow

    @property
    def is_mirrored(self) -> bool:
        """Whether a reader starts at the right."""
        return self.words.direction == "rtl"

    @property
    def start(self) -> Literal["left", "right"]:
        """The side at which a reader starts."""
        return "right" if self.is_mirrored else "left"

    @property
    def end(self) -> Literal["left", "right"]:
        """The side at which a reader ends."""
        return "left" if self.is_mirrored else "right"

    @property
    def onward(self) -> int:
        """Sign of an offset in the direction of reading."""
        return -1 if self.is_mirrored else 1

    def columns(self, inches: float, size: float | None = None) -> int:
        """Letters that fit into a width."""
        letter = _PER_POINT[self.words.direction] * (size or self.width.small)
        return max(int(inches / letter), 8)

    def directed(self, text: str) -> str:
        r"""Make each line of a text run from right to left, where anything in the text does.

        Examples
        --------
        >>> Look().directed("nothing does")
        'nothing does'
        >>> from undercount.report.words import words
        >>> Look(words=words("ar")).directed("التحالف (CJTF-OIR،\nCENTCOM)").count("\u200f")
        2
        """
        if not self.is_mirrored or not is_right_to_left(text):
            return text
        return "\n".join(_MARK + line for line in text.split("\n"))


def is_right_to_left(text: str) -> bool:
    """Whether a text has letters or digits that are written from right to left."""
    return any(unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in text)


WIDE_ENGLISH: Final = Look()
