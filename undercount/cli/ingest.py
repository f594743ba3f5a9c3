"""`undercount ingest` and `undercount evidence`: what the ledger of a case takes in, and what it holds."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from undercount.cli.output import format_option, write, write_json
from undercount.cli.stores import as_of_option, case_argument, store_of, store_option

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from undercount.data.schema import Report
    from undercount.runs.ingest import Taken


@click.command(short_help="Take reports into the ledger of a case; nothing is ever erased.")
@case_argument
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE]...")
@store_option
@format_option
def ingest(case: str, files: tuple[Path, ...], store_folder: Path | None, format_: str) -> None:
    """Take the files of a case, and others, into its ledger: all of them, or none.

    FILE is a csv with the columns of reports.csv or sources.csv, or the folder of a case. Rows that the ledger has are
    recognised, a row with another content for a known report is a revision of it, and what a revision supersedes stays.
    """
    with store_of(case, store_folder, must_exist=False) as store:
        from undercount.runs.ingest import ingest as take

        taken, _ = take(store, files)
    if format_ == "json":
        write_json([_row(one) for one in taken])
    else:
        write(taken_text(taken))


def _row(taken: Taken) -> dict[str, object]:
    from dataclasses import asdict

    return asdict(taken)


def taken_text(taken: Sequence[Taken]) -> str:
    """Tell what came of files, a line each, and by name what is new or changes nothing."""
    from undercount.report.text import visible

    lines = []
    for one in taken:
        parts = [f"{len(one.new)} new", f"{len(one.revised)} revised", f"{one.known} known"]
        lines.append(f"{visible(one.file, 60)}: {one.rows} rows: {', '.join(parts)}")
        lines += [f"  revised: {visible(key, 80)}" for key in one.revised]
        lines += [f"  older than what the ledger has, changes nothing: {visible(key, 80)}" for key in one.older]
    return "\n".join(lines) + "\n"


@click.command(short_help="Show what the ledger of a case holds, or held on a day.")
@case_argument
@as_of_option
@store_option
@format_option
def evidence(case: str, as_of: date | None, store_folder: Path | None, format_: str) -> None:
    """Show what was known: every report that counts, as csv, or with `--format json` with its history."""
    with store_of(case, store_folder) as store:
        from undercount.runs.ledger.entries import Entries

        with store.ledger.reading() as connection:
            entries = Entries.read(connection, store.name)
        reports = entries.reports(as_of)
    if format_ == "json":
        rows = [report.model_dump(mode="json") for report in reports]
        versions = {row["report"]: len(entries.versions("report", row["report"])) for row in rows}
        write_json({
            "case": store.name, "as_of": None if as_of is None else str(as_of), "reports": rows, "versions": versions,
        })  # fmt: skip
        return
    _write_table(reports)


def _write_table(reports: Sequence[Report]) -> None:
    """Write reports as csv, so that it reads back as it was; on a terminal with nothing that hides or reorders."""
    import csv

    from undercount.data.cells import as_cells
    from undercount.data.schema import REPORT_COLUMNS
    from undercount.report.text import visible

    rows = [as_cells(report) for report in reports]
    if _is_terminal():
        rows = [{name: visible(value, 2000) for name, value in row.items()} for row in rows]
    writer = csv.DictWriter(sys.stdout, REPORT_COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    sys.stdout.flush()


def _is_terminal() -> bool:
    return sys.stdout.isatty()
