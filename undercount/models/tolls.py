"""Coordinates in which the tolls of named incidents are sampled.

Where no recorder counted the dead of an incident alone, a count that holds it among others, or is an upper
bound, is a wall: up to the count everything is likely, and nothing beyond. The log toll is

    log D = b - log(1 + exp(-y)) + c y - log(rate of a recorder for incidents)

then, with exp(b) the count and c its relative spread. Below the wall, log D rises with y as it is, and the
spread is stretched to one. A claimant's wall stands where its rate is one, and is as vague as that. Of other
incidents y is the log toll, standardised by its prior.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from undercount.data.schema import Kind
from undercount.models.anchors import TYPICAL_DISPERSION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from undercount.models.priors import Prior
    from undercount.models.rates import RatePriors
    from undercount.models.strata import Index
    from undercount.models.terms import Terms

Array = NDArray[np.float64]

VAGUE = 0.35
"""Relative spread of a claimant's wall."""
MAP = ("base", "span", "bend")
"""Fields of `Tolls` that are data of a compiled model."""


@dataclass(frozen=True)
class Tolls:
    """The map of each incident."""

    base: Any
    """b; the middle of the prior where there is no wall."""
    span: Any
    """c; the scale of the prior."""
    bend: Any
    """One where there is a wall, else zero."""
    stream: Index
    """The stream whose count is the wall; zero where there is none."""
    is_shifted: NDArray[np.bool_]
    """Whether that is a recorder, whose rate for incidents moves the wall."""
    prior: Prior

    @classmethod
    def of(cls, terms: Terms, rates: RatePriors, cell_incident: Index, count: int, prior: Prior) -> Tolls:
        """Find the lowest wall of each incident that no recorder counted alone."""
        bound, stream = np.full(count, np.inf), np.zeros(count, dtype=np.int64)
        is_claimant = np.array([kind is Kind.CLAIMANT for kind in rates.kinds], dtype=bool)
        for owner, incidents, is_alone, low, high in _counts(terms, cell_incident):
            for e in incidents:
                if is_alone and rates.is_recorder[owner] and (low > 0 or high == 0):
                    bound[e] = -np.inf
                if high < bound[e] and (rates.is_recorder[owner] or is_claimant[owner]):
                    bound[e], stream[e] = high, owner
        is_bent = np.isfinite(bound) & (bound > 0)
        top = np.where(is_bent, bound, 1.0)
        least = np.where(rates.is_recorder[stream], 0.01, VAGUE)
        span = np.clip(np.sqrt((1 + TYPICAL_DISPERSION) / top), least, 1.0)
        return cls(
            np.where(is_bent, np.log(top), prior.location),
            np.where(is_bent, span, prior.scale),
            is_bent.astype(float),
            np.where(is_bent, stream, 0),
            is_bent & rates.is_recorder[stream],
            prior,
        )

    def without(self, streams: Index) -> Tolls:
        """Take away the walls of streams that are left out."""
        kept = self.bend * ~np.isin(self.stream, streams)
        base = np.where(kept > 0, self.base, self.prior.location)
        return replace(self, base=base, span=np.where(kept > 0, self.span, self.prior.scale), bend=kept)

    def log_toll(self, xp: Any, y: Any, log_rate: Any) -> Any:
        """Log toll of each incident, shape as `y`; `log_rate` (..., S) is the log rate of each stream for incidents."""
        shift = self.is_shifted * log_rate[..., self.stream]
        return self.base + self.span * y - self.bend * (xp.logaddexp(0.0, -y) + shift)

    def log_slope(self, xp: Any, y: Any) -> Any:
        """Log derivative of `log_toll` by `y`, elementwise."""
        return xp.log(self.span + self.bend / (1.0 + xp.exp(y)))


def _counts(terms: Terms, cell_incident: Index) -> Iterator[tuple[int, set[int], bool, float, float]]:
    """Stream of each count in the stated readings, incidents that it holds, whether alone, and its ends."""
    pieces, stated = terms.pieces, set(terms.stated.tolist())
    has_days = np.isin(np.arange(pieces.count), pieces.cell_piece)
    held: list[set[int]] = [set() for _ in range(pieces.count)]
    for piece, cell in zip(pieces.event_piece.tolist(), pieces.event_cell.tolist(), strict=True):
        held[piece].add(int(cell_incident[cell]))
    for j in np.unique(pieces.event_piece[pieces.event_piece < terms.low.size]).tolist():
        if int(terms.term_reading[j]) in stated:
            is_alone = not has_days[j] and len(held[j]) == 1
            yield int(pieces.stream[j]), held[j], is_alone, float(terms.low[j]), float(terms.high[j])
    for term in terms.gaussian:
        own = [(i, p) for i, p in enumerate(term.pieces.tolist()) if held[p]]
        if term.reading not in stated or not own:
            continue
        for row, low, high in zip(_rows(term, [i for i, _ in own]), term.low, term.high, strict=True):
            inside = [p for (_, p), is_in in zip(own, row[:-1], strict=True) if is_in]
            if inside:
                incidents = set().union(*(held[p] for p in inside))
                is_alone = row[-1] == len(inside) and not has_days[inside].any() and len(incidents) == 1
                yield term.stream, incidents, is_alone, float(low), float(high)


def _rows(term: Any, own: list[int]) -> Array:
    """(R, len(own) + 1) which of some pieces each report of a tally sums, and how many it sums in all."""
    runs, reports = term.runs, term.reports.size
    place = np.empty(runs.order.size, dtype=np.int64)
    place[runs.order] = np.arange(runs.order.size)
    found = np.zeros((reports, len(own) + 1))
    for k, piece in enumerate(own):
        is_in = (runs.first <= place[piece]) & (place[piece] < runs.stop)
        found[runs.row[is_in], k] = 1.0
    found[:, -1] = np.bincount(runs.row, runs.stop - runs.first, reports)
    return found
