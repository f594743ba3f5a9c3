"""Coordinates in which a source's expected count is sampled: the direction that its reports see.

Counts show the product of a reporting rate and the deaths, hardly either of them. For a source whose
total count is known, the log of its expected count is therefore the free variable x and the rate
follows. A count known as an interval has walls, as sharp as the count is large; the map

    log seen = a + (b - a) / (1 + exp(-x)) + c x        for a count between exp(a) and exp(b)
    log seen = a + exp(x) + c x                         for a count of at least exp(a)

stretches what lies beyond and near the walls by 1 / c, the relative width of a wall, so that a step
of a sampler that suits the inside also suits the walls. With a = b it is a plain scaling.

Where a recorder's count holds named incidents, of which it sees F beside what its rate scales, the count
shows the sum of both. With u the width of a wall as a number of deaths, and g(x) the map above of counts
in units of u in place of their logs (c = 1),

    seen = u log(1 + exp(g(x) - F / u)),

which is what F leaves of the count, and stays positive where F leaves nothing.
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
WIDEST = 10.0
"""Upper over lower end of an interval that is a count."""
LOWEST = -30.0
"""Below this, log(1 + exp(v)) is exp(v) to the last place."""


MAP = ("low", "width", "slope", "is_open", "is_released", "unit")
"""Fields of `Anchors` that are data of a compiled model."""


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
    unit: Any
    """u; one where the count holds no incident beside what the rate scales."""
    is_mixed: NDArray[np.bool_]
    """Whether it holds one."""
    is_counted: NDArray[np.bool_]
    """(P,) the pieces that it is the sum of."""

    @classmethod
    def of(cls, terms: Terms, is_recorder: NDArray[np.bool_]) -> Anchors:
        """Find the streams whose reports fix a total, or bound it from below by a large count."""
        is_scaled = scaled_pieces(terms, is_recorder)
        is_counted = _counted(terms, is_recorder.size, is_scaled)
        low, high = _totals(terms, is_recorder.size, is_counted, is_scaled)
        is_sharp = (low > 0) & (np.isfinite(high) | (low >= SHARP_FROM))
        unseen = terms.reading_stream[terms.seen(np, is_scaled.astype(float)) == 0]
        places = np.setdiff1d(np.flatnonzero(is_sharp), unseen)
        pieces = terms.pieces
        beside = pieces.stream[pieces.event_piece[is_counted[pieces.event_piece]]]
        found = cls.at(places, low, high, np.isin(places, beside[is_recorder[beside]]))
        return replace(found, is_counted=is_counted)

    @classmethod
    def at(cls, places: Index, low: Array, high: Array, is_mixed: NDArray[np.bool_] | None = None) -> Anchors:
        """Anchor the streams at `places`, given the least and largest total count of every stream.

        `is_mixed` tells which of them count incidents beside what their rate scales; by default none.
        """
        bottom, top = np.maximum(low[places], LEAST), np.maximum(high[places], LEAST)
        is_open = np.isinf(top)
        middle = np.where(is_open, bottom, (bottom + top) / 2)
        slope = np.clip(np.sqrt((1 + TYPICAL_DISPERSION) / middle), 0.01, 1.0)
        mixed = np.zeros(places.size, dtype=bool) if is_mixed is None else is_mixed
        unit = np.where(mixed, slope * middle, 1.0)
        low, high = (np.where(mixed, end / unit, np.log(end)) for end in (bottom, top))
        width = np.where(is_open, 0.0, high - np.where(is_open, 0.0, low))
        one, zero = np.ones(places.size, dtype=bool), np.zeros(places.size)
        return cls(places, low, width, np.where(mixed, 1.0, slope), is_open.astype(float), zero, unit, mixed, one)

    def released(self, streams: Index) -> Anchors:
        """Sample the deviations of streams that are left out as such."""
        return replace(self, is_released=np.isin(self.places, streams).astype(float))

    def at_readings(self, place: Index) -> Anchors:
        """The map of each reading, given the place of its anchor."""
        ends = {end: getattr(self, end)[place] for end in MAP}
        return replace(self, places=self.places[place], is_mixed=self.is_mixed[place], **ends)

    def log_seen(self, xp: Any, x: Any, beside: Any = 0.0) -> Any:
        """Log expected count of each anchored stream, without what it sees `beside`; shape as `x`."""
        grown = self.low + self.width * _rise(xp, x) + self.is_open * _exp(xp, x) + self.slope * x
        if not self.is_mixed.any():
            return grown
        left = grown - beside / self.unit
        near = xp.log(_softplus(xp, xp.maximum(left, LOWEST))) + xp.minimum(left - LOWEST, 0.0)
        return xp.where(self.is_mixed, xp.log(self.unit) + near, grown)

    def log_slope(self, xp: Any, x: Any, beside: Any = 0.0) -> Any:
        """Log derivative of `log_seen` by `x`, elementwise."""
        rise = _rise(xp, x)
        slope = xp.log(self.width * rise * (1.0 - rise) + self.is_open * _exp(xp, x) + self.slope)
        if not self.is_mixed.any():
            return slope
        grown = self.low + self.width * rise + self.is_open * _exp(xp, x) + self.slope * x
        left = xp.maximum(grown - beside / self.unit, LOWEST)
        bend = -_softplus(xp, -left) - xp.log(_softplus(xp, left))
        return slope + xp.where(self.is_mixed, bend, 0.0)


def _rise(xp: Any, x: Any) -> Any:
    return 1.0 / (1.0 + xp.exp(-xp.maximum(x, -700.0)))


def _softplus(xp: Any, x: Any) -> Any:
    """ln(1 + e^x): the graph's `logaddexp` would lose its digits far below zero."""
    return xp.maximum(x, 0.0) + xp.log1p(xp.exp(-abs(x)))


