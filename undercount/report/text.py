"""Numbers, intervals and names as a reader of English sees them, on any screen."""

from __future__ import annotations

import unicodedata
from typing import Final

from undercount.report.words import words

ENGLISH: Final = words()
count = ENGLISH.count
rate = ENGLISH.rate
between = ENGLISH.between
interval_name = ENGLISH.interval_name
allowed = ENGLISH.allowed
listed = ENGLISH.listed
number = ENGLISH.number
_JOINERS: Final = "\u200c\u200d"
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
LONGEST: Final = 120


def visible(text: str, longest: int = LONGEST) -> str:
    r"""Show a text that the evidence brought along: on one line, cut, and with nothing that hides or reorders.

    Parameters
    ----------
    text : str
        Anything.
    longest : int
        Characters kept.

    Examples
    --------
    >>> visible("a\u202eb\nc")
    'a\\u202eb c'
    """
    flat = " ".join(text[: 8 * longest].split())
    shown = "".join(_shown(character) for character in flat)
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"


def _shown(character: str) -> str:
    if unicodedata.category(character) in _HIDDEN and character not in _JOINERS:
        return character.encode("unicode_escape").decode("ascii")
    return character
