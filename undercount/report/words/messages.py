"""Messages in one language: what is said, with values put in after translation."""

from __future__ import annotations

from dataclasses import dataclass
from string import Formatter
from typing import TYPE_CHECKING, Any, Final

from undercount.report.words.catalogue import translations
from undercount.report.words.numbers import localised

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


def message(english: str) -> str:
    """Mark a text as a message that is translated later.

    Examples
    --------
    >>> message("equal-tailed")
    'equal-tailed'
    """
    return english


_AND: Final = message("{first} and {last}")
_OR: Final = message("{first} or {last}")
_COMMAS: Final = (",", "،")
_FIELDS: Final = Formatter()


@dataclass(frozen=True)
class Messages:
    """Messages in one language.

    Parameters
    ----------
    language : {"en", "ar", "ckb"}
    """

    language: str

    def __call__(self, message: str, /, **values: object) -> str:
        """Translate a message, and put the values in.

        Parameters
        ----------
        message : str
            In English, with the name of each value in braces.
        **values : object
            Whole numbers are written as counts, anything else as `str` gives it.

        Examples
        --------
        >>> Messages("en")("{who} counted {number} dead", who="Airwars", number=1200)
        'Airwars counted 1,200 dead'
        """
        return self._joined(self.parts(message, **values))

    def several(self, one: str, many: str, number: int, /, **values: object) -> str:
        """Translate a message that depends on a number, which stands in it as `{count}`.

        Examples
        --------
        >>> Messages("en").several("{count} report", "{count} reports", 1200)
        '1,200 reports'
        """
        return self._joined(self.several_parts(one, many, number, **values))

    def parts(self, message: str, /, **values: object) -> tuple[Any, ...]:
        """Translate a message into its texts and, between them, its values as they are; a tuple of them is put in flat.

        Examples
        --------
        >>> Messages("en").parts("The toll is {median}.", median=8250)
        ('The toll is ', 8250, '.')
        """
        return tuple(_filled(self._translated(message), values))

    def several_parts(self, one: str, many: str, number: int, /, **values: object) -> tuple[Any, ...]:
        """Do as `parts` does, with the message that fits a number: `{count}`, if it is not among the values."""
        chosen = translations(self.language).ngettext(one, many, number)
        return tuple(_filled(chosen, {"count": localised(f"{number}", self.language), **values}))

    def in_context(self, context: str, message: str) -> str:
        """Translate a short message that other languages say differently from place to place.

        Examples
        --------
        >>> Messages("ar").in_context("or", ", ")
        ' أو '
        """
        return translations(self.language).pgettext(context, message)

    def name(self, text: str) -> str:
        """Translate a name that the bundled evidence uses; any other stays as it is.

        Examples
        --------
        >>> Messages("en").name("Iraqi forces")
        'Iraqi forces'
        """
        return translations(self.language).pgettext("name", text)

    def listed(self, names: Sequence[str]) -> str:
        """Join names in a sentence.

        Examples
        --------
        >>> Messages("en").listed(["A", "B", "C"])
        'A, B and C'
        >>> Messages("en").listed(["A, of B", "C", "D"])
        'A, of B; C and D'
        """
        return self._joined(self.listed_parts(names))

    def listed_parts(self, names: Sequence[object]) -> tuple[Any, ...]:
        """Join names as `listed` does, each of them a part of its own."""
        return self._between(names, _AND, self("; ") if self._have_commas(names) else self(", "))

    def either_parts(self, names: Sequence[object]) -> tuple[Any, ...]:
        """Join names of which any may hold: A, B or C."""
        is_marked = self._have_commas(names)
        return self._between(names, _OR, self.in_context("or", "; ") if is_marked else self.in_context("or", ", "))

    def _have_commas(self, names: Sequence[object]) -> bool:
        return any(mark in self._joined(_flat(name)) for name in names for mark in _COMMAS)

    def _between(self, names: Sequence[object], template: str, mark: str) -> tuple[Any, ...]:
        if len(names) < 2:
            return tuple(_flat(tuple(names)))
        first = tuple(part for name in names[:-1] for part in (mark, name))[1:]
        return self.parts(template, first=first, last=names[-1])

    def _translated(self, english: str) -> str:
        # The empty text is the name of a catalogue's header.
        return translations(self.language).gettext(english) if english else ""

    def _joined(self, parts: Iterable[object]) -> str:
        return "".join(localised(f"{part}", self.language) if type(part) is int else str(part) for part in parts)


def _filled(template: str, values: dict[str, Any]) -> Iterator[Any]:
    """The texts of a template and the values between them, without what an empty text would add."""
    for text, name, _, _ in _FIELDS.parse(template):
        if text:
            yield text
        if name is not None:
            yield from _flat(values[name])


def _flat(value: object) -> Iterator[Any]:
    if type(value) is tuple:
        for part in value:
            yield from _flat(part)
    else:
        yield value
