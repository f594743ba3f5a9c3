"""What became of every row of every imported file: a table for each file, beside the records."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

from undercount.data.imports.merging import FILE
from undercount.data.imports.windows import REPORT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    import pyarrow as pa

    from undercount.data.imports.incidents import Incidents

    type Reports = Mapping[int, Iterable[str]]
    """Row -> reports that its records went into."""

COLUMNS: Final = ("row", "read", "reports", "reason")
_LIVE: Final = ("=", "+", "-", "@", "\t", "\r")


def write_rows(folder: Path, incidents: Incidents, table: pa.Table) -> None:
    """Write what became of the rows of a file, and mend the reports that other files' rows now stand in.

    Parameters
    ----------
    folder : Path
        With the tables of earlier imports.
    incidents : Incidents
        The file.
    table : pyarrow.Table
        All records of the case, with `file`, `row` and `report`.
    """
    reports: dict[str, dict[int, dict[str, None]]] = {}
    for file, row, report in zip(*(table[name].to_pylist() for name in (FILE, "row", REPORT)), strict=True):
        reports.setdefault(_name(file), {}).setdefault(row, {})[report] = None
    own = folder / _name(incidents.sha256)
    for path in sorted(folder.glob("rows-*.csv")):
        if path != own:
            _retell(path, reports.get(path.name, {}))
    _write(own, _told(incidents, reports.get(own.name, {})))


def _name(sha256: str) -> str:
    return f"rows-{sha256[:12]}.csv"


def _told(incidents: Incidents, reports: Reports) -> Iterable[tuple[str, ...]]:
    reasons: dict[int, list[str]] = {}
    dropped = {int(row) for rows in incidents.account.dropped.values() for row in rows}
    for found in (incidents.account.dropped, incidents.account.doubted):
        for reason, rows in found.items():
            for row in rows:
                reasons.setdefault(int(row), []).append(reason)
    for row in incidents.account.rows.tolist():
        read = "no" if row in dropped else _read(row, reports)
        yield str(row), read, ";".join(reports.get(row, ())), _guarded("; ".join(reasons.get(row, [])))


def _retell(path: Path, reports: Reports) -> None:
    with path.open(encoding="utf-8", newline="") as stream:
        rows = [tuple(row) for row in csv.reader(stream)][1:]
    _write(
        path,
        (
            (row, read if read == "no" else _read(int(row), reports), ";".join(reports.get(int(row), ())), reason)
            for row, read, _, reason in rows
        ),
    )


def _read(row: int, reports: Reports) -> str:
    """Whether the records of a row stand, or those of another file in their place."""
    return "yes" if row in reports else "known"


def _write(path: Path, rows: Iterable[tuple[str, ...]]) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    # The file may be the very one in the case that is being replaced, under another name.
    path.unlink(missing_ok=True)
    path.write_text(stream.getvalue(), encoding="utf-8", newline="\n")


def _guarded(text: str) -> str:
    return f"'{text}" if text.startswith(_LIVE) else text
