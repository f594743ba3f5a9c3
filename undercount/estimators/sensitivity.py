"""What an estimate depends on: power-scaling, sources and lists left out, another prior of recorders, attributions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import log
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from undercount.data.schema import PriorChange
from undercount.estimators import scoping
from undercount.estimators.conflict import COLUMNS, conflict_rows
from undercount.estimators.quantity import CI_KIND, CI_PROB, Quantity
from undercount.estimators.refitting import fit_like

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from undercount.estimators.draws import Draws
    from undercount.estimators.estimate import Estimate

MATCHED = "matched lists"
ALARM = 0.05
"""Change of the posterior per doubling of the power, as cumulative Jensen-Shannon distance, that is worth a look."""
UNLIKELY: Final = 1e-9
"""Probability that stands for none: a reading of no probability at all has no logarithm."""
JUDGED: Final[Mapping[str, PriorChange]] = {
    "recorder": PriorChange(location=log(0.18), scale=0.65, reason="shares that past lists held, read by eye"),
    "recorder_common": PriorChange(location=0.0, scale=0.45, reason="as other sources of a kind"),
}
"""The prior of recorders as it was before past lists were analysed."""
_NARROWER: Final = ("lower_80", "upper_80", "lower_50", "upper_50")


@dataclass(frozen=True)
class Sensitivity:
    """Frames that say what the toll depends on."""

    power_scaling: pd.DataFrame
    """component (row of the prior table, source, or matched lists), part (prior or likelihood), change, is_large."""
    leave_one_out: pd.DataFrame
    """source (or matched lists), median, lower, upper, ratio (median without it over the median with it), ci_prob,
    ci_kind, and the ends of narrower intervals: lower_80, upper_80, lower_50, upper_50."""
    contraction: pd.DataFrame
    """source, contraction: share of the prior's width of its reporting rate that the data removed."""
    recorder_prior: pd.DataFrame
    """prior (of recorders: `past lists`, the default, or `judgement`), median, lower, upper, ratio (median over that of
    the estimate), and as above; no rows where no recorder has the default prior."""
    attributions: pd.DataFrame
    """contested (attributions: `all hold` or `none holds`), and as above; no rows where no report in the likelihood has
    a contested attribution."""
    lists: pd.DataFrame
    """Tolls of the scopes of matched lists by counts and lists, and by each alone: see `estimators.conflict`."""


def sensitivity(estimate: Estimate, *, leave_one_out: bool, recorder_prior: bool, attributions: bool) -> Sensitivity:
    """Measure the sensitivity of the toll.

    Power-scaling follows Kallioinen et al. 2024 (Statistics and Computing 34, 57): each prior and each
    source's likelihood is raised to powers near one by Pareto-smoothed importance sampling.
    """
    import pandas as pd

    rates = estimate.reporting_rates()[["source", "contraction"]]
    left, apart = _leave_one_out(estimate) if leave_one_out else ([], [])
    swapped = _recorder_prior(estimate) if recorder_prior else []
    held = _attributions(estimate) if attributions else []
    figures = ["median", "lower", "upper", "ratio", "ci_prob", "ci_kind", *_NARROWER]
    return Sensitivity(
        power_scaling=pd.DataFrame(_power_scaling(estimate)),
        leave_one_out=pd.DataFrame(left, columns=["source", *figures]),
        contraction=rates,
        recorder_prior=pd.DataFrame(swapped, columns=["prior", *figures]),
        attributions=pd.DataFrame(held, columns=["contested", *figures]),
        lists=pd.DataFrame(apart, columns=COLUMNS),
    )


def _power_scaling(estimate: Estimate) -> list[dict[str, Any]]:
    import xarray as xr
    from arviz_stats import psense

    toll = xr.Dataset({"log_toll": (("chain", "draw"), np.log(np.maximum(estimate.toll().draws, 0.5)))})
    rows = []
    told = estimate.draws["log_likelihood"]
    likelihood = told["reports"]
    parts = {("prior", str(name)): values for name, values in estimate.draws["log_prior"].data_vars.items()}
    parts |= {("likelihood", str(s)): likelihood.sel(source=s, drop=True) for s in likelihood["source"].to_numpy()}
    if "lists" in told:
        parts["likelihood", MATCHED] = told["lists"].sum("table")
    for (part, name), values in parts.items():
        if float(values.std()) == 0:
            change = 0.0
        else:
            kind = "log_prior" if part == "prior" else "log_likelihood"
            tree = xr.DataTree.from_dict({"posterior": toll, kind: xr.Dataset({name: _apart(values)})})
            change = float(psense(tree, group=part)["log_toll"])
        rows.append({"component": name, "part": part, "change": change, "is_large": change > ALARM})
    return sorted(rows, key=lambda row: (-row["change"], row["component"]))


def _apart(values: xr.DataArray) -> xr.DataArray:
    """Set equal log densities apart by less than any figure shows: no tail of a single value can be smoothed.

    An open count that is met for certain has many: the log of its probability is zero to the last digit.
    """
    return values + 1e-9 * np.linspace(-1.0, 1.0, values.size).reshape(values.shape)


def _leave_one_out(estimate: Estimate) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Figures without each source in turn, and without the matched lists; and how far these agree with the counts."""
    fit = fit_like(estimate, {})
    rows = [
        {"source": source, **_figures(estimate, _toll(estimate, fit.run(estimate.seed, without=[source])))}
        for source in fit.design.sources
    ]
    if estimate.lists is None:
        return rows, []
    counts = replace(fit, lists=None).run(estimate.seed)
    rows.append({"source": MATCHED, **_figures(estimate, _toll(estimate, counts))})
    return rows, conflict_rows(fit.design, estimate.sampled, counts)


def _recorder_prior(estimate: Estimate) -> list[dict[str, Any]]:
    has_default = "recorder" in estimate.design.rates.common_names and all(
        estimate.priors[name].is_default for name in JUDGED
    )
    if not has_default:
        return []
    judged = _toll(estimate, fit_like(estimate, JUDGED).run(estimate.seed))
    return [
        {"prior": "past lists", **_figures(estimate, estimate.toll())},
        {"prior": "judgement", **_figures(estimate, judged)},
    ]


def _attributions(estimate: Estimate) -> list[dict[str, Any]]:
    """Figures if every contested attribution held, and if none did: then nobody knows whom these deaths are due to."""
    told = [row["report"] for row in estimate.rows.reports()]
    contested = [
        one.report for one in estimate.evidence.reports if one.attribution == "contested" and one.report in told
    ]
    if not contested:
        return []
    rows = []
    for words, chance in (("all hold", 1.0), ("none holds", UNLIKELY)):
        case = estimate.evidence.case
        case = case.model_copy(update={"contested": {**case.contested, **dict.fromkeys(contested, chance)}})
        fit = replace(fit_like(estimate, {}), evidence=replace(estimate.evidence, case=case))
        rows.append({"contested": words, **_figures(estimate, _toll(estimate, fit.run(estimate.seed)))})
    return rows


def _toll(estimate: Estimate, draws: Draws) -> Quantity:
    return Quantity(scoping.selected(draws, estimate.scope).total().astype(float))


def _figures(estimate: Estimate, toll: Quantity) -> dict[str, Any]:
    lower, upper = toll.interval
    narrower = [*toll.quantiles(0.1, 0.9), *toll.quantiles(0.25, 0.75)]
    return {
        "median": toll.median, "lower": lower, "upper": upper, "ratio": toll.median / estimate.toll().median,
        "ci_prob": CI_PROB, "ci_kind": CI_KIND, **dict(zip(_NARROWER, narrower, strict=True)),
    }  # fmt: skip
