"""The parts of an explanation: sentences made of texts, figures and names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

type Part = str | Figure | Name


class Figure(NamedTuple):
    """A figure as it is shown, and where in `summary.json` it stands."""

    pointer: str
    """JSON pointer (RFC 6901)."""
    value: Any
    """What stands there: a number, a date as text, a rule of a gate, or nothing."""
    shown: str
    form: str
    """How it is shown: count, number, percent, date or text."""

    def __str__(self) -> str:
        return self.shown


class Name(NamedTuple):
    """A name that the evidence brought along; it may be in another language than the sentence."""

    shown: str

    def __str__(self) -> str:
        return self.shown


@dataclass(frozen=True)
class Sentence:
    """One sentence.

    Parameters
    ----------
    about : str
        The paragraph that it belongs to: warning, finding, documented, dependence, evidence or limits.
    parts : tuple of str, Figure or Name
    """

    about: str
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """The sentence as plain text."""
        return "".join(map(str, self.parts))

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Its figures, in order."""
        return tuple(part for part in self.parts if isinstance(part, Figure))

    def content(self) -> dict[str, Any]:
        """Give the sentence ready for JSON."""
        figures = [{"pointer": one.pointer, "value": one.value, "shown": one.shown} for one in self.figures]
        return {"about": self.about, "text": self.text, "figures": figures}


@dataclass(frozen=True)
class Explanation:
    """Sentences in the order of a reader.

    Parameters
    ----------
    language : str
    sentences : tuple of Sentence
    """

    language: str
    sentences: tuple[Sentence, ...]

    def __iter__(self) -> Iterator[Sentence]:
        return iter(self.sentences)

    def paragraphs(self) -> tuple[tuple[Sentence, ...], ...]:
        """Group the sentences by what they are about."""
        return tuple(tuple(group) for _, group in groupby(self.sentences, key=lambda one: one.about))

    def text(self) -> str:
        """Give plain prose: paragraphs with an empty line between them."""
        return "\n\n".join(" ".join(one.text for one in group) for group in self.paragraphs())

    def content(self) -> list[dict[str, Any]]:
        """Give each sentence with its text and its figures, ready for JSON."""
        return [one.content() for one in self.sentences]

    def __str__(self) -> str:
        return self.text()
