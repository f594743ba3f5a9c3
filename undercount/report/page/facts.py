"""Figures of a report: each is written for its reader, and says to a machine where it stands in the content."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from undercount.report.explaining.explanation import Figure, Name
from undercount.report.explaining.figures import resolve
from undercount.report.text import visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from undercount.data.schema import Window
    from undercount.report.explaining.explanation import Part, Sentence
    from undercount.report.words import Words


@dataclass(frozen=True, eq=False)
class Facts:
    """The content of a report in the words of a language, as safe markup.

    Parameters
    ----------
    content : mapping
        What `Findings.content` gives.
    words : Words
    """

    content: Mapping[str, Any]
    words: Words

    def __call__(self, message: str, /, **values: object) -> Markup:
        """Translate a message; values that are no markup are escaped."""
        return Markup("").join(self.words.parts(message, **values))

    def several(self, one: str, many: str, number: int, /, **values: object) -> Markup:
        """Translate a message that depends on a number."""
        return Markup("").join(self.words.several_parts(one, many, number, **values))

    def value(self, pointer: str) -> Any:
        """What stands in the content at a JSON pointer."""
        return resolve(self.content, pointer)

    def listed(self, names: Sequence[str]) -> Markup:
        """Join names of the evidence in a sentence."""
        return Markup("").join(self.words.listed_parts([Markup("<bdi>{}</bdi>").format(name) for name in names]))

    def figure(self, pointer: str, write: str = "count") -> Markup:
        """Write the figure at a place: as `Words.count`, `rate`, `percent` or `number` does."""
        value = self.value(pointer)
        if value is None:
            return escape(self.words("not known"))
        shown: str = getattr(self.words, write)(value)
        return self.traced(pointer, value, shown)

    def traced(self, pointer: str, value: object, shown: str) -> Markup:
        """Mark a figure with its value and its place."""
        return Markup('<data value="{}" data-figure="{}">{}</data>').format(value, pointer, shown)

    def sentence(self, sentence: Sentence) -> Markup:
        """Write a sentence of an explanation, each figure with its place and each name in its own direction."""
        return Markup("").join(self._part(part) for part in sentence.parts)

    def _part(self, part: Part) -> str:
        if isinstance(part, Figure):
            return self.traced(*part[:3])
        return Markup("<bdi>{}</bdi>").format(part.shown) if isinstance(part, Name) else escape(part)

    def interval(self, pointer: str, write: str = "count") -> Markup:
        """Write both ends of an interval."""
        if self.value(pointer) is None:
            return escape(self.words("not known"))
        return self("{low} to {high}", low=self.figure(f"{pointer}/0", write), high=self.figure(f"{pointer}/1", write))

    def day(self, day: date | str) -> Markup:
        """Write a date."""
        found = date.fromisoformat(day) if isinstance(day, str) else day
        return Markup('<time datetime="{}">{}</time>').format(found.isoformat(), self.words.date(found))

    def days(self, window: Window) -> Markup:
        """Write the first and the last day of a window."""
        if window.start == window.end:
            return self.day(window.start)
        return self("{low} to {high}", low=self.day(window.start), high=self.day(window.end))

    def name(self, text: str) -> Markup:
        """Write a name of the evidence: in its own direction, and with nothing that hides or reorders."""
        return Markup("<bdi>{}</bdi>").format(visible(self.words.name(text), 300))