def _exp(xp: Any, x: Any) -> Any:
    return xp.exp(xp.minimum(x, 50.0))


def _counted(terms: Terms, streams: int, is_scaled: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(P,) the pieces whose sum is anchored: those that a count is known of, as a number or a narrow interval.

    Where there are none in some reading, or a large open count says more, these are all that own deviations scale.
    """
    narrow = [_is_narrow(terms.low, terms.high)]
    narrow += [term.runs.spread(_is_narrow(term.low, term.high).astype(float)) > 0 for term in terms.gaussian]
    is_counted = np.concatenate(narrow) & is_scaled
    missing = terms.reading_stream[terms.seen(np, is_counted.astype(float)) == 0]
    low, high = _totals(terms, streams, is_scaled, is_scaled)
    counted, _ = _totals(terms, streams, is_counted, is_scaled)
    is_wide = np.isinf(high) & (low >= SHARP_FROM) & (counted < low / 2)
    return is_counted | (is_scaled & np.isin(terms.pieces.stream, np.union1d(missing, np.flatnonzero(is_wide))))


def _is_narrow(low: Array, high: Array) -> NDArray[np.bool_]:
    return np.asarray((high == 0) | (high <= WIDEST * low))


def scaled_pieces(terms: Terms, is_recorder: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(P,) whether own deviations scale the expected count of each piece, or a part of it.

    They do not where a recorder counted nothing but the dead of named incidents.
    """
    pieces = terms.pieces
    scaled = np.zeros(pieces.count, dtype=bool)
    scaled[pieces.cell_piece] = True
    scaled[pieces.event_piece[~is_recorder[pieces.stream[pieces.event_piece]]]] = True
    return scaled


def _totals(
    terms: Terms, streams: int, is_counted: NDArray[np.bool_], is_scaled: NDArray[np.bool_]
) -> tuple[Array, Array]:
    """Least and largest total over the counted pieces of each stream, in the stated readings of its attributions."""
    exact = np.isin(terms.term_reading, terms.stated) & is_counted[: terms.low.size]
    owner, low, high = terms.reading_stream[terms.term_reading[exact]], terms.low[exact], terms.high[exact]
    # Of no entries at all, numpy's sums are whole numbers.
    least, most = (np.bincount(owner, end, streams).astype(float) for end in (low, high))
    is_closed = np.isfinite(high)
    is_bounded = np.bincount(owner, is_closed, streams) > 0
    stated = set(terms.stated.tolist())
    for term in terms.gaussian:
        own = is_counted[term.pieces]
        if term.reading in stated and term.is_revised:
            total = term.daily * term.days.sum()
            least[term.stream] += total
            most[term.stream] += total
            is_bounded[term.stream] = True
        elif term.reading in stated and own.any():
            is_all = (own == is_scaled[term.pieces]).all()
            known = np.ones(term.low.size, dtype=bool) if is_all else _is_narrow(term.low, term.high)
            is_open = not np.isfinite(term.high[known]).all()
            ends = [_fitted(term, end, known, own) for end in (term.low, term.high)] if not is_open else []
            # The more a report within leaves to others, the less is left of a known sum.
            least[term.stream] += min(ends) if ends else _fitted(term, term.low, known, own)
            most[term.stream] += max(ends) if ends else np.inf
            is_bounded[term.stream] |= not is_open
    opened = least + np.bincount(owner, np.where(is_closed, 0.0, low), streams)
    return least, np.where(np.isinf(most) & is_bounded, opened, most)


def _fitted(term: GaussianTerm, counts: Array, known: NDArray[np.bool_], own: NDArray[np.bool_]) -> float:
    """The total over its `own` pieces of a latent tally, fitted to the `known` counts with the least squared errors."""
    if counts.size * term.pieces.size <= LARGEST_FIT:
        from scipy.optimize import nnls  # half a second to load, and few cases need it

        return float(nnls(term.cover[known], counts[known])[0][own].sum())
    from scipy.sparse.linalg import LinearOperator, lsmr

    shape, weight = (counts.size, term.pieces.size), known.astype(float)

    def totals(x: Array) -> Array:
        return weight * term.runs.sums(x, shape[0])

    def spread(y: Array) -> Array:
        return term.runs.spread(weight * np.ravel(y))

    sums = LinearOperator(shape, matvec=totals, rmatvec=spread, dtype=np.float64)
    # The sum of the pieces is what the reports see best: it settles in the first steps.
    return max(0.0, float(lsmr(sums, np.where(known, counts, 0.0), maxiter=FIT_STEPS)[0][own].sum()))
