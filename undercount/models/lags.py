"""Publication lag: the later a report was published, the more of the dead of its days it counts.

A recorder documents a death of day t with a delay. Of what it will ever document of that day, by day P it has

    G(P - t) = 1 - exp(-(P - t + ½) / τ),    t ≤ P,

since a death falls in the middle of its day, and a report holds what is known at the end of the day on which it is
published. What was documented after day Q and by day P has the mean of the difference, G(P - t) - G(Q - t): the
documented count is a random measure with independent increments over day of death and day of documentation. Its
reporting rate is that of the end, when all is documented. With z standard normal,

    log τ[s] = common + own scale · z[s],

and the named incidents of all recorders have a τ of their own.

Source: the thinning of a count by the time since the event is that of reporting delays in epidemics (Lawless 1994,
*Canadian Journal of Statistics* 22), with an exponential law of the delay.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from undercount.data.schema import Lag

if TYPE_CHECKING:
    from collections.abc import Sequence

    from undercount.data.schema import Source
    from undercount.models.design import Design
    from undercount.models.strata import Index
    from undercount.models.terms import Pieces

Values = Mapping[str, Any]

HALF_DAY = 0.5
LEAST = 1e-90
"""Expected deaths of a cell are at least this many: of a short lag, later years have less than a number can hold."""


@dataclass(frozen=True)
class Lags:
    """Recorders that document with a lag."""

    sources: tuple[str, ...]
    of_stream: Index
    """(S,) place in `sources`, -1 for a stream without a lag."""
    has_incidents: bool
    """Whether a named incident is in any of their reports."""

    @classmethod
    def of(cls, sources: Sequence[Source], *pieces: Pieces) -> Lags:
        """Find the sources, given that of each stream."""
        names = [source.source if source.lag is Lag.FITTED else "" for source in sources]
        found = tuple(sorted(set(names) - {""}))
        place = {name: k for k, name in enumerate(found)}
        of_stream = np.array([place.get(name, -1) for name in names], dtype=np.int64)
        return cls(found, of_stream, any((each.event_by >= 0).any() for each in pieces))

    @property
    def count(self) -> int:
        """Number of sources."""
        return len(self.sources)


def log_lags(design: Design, values: Values) -> Any:
    """Log of τ in days of each source with a lag, shape (..., L)."""
    if not design.lags.count:
        return np.zeros(0)
    return values["log_lag"] + design.priors["lag_own"].scale * values["lag_z"]


def share_between(xp: Any, after: Any, by: Any, day: Any, tau: Any) -> Any:
    """Share of what is ever documented of a day that is documented after day `after` and by day `by`.

    Parameters
    ----------
    xp : module
        numpy for batches, pytensor.tensor for the graph.
    after, by, day : array of int
        Days; `after` is -1 for the time from the death on. No day is later than `by`, or than `after` but for -1.
    tau : array
        In days.

    Returns
    -------
    array

    Examples
    --------
    >>> share_between(np, np.array([-1, 10]), 20, 5, 15.5 / np.log(2)).round(4).tolist()
    [0.5, 0.282]
    """
    waited = np.where(np.asarray(after) < 0, 0.0, after - day + HALF_DAY)
    return xp.exp(-waited / tau) * -xp.expm1(-(by - day + HALF_DAY - waited) / tau)


def cell_deaths(xp: Any, design: Design, pieces: Pieces, values: Values, deaths: Any) -> Any:
    """Deaths of each cell of days that its source ever documents, at a rate of one, shape (..., cells)."""
    total = xp.cumsum(deaths, axis=-2)
    last = total[..., pieces.cell_end - 1, pieces.cell_stratum]
    before = total[..., np.maximum(pieces.cell_start - 1, 0), pieces.cell_stratum] * (pieces.cell_start > 0)
    dead = last - before
    if not (pieces.cell_by >= 0).any():
        return dead
    tau, of_stream = xp.exp(log_lags(design, values)), design.lags.of_stream

    def documented(j: int) -> Any:
        if pieces.cell_by[j] < 0:
            return dead[..., j]
        days = np.arange(pieces.cell_start[j], pieces.cell_end[j])
        own = tau[..., of_stream[pieces.stream[pieces.cell_piece[j]]], None]
        share = share_between(xp, pieces.cell_after[j], pieces.cell_by[j], days, own)
        return xp.maximum((deaths[..., days[0] : days[-1] + 1, pieces.cell_stratum[j]] * share).sum(axis=-1), LEAST)

    return xp.stack([documented(j) for j in range(pieces.cell_by.size)], axis=-1)


def event_deaths(xp: Any, design: Design, pieces: Pieces, values: Values, events: Any) -> Any:
    """The same of the incident cells of the pieces, shape (..., incident cells of pieces)."""
    dead = events[..., pieces.event_cell]
    if not design.lags.has_incidents:
        return dead
    tau, day = xp.exp(values["log_lag_incident"])[..., 0], design.incidents.day[design.incidents.cell_incident]

    def documented(j: int) -> Any:
        after, by = pieces.event_after[j], pieces.event_by[j]
        if by < 0:
            return dead[..., j]
        return xp.maximum(dead[..., j] * share_between(xp, after, by, day[pieces.event_cell[j]], tau), LEAST)

    return xp.stack([documented(j) for j in range(pieces.event_by.size)], axis=-1)
