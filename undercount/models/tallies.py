"""Latent tallies: reports that leave pieces undetermined, or contradict each other.

Which pieces a report sums is stored as runs, since nested windows cover most pieces of their tally: a
chain of n cumulative reports has n runs, and a matrix of n² entries only if `cover` is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from undercount.models.cells import Piece
    from undercount.models.geometry import Index

Matrix = NDArray[np.float64]
SLACK = 1e-7
"""What a running total may lack, as in linear programs."""


@dataclass(frozen=True)
class Cover:
    """Which pieces each report sums: run j says that report `row[j]` sums `order[first[j]:stop[j]]`.

    Sorted by report and place in the order; the runs of one report do not touch.
    """

    order: Index
    """Pieces by stratum and time; those of one stratum follow each other as their first days do."""
    row: Index
    first: Index
    stop: Index

    @property
    def is_chain(self) -> bool:
        """Whether each report sums one run: then run j belongs to report j."""
        return bool(np.array_equal(self.row, np.arange(self.row.size)))

    def sums(self, pieces: Matrix, rows: int) -> Matrix:
        """(rows,) the sum of the pieces of each report: `matrix @ pieces`, without the matrix."""
        total = np.concatenate([[0.0], np.cumsum(np.ravel(pieces)[self.order])])
        return np.bincount(self.row, total[self.stop] - total[self.first], rows)

    def spread(self, reports: Matrix) -> Matrix:
        """(pieces,) the sum of the reports over each piece: `matrix.T @ reports`, without the matrix."""
        own, ends = np.ravel(reports)[self.row], self.order.size + 1
        found = np.empty(self.order.size)
        found[self.order] = np.cumsum(np.bincount(self.first, own, ends) - np.bincount(self.stop, own, ends))[:-1]
        return found

    def matrix(self, rows: int) -> Matrix:
        """(rows, pieces) one where a report sums a piece, else zero."""
        found = np.zeros((rows, self.order.size))
        for row, first, stop in zip(self.row, self.first, self.stop, strict=True):
            found[row, self.order[first:stop]] = 1.0
        return found


@dataclass(frozen=True)
class Tally:
    """A block read through a Gaussian tally: row i of `cover` says which pieces report i sums."""

    pieces: tuple[Piece, ...]
    runs: Cover
    low: Matrix
    high: Matrix
    reports: tuple[int, ...]
    is_revised: bool
    """Whether reports have errors of their own: several speak, or points contradict each other."""

    @cached_property
    def cover(self) -> Matrix:
        """(R, Q) one where a report sums a piece, else zero."""
        return self.runs.matrix(len(self.reports))


def is_impossible(runs: Cover, low: Matrix, high: Matrix) -> bool:
    """Whether no non-negative tally of the pieces satisfies every report."""
    if not runs.row.size:
        return bool(np.any(low > 0))
    if runs.is_chain:
        return _has_rising_cycle(*(x.tolist() for x in (runs.first, runs.stop, low, high)))
    return _is_infeasible(runs, low, high)


def _has_rising_cycle(first: list[int], stop: list[int], low: list[float], high: list[float]) -> bool:
    """Whether running totals S with low ≤ S[stop] - S[first] ≤ high that never fall do not exist.

    The least ones are longest paths. Passes forward and backward settle them (Yen 1970), or the last
    steps of the paths close a cycle, around which the totals would rise for ever.
    """
    ends = sorted({*first, *stop})
    place = {end: j for j, end in enumerate(ends)}
    into: list[list[tuple[int, float]]] = [[] for _ in ends]
    back: list[list[tuple[int, float]]] = [[] for _ in ends]
    for j in range(1, len(ends)):
        into[j].append((j - 1, 0.0))
    for a, b, least, most in zip(first, stop, low, high, strict=True):
        into[place[b]].append((place[a], least))
        if most < np.inf:
            back[place[a]].append((place[b], -most))
    total, step = [0.0] * len(ends), [-1] * len(ends)
    while _pass(range(len(ends)), into, total, step) | _pass(range(len(ends) - 1, -1, -1), back, total, step):
        if _closes(step):
            return True
    return False


def _pass(places: range, arcs: Sequence[Sequence[tuple[int, float]]], total: list[float], step: list[int]) -> bool:
    """Raise each running total to what the others ask for; whether any rose."""
    rose = False
    for j in places:
        for i, rise in arcs[j]:
            if total[i] + rise > total[j] + SLACK:
                total[j], step[j], rose = total[i] + rise, i, True
    return rose


def _closes(step: list[int]) -> bool:
    """Whether the last steps close a cycle."""
    seen = [-1] * len(step)
    for start in range(len(step)):
        j = start
        while j >= 0 and seen[j] < 0:
            seen[j] = start
            j = step[j]
        if j >= 0 and seen[j] == start:
            return True
    return False


def _is_infeasible(runs: Cover, low: Matrix, high: Matrix) -> bool:
    """The same for reports of several runs, as a linear program of the running totals."""
    from scipy.optimize import linprog
    from scipy.sparse import coo_array, vstack

    ends, place = np.unique(np.concatenate([runs.first, runs.stop]), return_inverse=True)
    sign = np.repeat([-1.0, 1.0], runs.row.size)
    sums = coo_array((sign, (np.tile(runs.row, 2), place)), shape=(low.size, ends.size)).tocsr()
    here = np.arange(ends.size - 1)
    falls = coo_array(
        (np.repeat([1.0, -1.0], here.size), (np.tile(here, 2), np.concatenate([here, here + 1]))),
        shape=(here.size, ends.size),
    )
    bounded = np.isfinite(high)
    # The stubs of linprog know no sparse matrices.
    limits: Any = vstack([sums[bounded], -sums, falls], format="csr")
    result = linprog(
        np.zeros(ends.size),
        A_ub=limits,
        b_ub=np.concatenate([high[bounded], -low, np.zeros(here.size)]),
        bounds=(0, None),
    )
    return bool(result.status == 2)
