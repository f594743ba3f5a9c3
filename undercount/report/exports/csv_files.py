"""An export as csv: one file a table, the columns described in `columns.csv`, and a `README.txt` to read first."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import TYPE_CHECKING, Any

from undercount.report.exports.about import about, dictionary
from undercount.report.exports.tables import LONGEST
from undercount.report.text import visible
from undercount.report.toll_csv import guarded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from undercount.report.exports.about import Exported
    from undercount.report.exports.tables import Cell, Filled

README = "README.txt"


def csv_files(estimate: Exported, tables: Sequence[Filled]) -> dict[str, bytes]:
    """Write tables as csv.

    Parameters
    ----------
    estimate : Estimate or OverlapEstimate
    tables : sequence of Filled

    Returns
    -------
    dict of str to bytes
        Contents by file name: UTF-8, every text in quotes and none of them a formula.
    """
    described = dictionary(tables)
    found = {f"{table.layout.name}.csv": csv_text(table).encode() for table in (*tables, described)}
    return {README: readme(estimate, (*tables, described)).encode(), **found}


def csv_text(table: Filled) -> str:
    """Write one table."""
    stream = io.StringIO()
    writer = csv.writer(stream, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writerow([guarded(name, LONGEST) for name in table.layout.names])
    writer.writerows([_cell(value) for value in row] for row in table.rows)
    return stream.getvalue()


def _cell(value: Cell) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else guarded(value, LONGEST)


def readme(estimate: Exported, tables: Sequence[Filled]) -> str:
    """Say what the files are: what was estimated, and each table with its columns, units and meanings."""
    lines = ["What this is", "============", ""]
    lines += [f"{name}: {visible(words, LONGEST)}" for name, words in about(estimate).items()]
    lines += ["", "The tables", "=========="]
    for table in tables:
        layout = table.layout
        lines += ["", f"{layout.name}.csv ({len(table.rows):,} rows)", f"  {layout.about}"]
        for column in layout.columns:
            unit = f" [{column.unit}]" if column.unit else ""
            lines.append(
                f"  - {visible(column.name, LONGEST)} ({column.kind}){unit}: {visible(column.meaning, LONGEST)}"
            )
    return "\n".join(lines) + "\n"
