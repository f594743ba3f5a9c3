"""Rows of a frame as arrays: pattern, count, stratum and replicate of each, with the cells that could not be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from undercount.data.frames import LARGEST_WHOLE
from undercount.data.lists import cells as read
from undercount.data.lists.places import ColumnProblem

if TYPE_CHECKING:
    from undercount.data.cells import CellFault
    from undercount.data.lists.columns import Columns, Roles
    from undercount.data.problems import Problem

Whole = NDArray[np.int64]
MOST_ALIKE: Final = 20
"""So many rows with one fault are listed; of the others it is said how many they are."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What the rows say.

    Attributes
    ----------
    lists : tuple of str
        Bit j of a pattern stands for list j.
    patterns, counts : array of int64
        Of each row.
    strata : tuple of str
        Sorted.
    stratum : array of int64
        Place of each row's stratum among these.
    replicates : tuple of int
        As the rows number them, sorted.
    replicate : array of int64
        Place of each row's replicate among these.
    sound : array of bool
        Whether every cell of the row could be read.
    """

    lists: tuple[str, ...]
    patterns: Whole
    counts: Whole
    strata: tuple[str, ...]
    stratum: Whole
    replicates: tuple[int, ...]
    replicate: Whole
    sound: NDArray[np.bool]

    @property
    def table(self) -> Whole:
        """Place of each row's table, in the order of stratum and replicate."""
        return self.stratum * len(self.replicates) + self.replicate


@dataclass(slots=True)
class _Reader:
    """Reads columns, and notes what is wrong with them."""

    columns: Columns
    sound: NDArray[np.bool]
    problems: list[Problem] = field(default_factory=list)

    def whole(self, name: str, parse: Callable[[NDArray[Any]], read.Read], most: float = read.MOST_SHOWN) -> Whole:
        cells = self.columns.cells(name)
        found = parse(cells)
        self.note(name, cells, found.faults, most)
        return found.values

    def names(self, name: str) -> list[str]:
        cells = self.columns.cells(name)
        names, faults = read.strata(cells)
        self.note(name, cells, faults, read.MOST_SHOWN)
        return names

    def note(self, name: str, cells: NDArray[Any], faults: Mapping[int, CellFault], most: float) -> None:
        self.sound[list(faults)] = False
        self.problems += _cell_problems(self.columns, name, cells, faults, most)


def read_rows(columns: Columns, roles: Roles) -> tuple[Rows, list[Problem]]:
    """Read all rows.

    Parameters
    ----------
    columns : Columns
    roles : Roles

    Returns
    -------
    rows : Rows
    problems : list of Problem
        Every cell that could not be read; of many with one fault, the first few and how many more there are.
    """
    nothing = np.zeros(len(columns.numbers), dtype=np.int64)
    reader = _Reader(columns, np.ones(len(nothing), dtype=bool))
    patterns = nothing.copy()
    for bit, name in enumerate(roles.lists):
        patterns |= reader.whole(name, read.marks) << bit
    counts = nothing + 1
    if roles.count is not None:
        counts = reader.whole(roles.count, read.counts, LARGEST_WHOLE)
    strata: tuple[str, ...] = ("",)
    stratum = nothing
    if roles.stratum is not None:
        strata, stratum = _placed(reader.names(roles.stratum))
    replicates, replicate = np.zeros(1, dtype=np.int64), nothing
    if roles.replicate is not None:
        replicates, replicate = np.unique(reader.whole(roles.replicate, read.replicates), return_inverse=True)
    rows = Rows(roles.lists, patterns, counts, strata, stratum, tuple(replicates.tolist()), replicate, reader.sound)
    return rows, reader.problems


def _placed(names: list[str]) -> tuple[tuple[str, ...], Whole]:
    known = tuple(sorted(set(names)))
    places = {name: place for place, name in enumerate(known)}
    return known, np.fromiter((places[name] for name in names), dtype=np.int64, count=len(names))


def _cell_problems(
    columns: Columns, name: str, cells: NDArray[Any], faults: Mapping[int, CellFault], most: float
) -> Iterator[Problem]:
    def problem(row: int | None, value: str, rule: str, fault: CellFault) -> Problem:
        return ColumnProblem(columns.file, row, None, name, value, rule, fault.hint, fault.code)

    alike: dict[tuple[str, str], list[int]] = {}
    for row, fault in faults.items():
        alike.setdefault((fault.code, fault.rule), []).append(row)
    for rows in alike.values():
        fault = faults[rows[0]]
        if len(rows) == len(cells) > 1:
            yield problem(None, "", f"{fault.rule}, in all {len(rows):,} rows", fault)
            continue
        for row in rows[:MOST_ALIKE]:
            yield problem(columns.numbers[row], read.harmless(cells[row], most), faults[row].rule, faults[row])
        if len(rows) > MOST_ALIKE:
            yield problem(None, "", f"{fault.rule}, in {len(rows) - MOST_ALIKE:,} more rows", fault)
