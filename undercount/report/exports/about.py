"""What an export says of itself: what was estimated, whether it may be quoted, and what it stands on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from undercount.estimators.overlap import OverlapEstimate
from undercount.estimators.store import draws_sha256
from undercount.estimators.summary import shown_configuration
from undercount.report.charts.page import BANNER
from undercount.report.exports import layouts
from undercount.report.exports.tables import Filled
from undercount.report.summary import finite
from undercount.report.text import between, count, interval_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from undercount.estimators import Estimate

    type Exported = Estimate | OverlapEstimate

SMALL_COUNTS: Final = (
    "counts of 1 to 7 persons on lists are left out, and the other counts of lists are rounded to a multiple of 5: "
    "a small one could tell who somebody is"
)
CELLS: Final = (
    "an empty cell means not known, not finite, or not said; a line break is a space, an invisible character is shown "
    "by its code, and in csv a text that a spreadsheet would take for a formula begins with an apostrophe"
)


def about_table(estimate: Exported) -> Filled:
    """Say what the figures are, one statement a row."""
    return Filled(layouts.ABOUT, [*about(estimate).items()])


def about(estimate: Exported) -> dict[str, str]:
    """Say what the figures are.

    Parameters
    ----------
    estimate : Estimate or OverlapEstimate

    Returns
    -------
    dict of str to str
        The gates first: where one failed, that is what a reader must know.
    """
    toll = estimate.toll()
    ends = f"{interval_name(toll.ci_prob, toll.ci_kind)} {between(*toll.interval)}"
    return {
        "gates": verdict(estimate),
        "title": estimate.title,
        "estimand": estimate.estimand,
        "toll": f"median {count(toll.median)}, {ends}",
        **(_of_lists(estimate) if isinstance(estimate, OverlapEstimate) else _of_counts(estimate)),
        "draws sha256": draws_sha256(estimate.draws),
        "seed": str(estimate.seed),
        "versions": ", ".join(f"{name} {version}" for name, version in estimate.versions.items()),
        "configuration": configuration_text(estimate),
        "cells": CELLS,
    }


def verdict(estimate: Exported) -> str:
    """Say in words whether the gates passed, and which did not."""
    checks = estimate.check()
    failed = "; ".join(one.name for one in checks.checks if not one.passed)
    return f"all {len(checks.checks)} passed" if checks.passed else f"{BANNER} ({failed})"


def configuration_text(estimate: Exported) -> str:
    """Settings of the estimator as JSON, without any count of matched lists."""
    shown: Any = estimate.configuration if isinstance(estimate, OverlapEstimate) else shown_configuration(estimate)
    return json.dumps(finite(dict(shown)), ensure_ascii=False, allow_nan=False, sort_keys=True)


def _of_counts(estimate: Estimate) -> dict[str, str]:
    as_of = estimate.configuration.get("as_of")
    found = {"case": estimate.evidence.case.case, "evidence sha256": estimate.sha256}
    if as_of:
        found["published by"] = str(as_of)
    if estimate.lists is not None:
        found |= {"matched lists": "; ".join(estimate.lists.lists.names), "small counts": SMALL_COUNTS}
    return found


def _of_lists(estimate: OverlapEstimate) -> dict[str, str]:
    lists = estimate.lists
    return {
        "estimator": estimate.estimator,
        "right only if": estimate.assumption,
        "lists": "; ".join(lists.names),
        "source": lists.source,
        **({"caveats": " ".join(lists.caveats)} if lists.caveats else {}),
        "lists sha256": estimate.sha256,
        "small counts": SMALL_COUNTS,
    }


def dictionary(tables: Sequence[Filled]) -> Filled:
    """Describe every column of the tables, one a row."""
    described = [(table.layout.name, column) for table in tables for column in table.layout.columns]
    rows = [(name, column.name, column.kind, column.unit, column.meaning) for name, column in described]
    return Filled(layouts.DICTIONARY, rows)
