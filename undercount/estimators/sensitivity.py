"""What an estimate depends on: power-scaling of priors and likelihood, sources left out, and matched lists."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from undercount.data.schema import PriorChange
from undercount.errors import ModelError
from undercount.estimators import scoping
from undercount.estimators.conflict import COLUMNS, conflict_rows
from undercount.estimators.fitting import Fit
from undercount.estimators.quantity import CI_KIND, CI_PROB, Quantity
from undercount.sampling.draws import Plan

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from undercount.estimators.draws import Draws
    from undercount.estimators.estimate import Estimate

MATCHED = "matched lists"
ALARM = 0.05
"""Change of the posterior per doubling of the power, as cumulative Jensen-Shannon distance, that is worth a look."""


@dataclass(frozen=True)
class Sensitivity:
    """Frames that say what the toll depends on."""

    power_scaling: pd.DataFrame
    """component (row of the prior table, source, or matched lists), part (prior or likelihood), change, is_large."""
    leave_one_out: pd.DataFrame
    """source (or matched lists), median, lower, upper, ratio (median without it over the median with it)."""
    contraction: pd.DataFrame
    """source, contraction: share of the prior's width of its reporting rate that the data removed."""
    lists: pd.DataFrame
    """Tolls of the scopes of matched lists by counts and lists, and by each alone: see `estimators.conflict`."""


def sensitivity(estimate: Estimate, *, leave_one_out: bool) -> Sensitivity:
    """Measure the sensitivity of the toll.

    Power-scaling follows Kallioinen et al. 2024 (Statistics and Computing 34, 57): each prior and each
    source's likelihood is raised to powers near one by Pareto-smoothed importance sampling.
    """
    import pandas as pd

    rates = estimate.reporting_rates()[["source", "contraction"]]
    left, apart = _leave_one_out(estimate) if leave_one_out else ([], [])
    columns = ["source", "median", "lower", "upper", "ratio", "ci_prob", "ci_kind"]
    return Sensitivity(
        power_scaling=pd.DataFrame(_power_scaling(estimate)),
        leave_one_out=pd.DataFrame(left, columns=columns),
        contraction=rates,
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
    used = estimate.configuration
    if used.get("extension") is not None:
        raise ModelError(
            f"the model was extended by {used['extension']}, which an estimate does not keep",
            code="model-extended",
            where="sensitivity",
            hint="ask for sensitivity(leave_one_out=False), or fit without each source yourself",
        )
    plan = Plan(used["draws"], used["tune"], used["chains"], used["target_accept"])
    changes = {name: PriorChange.model_validate(change) for name, change in used["priors"].items()}
    fit = Fit(estimate.evidence, changes, plan, used["sampler"], lists=estimate.lists)
    rows = [_without(estimate, source, fit.run(estimate.seed, without=[source])) for source in fit.design.sources]
    if estimate.lists is None:
        return rows, []
    counts = replace(fit, lists=None).run(estimate.seed)
    rows.append(_without(estimate, MATCHED, counts))
    return rows, conflict_rows(fit.design, estimate.sampled, counts)


def _without(estimate: Estimate, what: str, draws: Draws) -> dict[str, Any]:
    toll = Quantity(scoping.selected(draws, estimate.scope).total().astype(float))
    lower, upper = toll.interval
    return {
        "source": what, "median": toll.median, "lower": lower, "upper": upper,
        "ratio": toll.median / estimate.toll().median, "ci_prob": CI_PROB, "ci_kind": CI_KIND,
    }  # fmt: skip
