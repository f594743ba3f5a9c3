"""The reports of a source, together, against what the model would have them say.

Two things are asked of a source. Whether one of its reports is far off: the two-sided tails of its reports are joined
after Hommel (1983, Biometrical Journal 25, 423), which holds whatever the dependence of reports whose windows overlap.
And whether many are somewhat off: the squared normal scores of reports that share no deaths are added up and compared
with the same sum of the replicated counts, which share the parameters of their draw as the reports do.

If the model holds, a posterior predictive tail is at most twice as often small as a uniform number (Meng 1994, Annals
of Statistics 22, 1142). With this factor, and the chances added over both questions and over the sources, a run of a
model that holds is held less often than the limit says; in simulated worlds far less, since a model bends to its data.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.special import ndtri
from scipy.stats import rankdata

from undercount.data.problems import plain
from undercount.estimators.far_tails import exceedance, two_sided
from undercount.estimators.gates import Check
from undercount.runs.gates.contract import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from undercount.data.schema import Report
    from undercount.estimators.estimate import Estimate
    from undercount.runs.gates.contract import Candidate

POSTERIOR: Final = 2.0
"""Of Meng: posterior predictive tails may be twice as often small as those of a sharp prediction."""
_SHOWN: Final = 3


def misfit(candidate: Candidate) -> tuple[Verdict, ...]:
    """Hold a figure if the reports of a source are not what the model would have it say."""
    limit = candidate.settings.misfit_chance
    tails, together = report_tails(candidate.estimate), joint_tails(candidate.estimate)
    questions = len(tails) + len(together)
    chances = {
        source: min(1.0, questions * min(hommel([*own.values()]), together.get(source, 1.0)))
        for source, own in tails.items()
    }
    held = [source for source, chance in chances.items() if chance < limit]
    worst = min(chances, key=lambda source: (chances[source], source))
    return tuple(
        Verdict(
            "misfit",
            Check(f"chance of the reports of {source}", chances[source], f">= {limit:g}", chances[source] >= limit),
            _words(candidate.estimate, source, tails[source], chances[source], is_held=source in held),
            (source, *_farthest(tails[source])) if source in held else (),
        )
        for source in held or [worst]
    )


def report_tails(estimate: Estimate) -> dict[str, dict[str, float]]:
    """Two-sided posterior predictive tail of each report in the likelihood, by source; a p-value if the model holds."""
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for report, counts, low, high in _replicated(estimate):
        found[report.source][report.report] = min(1.0, POSTERIOR * two_sided(counts, low, high))
    return dict(found)


def joint_tails(estimate: Estimate) -> dict[str, float]:
    """Tail of the sum of squared normal scores, of sources with at least two reports that share no deaths."""
    apart: dict[str, list[tuple[Report, NDArray[Any], float, float]]] = defaultdict(list)
    for row in sorted(_replicated(estimate), key=lambda row: (row[0].window.days, row[0].report)):
        if not any(_share_deaths(row[0], other[0]) for other in apart[row[0].source]):
            apart[row[0].source].append(row)
    return {source: _joint_tail(rows) for source, rows in apart.items() if len(rows) > 1}


def _joint_tail(rows: list[tuple[Report, NDArray[Any], float, float]]) -> float:
    of_report, of_draws = 0.0, np.zeros(rows[0][1].size)
    for _, counts, low, high in rows:
        half = 0.5 / counts.size
        place = np.mean(counts < low) + 0.5 * np.mean((counts >= low) & (counts <= high))
        of_report += float(ndtri(np.clip(place, half, 1.0 - half))) ** 2
        of_draws += ndtri((rankdata(counts) - 0.5) / counts.size) ** 2
    return min(1.0, POSTERIOR * exceedance(of_draws, of_report))


def _replicated(estimate: Estimate) -> Iterator[tuple[Report, NDArray[Any], float, float]]:
    """Each report in the likelihood, the counts that the model has its source say again, and what it allows."""
    drawn = estimate.sampled["posterior_predictive"].values("reported")
    low, high = (estimate.sampled["observed_data"].values(end) for end in ("low", "high"))
    reports = {report.report: report for report in estimate.evidence.reports}
    for place, name in enumerate(estimate.design.reports):
        if not np.isnan(low[place]):
            yield reports[name], drawn[..., place].ravel(), float(low[place]), float(high[place])


def _share_deaths(one: Report, other: Report) -> bool:
    same_days = one.window_start <= other.window_end and other.window_start <= one.window_end
    same_kind = (one.victims, one.quantity) == (other.victims, other.quantity)
    return same_days and same_kind and not {*one.areas}.isdisjoint(other.areas)


def hommel(tails: Sequence[float]) -> float:
    """Join p-values of any dependence into one.

    Examples
    --------
    >>> hommel([0.01]), hommel([1.0, 0.01]) == 0.03
    (0.01, True)
    """
    n = len(tails)
    steps = np.arange(1, n + 1)
    return float(min(1.0, (1.0 / steps).sum() * (n * np.sort(np.asarray(tails)) / steps).min()))


def _farthest(tails: dict[str, float]) -> list[str]:
    return sorted(tails, key=lambda report: (tails[report], report))[:_SHOWN]


def _words(estimate: Estimate, source: str, tails: dict[str, float], chance: float, *, is_held: bool) -> str:
    if not is_held:
        return f"the source farthest from its prediction is {plain(source)}, which has a chance of {chance:.2g}"
    rows = {row["report"]: row for row in estimate.rows.reports()}
    told = "; ".join(
        f"{plain(name)} says {allowed(rows[name]['low'], rows[name]['high'])}, expected were "
        f"{rows[name]['predicted_lower']:,.0f} to {rows[name]['predicted_upper']:,.0f}"
        for name in _farthest(tails)
    )
    return (
        f"the reports of {plain(source)} are not what the model expects of it (chance {chance:.2g}): {told}. Look at "
        "quote, scope, unit and victims of these, at a report entered twice, and at what else the source changed"
    )


def allowed(low: float, high: float) -> str:
    """Write the counts that a report allows."""
    if np.isinf(high):
        return f"{low:,.0f} or more"
    return f"{low:,.0f}" if low == high else f"{low:,.0f} to {high:,.0f}"
