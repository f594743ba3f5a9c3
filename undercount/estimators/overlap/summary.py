"""`summary.json` of an estimate from lists: its figures as plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from undercount.estimators.overlap.estimate import OverlapEstimate, Row

_FIGURES = ("median", "mean", "sd", "ci_prob", "ci_kind")


def summarise(estimate: OverlapEstimate) -> dict[str, Any]:
    """Gather the figures; every value can be written as JSON."""
    lists, checks, missed = estimate.lists, estimate.check(), estimate.undercount()
    return {
        "lists": lists.name,
        "estimand": estimate.estimand,
        "estimator": estimate.estimator,
        "assumption": estimate.assumption,
        "toll": _figures(estimate.toll().describe())
        | {
            "documented": estimate.documented(),
            "undercount": {"median": missed.median, "interval": list(missed.interval)},
        },
        "by": {"stratum": [{"stratum": r["stratum"], "observed": r["observed"]} | _figures(r) for r in estimate.rows.toll("stratum")]},
        "reporting_rates": [
            {"list": row["list"], "size": row["size"], "median": row["median"], "interval": [row["lower"], row["upper"]]}
            for row in estimate.rows.reporting_rates()
        ],
        "tables": [
            {"stratum": table.stratum, "replicate": table.replicate, "observed": table.observed, "lists": list(table.names)}
            | _figures(result.toll.describe())
            | {"notes": dict(result.notes)}
            for table, result in zip(lists.tables, estimate.results, strict=True)
        ],
        "gates": {
            "passed": checks.passed,
            "checks": [{"name": c.name, "value": c.value, "limit": c.limit, "passed": c.passed} for c in checks.checks],
        },
        "evidence": {"sha256": lists.sha256, "strata": len(lists.strata), "replicates": lists.replicates},
        "caveats": list(lists.caveats),
        "seed": estimate.seed,
        "versions": dict(estimate.versions),
        "configuration": dict(estimate.configuration),
    }  # fmt: skip


def _figures(row: Row) -> dict[str, Any]:
    return {name: row[name] for name in _FIGURES} | {"interval": [row["lower"], row["upper"]]}
