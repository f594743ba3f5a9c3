"""Dates as people write them; whether the day or the month comes first, the whole column decides."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final, Literal

from undercount.data.imports.month_names import folded, month_pattern, words_beside
from undercount.data.imports.parsed import LONGEST, Parsed, counted, distinct, is_nothing, nothing_note, plainly

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

type Order = Literal["ymd", "dmy", "mdy"]

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2100
_HIJRI_YEARS: Final = range(1300, 1501)
_SURELY_LUNAR: Final = 1421
"""From this Hijri year on (2000), no solar Hijri year of a past event is meant."""
_TWO_DIGITS_TURN: Final = 70
_SERIAL_EPOCH: Final = date(1899, 12, 30)

_CLOCK: Final = r"(?:[T ,]+\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)? ?(?:[ap]\.?m\.?)?(?:Z|UTC|GMT| ?[+-]\d{2}:?\d{2})?)?"
_YEAR_FIRST: Final = re.compile(rf"(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}})({_CLOCK})", re.IGNORECASE)
_COMPACT: Final = re.compile(r"((?:19|20)\d{2})([01]\d)([0-3]\d)()")
_YEAR_LAST: Final = re.compile(rf"(\d{{1,2}})[-/. ]+(\d{{1,2}})[-/. ]+(\d{{4}}|\d{{2}})({_CLOCK})", re.IGNORECASE)
_END_CLOCK: Final = re.compile(rf"({_CLOCK})$", re.IGNORECASE)
_SERIAL: Final = re.compile(r"\d{1,6}(?:\.\d+)?")
_LUNAR: Final = re.compile(r"(?<![^\W\d_])(?:هـ|ه|a\.?h\.?|h)\.?\s*$", re.IGNORECASE)
_CHRISTIAN: Final = re.compile(r"(?<![^\W\d_])(?:م|a\.?d\.?|c\.?e\.?|ميلادي|ميلادية)\.?\s*$", re.IGNORECASE)
_ORDINAL: Final = re.compile(r"(\d)(?:st|nd|rd|th)\b", re.IGNORECASE)
_LETTER: Final = re.compile(r"[^\W\d_]")
_MIDNIGHT: Final = re.compile(r"[T ,]*0?0:00(?::00(?:[.,]0+)?)?(?![ap\d:])", re.IGNORECASE)
_NUMBERS: Final = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class _Form:
    """A date taken apart, before it is known what comes first.

    Attributes
    ----------
    numbers : tuple of (int, int, int)
        Year, and the two others in the order printed; of a form with the month's name, month and day.
    order : str
        ``"md"`` where the form shows it, else empty.
    calendar : str
        ``"gregorian"``, ``"hijri"``, or empty where the year decides.
    short : bool
        Whether the year had two digits.
    clock : bool
        Whether a time of day followed.
    """

    numbers: tuple[int, int, int]
    order: str = ""
    calendar: str = ""
    short: bool = False
    clock: bool = False


@dataclass(slots=True)
class _Tally:
    """Cells to be told of."""

    hijri: list[int] = field(default_factory=list)
    short: list[int] = field(default_factory=list)
    clock: list[int] = field(default_factory=list)
    nothing: list[int] = field(default_factory=list)


def dates(column: pa.ChunkedArray | pa.Array, order: Order | None = None, *, serials: bool = False) -> Parsed:
    """Read dates: ISO, with numbers in any order, with names of months in several languages, Gregorian or Hijri.

    Parameters
    ----------
    column : pyarrow array of strings
        The cells.
    order : {"ymd", "dmy", "mdy"}, optional
        What comes first where all are numbers and the year is last (or has two digits); by default what the column
        shows.
    serials : bool
        Whether a column of nothing but numbers holds days as spreadsheets count them; only for columns out of a
        workbook.

    Returns
    -------
    Parsed
        Values are date32. A time of day is left out, a date is never moved between time zones. Faults are dates that
        could be two, that are none, or outside of 1900 to 2100.

    Examples
    --------
    >>> import pyarrow as pa
    >>> read = dates(pa.array(["17/03/2017", "04/03/2017", "18 جمادى الآخرة 1438"]))
    >>> [str(day) for day in read.values.to_pylist()]
    ['2017-03-17', '2017-03-04', '2017-03-17']
    >>> dates(pa.array(["04/03/2017"])).faults
    {'04/03/2017': '2017-03-04 (day first) or 2017-04-03 (month first): nothing in the column shows which'}
    """
    import pyarrow as pa

    found = distinct(column)
    plain = [plainly(text) for text in found.texts]
    tally = _Tally()
    if serials and _are_serials(plain):
        values, faults = _from_serials(found.texts, plain)
        notes: tuple[str, ...] = ("numbers are read as days as spreadsheets count them, from 1900",)
    else:
        values, faults, notes = _from_texts(found.texts, plain, order, tally)
    nothing = [place for place, text in enumerate(plain) if is_nothing(text)]
    told = [
        (tally.hijri, "date of the Hijri calendar was converted", "dates of the Hijri calendar were converted",
         " (Umm al-Qura; a day more or less may be meant)"),
        (tally.short, "year has two digits", "years have two digits", f", read as 19{_TWO_DIGITS_TURN} to 2069"),
        (tally.clock, "time of day was left out", "times of day were left out", ""),
    ]  # fmt: skip
    notes += tuple(counted(found.cells(cells), one, more) + rest for cells, one, more, rest in told if cells)
    return Parsed(found.spread(values, pa.date32()), faults, (*nothing_note(found, nothing), *notes))


def _are_serials(plain: Sequence[str]) -> bool:
    some = [text for text in plain if not is_nothing(text)]
    return bool(some) and all(map(_SERIAL.fullmatch, some)) and not all(map(_COMPACT.fullmatch, some))


def _from_serials(texts: Sequence[str], plain: Sequence[str]) -> tuple[list[date | None], dict[str, str]]:
    values: list[date | None] = []
    faults: dict[str, str] = {}
    for printed, text in zip(texts, plain, strict=True):
        serial = None if is_nothing(text) else int(float(text))
        # Spreadsheets count a 29 February 1900 that never was.
        day = None if serial is None or serial <= 60 else _SERIAL_EPOCH + timedelta(days=serial)
        if serial is not None and (day is None or day.year > LAST_YEAR):
            faults[printed], day = "no day of 1900 to 2100 as spreadsheets count them", None
        values.append(day)
    return values, faults


def _from_texts(
    texts: Sequence[str], plain: Sequence[str], order: Order | None, tally: _Tally
) -> tuple[list[date | None], dict[str, str], tuple[str, ...]]:
    forms = [None if is_nothing(text) else _form(text, order) for text in plain]
    chosen, notes = _chosen_order(forms, order)
    values: list[date | None] = []
    faults: dict[str, str] = {}
    for place, form in enumerate(forms):
        read = _why_none(plain[place]) if form is None else _read(form, chosen)
        if is_nothing(plain[place]):
            read = ""
        elif isinstance(read, str):
            faults[texts[place]] = read
        elif form is not None:
            _count(tally, place, form)
        values.append(None if isinstance(read, str) else read)
    return values, faults, notes


def _count(tally: _Tally, place: int, form: _Form) -> None:
    if _is_hijri(form):
        tally.hijri.append(place)
    if form.short:
        tally.short.append(place)
    if form.clock:
        tally.clock.append(place)


def _form(text: str, order: Order | None) -> _Form | None:
    if len(text) > LONGEST:
        return None
    calendar = (
        "hijri" if _LUNAR.search(text) and _NUMBERS.search(text) else "gregorian" if _CHRISTIAN.search(text) else ""
    )
    bare = (_LUNAR if calendar == "hijri" else _CHRISTIAN).sub("", text).strip() if calendar else text
    for pattern in (_YEAR_FIRST, _COMPACT):
        found = pattern.fullmatch(bare)
        if found:
            return _Form((int(found[1]), int(found[2]), int(found[3])), "md", calendar, clock=_has_clock(found[4]))
    found = _YEAR_LAST.fullmatch(bare)
    if found and order == "ymd" and len(found[3]) == 2:
        return _Form(
            (_long(found[1]), int(found[2]), int(found[3])), "md", calendar, short=True, clock=_has_clock(found[4])
        )
    if found:
        short = len(found[3]) == 2
        return _Form((_long(found[3]), int(found[1]), int(found[2])), "", calendar, short, _has_clock(found[4]))
    return _named(bare, calendar)


def _has_clock(text: str) -> bool:
    return bool(text) and _MIDNIGHT.match(text) is None


def _long(year: str) -> int:
    if len(year) > 2:
        return int(year)
    return int(year) + (1900 if int(year) >= _TWO_DIGITS_TURN else 2000)


def _named(text: str, calendar: str) -> _Form | None:
    clock = _END_CLOCK.search(text)
    bare = text[: clock.start()] if clock and clock[1] else text
    bare = _ORDINAL.sub(r"\1", folded(bare))
    pattern, months = month_pattern()
    named = {months[name] for name in pattern.findall(bare)}
    found = _NUMBERS.findall(bare)
    # "After 17 March" is no date.
    if len(named) != 1 or len(found) != 2 or _LETTER.search(words_beside().sub("", pattern.sub("", bare))):
        return None
    kind, month = named.pop()
    year, day = (found[0], found[1]) if len(found[0]) == 4 else (found[1], found[0])
    if len(day) > 2 or len(year) not in {2, 4}:
        return None
    calendar = "hijri" if kind == "hijri" else calendar or "gregorian"
    return _Form((_long(year), month, int(day)), "md", calendar, len(year) == 2, _has_clock(clock[1] if clock else ""))


def _chosen_order(forms: Sequence[_Form | None], order: Order | None) -> tuple[str, tuple[str, ...]]:
    """Decide whether the day or the month comes first: ``"dm"``, ``"md"`` or empty."""
    open_forms = [form for form in forms if form is not None and not form.order]
    if order in {"dmy", "mdy"}:
        return order[:2], ()
    day_first = [form for form in open_forms if form.numbers[1] > 12 >= form.numbers[2]]
    month_first = [form for form in open_forms if form.numbers[2] > 12 >= form.numbers[1]]
    if day_first and month_first:
        return "", ("some dates have the day first and some the month: a spreadsheet may have turned some around",)
    if not day_first and not month_first:
        return "", ()
    example = (day_first or month_first)[0].numbers
    first = "day" if day_first else "month"
    return ("dm" if day_first else "md"), (f"the {first} comes first, as {example[1]}/{example[2]}/{example[0]} shows",)


def _read(form: _Form, chosen: str) -> date | str:
    year, first, second = form.numbers
    order = form.order or chosen
    if order:
        month, day = (second, first) if order == "dm" else (first, second)
        return _day(form, year, month, day)
    by_day, by_month = _day(form, year, second, first), _day(form, year, first, second)
    if isinstance(by_day, str) or isinstance(by_month, str):
        return by_month if isinstance(by_day, str) else by_day
    if by_day == by_month:
        return by_day
    return f"{by_day} (day first) or {by_month} (month first): nothing in the column shows which"


def _is_hijri(form: _Form) -> bool:
    return form.calendar == "hijri" or (not form.calendar and form.numbers[0] in _HIJRI_YEARS)


def _day(form: _Form, year: int, month: int, day: int) -> date | str:
    try:
        if _is_hijri(form):
            if not form.calendar and year < _SURELY_LUNAR:
                return f"a Hijri year ({year}) that may be lunar or solar: write the date as YYYY-MM-DD, Gregorian"
            from hijridate import Hijri

            converted = Hijri(year, month, day).to_gregorian()
            found = date(converted.year, converted.month, converted.day)
        else:
            found = date(year, month, day)
    except (ValueError, OverflowError):
        return "there is no such day"
    return (
        found if FIRST_YEAR <= found.year <= LAST_YEAR else f"the year {year} is outside of {FIRST_YEAR} to {LAST_YEAR}"
    )


def _why_none(text: str) -> str:
    if len(text) > LONGEST:
        return "not a date"
    if re.fullmatch(r"\d{4}([-/.]\d{1,2})?", text):
        return "not a whole date: the day is missing"
    if _SERIAL.fullmatch(text):
        return "a number, not a date"
    pattern, _ = month_pattern()
    found = _NUMBERS.findall(text)
    if pattern.search(folded(text)) and len(found) == 1:
        return "not a whole date: the day is missing" if len(found[0]) == 4 else "not a whole date: the year is missing"
    return "not a date"
