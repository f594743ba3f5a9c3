"""Results of counts in a notebook: evidence, an estimate, a number, a batch, a backtest."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from undercount.report.html import ALARM, Card, Grid, verdict
from undercount.report.text import between, count, interval_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from undercount.data.evidence import Evidence
    from undercount.estimators import Estimate, Quantity
    from undercount.estimators.batches import Batch
    from undercount.report.charts.vintages import Series


def evidence_html(evidence: Evidence) -> str:
    """Summarise evidence: what each source reported, used and not used."""
    case, reports = evidence.case, evidence.reports
    used = Counter(report.source for report in evidence.used)
    unused = Counter(report.source for report in reports if not report.used)
    rows = [
        (source.name, source.kind.value, count(used[source.source]), count(unused[source.source]))
        for source in evidence.sources
    ]
    extent = (
        f"{case.timeline.start} to {case.timeline.end}: {count(len(reports))} reports, {count(used.total())} used, "
        f"{count(unused.total())} not used, {count(len(rows))} sources"
    )
    return Card(
        f"{case.title} ({case.case})",
        lines=[extent],
        grids=[Grid("Reports of each source", ("source", "kind", "used", "not used"), rows, (2, 3))],
        foot=f"sha256 {evidence.sha256}",
    ).html()


def estimate_html(estimate: Estimate) -> str:
    """Summarise an estimate: toll, documented, undercount, toll by actor, gates."""
    toll, missed = estimate.toll(), estimate.undercount()
    rows = [
        ("toll", count(toll.median), between(*toll.interval)),
        ("documented", count(estimate.documented()), ""),
        ("undercount", count(missed.median), between(*missed.interval)),
    ]
    rows += [
        (f"by {row['name'] or row['actor']}", count(row["median"]), between(row["lower"], row["upper"]))
        for row in estimate.rows.toll("actor")
    ]
    checks = estimate.check()
    return Card(
        estimate.title,
        lines=[estimate.estimand],
        grids=[Grid("Toll", ("", "median", interval_name(toll.ci_prob, toll.ci_kind)), rows, (1, 2))],
        alarm="" if checks.passed else ALARM,
        foot=f"{verdict(checks)}; seed {estimate.seed}; evidence sha256 {estimate.sha256}",
    ).html()


def quantity_html(quantity: Quantity) -> str:
    """Give a number: its median and its interval."""
    ends = f"{interval_name(quantity.ci_prob, quantity.ci_kind)} {between(*quantity.interval)}"
    return Card(f"{count(quantity.median)} {quantity.unit}", lines=[f"median; {ends}"]).html()


def batch_html(batch: Batch) -> str:
    """Summarise a batch: cases by status, and those without a figure to quote."""
    from undercount.estimators.batches.columns import HELD

    counts, trouble = batch.counts, batch.not_passed
    cases = [(name, count(number)) for name, number in counts.items()]
    grids = [Grid("Cases by status", ("status", "cases"), cases, (1,))]
    if trouble:
        grids.append(Grid("Without a figure to quote", ("case", "status", "why"), trouble))
    alarm = f"{count(counts[HELD])} of {count(len(batch))} cases held by gates: do not quote" if counts[HELD] else ""
    return Card("Batch", lines=[f"{count(len(batch))} cases"], grids=grids, alarm=alarm).html()


def backtest_html(series: Series) -> str:
    """Give the rows of a backtest: what was known by each day, and what it said of the toll."""
    kind = next((interval_name(row["ci_prob"], row["ci_kind"]) for row in series.rows if row["ci_kind"]), "interval")
    head = ("known by", "reports", "sources", "toll", kind, "gates")
    return Card(
        series.title,
        lines=[series.estimand],
        grids=[Grid("The estimate as it would have stood", head, [_day(row) for row in series.rows], (1, 2, 3, 4))],
        alarm="" if series.check().passed else ALARM,
        foot=f"seed {series.seed}; evidence sha256 {series.sha256}",
    ).html()


def _day(row: Mapping[str, Any]) -> Sequence[str]:
    known = (row["date"].isoformat(), count(row["reports"]), count(row["sources"]))
    if row["median"] is None:
        return (*known, "-", "-", f"no estimate: {row['reason']}")
    gates = "passed" if row["gates_passed"] else "FAILED: do not quote"
    return (*known, count(row["median"]), between(row["lower"], row["upper"]), gates)
