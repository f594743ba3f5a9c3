"""`summary.json`: the figures of an estimate as plain values."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from undercount.estimators import scoping
from undercount.estimators.dependence import dependence, levers
from undercount.estimators.quantity import CI_KIND, CI_PROB, Quantity
from undercount.estimators.tables import tallied

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from undercount.data.schema import Estimand
    from undercount.estimators.estimate import Estimate
    from undercount.estimators.tables import Row


def summarise(estimate: Estimate) -> dict[str, Any]:
    """Gather the figures; every value can be written as JSON."""
    toll: Quantity = estimate.toll()
    undercount = estimate.undercount()
    checks = estimate.check()
    evidence, scope = estimate.evidence, estimate.scope
    rates = estimate.rows.reporting_rates()
    return {
        "case": evidence.case.case,
        "estimand": _estimand(estimate, scope),
        "toll": {
            "median": toll.median,
            "mean": toll.mean,
            "sd": toll.sd,
            "interval": list(toll.interval),
            "ci_prob": CI_PROB,
            "ci_kind": CI_KIND,
            "documented": estimate.documented(),
            "documented_by": _documented_by(estimate),
            "undercount": {
                "median": undercount.median,
                "interval": list(undercount.interval),
                "probability": undercount.probability(">", 0),
            },
        },
        "by": {
            "actor": _rows(estimate.rows.toll("actor"), "actor"),
            "area": _rows(estimate.rows.toll("area"), "area"),
            "week": _rows(estimate.rows.toll("week"), "week"),
        },
        "reporting_rates": _rates(rates, levers(estimate)),
        "dependence": dependence(rates),
        "gates": {
            "passed": checks.passed,
            "failed": len(checks.failed),
            "checks": [
                {"name": c.name, "value": _finite(c.value), "limit": c.limit, "passed": c.passed} for c in checks.checks
            ],
        },
        "evidence": {
            "sha256": evidence.sha256,
            "reports": len(evidence.reports),
            "used": len(evidence.used),
            "in_likelihood": len(estimate.rows.reports()),
            "sources": len(estimate.design.sources),
            "left_out": {
                "not_used": len(evidence.reports) - len(evidence.used),
                "adds_nothing": len(evidence.used) - len(estimate.rows.reports()),
            },
        },
        "seed": estimate.seed,
        "versions": dict(estimate.versions),
        "configuration": _configuration(estimate),
    }


def _configuration(estimate: Estimate) -> dict[str, Any]:
    """Settings, without the counts of matched lists: small ones could tell of single victims."""
    lists = estimate.lists
    if lists is None:
        return dict(estimate.configuration)
    shown = {name: value for name, value in lists.content.items() if name != "tables"}
    return {**estimate.configuration, "lists": {**shown, "names": list(lists.lists.names)}}


def _documented_by(estimate: Estimate) -> dict[str, str | None] | None:
    """Whose count is the largest; of matched lists, no source's."""
    found = tallied(estimate.evidence, estimate.design, estimate.scope)
    most = max(sorted(found), key=found.__getitem__, default="")
    if not found.get(most):
        return None
    names = {source.source: source.name for source in estimate.evidence.sources}
    return {"source": most or None, "name": names.get(most)}


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _estimand(estimate: Estimate, scope: Estimand) -> dict[str, Any]:
    case = estimate.evidence.case
    return {
        "words": estimate.estimand,
        "subject": scoping.subject(case, scope),
        "quantity": scope.quantity,
        "victims": scope.victims,
        "scope": {
            "actor": list(scope.actors or case.dimension("actor").levels),
            "area": list(scope.areas or case.dimension("area").levels),
        },
        "window": [scope.window.start.isoformat(), scope.window.end.isoformat()],
        "as_of": estimate.configuration.get("as_of"),
    }


def _rows(table: Sequence[Row], key: str) -> list[dict[str, Any]]:
    return [
        {
            key: row[key] if isinstance(row[key], str) else row[key].isoformat(),
            **({"name": row["name"]} if row["name"] else {}),
            "median": row["median"],
            "mean": row["mean"],
            "sd": row["sd"],
            "interval": [row["lower"], row["upper"]],
        }
        for row in table
    ]


def _rates(table: Sequence[Row], shares: Mapping[str, float | None]) -> list[dict[str, Any]]:
    return [
        {
            "source": row["source"],
            "name": row["name"],
            "kind": row["kind"],
            "victims": row["victims"],
            "quantity": row["quantity"],
            "reports": row["reports"],
            "prior": {"median": row["prior_median"], "interval": [row["prior_lower"], row["prior_upper"]]},
            "posterior": {"median": row["median"], "interval": [row["lower"], row["upper"]]},
            "contraction": row["contraction"],
            "lever": shares[row["stream"]],
        }
        for row in table
    ]
