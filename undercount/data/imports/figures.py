"""Numbers and ranges as people write them; what a mark between digits means, the whole column decides."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from undercount.data.imports.parsed import Distinct, Parsed, distinct, is_nothing, nothing_note, plainly

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

type Number = int | float
type Mark = Literal[".", ","]

_MARKED: Final = re.compile(r"[+-]?\d[\d.,٫٬'’ ]*")
_POWER: Final = re.compile(r"[+-]?\d+(?:\.\d+)?[eE][+-]?\d{1,3}")
_GROUPED: Final = re.compile(r"[1-9]\d{0,2}(?:[.,٬'’ ]\d{3})+")
_DECIDABLE: Final = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
_MOST_DIGITS: Final = 15
_ENOUGH: Final = 3

_NUMBER: Final = r"([+-]?\d[\d.,٫٬'’ ]*(?:[eE][+-]?\d{1,3})?)"
_BETWEEN: Final = re.compile(
    rf"(?:(?:between|from|من|بين) )?{_NUMBER} ?(?:-|–|—|to|and|or|الى|إلى|حتى|و) ?{_NUMBER}", re.IGNORECASE
)
_AT_LEAST: Final = "at least|a minimum of|minimum|min\\.?|على الأقل"
_FROM: Final = re.compile(
    rf"(?:>=|≥|=>|{_AT_LEAST}) ?{_NUMBER}|{_NUMBER} ?(?:\+|or more|and more|{_AT_LEAST})", re.IGNORECASE
)
_ABOVE: Final = re.compile(rf"(?:>|more than|over|above|أكثر من) ?{_NUMBER}", re.IGNORECASE)
_UP_TO: Final = re.compile(
    rf"(?:<=|≤|=<|up to|at most|a maximum of|maximum|max\.?) ?{_NUMBER}|{_NUMBER} ?(?:or fewer|or less|at most)",
    re.IGNORECASE,
)
_BELOW: Final = re.compile(rf"(?:<|fewer than|less than|under|below|أقل من) ?{_NUMBER}", re.IGNORECASE)
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}(T.*)?")


@dataclass(frozen=True, slots=True)
class Ranges:
    """The lowest and the highest number that each cell allows.

    Attributes
    ----------
    low, high : pyarrow.Int64Array or DoubleArray, one value for each cell
        Equal where the cell holds one number; null where it sets no such bound, or none at all.
    faults : mapping of str to str
        Each different text that cannot be read, as printed, and why.
    notes : tuple of str
        What was decided.
    """

    low: pa.Array
    high: pa.Array
    faults: Mapping[str, str]
    notes: tuple[str, ...]


def numbers(column: pa.ChunkedArray | pa.Array, decimal: Mark | None = None) -> Parsed:
    """Read numbers.

    Parameters
    ----------
    column : pyarrow array of strings
        The cells.
    decimal : {".", ","}, optional
        What stands before decimals; by default what the column shows.

    Returns
    -------
    Parsed
        Values are int64 where every number is whole, else float64. A text such as "1.234" is a fault unless other cells
        show what its mark is.

    Examples
    --------
    >>> import pyarrow as pa
    >>> read = numbers(pa.array(["1.234", "12,5", "٣", "n/a", "12 civilians"]))
    >>> read.values.to_pylist()
    [1234.0, 12.5, 3.0, None, None]
    >>> read.faults
    {'12 civilians': 'not a number'}
    """
    found = distinct(column)
    plain = [plainly(text) for text in found.texts]
    marks = _Marks.of(plain, decimal)
    values: list[Number | None] = []
    faults: dict[str, str] = {}
    nothing = []
    for place, text in enumerate(plain):
        value = None if is_nothing(text) else marks.number(text)
        if is_nothing(text):
            nothing.append(place)
        elif isinstance(value, str):
            faults[found.texts[place]] = value
        values.append(None if isinstance(value, str) else value)
    return Parsed(_spread(found, values), faults, (*nothing_note(found, nothing), *marks.notes))


def ranges(column: pa.ChunkedArray | pa.Array, decimal: Mark | None = None) -> Ranges:
    """Read numbers and what is said of numbers: "10+", "> 10", "5-7", "5 to 7", "at least 3", "up to 20".

    Parameters
    ----------
    column, decimal
        As for `numbers`.

    Returns
    -------
    Ranges
        ``low`` is null for "up to 20", ``high`` for "10+". "> 10" has the low 11, as persons are whole.

    Examples
    --------
    >>> import pyarrow as pa
    >>> read = ranges(pa.array(["12", "10+", "5 to 7", ">10", "dozens"]))
    >>> read.low.to_pylist(), read.high.to_pylist()
    ([12, 10, 5, 11, None], [12, None, 7, None, None])
    >>> read.faults
    {'dozens': 'not a number'}
    """
    found = distinct(column)
    plain = [plainly(text) for text in found.texts]
    split = [_Bounds.of(text) for text in plain]
    marks = _Marks.of([part for bounds in split for part in bounds.parts], decimal)
    low: list[Number | None] = []
    high: list[Number | None] = []
    faults: dict[str, str] = {}
    nothing = []
    for place, (text, bounds) in enumerate(zip(plain, split, strict=True)):
        read = (None, None) if is_nothing(text) else bounds.read(marks)
        if is_nothing(text):
            nothing.append(place)
        elif isinstance(read, str):
            faults[found.texts[place]] = read
        ends = (None, None) if isinstance(read, str) else read
        low.append(ends[0])
        high.append(ends[1])
    open_ended = found.cells(place for place in range(len(low)) if (low[place] is None) != (high[place] is None))
    told = (f"{open_ended:,} cells set only one bound (such as '10+')",) if open_ended else ()
    return Ranges(
        _spread(found, low), _spread(found, high), faults, (*nothing_note(found, nothing), *marks.notes, *told)
    )


def _spread(found: Distinct, values: list[Number | None]) -> pa.Array:
    import pyarrow as pa

    whole = all(value is None or isinstance(value, int) for value in values)
    kind = pa.int64() if whole else pa.float64()
    return found.spread(values if whole else [None if value is None else float(value) for value in values], kind)


@dataclass(frozen=True, slots=True)
class _Marks:
    """What marks between digits mean in one column."""

    decimals: frozenset[str]
    thousands: frozenset[str]
    notes: tuple[str, ...]
    is_asked: bool = False

    @classmethod
    def of(cls, plain: Iterable[str], decimal: Mark | None) -> _Marks:
        texts = [text.lstrip("+-") for text in plain if _MARKED.fullmatch(text)]
        if decimal is not None:
            other = "," if decimal == "." else "."
            return cls(
                frozenset(decimal), frozenset(other), (f"{decimal!r} stands before decimals, as asked",), is_asked=True
            )
        seen = {kind: {mark for text in texts if (mark := _shown(text, kind))} for kind in ("decimal", "thousands")}
        decimals, thousands = seen["decimal"], seen["thousands"]
        undecided = [text for text in texts if _DECIDABLE.fullmatch(text)]
        if not undecided:
            both = ("some numbers have a decimal point, some a decimal comma",) if len(decimals) > 1 else ()
            return cls(frozenset(decimals), frozenset(thousands), both)
        if decimals & thousands or len(decimals) > 1 or len(thousands) > 1:
            return cls(frozenset(), frozenset(), ())
        if not decimals and not thousands:
            thousands = _by_habit(texts, undecided)
            why = "before three digits each time, and no number above 999 lacks it"
            notes = tuple(f"{mark!r} separates thousands ({why})" for mark in thousands)
            return cls(frozenset(), frozenset(thousands), notes)
        point = next(iter(decimals), None) or ("," if "." in thousands else ".")
        other = "," if point == "." else "."
        said = f"{point!r} stands before decimals and {other!r} separates thousands, as other cells of the column show"
        return cls(frozenset(point), frozenset(other), (said,))

    def number(self, text: str) -> Number | str | None:
        """Read one number; a text where it is none, which says why."""
        if _POWER.fullmatch(text):
            return _value(text)
        if not _MARKED.fullmatch(text) or text[-1] in " ":
            return _why_not(text)
        sign, digits = ("-", text[1:]) if text[0] == "-" else ("", text.lstrip("+"))
        used = [character for character in digits if not character.isdigit()]
        if not used:
            return _value(sign + digits)
        if _DECIDABLE.fullmatch(digits):
            return self._decided(sign, digits, used[0])
        whole, mark, part = _split(digits)
        groups = set(used if mark is None else used[:-1])
        if self.is_asked and (groups & self.decimals or mark in self.thousands):
            return f"not a number with {next(iter(self.decimals))!r} before its decimals"
        if not (_GROUPED.fullmatch(whole) and len(groups) == 1) and not (mark and whole.isdigit()):
            return "not a number: its digits are not in threes"
        return _value(sign + re.sub(r"\D", "", whole) + (f".{part}" if mark else ""))

    def _decided(self, sign: str, digits: str, mark: str) -> Number | str | None:
        whole, part = digits.split(mark)
        if mark in self.decimals:
            return _value(f"{sign}{whole}.{part}")
        if mark in self.thousands:
            return _value(sign + whole + part)
        return f"{sign}{whole}{part} or {sign}{whole}.{part}: nothing in the column shows what {mark!r} means"


def _split(digits: str) -> tuple[str, str | None, str]:
    """Split at the decimal mark, if the form alone shows that there is one."""
    for mark in "٫,.":
        whole, found, part = digits.rpartition(mark)
        if not found or not part.isdigit() or mark in whole:
            continue
        others = [character for character in whole if not character.isdigit()]
        if mark == "٫" or others or not _GROUPED.fullmatch(digits):
            return whole, mark, part
    return digits, None, ""


def _shown(text: str, kind: str) -> str:
    """Give the point or comma whose meaning a number shows by its form; empty if it shows none."""
    if _DECIDABLE.fullmatch(text):
        return ""
    whole, mark, _ = _split(text)
    if kind == "decimal":
        return mark if mark in {".", ","} else ""
    used = {character for character in whole if character in ".,"}
    return used.pop() if len(used) == 1 and _GROUPED.fullmatch(whole) else ""


def _by_habit(texts: list[str], undecided: list[str]) -> set[str]:
    """A mark that always stands before three digits separates thousands if every small number has none."""
    marks = Counter(character for text in undecided for character in text if character in ".,")
    plain = [text for text in texts if text.isdigit()]
    habitual = plain and all(len(text) <= 3 for text in plain) and len(plain) + len(undecided) == len(texts)
    return set(marks) if habitual and len(marks) == 1 and len(set(undecided)) >= _ENOUGH else set()


def _value(text: str) -> Number | str:
    if len(text.lstrip("+-0")) > _MOST_DIGITS and text.lstrip("+-").isdigit():
        return f"a number of more than {_MOST_DIGITS} digits"
    value = float(text)
    if value in {float("inf"), float("-inf")}:
        return "not a finite number"
    return int(value) if value.is_integer() and abs(value) < 10**_MOST_DIGITS else value


def _why_not(text: str) -> str:
    if _DATE.fullmatch(text):
        return "a date where a number is expected: a spreadsheet makes dates of texts such as 5-7"
    if text.endswith("%"):
        return "a percentage, not a count"
    return "not a number"


@dataclass(frozen=True, slots=True)
class _Bounds:
    """A text taken apart into what it says of numbers."""

    kind: str
    parts: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> _Bounds:
        if _MARKED.fullmatch(text) or _POWER.fullmatch(text) or _DATE.fullmatch(text):
            return cls("one", (text,))
        for kind, pattern in (
            ("from", _FROM),
            ("up to", _UP_TO),
            ("above", _ABOVE),
            ("below", _BELOW),
            ("between", _BETWEEN),
        ):
            found = pattern.fullmatch(text)
            if found:
                return cls(kind, tuple(part.strip() for part in found.groups() if part))
        return cls("one", (text,))

    def read(self, marks: _Marks) -> tuple[Number | None, Number | None] | str:
        found: list[Number] = []
        for part in self.parts:
            value = marks.number(part)
            if value is None or isinstance(value, str):
                return value or "not a number"
            found.append(value)
        low, high = found[0], found[-1]
        if low > high:
            return "the first number is above the second"
        if self.kind in {"above", "below"} and not isinstance(low, int):
            return "no whole number, so that the next one is not known"
        ends: dict[str, tuple[Number | None, Number | None]] = {
            "one": (low, low),
            "between": (low, high),
            "from": (low, None),
            "above": (low + 1, None),
            "up to": (None, low),
            "below": (None, low - 1),
        }
        return ends[self.kind]
