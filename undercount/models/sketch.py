"""A Gaussian sketch of the courses: the log count of each window is linear in all cosines, levels and rates.

The levels of the strata, and the rates of the streams, have a wide scale; the dispersion is at its middle. The sketch
only says in which coordinates to sample (`models.centring`): which posterior is sampled does not depend on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterator

    from undercount.models.strata import Index
    from undercount.models.tallies import Cover
    from undercount.models.terms import Terms

Array = NDArray[np.float64]

LEVEL_SCALE = 1.5
"""Of the levels of the strata, and of the rates of the streams, in the sketch."""
LEAST = 0.5
"""A count of zero is read as this one."""
LARGEST_COVER = 2**20
"""Entries of the matrix of a latent tally up to which its reports are looked at."""
CHUNK = 1024
"""Windows whose rows of the sketch are held at once."""


@dataclass(frozen=True)
class Windows:
    """Windows with a count: each is a sum over pieces, of which runs are given where many share them."""

    cells: tuple[Index, Index, Index, Index]
    """Window or piece, stratum, and days [start, end)."""
    runs: Cover | None
    stream: Index
    log_count: Array
    """Of the middle of what each count may be."""
    information: Array
    """Of the log count of each window."""

    def beyond(self, course: Course) -> Array:
        """Log count over what the sketch expects of a window, not one of runs; zero where that is nothing."""
        row, stratum, start, end = self.cells
        expected = np.bincount(row, course.deaths[end, stratum] - course.deaths[start, stratum], self.stream.size)
        return np.where(expected > 0, self.log_count - np.log(np.where(expected > 0, expected, 1.0)), 0.0)


@dataclass(frozen=True)
class Course:
    """Running totals of what the sketch expects, and of the cosines."""

    deaths: Array
    """(T + 1, C)"""
    shared: Array
    own: Array
    """(T + 1, K) and (T + 1, K')."""

    @classmethod
    def of(cls, deaths: Array, shared: Array, own: Array) -> Course:
        """Add up from the first day on: shapes (T, C), (T, K) and (T, K')."""
        return cls(*(np.vstack([np.zeros(x.shape[1]), np.cumsum(x, axis=0)]) for x in (deaths, shared, own)))

    def slopes(self, windows: Windows, strata: Index) -> tuple[Array, Array, Array]:
        """Log count by the cosines of the common course, by those of the departures, and by the levels of the strata.

        Returns
        -------
        tuple of ndarray, shapes (n, K), (n, K', strata) and (n, strata)
        """
        row, stratum, start, end = windows.cells
        size = windows.stream.size if windows.runs is None else windows.runs.order.size
        weight = self.deaths[end, stratum] - self.deaths[start, stratum]
        if windows.runs is None:
            weight = weight / np.bincount(row, weight, size)[row]
        place = np.searchsorted(strata, stratum)
        of_stratum = np.zeros((size, strata.size))
        np.add.at(of_stratum, (row, place), weight)
        departures, common = np.zeros((size, self.own.shape[1], strata.size)), np.zeros((size, self.shared.shape[1]))
        length = (end - start)[:, None]
        for total, out, at in ((self.shared, common, (row,)), (self.own, departures.transpose(0, 2, 1), (row, place))):
            np.add.at(out, at, weight[:, None] * (total[end] - total[start]) / length)
        if windows.runs is None:
            return common, departures, of_stratum
        sums = [_over_runs(x, windows.runs, windows.stream.size) for x in (common, departures, of_stratum)]
        total = sums[2].sum(axis=1)
        each = 1.0 / np.where(total > 0, total, np.inf)
        return sums[0] * each[:, None], sums[1] * each[:, None, None], sums[2] * each[:, None]


def _over_runs(pieces: Array, runs: Cover, rows: int) -> Array:
    """Sum over the pieces of each window, which are given in the order of the runs."""
    total = np.concatenate([np.zeros((1, *pieces.shape[1:])), np.cumsum(pieces, axis=0)])
    found = np.zeros((rows, *pieces.shape[1:]))
    np.add.at(found, runs.row, total[runs.stop] - total[runs.first])
    return found


@dataclass(frozen=True)
class Columns:
    """Places of the common cosines, of the departures (K' C), of the levels and of the streams in the sketch."""

    course: Course
    streams: Index

    @property
    def ends(self) -> Index:
        """Where each of the four begins, and their number."""
        first, modes, count = self.course.shared.shape[1], self.course.own.shape[1], self.course.deaths.shape[1]
        return np.cumsum([0, first, modes * count, count, self.streams.size])

    def rows(self, windows: Windows, scales: tuple[float, float]) -> tuple[Array, Index]:
        """Slopes of the log counts over their errors, and the columns that these windows touch."""
        strata, here, ends = np.unique(windows.cells[1]), np.unique(windows.stream), self.ends
        common, departures, of_stratum = self.course.slopes(windows, strata)
        modes, count = self.course.own.shape[1], self.course.deaths.shape[1]
        parts = [
            scales[0] * common,
            scales[1] * departures.reshape(len(departures), modes * strata.size),
            LEVEL_SCALE * of_stratum,
            LEVEL_SCALE * (windows.stream[:, None] == here),
        ]
        slope = np.hstack(parts) * np.sqrt(windows.information)[:, None]
        places = [np.arange(ends[1]), np.add.outer(np.arange(modes) * count, strata).ravel(), strata,
                  np.searchsorted(self.streams, here)]  # fmt: skip
        return slope, np.concatenate([end + place for end, place in zip(ends, places, strict=False)])


def windows_of(terms: Terms, theta: float) -> Iterator[Windows]:
    """Windows with a count in the stated readings, with the precisions of the log counts.

    A window with a named incident is left out: its count may be the incident's.
    """
    pieces = terms.pieces
    holds = np.isin(np.arange(pieces.count), pieces.event_piece)
    order = np.argsort(pieces.cell_piece, kind="stable")
    ranked = pieces.cell_piece[order]

    def cells(piece: Index) -> tuple[Index, Index, Index, Index]:
        first, stop = np.searchsorted(ranked, piece, "left"), np.searchsorted(ranked, piece, "right")
        each = stop - first
        begin = np.repeat(first - np.cumsum(each) + each, each)
        cell = order[begin + np.arange(begin.size)]
        row = np.repeat(np.arange(piece.size), each)
        return row, pieces.cell_stratum[cell], pieces.cell_start[cell], pieces.cell_end[cell]

    exact = np.flatnonzero(np.isin(terms.term_reading, terms.stated))
    for begin in range(0, exact.size, CHUNK):
        part = exact[begin : begin + CHUNK]
        known = np.where(holds[part], 0.0, _information(terms.low[part], terms.high[part], theta))
        yield Windows(cells(part), None, pieces.stream[part], _log_count(terms.low[part], terms.high[part]), known)
    stated = set(terms.stated.tolist())
    for term in terms.gaussian:
        rows = term.reports.size
        if term.reading not in stated or rows * term.pieces.size > LARGEST_COVER:
            continue
        runs, one = term.runs, np.ones(term.pieces.size)
        depth = runs.sums(runs.spread(np.ones(rows)), rows) / np.maximum(runs.sums(one, rows), 1.0)
        known = _information(term.low, term.high, theta) / np.maximum(depth, 1.0)
        known = np.where(runs.sums(holds[term.pieces].astype(float), rows) > 0, 0.0, known)
        yield Windows(
            cells(term.pieces[runs.order]), runs, np.full(rows, term.stream), _log_count(term.low, term.high), known
        )


def _ends(low: Array, high: Array) -> tuple[NDArray[np.bool_], Array, Array]:
    """Whether a count is closed, and its least and most."""
    is_closed = np.isfinite(high) & ((low > 0) | (high == 0))
    return is_closed, np.maximum(low, LEAST), np.maximum(np.where(is_closed, high, low), LEAST)


def _log_count(low: Array, high: Array) -> Array:
    _, least, most = _ends(low, high)
    return np.asarray(np.log((least + most) / 2))


def _information(low: Array, high: Array, theta: float) -> Array:
    """Precision of the log of a count between two ends; none of one whose upper end is open."""
    is_closed, least, most = _ends(low, high)
    variance = (1.0 + theta) / ((least + most) / 2) + np.log(most / least) ** 2 / 12.0
    return np.asarray(is_closed / variance)
