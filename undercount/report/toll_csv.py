"""`toll.csv`: the toll and its parts, one row each, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, Final

from undercount.report.text import visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from undercount.estimators import Estimate

COLUMNS: Final = tuple(
    "by level name window_start window_end median mean sd lower upper ci_prob ci_kind "
    "gates_passed evidence_sha256 seed".split()
)
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def toll_csv(estimate: Estimate, by: Sequence[str]) -> str:
    """Write the toll of the estimand, and by each key, as csv.

    Parameters
    ----------
    estimate : Estimate
    by : sequence of str
        Any of actor, area, week, month, day.

    Returns
    -------
    str
        The columns of `COLUMNS`; the first row has `by` = total. Every text stands in quotes, and one that a
        spreadsheet would take for a formula begins with an apostrophe.
    """
    window = estimate.scope.window
    common = {
        "window_start": window.start.isoformat(),
        "window_end": window.end.isoformat(),
        "gates_passed": "yes" if estimate.check().passed else "no",
        "evidence_sha256": estimate.evidence.sha256,
        "seed": estimate.seed,
    }
    rows: list[Mapping[str, Any]] = [
        {"by": "total", "level": "", "name": estimate.estimand} | estimate.toll().describe()
    ]
    for key in by:
        rows += [{**row, "by": key, "level": str(row[key])} for row in estimate.rows.toll(key)]
    return csv_text(COLUMNS, [{**row, **common} for row in rows])


def csv_text(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    """Write rows as csv, every text in quotes and none of them a formula.

    Parameters
    ----------
    columns : sequence of str
        Names, each of which every row has.
    rows : sequence of mapping
    """
    stream = io.StringIO()
    writer = csv.DictWriter(stream, columns, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: guarded(row[name]) for name in columns} for row in rows)
    return stream.getvalue()


def guarded(value: Any, longest: int = 1000) -> Any:
    """Put an apostrophe before a text that a spreadsheet would take for a formula.

    Parameters
    ----------
    value : object
        What is no text is given back as it is.
    longest : int
        Characters kept.

    Examples
    --------
    >>> guarded("=cmd"), guarded("Iraqi forces"), guarded(-1.5)
    ("'=cmd", 'Iraqi forces', -1.5)
    """
    if not isinstance(value, str):
        return value
    shown = visible(value, longest)
    return f"'{shown}" if shown.startswith(_FORMULA) or value.lstrip(" \n").startswith(_FORMULA) else shown
