"""`Words`: everything that is said in one language."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from string import Formatter
from typing import TYPE_CHECKING, Any, Final

from undercount.errors import RunError
from undercount.report.words.catalogue import LANGUAGES, is_checked, translations
from undercount.report.words.numbers import in_digits, locale, localised, written_date

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import date

    from undercount.data.schema import Window


def message(english: str) -> str:
    """Mark a text as a message that is translated later.

    Examples
    --------
    >>> message("equal-tailed")
    'equal-tailed'
    """
    return english


_KINDS: Final = {"eti": message("equal-tailed"), "hdi": message("highest-density")}
_UNCHECKED: Final = message(
    "No native speaker has checked this translation yet. "
    "Where it differs from the English text, the English text holds."
)
_AND: Final = message("{first} and {last}")
_OR: Final = message("{first} or {last}")
_COMMAS: Final = (",", "،")
_FIELDS: Final = Formatter()


def words(language: str = "en") -> Words:
    """Give the words of a language.

    Parameters
    ----------
    language : {"en", "ar", "ckb"}
        English, Arabic or Sorani Kurdish.

    Raises
    ------
    RunError
        If the language is another one.

    Examples
    --------
    >>> words("ar").count(12345.6)
    '١٢٬٣٤٦'
    """
    if language not in LANGUAGES:
        close = get_close_matches(language.lower(), LANGUAGES, n=1, cutoff=0.5)
        raise RunError(
            f"'{language[:40]}' is not a language of reports",
            code="run-unknown-language",
            where="language",
            hint=(f"did you mean '{close[0]}'? " if close else "")
            + f"write one of: {', '.join(f'{code} ({name})' for code, name in LANGUAGES.items())}",
        )
    return Words(language)


@dataclass(frozen=True)
class Words:
    """Messages, numbers and dates in one language; `words(language)` gives it.

    Parameters
    ----------
    language : {"en", "ar", "ckb"}
    """

    language: str

    @property
    def direction(self) -> str:
        """How the language is written: "ltr" or "rtl"."""
        return locale(self.language).text_direction

    @property
    def is_checked(self) -> bool:
        """Whether a native speaker has read every message."""
        return is_checked(self.language)

    @property
    def notice(self) -> str:
        """That nobody has checked the translation, in this language and in English; empty if somebody has."""
        return "" if self.is_checked else f"{self(_UNCHECKED)} {_UNCHECKED}"

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
        >>> words()("{who} counted {number} dead", who="Airwars", number=1200)
        'Airwars counted 1,200 dead'
        """
        return self._joined(self.parts(message, **values))

    def several(self, one: str, many: str, number: int, /, **values: object) -> str:
        """Translate a message that depends on a number, which stands in it as `{count}`.

        Examples
        --------
        >>> words().several("{count} report", "{count} reports", 1200)
        '1,200 reports'
        """
        return self._joined(self.several_parts(one, many, number, **values))

    def parts(self, message: str, /, **values: object) -> tuple[Any, ...]:
        """Translate a message into its texts and, between them, its values as they are; a tuple of them is put in flat.

        Examples
        --------
        >>> words().parts("The toll is {median}.", median=8250)
        ('The toll is ', 8250, '.')
        """
        return tuple(_filled(self._translated(message), values))

    def several_parts(self, one: str, many: str, number: int, /, **values: object) -> tuple[Any, ...]:
        """Do as `parts` does, with the message that fits a number: `{count}`, if it is not among the values."""
        chosen = translations(self.language).ngettext(one, many, number)
        return tuple(_filled(chosen, {"count": self.count(number), **values}))

    def in_context(self, context: str, message: str) -> str:
        """Translate a short message that other languages say differently from place to place.

        Examples
        --------
        >>> words("ar").in_context("or", ", ")
        ' أو '
        """
        return translations(self.language).pgettext(context, message)

    def name(self, text: str) -> str:
        """Translate a name that the bundled evidence uses; any other stays as it is.

        Examples
        --------
        >>> words().name("Iraqi forces")
        'Iraqi forces'
        """
        return translations(self.language).pgettext("name", text)

    def count(self, value: float) -> str:
        """Write a number of people: whole, with thousands separators.

        Examples
        --------
        >>> words().count(12345.6)
        '12,346'
        """
        if not math.isfinite(value):
            return self("not known")
        return localised(f"{round(value)}", self.language)

    def rate(self, value: float) -> str:
        """Write a ratio with two significant digits.

        Examples
        --------
        >>> words().rate(0.4249), words().rate(12.3), words().rate(0.00004)
        ('0.42', '12', 'below 0.001')
        """
        if not math.isfinite(value):
            return self("not known")
        if 0 < value < 0.001:
            return self("below {number}", number=localised("0.001", self.language))
        shown = f"{float(f'{value:.2g}'):.0f}" if value >= 100 else f"{value:#.2g}".rstrip(".")
        return localised(shown, self.language)

    def number(self, value: float) -> str:
        """Write any figure: whole numbers as counts, others with four significant digits.

        Examples
        --------
        >>> words().number(1200), words().number(1.00349), words().number(0.00001)
        ('1,200', '1.003', '0.00001')
        """
        if not math.isfinite(value):
            return self("undefined")
        if value == round(value) or abs(value) >= 100:
            return self.count(value)
        return localised(f"{Decimal(f'{value:.4g}'):f}", self.language)

    def percent(self, share: float) -> str:
        """Write a share in per cent: whole, or with two significant digits where it is below one.

        Examples
        --------
        >>> words().percent(0.1249), words().percent(0.00249), words().percent(0.9996)
        ('12 %', '0.25 %', 'over 99 %')
        """
        if not math.isfinite(share):
            return self("not known")
        if 0.995 < share < 1:
            return self("over {number} %", number=localised("99", self.language))
        shown = self.rate(100 * share) if 0 < share < 0.01 else self.count(100 * share)
        return self("{number} %", number=shown)

    def between(self, low: float, high: float, number: Callable[[float], str] | None = None) -> str:
        """Write an interval.

        Examples
        --------
        >>> words().between(4900, 21300)
        '4,900 to 21,300'
        """
        write = self.count if number is None else number
        return self("{low} to {high}", low=write(low), high=write(high))

    def allowed(self, low: float, high: float) -> str:
        """Write the counts that a report allows.

        Examples
        --------
        >>> [words().allowed(*ends) for ends in ((3706, 5805), (140, 140), (121, float("inf")), (0, 150))]
        ['3,706–5,805', '140', '121 or more', 'up to 150']
        """
        if math.isinf(high):
            return self("{low} or more", low=self.count(low))
        if low == high:
            return self.count(low)
        if not low:
            return self("up to {high}", high=self.count(high))
        return self("{low}–{high}", low=self.count(low), high=self.count(high))

    def interval_name(self, ci_prob: float, ci_kind: str) -> str:
        """Name the kind of an interval.

        Examples
        --------
        >>> words().interval_name(0.95, "eti")
        '95 % (equal-tailed)'
        """
        number = localised(f"{100 * ci_prob:g}", self.language)
        return self("{number} % ({kind})", number=number, kind=self(_KINDS.get(ci_kind, ci_kind)))

    def date(self, day: date) -> str:
        """Write a date.

        Examples
        --------
        >>> from datetime import date
        >>> words().date(date(2017, 2, 19))
        '19 Feb 2017'
        """
        return written_date(day, self.language)

    def days(self, window: Window) -> str:
        """Write the first and the last day of a window, or the day where they are the same.

        Examples
        --------
        >>> from datetime import date
        >>> from undercount.data.schema import Window
        >>> words().days(Window(start=date(2017, 2, 19), end=date(2017, 6, 19)))
        '19 Feb 2017 to 19 Jun 2017'
        """
        if window.start == window.end:
            return self.date(window.start)
        return self("{low} to {high}", low=self.date(window.start), high=self.date(window.end))

    def listed(self, names: Sequence[str]) -> str:
        """Join names in a sentence.

        Examples
        --------
        >>> words().listed(["A", "B", "C"])
        'A, B and C'
        >>> words().listed(["A, of B", "C", "D"])
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

    def digits(self, text: str) -> str:
        """Write the digits of a text, such as a rule, as the language does."""
        return in_digits(text, self.language)

    def _translated(self, english: str) -> str:
        # The empty text is the name of a catalogue's header.
        return translations(self.language).gettext(english) if english else ""

    def _joined(self, parts: Iterable[object]) -> str:
        return "".join(self.count(part) if type(part) is int else str(part) for part in parts)


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
