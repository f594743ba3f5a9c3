"""From the cells of a frame to marks, counts, replicates and strata, and what is said of those that are none.

What is said never repeats text: it may be the name of a victim, in a column that was taken for another.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from undercount.data.cells import CellFault
from undercount.data.frames import LARGEST_WHOLE, is_absent
from undercount.data.lists.places import name_fault

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_SHOWN: Final = 99
"""A number up to here, where 0 or 1 should stand, is shown; a longer one may be that of an identity card."""
_MARK: Final = "write 1 where the victim is on the list and 0 where not"
_STRATUM: Final = "name the stratum of every row, with text, a whole number or a day"
_WHOLE: Final = {
    "count": ("write how many victims have this pattern, as a whole number that is 0 or more", "lists-bad-count"),
    "replicate": ("number the imputations 0, 1, 2 and so on", "lists-bad-replicate"),
}
"""Hint and code of a column of whole numbers."""


@dataclass(frozen=True, slots=True)
class Read:
    """A column of whole numbers that was read.

    Attributes
    ----------
    values : array of int64
        0 where a cell could not be read.
    faults : mapping of int to CellFault
        By row.
    """

    values: NDArray[np.int64]
    faults: Mapping[int, CellFault]


def marks(cells: NDArray[Any]) -> Read:
    """Read whether the victims of each row are on a list."""
    return _read(cells, lambda numbers: (numbers == 0) | (numbers == 1), mark)


def counts(cells: NDArray[Any]) -> Read:
    """Read how many victims each row stands for."""
    return _read(cells, _are_whole, lambda cell: whole(cell, "count"))


def replicates(cells: NDArray[Any]) -> Read:
    """Read which imputation each row belongs to."""
    return _read(cells, _are_whole, lambda cell: whole(cell, "replicate"))


def strata(cells: NDArray[Any]) -> tuple[list[str], Mapping[int, CellFault]]:
    """Read the stratum of each row; the text is empty where it could not be read."""
    names: list[str] = []
    faults: dict[int, CellFault] = {}
    known: dict[tuple[type, Any], str] = {}
    for row, cell in enumerate(cells.tolist()):
        try:
            key = (type(cell), cell)
            if key not in known:
                known[key] = stratum(cell)
            names.append(known[key])
        except CellFault as fault:
            faults[row] = fault
            names.append("")
        except TypeError:
            faults[row] = CellFault("not a name", _STRATUM, "lists-bad-stratum")
            names.append("")
    return names, faults


def _are_whole(numbers: NDArray[Any]) -> NDArray[np.bool]:
    if numbers.dtype.kind == "b":
        return np.zeros(numbers.shape, dtype=bool)
    fits: NDArray[np.bool] = (numbers >= 0) & (numbers <= LARGEST_WHOLE)
    return fits if numbers.dtype.kind in "iu" else fits & (numbers == np.floor(numbers))


def _read(cells: NDArray[Any], fits: Callable[[NDArray[Any]], NDArray[np.bool]], one: Callable[[Any], int]) -> Read:
    values = np.zeros(len(cells), dtype=np.int64)
    faults: dict[int, CellFault] = {}
    easy = fits(cells) if cells.dtype.kind in "biuf" else np.zeros(len(cells), dtype=bool)
    values[easy] = cells[easy]
    for row in np.flatnonzero(~easy).tolist():
        try:
            values[row] = one(cells[row])
        except CellFault as fault:
            faults[row] = fault
    return Read(values, faults)


def mark(cell: Any) -> int:
    """Read whether a victim is on a list."""
    cell = _plain(cell)
    if is_absent(cell):
        hint = f"{_MARK}; in a frame, .fillna(0) if no mark means that they are not"
        raise CellFault("it is not said whether the victim is on the list", hint, "lists-missing-mark")
    if isinstance(cell, str):
        hint = "write the numbers 0 and 1; in a frame, turn the column into numbers, for example with .astype(int)"
        raise CellFault("text where the number 0 or 1 is expected", hint, "lists-text-mark")
    if isinstance(cell, int | float | Decimal) and cell in {0, 1}:
        return int(cell)
    raise CellFault("neither 0 nor 1", _MARK, "lists-bad-mark")


def whole(cell: Any, word: str) -> int:
    """Read a whole number, 0 or more; `word` is what it is called."""
    cell = _plain(cell)
    if fault := _number_fault(cell):
        hint, code = _WHOLE[word]
        raise CellFault(f"a {word} cannot be {fault}", hint, code)
    return int(cell)


def _number_fault(cell: Any) -> str:
    if is_absent(cell):
        return "missing"
    if isinstance(cell, str):
        return "text"
    if isinstance(cell, bool) or not isinstance(cell, int | float | Decimal):
        return "anything but a number"
    if cell < 0:
        return "negative"
    if cell == math.inf:
        return "infinite"
    if cell > LARGEST_WHOLE:
        return f"larger than {LARGEST_WHOLE:,}"
    return "a fraction" if cell != int(cell) else ""


def stratum(cell: Any) -> str:
    """Read the name of a stratum: text, a whole number, or a day."""
    cell = _plain(cell)
    if is_absent(cell) or cell == "":
        raise CellFault("the stratum is missing", _STRATUM, "lists-missing-stratum")
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, datetime) and cell.tzinfo is None and cell.time() == time():
        cell = cell.date()
    if isinstance(cell, bool | datetime) or not isinstance(cell, str | int | date):
        raise CellFault("neither text nor a whole number nor a day", _STRATUM, "lists-bad-stratum")
    name = cell.isoformat() if isinstance(cell, date) else str(cell)
    if fault := name_fault(name):
        raise CellFault(fault, "rename the stratum", "lists-bad-stratum")
    return name


def _plain(cell: Any) -> Any:
    return cell.item() if isinstance(cell, np.generic) else cell


def harmless(cell: Any, most: float = MOST_SHOWN) -> str:
    """Show a cell in a message: numbers up to `most`, and nothing by which a victim could be known."""
    cell = _plain(cell)
    if is_absent(cell) or isinstance(cell, bool):
        return str(cell)
    if isinstance(cell, int | float | Decimal) and (-most <= cell <= most or cell in {math.inf, -math.inf}):
        return str(cell)
    return ""
