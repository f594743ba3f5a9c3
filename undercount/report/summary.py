"""`summary.json`: its text, and breakdowns beyond those that it always has."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from undercount.estimators import Estimate


def summary_text(estimate: Estimate, by: Sequence[str] = ()) -> str:
    """Write the summary of an estimate as JSON.

    Parameters
    ----------
    estimate : Estimate
    by : sequence of str
        Breakdowns that it must have, besides those that it always has.

    Returns
    -------
    str
        Valid under `undercount.report.schema.summary_schema`; ends with a line feed.
    """
    content = estimate.summary()
    for key in by:
        if key not in content["by"]:
            content["by"][key] = [_row(row, key) for row in estimate.rows.toll(key)]
    return json.dumps(finite(content), ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def _row(row: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {
        key: str(row[key]),
        **({"name": row["name"]} if row["name"] else {}),
        "median": row["median"],
        "mean": row["mean"],
        "sd": row["sd"],
        "interval": [row["lower"], row["upper"]],
    }


def finite(value: Any) -> Any:
    """JSON has no infinity: what is not finite is null."""
    if isinstance(value, dict):
        return {name: finite(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
