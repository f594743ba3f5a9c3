"""Names of months, Gregorian and Hijri, in the languages of the region and of those who write about it."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Final

_LOCALES: Final = "en ar ar_IQ ar_MA ar_DZ ckb fr es de it pt tr fa ru uk".split()
_SPELLED: Final = {
    1: "كانون ثاني;جانفي;کانوونی دووەم",
    2: "فيفري;شوبات;فبرایر",
    3: "اذار;ئازار",
    4: "نيسان;نیسان;ابريل",
    5: "ايار;ئایار",
    6: "حزيران;حوزەیران",
    7: "تموز;تەمووز;يوليه",
    8: "اب;ئاب",
    9: "ايلول;ئەیلوول;sept",
    10: "تشرين اول;تشرینی یەکەم",
    11: "تشرين ثاني;تشرینی دووەم",
    12: "كانون اول;کانوونی یەکەم",
}
"""Spellings of month names beside those that the Unicode locale data have; separated by ';'."""
_HIJRI: Final = {
    1: "محرم;المحرم;محرم الحرام;muharram",
    2: "صفر;safar",
    3: "ربيع الاول;ربيع اول;rabi al-awwal;rabi i;rabi' i",
    4: "ربيع الثاني;ربيع الاخر;ربيع ثاني;rabi al-thani;rabi ii;rabi' ii",
    5: "جمادى الاولى;جمادى الاول;جماد الاول;جماد اول;jumada al-ula;jumada al-awwal;jumada i",
    6: "جمادى الاخرة;جمادى الثانية;جمادى الاخر;جماد الثاني;جماد ثاني;jumada al-akhirah;jumada al-thani;jumada ii",
    7: "رجب;rajab",
    8: "شعبان;shaban;sha'ban",
    9: "رمضان;ramadan",
    10: "شوال;shawwal",
    11: "ذو القعدة;ذي القعدة;ذوالقعدة;dhu al-qadah;dhu al-qa'dah;dhul qadah",
    12: "ذو الحجة;ذي الحجة;ذوالحجة;dhu al-hijjah;dhul hijjah",
}
_OF: Final = "ی"
"""Kurdish: joins a day to its month, and a month to its year."""
_BESIDE: Final = (
    "of",
    "the",
    "on",
    "de",
    "del",
    "le",
    "يوم",
    "في",
    "من",
    "شهر",
    "سنه",
    "عام",
    "г",
    "року",
    "года",
    _OF,
)
_SAME: Final = str.maketrans(
    {"أ": "ا", "إ": "ا", "آ": "ا", "ة": "ه", "ى": "ي", "ی": "ي", "ک": "ك", "ـ": None, "ٔ": None}
)
_VOWELS: Final = re.compile("[\u064b-\u0652]")


def folded(text: str) -> str:
    """Bring letters that are written in several ways into one form, as names of months are compared."""
    return _VOWELS.sub("", unicodedata.normalize("NFC", text).casefold().translate(_SAME))


@cache
def month_pattern() -> tuple[re.Pattern[str], dict[str, tuple[str, int]]]:
    """Give what finds the name of a month in a folded text.

    Returns
    -------
    pattern : re.Pattern
        Matches whole names, the longest first.
    months : dict
        Name -> ``"gregorian"`` or ``"hijri"``, and the number of the month.
    """
    from babel import Locale

    months: dict[str, tuple[str, int]] = {}
    for identifier in _LOCALES:
        months_of = Locale.parse(identifier).months
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for month, name in months_of[context][width].items():
                    months[folded(name).rstrip(".")] = ("gregorian", int(month))
                    if identifier == "ckb":
                        months[folded(name + _OF)] = ("gregorian", int(month))
    for calendar, names in (("gregorian", _SPELLED), ("hijri", _HIJRI)):
        for month, spelled in names.items():
            months.update({folded(name): (calendar, month) for name in spelled.split(";")})
    listed = "|".join(sorted(map(re.escape, months), key=len, reverse=True))
    return re.compile(rf"(?<![^\W\d_])(?:{listed})(?![^\W\d_])"), months


@cache
def words_beside() -> re.Pattern[str]:
    """Give what finds the days of the week and small words that stand beside a date, in a folded text."""
    from babel import Locale

    words = set(map(folded, _BESIDE))
    for identifier in _LOCALES:
        days = Locale.parse(identifier).days
        words |= {
            folded(name).rstrip(".") for width in ("wide", "abbreviated") for name in days["format"][width].values()
        }
    listed = "|".join(sorted(map(re.escape, words), key=len, reverse=True))
    return re.compile(rf"(?<![^\W\d_])(?:{listed})(?![^\W\d_])")
