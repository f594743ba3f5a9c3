"""`Words`: everything that is said in one language."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from undercount.errors import RunError
from undercount.report.words.catalogue import LANGUAGES, is_checked
from undercount.report.words.messages import Messages, message
from undercount.report.words.numbers import locale, localised, written_date

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from undercount.data.schema import Window

_KINDS: Final = {"eti": message("equal-tailed"), "hdi": message("highest-density")}
_UNCHECKED: Final = message(
    "No native speaker has checked this translation yet. "
    "Where it differs from the English text, the English text holds."
)

_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")
_APART: Final = "\u2066{}\u2069"
"""A text that is written from left to right wherever it stands."""


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
class Words(Messages):
    """Messages, numbers and dates in one language; `words(language)` gives it.

    Parameters
    ----------
    language : {"en", "ar", "ckb"}
    """

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
        return "" if self.is_checked else f"{self(_UNCHECKED)} {_APART.format(_UNCHECKED)}"

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

    def rule(self, text: str) -> str:
        """Write the numbers in a rule, such as the limit of a gate, as the language does.

        Examples
        --------
        >>> words().rule("< 1.01"), words("ar").rule("< 1.01")
        ('< 1.01', '< ١٫٠١')
        """
        if self.language == "en":
            return text
        return _NUMBER.sub(lambda found: localised(found[0], self.language), text)
