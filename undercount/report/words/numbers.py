"""Numbers and dates as a language writes them: its digits, separators and months."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import date

    from babel import Locale

_LOCALES: Final = {"en": "en", "ar": "ar_IQ", "ckb": "ckb_IQ"}
_DATES: Final = {"en": "d MMM y"}
_DIGITS: Final = {"latn": {}, "arab": str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")}
"""Numbering system -> its digits, which babel's data name and do not write."""


@cache
def locale(language: str) -> Locale:
    """What the Unicode CLDR knows of a language, as it is written in Iraq."""
    from babel import Locale

    return Locale.parse(_LOCALES[language])


def localised(plain: str, language: str) -> str:
    """Write a decimal number in a language, with as many digits as it has.

    Parameters
    ----------
    plain : str
        Such as "-1234.50".
    language : str

    Examples
    --------
    >>> localised("12345.60", "en"), localised("12345.60", "ar")
    ('12,345.60', '١٢٬٣٤٥٫٦٠')
    """
    from babel.numbers import format_decimal

    digits = len(plain.partition(".")[2])
    pattern = "#,##0." + "0" * digits if digits else "#,##0"
    written = format_decimal(Decimal(plain), pattern, locale=locale(language), numbering_system="default")
    return in_digits(written, language)


def written_date(day: date, language: str) -> str:
    """Write a date with the name of its month.

    Examples
    --------
    >>> from datetime import date
    >>> written_date(date(2017, 2, 19), "en"), written_date(date(2017, 2, 19), "ckb")
    ('19 Feb 2017', '١٩ی شوباتی ٢٠١٧')
    """
    from babel.dates import format_date

    return in_digits(format_date(day, _DATES.get(language, "long"), locale=locale(language)), language)


def in_digits(text: str, language: str) -> str:
    """Write the digits of a text as the language does."""
    return text.translate(_DIGITS[locale(language).default_numbering_system])
