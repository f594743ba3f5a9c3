"""Coordinates in which a source's expected count is sampled: the direction that its reports see.

Counts show the product of a reporting rate and the deaths, hardly either of them. For a source whose
total count is known, the log of its expected count is therefore the free variable x and the rate
follows. A count known as an interval has walls, as sharp as the count is large; the map

    log seen = a + (b - a) / (1 + exp(-x)) + c x        for a count between exp(a) and exp(b)
    log seen = a + exp(x) + c x                         for a count of at least exp(a)

stretches what lies beyond and near the walls by 1 / c, the relative width of a wall, so that a step
of a sampler that suits the inside also suits the walls. With a = b it is a plain scaling.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from undercount.models.strata import Index
    from undercount.models.terms import GaussianTerm, Terms

Array = NDArray[np.float64]

SHARP_FROM = 600.0
"""Smallest one-sided bound whose wall is sharp against the prior of a rate."""
TYPICAL_DISPERSION = 5.0
LEAST = 0.5
"""A count of zero is anchored here."""
LARGEST_FIT = 2**17
"""Entries of the matrix of a latent tally up to which its pieces are fitted as numbers that are not negative."""
FIT_STEPS = 100


@dataclass(frozen=True)
class Anchors:
    """Sources whose expected count is sampled, and the map of each."""

    places: Index
    low: Any
    """a"""
    width: Any
    """b - a; zero where the count is open."""
    slope: Any
    """c"""
    is_open: Any
    """One where the count has no upper end, else zero."""
    is_released: Any
    """One where the source is left out and x is its own deviation, standardised; else zero."""

    @classmethod
    def of(cls, terms: Terms, is_recorder: NDArray[np.bool_]) -> Anchors:
        """Find the streams whose reports fix a total, or bound it from below by a large count."""
        low, high = _totals(terms, is_recorder.size)
        is_sharp = (low > 0) & (np.isfinite(high) | (low >= SHARP_FROM))
        return cls.at(np.flatnonzero(is_sharp & _is_scaled(terms, is_recorder)), low, high)

    @classmethod
    def at(cls, places: Index, low: Array, high: Array) -> Anchors:
        """Anchor the streams at `places`, given the least and largest total count of every stream."""
        bottom, top = np.maximum(low[places], LEAST), np.maximum(high[places], LEAST)
        is_open = np.isinf(top)
        middle = np.where(is_open, bottom, (bottom + top) / 2)
        width = np.where(is_open, 0.0, np.log(top) - np.log(bottom))
        slope = np.clip(np.sqrt((1 + TYPICAL_DISPERSION) / middle), 0.01, 1.0)
        return cls(places, np.log(bottom), width, slope, is_open.astype(float), np.zeros(places.size))

    def released(self, streams: Index) -> Anchors:
        """Sample the deviations of streams that are left out as such."""
        return replace(self, is_released=np.isin(self.places, streams).astype(float))

    def log_seen(self, xp: Any, x: Any) -> Any:
        """Log expected count of each anchored stream, shape as `x`."""
        return self.low + self.width / (1.0 + xp.exp(-x)) + self.is_open * _exp(xp, x) + self.slope * x

    def log_slope(self, xp: Any, x: Any) -> Any:
        """Log derivative of `log_seen`, elementwise."""
        rise = 1.0 / (1.0 + xp.exp(-x))
        return xp.log(self.width * rise * (1.0 - rise) + self.is_open * _exp(xp, x) + self.slope)


def _exp(xp: Any, x: Any) -> Any:
    return xp.exp(xp.minimum(x, 50.0))


def _is_scaled(terms: Terms, is_recorder: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether each stream's own deviation scales its expected count, in every reading.

    It does not where a recorder counted nothing but the dead of named incidents.
    """
    pieces = terms.pieces
    event_stream = pieces.stream[pieces.event_piece]
    scaled = np.zeros(pieces.count)
    scaled[pieces.cell_piece] = 1.0
    scaled[pieces.event_piece[~is_recorder[event_stream]]] = 1.0
    unseen = terms.reading_stream[terms.seen(np, scaled) == 0]
    return np.isin(np.arange(is_recorder.size), unseen, invert=True)


def _totals(terms: Terms, streams: int) -> tuple[Array, Array]:
    """Least and largest total over the pieces of each stream, in the stated readings of its attributions."""
    exact = np.isin(terms.term_reading, terms.stated)
    owner, low, high = terms.reading_stream[terms.term_reading[exact]], terms.low[exact], terms.high[exact]
    # Of no entries at all, numpy's sums are whole numbers.
    least, most = (np.bincount(owner, end, streams).astype(float) for end in (low, high))
    is_closed = np.isfinite(high)
    is_bounded = np.bincount(owner, is_closed, streams) > 0
    stated = set(terms.stated.tolist())
    for term in terms.gaussian:
        if term.reading in stated and term.is_revised:
            total = term.daily * term.days.sum()
            least[term.stream] += total
            most[term.stream] += total
            is_bounded[term.stream] = True
        elif term.reading in stated:
            is_open = not np.isfinite(term.high).all()
            least[term.stream] += _fitted(term, term.low)
            most[term.stream] += np.inf if is_open else _fitted(term, term.high)
            is_bounded[term.stream] |= not is_open
    opened = least + np.bincount(owner, np.where(is_closed, 0.0, low), streams)
    return least, np.where(np.isinf(most) & is_bounded, opened, most)


def _fitted(term: GaussianTerm, counts: Array) -> float:
    """The total over the pieces of a latent tally whose squared errors are least."""
    if counts.size * term.pieces.size <= LARGEST_FIT:
        from scipy.optimize import nnls  # half a second to load, and few cases need it

        return float(nnls(term.cover, counts)[0].sum())
    from scipy.sparse.linalg import LinearOperator, lsmr

    shape = (counts.size, term.pieces.size)
    sums = LinearOperator(shape, matvec=lambda x: term.runs.sums(x, shape[0]), rmatvec=term.runs.spread, dtype=float)
    # The sum of the pieces is what the reports see best: it settles in the first steps.
    return max(0.0, float(lsmr(sums, counts, maxiter=FIT_STEPS)[0].sum()))
