"""The table of a batch: its columns, and the rows of a case that was fitted or was not."""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from undercount.errors import EvidenceError, ModelError, UndercountError
from undercount.estimators.batches.cases import writable

if TYPE_CHECKING:
    import pyarrow as pa

    from undercount.estimators.estimate import Estimate
    from undercount.estimators.overlap.estimate import OverlapEstimate

type Row = dict[str, Any]

PASSED, HELD, REFUSED, FAILED = "passed", "held", "refused", "failed"
STATUSES: Final[Mapping[str, str]] = {
    PASSED: "an estimate that passed every gate",
    HELD: "an estimate that failed a gate: do not quote it",
    REFUSED: "the evidence, or the model of it, cannot be fitted: fitting again cannot help",
    FAILED: "the sampler, the program or a worker broke down: a next call tries again",
}
_ESS: Final = {"smallest bulk ESS", "smallest tail ESS"}
COLUMNS: Final[Mapping[str, tuple[str, str]]] = {
    "place": ("int64", "place of the case in the input, from 0"),
    "case": ("string", "name of the case"),
    "status": ("string", "passed, held, refused or failed"),
    "by": ("string", "total, or the key that the toll is given by"),
    "level": ("string", "the level or the first day of the period; empty in the row of the total"),
    "name": ("string", "the level in words; in the row of the total the estimand"),
    "median": ("float64", "median of the toll"),
    "mean": ("float64", "mean of the toll"),
    "sd": ("float64", "standard deviation of the toll"),
    "lower": ("float64", "lower end of the interval"),
    "upper": ("float64", "upper end of the interval"),
    "ci_prob": ("float64", "probability that the interval holds"),
    "ci_kind": ("string", "kind of the interval; eti is equal-tailed"),
    "documented": (
        "int64",
        "most deaths that one recorder, or any of matched lists, documented; in the row of the total",
    ),
    "failed_gates": ("list<string>", "each gate that failed: name = value (limit)"),
    "largest_rhat": ("float64", "largest R̂ of the reported quantities; empty if nothing was sampled"),
    "smallest_ess": ("float64", "smallest effective sample size, bulk or tail"),
    "divergences": ("int64", "divergent draws"),
    "refitted": ("bool", "whether the case was fitted again, with a longer warm-up"),
    "error_code": ("string", "stable identifier of what went wrong"),
    "error": ("string", "what went wrong, where, and how to mend it"),
    "file": ("string", "file of the estimate, inside the folder of the batch"),
    "evidence_sha256": ("string", "hash of the evidence; empty if there is none"),
    "seed": ("int64", "seed of the fit"),
    "seconds": ("float64", "how long the fit took, on the worker"),
}
"""Type and meaning by name."""


def schema() -> pa.Schema:
    """The columns as Arrow has them; their meanings stand in the metadata."""
    import pyarrow as pa

    types = {"list<string>": pa.list_(pa.string())}
    return pa.schema([
        pa.field(name, types.get(kind) or pa.type_for_alias(kind), metadata={"meaning": meaning})
        for name, (kind, meaning) in COLUMNS.items()
    ])  # fmt: skip


def estimate_rows(estimate: Estimate | OverlapEstimate, by: Sequence[str], *, refitted: bool) -> list[Row]:
    """Rows of an estimate: the total first, then one for each level of each key."""
    checks = estimate.check()
    values = {check.name: check.value for check in checks.checks}
    rows: list[Row] = [
        {"by": "total", "level": "", "name": estimate.estimand, "documented": estimate.documented()}
        | estimate.toll().describe()
    ]
    for key in by:
        rows += [{**row, "by": key, "level": str(row[key])} for row in estimate.rows.toll(key)]
    common = {
        "status": PASSED if checks.passed else HELD,
        "failed_gates": [f"{check.name} = {check.value:.4g} ({check.limit})" for check in checks.failed],
        "largest_rhat": values.get("largest R-hat"),
        "smallest_ess": min(values[name] for name in _ESS) if values.keys() >= _ESS else None,
        "divergences": estimate.divergences,
        "refitted": refitted,
    }
    return [{name: row[name] for name in COLUMNS if name in row} | common for row in rows]


def error_row(error: Exception) -> Row:
    """The one row of a case that has no estimate."""
    if isinstance(error, UndercountError):
        status = REFUSED if isinstance(error, EvidenceError | ModelError) else FAILED
        code, text = error.code, _in_words(error)
    else:
        status, code = FAILED, "batch-unexpected"
        text = (
            f"{type(error).__name__}: {error}{_place(error)}; to mend it: this is a fault of the program or of an "
            "extension, not of the case; fit the case alone to see it again"
        )
    return {"status": status, "by": "total", "level": "", "error_code": code, "error": writable(text)}


def _in_words(error: UndercountError) -> str:
    where = f"{error.where}: " if error.where else ""
    hint = f"; to mend it: {error.hint}" if error.hint else ""
    return f"{where}{error.message}{hint}"


def _place(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
