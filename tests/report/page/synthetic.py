"""Findings made without a sampler: what would change an estimate, and how it grew, by simple formulas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from undercount.estimators.conflict import COLUMNS as CONFLICT
from undercount.estimators.sensitivity import Sensitivity
from undercount.report.page.findings import Findings
from undercount.runs.backtest import COLUMNS, Backtest

if TYPE_CHECKING:
    from undercount.estimators import Estimate

RELEASE = {
    "release": 3,
    "released": "2026-03-01T02:03:04+00:00",
    "by": "A. Person",
    "reason": "the new grave explains it",
}


def findings_of(estimate: Estimate, **changes: Any) -> Findings:
    """A whole set of findings, with a release."""
    whole: dict[str, Any] = {
        "sensitivity": sensitivity_of(estimate),
        "vintages": vintages_of(estimate),
        "release": RELEASE,
        "command": "undercount reproduce ./case:3",
    }
    return Findings(estimate, **whole | changes)


def sensitivity_of(estimate: Estimate) -> Sensitivity:
    draws = estimate.toll().draws

    def row(factor: float) -> dict[str, Any]:
        low, low80, low50, high50, high80, high = np.quantile(draws * factor, [0.025, 0.1, 0.25, 0.75, 0.9, 0.975])
        return {
            "median": float(np.median(draws) * factor), "lower": low, "upper": high, "ratio": factor, "ci_prob": 0.95,
            "ci_kind": "eti", "lower_80": low80, "upper_80": high80, "lower_50": low50, "upper_50": high50,
        }  # fmt: skip

    sources = [{"source": name, **row(0.5 + 0.2 * i)} for i, name in enumerate(estimate.design.sources)]
    priors = [{"prior": "past lists", **row(1.0)}, {"prior": "judgement", **row(1.1)}]
    held = [{"contested": "all hold", **row(1.05)}, {"contested": "none holds", **row(0.9)}]
    pulls = [
        {"component": f"row_{i}", "part": part, "change": 0.07 / (1 + i), "is_large": i == 0}
        for i, part in enumerate(("prior", "likelihood"))
    ]
    return Sensitivity(
        power_scaling=pd.DataFrame(pulls),
        leave_one_out=pd.DataFrame(sources),
        contraction=estimate.reporting_rates()[["source", "contraction"]],
        recorder_prior=pd.DataFrame(priors),
        attributions=pd.DataFrame(held),
        lists=pd.DataFrame(columns=CONFLICT),
    )


def vintages_of(estimate: Estimate) -> Backtest:
    """Growing figures: nothing on the first day, a failed gate on the second."""
    days = sorted({report.published for report in estimate.evidence.used})
    toll = estimate.toll()
    rows = []
    for i, day in enumerate(days):
        share = (i + 1) / len(days)
        known = {"date": day, "reports": i + 1, "sources": 1, "failed_gates": (), "reason": "", "gates_passed": i != 1}
        figures = {"median": toll.median * share, "lower": toll.interval[0] * share, "upper": toll.interval[1] * share}
        rows.append({**dict.fromkeys(COLUMNS), **known, **figures, "ci_prob": 0.95, "ci_kind": "eti"})
    rows[0] |= {"median": None, "lower": None, "upper": None, "gates_passed": None, "reason": "no report is used"}
    return Backtest(estimate.evidence, tuple(rows), estimate.seed, estimate.versions)
