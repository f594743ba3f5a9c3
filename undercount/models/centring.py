"""How far the cosines of the courses are sampled centred: as far as the counts show them.

A weight β = e^s z with z ~ Normal(0, 1) and an unknown log scale s is sampled as

    x = e^(λ (s - s₀)) z,    β = e^(s - λ (s - s₀)) x,

with s₀ the middle of the prior of s. Counts that say much about β leave a curved ridge in s and z, and
counts that say nothing a funnel in s and β. λ = 1 - (posterior variance of z) lies between the two
(Papaspiliopoulos, Roberts and Sköld 2007, *Statistical Science* 22, section 4). That variance comes from a
Gaussian sketch of the model: the log count of each window is linear in all weights, the levels of the
strata and the rates of the streams, with the dispersion at its middle.

Of a shown stratum, whose whole course μ + δ the counts tell better than its departure δ from the common one,
δ + λ μ is sampled in place of δ, with λ of the whole course, given the common one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from undercount.models.parameters import middle_level

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from undercount.models.priors import PriorTable
    from undercount.models.strata import Index, Strata
    from undercount.models.tallies import Cover
    from undercount.models.terms import Terms

Array = NDArray[np.float64]

SHOWN_FROM = 4
"""Windows for each cosine of its own from which on a stratum's course is shown as a whole."""
LEVEL_SCALE = 1.5
"""Of the levels of the strata, and of the rates of the streams, in the sketch."""
LEAST = 0.5
"""A count of zero is read as this one."""
LARGEST_COVER = 2**20
"""Entries of the matrix of a latent tally up to which its reports are looked at."""
CHUNK = 1024
"""Windows whose rows of the sketch are held at once."""


@dataclass(frozen=True)
class Centring:
    """λ of each cosine, and the middles of the priors of the log scales."""

    shared: Array
    """(K,) of the common course."""
    own: Array
    """(K', C) of the departures of the strata."""
    pull: Array
    """(K', C) λ in shown strata, else zero."""
    shown: Index
    """Strata whose course so many windows show that they tell it as a whole."""
    log_shared: float
    log_own: float

    @classmethod
    def of(
        cls,
        terms: Terms,
        strata: Strata,
        *,
        shared: Array,
        own: Array,
        log_exposure: Array,
        has_population: NDArray[np.bool_],
        priors: PriorTable,
    ) -> Centring:
        """Sketch the posterior of the weights.

        Parameters
        ----------
        terms : Terms
        strata : Strata
        shared, own : ndarray, shape (T, K) and (T, K')
            Cosines of the common course and of the departures from it.
        log_exposure : ndarray, shape (T, areas)
        has_population : ndarray of bool, shape (areas,)
        priors : PriorTable
        """
        middle = {name: priors[name].location for name in ("smooth_shared", "smooth_own", "dispersion")}
        modes, count = own.shape[1], strata.count
        shown = _shown(terms, count, modes)
        is_shown = np.isin(np.arange(count), shown)
        windows = tuple(_windows(terms, float(np.exp(middle["dispersion"]))))
        if not (shared.shape[1] and windows):
            nothing = np.zeros(shared.shape[1]), np.zeros((modes, count)), np.zeros((modes, count))
            return cls(*nothing, shown, middle["smooth_shared"], middle["smooth_own"])
        area = strata.place[1]
        level = np.where(has_population, priors["rate"].location, middle_level(priors, has_population))
        course = _Course.of(np.exp(log_exposure + level)[:, area], shared, own)
        scales = float(np.exp(middle["smooth_shared"])), float(np.exp(middle["smooth_own"]))
        variance, cross = _left(windows, course, scales)
        of_common, of_own = variance[: shared.shape[1]], variance[shared.shape[1] :].reshape(modes, count)
        ratio = np.exp(middle["smooth_shared"] - middle["smooth_own"])
        of_whole = of_own + ratio**2 * of_common[:modes, None] + 2.0 * ratio * cross
        own_left = np.where(is_shown, of_whole, of_own)
        centred, of_common = (np.clip(1.0 - x, 0.0, 1.0) for x in (own_left, of_common))
        return cls(of_common, centred, centred * is_shown, shown, middle["smooth_shared"], middle["smooth_own"])


