"""What an estimate depends on: power-scaling of priors and likelihood, and each source left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from undercount.data.schema import PriorChange
from undercount.errors import ModelError
from undercount.estimators import scoping
from undercount.estimators.fitting import Fit
from undercount.estimators.quantity import CI_KIND, CI_PROB, Quantity
from undercount.sampling.draws import Plan

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from undercount.estimators.estimate import Estimate

ALARM = 0.05
"""Change of the posterior per doubling of the power, as cumulative Jensen-Shannon distance, that is worth a look."""


@dataclass(frozen=True)
class Sensitivity:
    """Frames that say what the toll depends on."""

    power_scaling: pd.DataFrame
    """component (row of the prior table, or source), part (prior or likelihood), change, is_large."""
    leave_one_out: pd.DataFrame
    """source, median, lower, upper, ratio (median without the source over the median with it)."""
    contraction: pd.DataFrame
    """source, contraction: share of the prior's width of its reporting rate that the data removed."""


def sensitivity(estimate: Estimate, *, leave_one_out: bool) -> Sensitivity:
    """Measure the sensitivity of the toll.

    Power-scaling follows Kallioinen et al. 2024 (Statistics and Computing 34, 57): each prior and each
    source's likelihood is raised to powers near one by Pareto-smoothed importance sampling.
    """
    import pandas as pd

    rates = estimate.reporting_rates()[["source", "contraction"]]
    left = _leave_one_out(estimate) if leave_one_out else []
    columns = ["source", "median", "lower", "upper", "ratio", "ci_prob", "ci_kind"]
    return Sensitivity(
        power_scaling=pd.DataFrame(_power_scaling(estimate)),
        leave_one_out=pd.DataFrame(left, columns=columns),
        contraction=rates,
    )


def _power_scaling(estimate: Estimate) -> list[dict[str, Any]]:
    import xarray as xr
    from arviz_stats import psense

    toll = xr.Dataset({"log_toll": (("chain", "draw"), np.log(np.maximum(estimate.toll().draws, 0.5)))})
    rows = []
    likelihood = estimate.draws["log_likelihood"]["reports"]
    parts = {("prior", str(name)): values for name, values in estimate.draws["log_prior"].data_vars.items()}
    parts |= {("likelihood", str(s)): likelihood.sel(source=s, drop=True) for s in likelihood["source"].to_numpy()}
    for (part, name), values in parts.items():
        if float(values.std()) == 0:
            change = 0.0
        else:
            group = "log_prior" if part == "prior" else "log_likelihood"
            tree = xr.DataTree.from_dict({"posterior": toll, group: xr.Dataset({name: _apart(values)})})
            change = float(psense(tree, group=part)["log_toll"])
        rows.append({"component": name, "part": part, "change": change, "is_large": change > ALARM})
    return sorted(rows, key=lambda row: (-row["change"], row["component"]))


def _apart(values: xr.DataArray) -> xr.DataArray:
    """Set equal log densities apart by less than any figure shows: no tail of a single value can be smoothed.

    An open count that is met for certain has many: the log of its probability is zero to the last digit.
    """
    return values + 1e-9 * np.linspace(-1.0, 1.0, values.size).reshape(values.shape)


def _leave_one_out(estimate: Estimate) -> list[dict[str, Any]]:
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
    fit = Fit(estimate.evidence, changes, plan, used["sampler"])
    base = estimate.toll().median
    rows = []
    for source in fit.design.sources:
        part = scoping.selected(fit.run(estimate.seed, without=[source]), estimate.scope)
        toll = Quantity(part.total().astype(float))
        lower, upper = toll.interval
        rows.append({
            "source": source, "median": toll.median, "lower": lower, "upper": upper,
            "ratio": toll.median / base, "ci_prob": CI_PROB, "ci_kind": CI_KIND,
        })  # fmt: skip
    return rows
