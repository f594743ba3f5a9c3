"""The files of an estimate from lists, or of a comparison: all of them or none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from undercount.report.charts.comparison import figure as comparison_figure
from undercount.report.files import save_figure, text_writer
from undercount.report.overlap.plots import Plots
from undercount.report.summary import finite
from undercount.report.toll_csv import csv_text
from undercount.report.transaction import write_all

if TYPE_CHECKING:
    from collections.abc import Mapping

    from undercount.estimators.overlap import Comparison, OverlapEstimate

FIGURES: Final = ("median", "mean", "sd", "lower", "upper", "ci_prob", "ci_kind")
TOLL_COLUMNS: Final = ("by", "level", "observed", *FIGURES, "estimator", "gates_passed", "lists_sha256", "seed")
COMPARISON_COLUMNS: Final = ("label", "estimator", *FIGURES, "passed", "assumption", "lists_sha256")


def estimate_json(estimate: OverlapEstimate) -> str:
    """Write the summary of an estimate as JSON, and the same in prose, with a line feed at its end."""
    return _json(estimate.summary() | {"explanation": estimate.explain().content()})


def comparison_json(comparison: Comparison) -> str:
    """Write a comparison as JSON, with a line feed at its end."""
    pairs = zip(comparison.rows(), comparison.estimates, strict=True)
    return _json({
        "lists": comparison.estimates[0].lists.name,
        "estimates": [{"label": row["label"]} | estimate.summary() for row, estimate in pairs],
        "highest_order_sweep": list(comparison.sweep),
    })  # fmt: skip


def write_estimate(estimate: OverlapEstimate, folder: Path) -> tuple[Path, ...]:
    """Write `estimate.nc`, `summary.json`, `toll.csv`, `toll.png` and `lists.png`.

    Raises
    ------
    StoreError
        If they cannot be written. Then, and if interrupted, no new file is there and the old ones are as before.
    """
    plots = Plots(estimate)
    return write_all(
        folder,
        {
            "estimate.nc": estimate.save,
            "summary.json": text_writer(estimate_json(estimate)),
            "toll.csv": text_writer(_toll_csv(estimate)),
            "toll.png": lambda path: save_figure(plots.toll(), path, estimate),
            "lists.png": lambda path: save_figure(plots.lists(), path, estimate),
        },
    )


def write_comparison(comparison: Comparison, folder: Path) -> tuple[Path, ...]:
    """Write `comparison.json`, `comparison.csv` and `comparison.png`.

    Raises
    ------
    StoreError
        As `write_estimate`.
    """
    first = comparison.estimates[0]
    rows = [{**row, "lists_sha256": first.sha256} for row in comparison.rows()]
    return write_all(
        folder,
        {
            "comparison.json": text_writer(comparison_json(comparison)),
            "comparison.csv": text_writer(csv_text(COMPARISON_COLUMNS, rows)),
            "comparison.png": lambda path: save_figure(comparison_figure(comparison), path, first),
        },
    )


def _toll_csv(estimate: OverlapEstimate) -> str:
    common = {
        "estimator": estimate.estimator,
        "gates_passed": "yes" if estimate.check().passed else "no",
        "lists_sha256": estimate.sha256,
        "seed": estimate.seed,
    }
    total = {"by": "total", "level": "", "observed": estimate.documented()} | estimate.toll().describe()
    strata: list[Mapping[str, Any]] = []
    if len(estimate.lists.strata) > 1:
        strata = [{**row, "by": "stratum", "level": row["stratum"]} for row in estimate.rows.toll("stratum")]
    return csv_text(TOLL_COLUMNS, [{**row, **common} for row in [total, *strata]])


def _json(content: Any) -> str:
    return json.dumps(finite(content), ensure_ascii=False, allow_nan=False, indent=2) + "\n"
