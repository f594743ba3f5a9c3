"""`summary.json` of an estimate from lists: its figures as plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from undercount.estimators.overlap.estimate import OverlapEstimate, Row

_FIGURES: Final = ("median", "mean", "sd", "ci_prob", "ci_kind")


def summarise(estimate: OverlapEstimate) -> dict[str, Any]:
    """Gather the figures; what is not finite is for the writer of JSON to mark."""
    lists, checks = estimate.lists, estimate.check()
    return {
        "lists": lists.name,
        "title": lists.title,
        "unit": lists.unit,
        "estimand": estimate.estimand,
        "estimator": estimate.estimator,
        "assumption": estimate.assumption,
        "toll": _toll(estimate),
        "by": {"stratum": [_row(row, "stratum", "observed") for row in estimate.rows.toll("stratum")]},
        "reporting_rates": [_rate(row) for row in estimate.rows.reporting_rates()],
        "tables": _tables(estimate),
        "gates": {
            "passed": checks.passed,
            "failed": len(checks.failed),
            "checks": [{"name": c.name, "value": c.value, "limit": c.limit, "passed": c.passed} for c in checks.checks],
        },
        "evidence": {
            "sha256": lists.sha256,
            "lists": len(lists.names),
            "strata": len(lists.strata),
            "replicates": lists.replicates,
        },
        "caveats": list(lists.caveats),
        "seed": estimate.seed,
        "versions": dict(estimate.versions),
        "configuration": dict(estimate.configuration),
    }


def _toll(estimate: OverlapEstimate) -> dict[str, Any]:
    missed = estimate.undercount()
    undercount = {"median": missed.median, "interval": list(missed.interval)}
    return _row(estimate.toll().describe()) | {"documented": estimate.documented(), "undercount": undercount}


def _tables(estimate: OverlapEstimate) -> list[dict[str, Any]]:
    return [
        {"stratum": table.stratum, "replicate": table.replicate, "observed": table.observed, "lists": list(table.names)}
        | _row(result.toll.describe())
        | {"notes": dict(result.notes)}
        for table, result in zip(estimate.lists.tables, estimate.results, strict=True)
    ]


def _rate(row: Row) -> dict[str, Any]:
    return {name: row[name] for name in ("list", "size", "median")} | {"interval": [row["lower"], row["upper"]]}


def _row(row: Row, *keys: str) -> dict[str, Any]:
    return {name: row[name] for name in (*keys, *_FIGURES)} | {"interval": [row["lower"], row["upper"]]}
