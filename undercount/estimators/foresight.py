"""What a source would say in a report that an estimate has not seen.

For a report of stream s over a scope of days and strata, each posterior draw of the deaths N and of the reporting rates
gives a count of the law that `models.fusion` has for a tally,

    count ~ NB1(mean μ = Σ_a rate[s, a] · N_a(scope), variance (1 + θ_s) μ),

with N_a the deaths that actor a caused there. It is drawn as if the source counted the scope anew: what it had said of
a part of the scope would narrow the prediction, so that this one errs to the wide side.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from undercount.data.schema import Attribution, Estimand, Lag, Speakers, Window
from undercount.estimators import scoping
from undercount.models.bounds import count_interval
from undercount.models.negative_binomial import draw
from undercount.models.streams import Stream

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from undercount.data.schema import Report
    from undercount.estimators.estimate import Estimate

    Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Foreseen:
    """A report beside the counts that were expected of its source without it."""

    report: str
    source: str
    low: float
    """Lowest count that the report allows; `high` is the highest, perhaps infinite."""
    high: float
    counts: NDArray[np.int64]
    """(N,) draws of what was expected."""
    is_at_most: bool
    """Whether the expectation can only be too large: then a small count is no surprise."""


def foresee(estimate: Estimate, report: Report) -> Foreseen | None:
    """Draw what was to be expected of a report.

    Parameters
    ----------
    estimate : Estimate
        Of evidence without the report.
    report : Report
        Used, with the figures that its qualifier needs.

    Returns
    -------
    Foreseen or None
        None where nothing is known of its source: none of its reports on these victims is in the estimate, or it
        is a circle of speakers, whose far-off figures the model reads as misread.
    """
    source = next((one for one in estimate.evidence.sources if one.source == report.source), None)
    streams = estimate.design.streams
    if source is None or source.speakers is Speakers.SEVERAL or Stream.of(report) not in streams:
        return None
    stream = streams.index(Stream.of(report))
    posterior = estimate.sampled["posterior"]
    mean = _expected(estimate, report, stream).ravel()
    theta = np.exp(posterior.values("log_dispersion")[..., stream]).ravel()
    rng = np.random.default_rng(estimate.seed)
    low, high = count_interval(report, source.kind)
    is_wider = report.attribution is Attribution.CONTESTED or report.window_uncertainty_days > 0
    counts = draw(rng, mean, theta)
    return Foreseen(report.report, report.source, low, high, counts, is_wider or source.lag is Lag.FITTED)


def _expected(estimate: Estimate, report: Report, stream: int) -> Array:
    """(chain, draw) expected count of the report; where its scope is not certain, of the largest that it may have."""
    posterior = estimate.sampled["posterior"]
    names = estimate.design.incidents.names
    if report.incident in names:
        deaths = posterior.values("incident_deaths")[..., names.index(report.incident)]
        return np.asarray(deaths * posterior.values("reporting_rate")[..., stream], dtype=float)
    found = scoping.selected(estimate.sampled, _scope(estimate, report))
    by_actor = found.draws.sum(axis=(2, 4), dtype=np.int64)
    actors = posterior.labels("actor")
    rates = posterior.values("rate_by_actor")[..., stream, [actors.index(actor) for actor in found.actors]]
    return np.asarray((by_actor * rates).sum(axis=-1), dtype=float)


def _scope(estimate: Estimate, report: Report) -> Estimand:
    case = estimate.evidence.case

    def inside(dimension: str, told: tuple[str, ...]) -> tuple[Any, ...]:
        return tuple(level for level in told if level in case.dimension(dimension).levels)

    spare = timedelta(days=report.window_uncertainty_days)
    start, end = (
        max(report.window_start - spare, case.timeline.start),
        min(report.window_end + spare, case.timeline.end),
    )
    return Estimand(
        quantity=report.quantity,
        victims=report.victims,
        window=Window(start=start, end=max(start, end)),
        actors=inside("actor", report.actors) if report.attribution is Attribution.STATED else (),
        areas=inside("area", report.areas),
    )