def _shown(terms: Terms, strata: int, modes: int) -> Index:
    pieces = terms.pieces
    windows = np.unique(np.stack([pieces.cell_stratum, pieces.cell_start, pieces.cell_end]), axis=1)[0]
    is_shown = np.bincount(windows, minlength=strata) >= SHOWN_FROM * modes
    return np.flatnonzero(is_shown & (modes > 0))


@dataclass(frozen=True)
class _Windows:
    """Windows with a count: each is a sum over pieces, of which runs are given where many share them."""

    cells: tuple[Index, Index, Index, Index]
    """Window or piece, stratum, and days [start, end)."""
    runs: Cover | None
    stream: Index
    information: Array
    """Of the log count of each window."""


@dataclass(frozen=True)
class _Course:
    """Running totals of what the sketch expects, and of the cosines."""

    deaths: Array
    """(T + 1, C)"""
    shared: Array
    own: Array
    """(T + 1, K) and (T + 1, K')."""

    @classmethod
    def of(cls, deaths: Array, shared: Array, own: Array) -> _Course:
        return cls(*(np.vstack([np.zeros(x.shape[1]), np.cumsum(x, axis=0)]) for x in (deaths, shared, own)))

    def slopes(self, windows: _Windows, strata: Index) -> tuple[Array, Array, Array]:
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


def _left(windows: Sequence[_Windows], course: _Course, scales: tuple[float, float]) -> tuple[Array, Array]:
    """Posterior variances of the cosines, and covariances of those of a stratum with the same of the common course.

    Windows touch few strata each: their share in the precision is added up over the columns that they touch.

    Returns
    -------
    tuple of ndarray, shapes (K + K' C,) and (K', C)
    """
    first, modes, count = course.shared.shape[1], course.own.shape[1], course.deaths.shape[1]
    streams = np.unique(np.concatenate([each.stream for each in windows]))
    ends = np.cumsum([0, first, modes * count, count, streams.size])
    precision = np.eye(ends[-1])
    for each in windows:
        strata, here = np.unique(each.cells[1]), np.unique(each.stream)
        common, departures, of_stratum = course.slopes(each, strata)
        parts = [
            scales[0] * common,
            scales[1] * departures.reshape(len(departures), modes * strata.size),
            LEVEL_SCALE * of_stratum,
            LEVEL_SCALE * (each.stream[:, None] == here),
        ]
        slope = np.hstack(parts) * np.sqrt(each.information)[:, None]
        places = [np.arange(first), np.add.outer(np.arange(modes) * count, strata).ravel(), strata,
                  np.searchsorted(streams, here)]  # fmt: skip
        columns = np.concatenate([end + place for end, place in zip(ends, places, strict=False)])
        precision[np.ix_(columns, columns)] += slope.T @ slope
    left = np.linalg.inv(precision)
    cross = left[:modes, first : ends[2]].reshape(modes, modes, count)
    return np.diag(left)[: ends[2]], cross[np.arange(modes), np.arange(modes)]


def _windows(terms: Terms, theta: float) -> Iterator[_Windows]:
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
        yield _Windows(cells(part), None, pieces.stream[part], known)
    stated = set(terms.stated.tolist())
    for term in terms.gaussian:
        rows = term.reports.size
        if term.reading not in stated or rows * term.pieces.size > LARGEST_COVER:
            continue
        runs, one = term.runs, np.ones(term.pieces.size)
        depth = runs.sums(runs.spread(np.ones(rows)), rows) / np.maximum(runs.sums(one, rows), 1.0)
        known = _information(term.low, term.high, theta) / np.maximum(depth, 1.0)
        known = np.where(runs.sums(holds[term.pieces].astype(float), rows) > 0, 0.0, known)
        yield _Windows(cells(term.pieces[runs.order]), runs, np.full(rows, term.stream), known)


def _information(low: Array, high: Array, theta: float) -> Array:
    """Precision of the log of a count between two ends; none of one whose upper end is open."""
    is_closed = np.isfinite(high) & ((low > 0) | (high == 0))
    least, most = np.maximum(low, LEAST), np.maximum(np.where(is_closed, high, low), LEAST)
    variance = (1.0 + theta) / ((least + most) / 2) + np.log(most / least) ** 2 / 12.0
    return np.asarray(is_closed / variance)
