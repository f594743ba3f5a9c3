"""The gates that every estimate carries: each has a figure, a limit and a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from undercount.estimators.far_tails import two_sided
from undercount.sampling import diagnose

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from undercount.estimators.estimate import Estimate
    from undercount.sampling import Diagnostics

MINIMUM_CHAINS: Final = 4
RHAT: Final = 1.01
ESS: Final = 400.0
DIVERGENCES: Final = 0.001
EBFMI: Final = 0.3
DEPTH: Final = 0.01
MISFIT: Final = 0.001
"""Predictive tail of a report that is far from its prediction."""
EXPECTED_MISFITS: Final = 0.002
"""Share of reports there if the model holds."""
FEW_REPORTS: Final = 500
"""Fewer than these may have none that is far."""
FALSE_ALARM: Final = 0.02
"""Chance that a model that holds has any among few reports, be they ten or hundreds."""
CONFLICT: Final = 3.29
"""Standard deviations between counts and lists: once in 1,000 where the model holds."""
LEAST_COUNTS: Final = 0.1
"""Least share of the precision that is put down to the counts: a smaller one is not told from the draws."""
OF_THE_SAMPLER: Final = frozenset({
    "largest R-hat", "smallest bulk ESS", "smallest tail ESS", "share of divergences", "smallest E-BFMI",
    "share at largest tree depth",
})  # fmt: skip
"""Gates that smaller steps and a longer warm-up can mend."""


OF_THE_DRAWS: Final = frozenset({"largest R-hat", "smallest bulk ESS", "smallest tail ESS"})
"""Gates that also want more draws."""


@dataclass(frozen=True)
class Check:
    """One gate."""

    name: str
    value: float
    limit: str
    passed: bool


@dataclass(frozen=True)
class Checks:
    """All gates of an estimate."""

    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Whether every gate passed."""
        return all(check.passed for check in self.checks)

    @property
    def failed(self) -> tuple[Check, ...]:
        """The gates that did not pass."""
        return tuple(check for check in self.checks if not check.passed)

    @property
    def is_short(self) -> bool:
        """Whether a gate failed that more draws may pass."""
        return any(check.name in OF_THE_DRAWS for check in self.failed)

    @property
    def is_mendable(self) -> bool:
        """Whether a gate failed that a more careful sampler may pass."""
        return any(check.name in OF_THE_SAMPLER for check in self.failed)


def check_draws(estimate: Estimate) -> Checks:
    """Hold the draws against every gate (Vehtari et al. 2021 for R̂ and ESS; Betancourt 2016 for E-BFMI).

    Parameters
    ----------
    estimate : Estimate

    Returns
    -------
    Checks
    """
    quantities = reported_quantities(estimate)
    draws = estimate.sampled
    stats = {name: variable.values for name, variable in draws["sample_stats"].variables.items()}
    found = diagnose(quantities, stats)
    is_complete = all(
        np.isfinite(variable.values).all()
        for variable in draws["posterior"].variables.values()
        if variable.values.dtype.kind == "f"
    )
    misfits, most = len(far_reports(estimate)), most_misfits(len(estimate.rows.reports()))
    misfit = Check("reports far from their prediction", misfits, f"<= {most}", misfits <= most)
    return Checks((*sampler_checks(found, is_complete=is_complete), misfit, *_conflicts(estimate)))


def sampler_checks(found: Diagnostics, *, is_complete: bool = True) -> tuple[Check, ...]:
    """The gates of the sampler.

    Parameters
    ----------
    found : undercount.sampling.Diagnostics
        Of every reported quantity.
    is_complete : bool
        Whether every draw of every parameter is finite.
    """
    is_finite = is_complete and found.is_finite
    return (
        Check("chains", found.chains, f">= {MINIMUM_CHAINS}", found.chains >= MINIMUM_CHAINS),
        Check("draws not finite", float(not is_finite), "= 0", is_finite),
        Check("largest R-hat", found.rhat, f"< {RHAT}", found.rhat < RHAT),
        Check("smallest bulk ESS", found.ess_bulk, f"> {ESS:g}", found.ess_bulk > ESS),
        Check("smallest tail ESS", found.ess_tail, f"> {ESS:g}", found.ess_tail > ESS),
        Check("share of divergences", found.divergences, f"< {DIVERGENCES:g}", found.divergences < DIVERGENCES),
        Check("smallest E-BFMI", found.ebfmi, f"> {EBFMI}", found.ebfmi > EBFMI),
        Check("share at largest tree depth", found.depth, f"< {DEPTH}", found.depth < DEPTH),
    )  # fmt: skip


