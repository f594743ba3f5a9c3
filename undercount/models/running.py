"""Running tallies: the order in which sums over pieces are opened, grow, and are read.

In the order of time, the sums that are open at a moment are the state of a recursion: a piece is added to those
that hold it, and a report is one of them with an error. Reports that begin alike share a sum. A chain of n
cumulative reports, with daily ones beside it, then costs n steps in place of the n³ of a covariance matrix.
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from undercount.models.strata import Index
    from undercount.models.terms import GaussianTerm

OPEN, ADD, READ = 0, 1, 2


class Program(NamedTuple):
    """Steps of the recursion of one tally."""

    step: Index
    """`OPEN` a sum at zero, `ADD` a piece, or `READ` a report."""
    what: Index
    """The piece that is added, the report that is read."""
    slot: Index
    """The sum that is opened or read; of a piece, the row of `mask`."""
    mask: Index
    """(rows, slots) one for each sum that holds a piece."""

    @property
    def slots(self) -> int:
        """Sums that are open at the same time."""
        return int(self.mask.shape[1])


@dataclass
class _Sum:
    """Pieces that some reports add up, each report up to its last one; all by their places in time."""

    pieces: Index
    reads: list[tuple[int, int]]
    """Place of the last piece, and the report."""


def program(term: GaussianTerm) -> Program:
    """Steps that read a tally in the order of time, and at one moment in an order that no name decides."""
    order = term.runs.order[np.argsort(term.start[term.runs.order], kind="stable")]
    place = np.empty(order.size, dtype=np.int64)
    place[order] = np.arange(order.size)
    sums = sorted(_sums(term, place[term.runs.order]), key=lambda s: (int(s.pieces[0]), s.reads))
    slots, slot_of = _slots(sums)
    into: list[list[int]] = [[] for _ in range(order.size)]
    reads: list[list[tuple[int, int, float, float, int, int]]] = [[] for _ in range(order.size)]
    opens: list[list[int]] = [[] for _ in range(order.size)]
    for own, slot in zip(sums, slot_of, strict=True):
        opens[own.pieces[0]].append(slot)
        last = max(at for at, _ in own.reads)
        for at in own.pieces[own.pieces <= last].tolist():
            into[at].append(slot)
        for at, report in own.reads:
            size = int(np.searchsorted(own.pieces, at, side="right"))
            key = (int(own.pieces[0]), size, float(term.low[report]), float(term.high[report]))
            reads[at].append((*key, report, slot))
    rows: dict[tuple[int, ...], int] = {}
    steps: list[tuple[int, int, int]] = []
    for at, piece in enumerate(order.tolist()):
        steps += [(OPEN, 0, slot) for slot in opens[at]]
        steps.append((ADD, piece, rows.setdefault(tuple(sorted(into[at])), len(rows))))
        steps += [(READ, report, slot) for *_, report, slot in sorted(reads[at])]
    mask = np.zeros((len(rows), slots), dtype=np.int64)
    for held, row in rows.items():
        mask[row, list(held)] = 1
    columns = np.array(steps, dtype=np.int64).reshape(-1, 3).T
    return Program(columns[0], columns[1], columns[2], mask)


def _sums(term: GaussianTerm, place: Index) -> list[_Sum]:
    """Reports whose runs begin alike share a sum, unless one of them would leave out what was added before."""
    rows, first, stop = (x.tolist() for x in (term.runs.row, term.runs.first, term.runs.stop))
    runs: dict[int, list[tuple[int, int]]] = {}
    for row, a, b in zip(rows, first, stop, strict=True):
        runs.setdefault(row, []).append((a, b))
    alike: dict[tuple[int, ...], list[int]] = {}
    for row, own in runs.items():
        alike.setdefault(tuple(a for a, _ in own), []).append(row)
    found = []
    for starts, members in alike.items():
        ends = [max(runs[row][k][1] for row in members) for k in range(len(starts))]
        shared = _places(place, list(zip(starts, ends, strict=True)))
        together = _Sum(shared, [])
        for row in members:
            mine = _places(place, runs[row])
            if np.searchsorted(shared, mine[-1], side="right") == mine.size:
                together.reads.append((int(mine[-1]), row))
            else:
                found.append(_Sum(mine, [(int(mine[-1]), row)]))
        if together.reads:
            found.append(together)
    return found


def _places(place: Index, runs: Sequence[tuple[int, int]]) -> Index:
    return np.sort(np.concatenate([place[a:b] for a, b in runs]))


def _slots(sums: Sequence[_Sum]) -> tuple[int, list[int]]:
    """The least number of slots, and that of each sum: one is free again when its sum was read for the last time."""
    vacant: list[int] = []
    busy: list[tuple[int, int]] = []
    slots, found = 0, []
    for own in sums:
        while busy and busy[0][0] < own.pieces[0]:
            heappush(vacant, heappop(busy)[1])
        slot = heappop(vacant) if vacant else slots
        slots = max(slots, slot + 1)
        heappush(busy, (max(at for at, _ in own.reads), slot))
        found.append(slot)
    return slots, found


__all__ = ["ADD", "OPEN", "READ", "Program", "program"]
