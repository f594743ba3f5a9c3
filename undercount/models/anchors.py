"""Coordinates in which a source's expected count is sampled: the direction that its reports see.

Counts show the product of a reporting rate and the deaths, hardly either of them. For a source whose
total count is known, the log of its expected count is therefore the free variable x and the rate
follows. A count known as an interval has walls, as sharp as the count is large; the map

    log seen = a + (b - a) / (1 + exp(-x)) + c x        for a count between exp(a) and exp(b)
    log seen = a + ln(1 + exp(x)) + c x                 for a count of at least exp(a)

stretches what lies beyond and near the walls by 1 / c, the relative width of a wall, so that a step
of a sampler that suits the inside also suits the walls. With a = b it is a plain scaling.
"""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True)
class Anchors:
    """Sources whose expected count is sampled, and the map of each."""

    places: Index
    low: Array
    """a"""
    width: Array
    """b - a, infinite where the count has no upper end."""
    slope: Array
    """c"""

    @classmethod
    def of(cls, terms: Terms, sources: int) -> Anchors:
        """Find the sources whose reports fix a total, or bound it from below by a large count."""
        rows = []
        for s in range(sources):
            low, high = _total(terms, s)
            if low > 0 and (high < inf or low >= SHARP_FROM):
                middle = low if high == inf else (low + high) / 2
                slope = float(np.clip(np.sqrt((1 + TYPICAL_DISPERSION) / middle), 0.01, 1.0))
                rows.append((s, np.log(low), np.log(high) - np.log(low), slope))
        columns = np.array(rows, dtype=float).reshape(-1, 4).T
        return cls(columns[0].astype(np.int64), *columns[1:])

    def log_seen(self, xp: Any, x: Any) -> Any:
        """Log expected count of each anchored source, shape as `x`."""
        is_open = np.isinf(self.width)
        closed = np.where(is_open, 0.0, self.width)
        return self.low + closed / (1.0 + xp.exp(-x)) + is_open * _softplus(xp, x) + self.slope * x

    def log_slope(self, xp: Any, x: Any) -> Any:
        """Log derivative of `log_seen`, elementwise."""
        is_open = np.isinf(self.width)
        closed = np.where(is_open, 0.0, self.width)
        rise = 1.0 / (1.0 + xp.exp(-x))
        return xp.log(closed * rise * (1.0 - rise) + is_open * rise + self.slope)


def _softplus(xp: Any, x: Any) -> Any:
    return xp.maximum(x, 0.0) + xp.log1p(xp.exp(-abs(x)))


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