def _conflicts(estimate: Estimate) -> list[Check]:
    """How far counts and matched lists are apart, of the table where they are farthest."""
    if estimate.lists is None:
        return []
    values = estimate.sampled["log_likelihood"].values("lists")
    farthest = max(apart(-2.0 * values[..., s]) for s in range(values.shape[-1]))
    return [Check("lists far from the counts", farthest, f"< {CONFLICT}", farthest < CONFLICT)]


def apart(deviance: NDArray[np.float64]) -> float:
    """Standard deviations between what counts and lists each say of a log toll.

    If both are normal, the deviance of the lists, whose least is zero, is f times a chi-squared of one degree over the
    joint posterior, not central by l, where f is the share of the lists in the precision. Its mean is f + l and its
    variance 2 f² + 4 f l; the squared distance is l / (1 - f), and itself a chi-squared of one degree.

    Parameters
    ----------
    deviance : ndarray
        Of the lists, twice the log likelihood that they lack at each draw.

    Examples
    --------
    >>> z = np.random.default_rng(1).standard_normal(100_000)
    >>> round(apart((np.sqrt(0.5) * z + 2.0) ** 2), 1)
    2.8
    """
    mean = float(deviance.mean())
    lack = float(np.sqrt(max(0.0, mean**2 - deviance.var() / 2.0)))
    return float(np.sqrt(lack / max(LEAST_COUNTS, 1.0 - (mean - lack))))


def most_misfits(reports: int) -> int:
    """Most reports far from their prediction: what a model that holds has, and three standard deviations.

    Examples
    --------
    >>> most_misfits(7), most_misfits(499), most_misfits(4609)
    (0, 0, 18)
    """
    expected = EXPECTED_MISFITS * reports
    return int(expected + 3 * expected**0.5) if reports >= FEW_REPORTS else 0


def far_reports(estimate: Estimate) -> tuple[str, ...]:
    """Reports that are far from their prediction.

    Their predictive tail is at most `MISFIT`; and of fewer than `FEW_REPORTS`, the tail on both sides, read beyond what
    the draws tell, is at most `FALSE_ALARM` over their number (Bonferroni).
    """
    rows = estimate.rows.reports()
    far = [row for row in rows if row["tail"] <= MISFIT]
    if len(rows) < FEW_REPORTS:
        drawn, names = estimate.sampled["posterior_predictive"].values("reported"), estimate.design.reports
        far = [
            row for row in far
            if two_sided(drawn[..., names.index(row["report"])].ravel(), row["low"], row["high"])
            <= FALSE_ALARM / len(rows)
        ]  # fmt: skip
    return tuple(row["report"] for row in far)


def reported_quantities(estimate: Estimate) -> dict[str, NDArray[Any]]:
    """Draws (chain, draw) of everything that the summary reports."""
    posterior, deaths = estimate.sampled["posterior"], estimate.rows.deaths
    found: dict[str, NDArray[Any]] = {"toll": deaths.total()}
    for key in ("actor", "area", "week"):
        for (label,), part in deaths.parts([key]):
            found[f"toll of {label}"] = part
    for stream in estimate.design.stream_names:
        found[f"reporting rate of {stream}"] = np.log(posterior.at("reporting_rate", source=stream))
    for incident in estimate.design.incidents.names:
        found[f"toll of {incident}"] = posterior.at("incident_deaths", incident=incident)
    return found
