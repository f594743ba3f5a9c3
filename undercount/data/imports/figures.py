"""Numbers and ranges as people write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from undercount.data.imports.marks import Marks, is_one_text
from undercount.data.imports.parsed import Distinct, Parsed, distinct, is_nothing, nothing_note, plainly

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from undercount.data.imports.marks import Mark, Number

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
    marks = Marks.of(plain, decimal)
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
    marks = Marks.of([part for bounds in split for part in bounds.parts], decimal)
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


class _Bounds(NamedTuple):
    """A text taken apart into what it says of numbers."""

    kind: str
    parts: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> _Bounds:
        if is_one_text(text):
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

    def read(self, marks: Marks) -> tuple[Number | None, Number | None] | str:
        found: list[Number] = []
        for part in self.parts:
            value = marks.number(part)
            if value is None or isinstance(value, str):
                return value or "not a number"
            found.append(value)
        low, high = found[0], found[-1]
        if self.kind == "one":
            return low, low
        if low > high:
            return "the first number is above the second"
        if self.kind in {"above", "below"} and not isinstance(low, int):
            return "no whole number, so that the next one is not known"
        ends: dict[str, tuple[Number | None, Number | None]] = {
            "between": (low, high),
            "from": (low, None),
            "above": (low + 1, None),
            "up to": (None, low),
            "below": (None, low - 1),
        }
        return ends[self.kind]
