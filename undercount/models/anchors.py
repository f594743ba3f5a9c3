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
from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

if TYPE_CHECKING:
    from undercount.models.strata import Index
    from undercount.models.terms import Terms

Array = NDArray[np.float64]

SHARP_FROM = 600.0
"""Smallest one-sided bound whose wall is sharp against the prior of a rate."""
TYPICAL_DISPERSION = 5.0
LEAST = 0.5
"""A count of zero is anchored here."""


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
        """Find the sources whose reports fix a total, or bound it from below by a large count."""
        totals = np.array([_total(terms, s) for s in range(is_recorder.size)]).reshape(-1, 2)
        low, high = totals.T
        is_sharp = (low > 0) & (np.isfinite(high) | (low >= SHARP_FROM))
        return cls.at(np.flatnonzero(is_sharp & _is_scaled(terms, is_recorder)), low, high)

    @classmethod
    def at(cls, places: Index, low: Array, high: Array) -> Anchors:
        """Anchor the sources at `places`, given the least and largest total count of every source."""
        bottom, top = np.maximum(low[places], LEAST), np.maximum(high[places], LEAST)
        is_open = np.isinf(top)
        middle = np.where(is_open, bottom, (bottom + top) / 2)
        width = np.where(is_open, 0.0, np.log(top) - np.log(bottom))
        slope = np.clip(np.sqrt((1 + TYPICAL_DISPERSION) / middle), 0.01, 1.0)
        return cls(places, np.log(bottom), width, slope, is_open.astype(float), np.zeros(places.size))

    def released(self, sources: Index) -> Anchors:
        """Sample the deviations of sources that are left out as such."""
        return replace(self, is_released=np.isin(self.places, sources).astype(float))

    def log_seen(self, xp: Any, x: Any) -> Any:
        """Log expected count of each anchored source, shape as `x`."""
        return self.low + self.width / (1.0 + xp.exp(-x)) + self.is_open * _exp(xp, x) + self.slope * x

    def log_slope(self, xp: Any, x: Any) -> Any:
        """Log derivative of `log_seen`, elementwise."""
        rise = 1.0 / (1.0 + xp.exp(-x))
        return xp.log(self.width * rise * (1.0 - rise) + self.is_open * _exp(xp, x) + self.slope)


def _exp(xp: Any, x: Any) -> Any:
    return xp.exp(xp.minimum(x, 50.0))


def _is_scaled(terms: Terms, is_recorder: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether each source's own deviation scales its expected count, in every reading.

    It does not where a recorder counted nothing but the dead of named incidents.
    """
    pieces = terms.pieces
    event_source = pieces.source[pieces.event_piece]
    scaled = np.zeros(pieces.count)
    scaled[pieces.cell_piece] = 1.0
    scaled[pieces.event_piece[~is_recorder[event_source]]] = 1.0
    unseen = terms.reading_source[scaled @ terms.total == 0]
    return np.isin(np.arange(is_recorder.size), unseen, invert=True)


def _total(terms: Terms, source: int) -> tuple[float, float]:
    """Least and largest total over the source's pieces, in the stated reading of its attributions."""
    readings = np.unique(terms.reading_block, return_index=True)[1]
    stated = readings[terms.reading_source[readings] == source]
    exact = np.isin(terms.term_reading, stated)
    low, high = float(terms.low[exact].sum()), float(terms.high[exact].sum())
    latent = [term for term in terms.gaussian if term.reading in stated]
    for term in latent:
        counts = np.where(np.isfinite(term.high), (term.low + np.minimum(term.high, 1e12)) / 2, term.low)
        tally = float(nnls(term.cover, counts)[0].sum())
        low, high = low + tally, high + tally
    is_closed = exact & np.isfinite(terms.high)
    if high == inf and (is_closed.any() or latent):
        high = low + float(terms.low[exact & ~is_closed].sum())
    return low, high
