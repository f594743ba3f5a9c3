"""Results of lists in a notebook: the lists, an estimate from them, estimators side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from undercount.data.lists.extent import extent, first
from undercount.report.html import ALARM, Card, Grid, verdict
from undercount.report.text import between, count, interval_name

if TYPE_CHECKING:
    from undercount.data.lists import Lists
    from undercount.estimators.overlap import Comparison, OverlapEstimate


def lists_html(lists: Lists) -> str:
    """Summarise lists: how many victims are on each, and what to know before an estimate is believed."""
    sizes = dict.fromkeys(lists.names, 0)
    for table in first(lists):
        for name, size in zip(table.names, table.list_sizes.tolist(), strict=True):
            sizes[name] += size
    rows = [(name, count(size)) for name, size in sizes.items()]
    return Card(
        f"{lists.name}: {extent(lists)}",
        lines=[lists.source] if lists.source else [],
        grids=[Grid("Victims on each list", ("list", "victims"), rows, (1,))],
        notes=lists.caveats,
        foot=f"sha256 {lists.sha256}",
    ).html()


def estimate_html(estimate: OverlapEstimate) -> str:
    """Summarise an estimate from lists: toll, documented, undercount, the assumption."""
    toll, missed = estimate.toll(), estimate.undercount()
    rows = [
        ("toll", count(toll.median), between(*toll.interval)),
        ("documented", count(estimate.documented()), ""),
        ("undercount", count(missed.median), between(*missed.interval)),
    ]
    checks = estimate.check()
    return Card(
        f"{estimate.title} - {estimate.estimator}",
        grids=[Grid("Toll", ("", "median", interval_name(toll.ci_prob, toll.ci_kind)), rows, (1, 2))],
        notes=[f"Right only if: {estimate.assumption}"],
        alarm="" if checks.passed else ALARM,
        foot=f"{verdict(checks)}; seed {estimate.seed}; lists sha256 {estimate.sha256}",
    ).html()


def comparison_html(comparison: Comparison) -> str:
    """Set estimators side by side."""
    rows = [
        (row["label"], count(row["median"]), between(row["lower"], row["upper"]),
         interval_name(row["ci_prob"], row["ci_kind"]), "passed" if row["passed"] else "FAILED: do not quote",
         row["assumption"])
        for row in comparison.rows()
    ]  # fmt: skip
    return Card(
        comparison.estimates[0].title,
        grids=[Grid("Estimators", ("estimator", "toll", "interval", "kind", "gates", "right only if"), rows, (1, 2))],
        alarm="" if all(row["passed"] for row in comparison.rows()) else f"{ALARM} what is marked",
        foot=f"lists sha256 {comparison.estimates[0].sha256}",
    ).html()
