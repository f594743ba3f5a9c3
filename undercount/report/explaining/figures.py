"""Figures and names for sentences, taken from what `summary.json` holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import nan
from typing import TYPE_CHECKING, Any

from undercount.report.explaining.explanation import Figure, Name, Sentence
from undercount.report.text import LONGEST, visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from undercount.report.words import Words


def resolve(content: Any, pointer: str) -> Any:
    """Give what stands at a JSON pointer (RFC 6901).

    Examples
    --------
    >>> resolve({"toll": {"interval": [4900, 21300]}}, "/toll/interval/1")
    21300
    """
    found = content
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        found = found[int(name)] if isinstance(found, list) else found[name]
    return found


@dataclass(frozen=True)
class Teller:
    """Makes sentences of one summary in one language.

    Parameters
    ----------
    content : mapping
        What `Estimate.summary` gives.
    w : Words
    """

    content: Mapping[str, Any]
    w: Words

    def at(self, pointer: str) -> Any:
        """What stands at a pointer."""
        return resolve(self.content, pointer)

    def count(self, pointer: str) -> Figure:
        """A number of people or of reports."""
        value = self.at(pointer)
        return Figure(pointer, value, self.w.count(_number(value)), "count")

    def number(self, pointer: str) -> Figure:
        """A figure of a gate."""
        value = self.at(pointer)
        return Figure(pointer, value, self.w.number(_number(value)), "number")

    def percent(self, pointer: str) -> Figure:
        """A share in per cent."""
        value = self.at(pointer)
        return Figure(pointer, value, self.w.percent(_number(value)), "percent")

    def day(self, pointer: str) -> Figure:
        """A date."""
        value = self.at(pointer)
        return Figure(pointer, value, self.w.date(date.fromisoformat(value)), "date")

    def rule(self, pointer: str) -> Figure:
        """The limit of a gate."""
        value = self.at(pointer)
        return Figure(pointer, value, self.w.rule(value), "text")

    def name(self, text: str, longest: int = LONGEST) -> Name:
        """A name of the evidence, or a sentence that came with it."""
        return Name(visible(self.w.name(text), longest))

    def say(self, about: str, parts: tuple[Any, ...]) -> Sentence:
        """A sentence of a paragraph."""
        return Sentence(about, parts)


def _number(value: float | None) -> float:
    return nan if value is None else value
