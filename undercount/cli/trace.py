"""`undercount trace RUN FIGURE`: what a figure stands on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from undercount.cli.output import format_option, write, write_json
from undercount.cli.stores import RunName, run_argument, store_of, store_option

if TYPE_CHECKING:
    from collections.abc import Mapping

    from undercount.runs.tracing import Trace


@click.command(short_help="From a figure of a run to the reports and documents it stands on.")
@run_argument
@click.argument("figure", default="toll", metavar="[FIGURE]")
@store_option
@format_option
def trace(run: RunName, figure: str, store_folder: Path | None, format_: str) -> None:
    """Trace a figure to its reports, with their quotes, and the hashes of the files and documents they came with.

    FIGURE is toll, actor=LEVEL, area=LEVEL, or source=SOURCE for a reporting rate.
    """
    with store_of(run.case, store_folder) as store:
        from undercount.runs.tracing import trace as follow

        found = follow(store, run.number, figure)
    if format_ == "json":
        write_json(_content(found))
    else:
        write("\n".join(_lines(run, found)) + "\n")


def _content(found: Trace) -> dict[str, Any]:
    reports = [{name: _plain(value) for name, value in row.items()} for row in found.reports]
    return {
        "run": found.run.number, "figure": found.figure, "estimand": found.estimand, "median": found.median,
        "interval": list(found.interval), "ci_prob": found.ci_prob, "evidence_sha256": found.run.evidence_sha256,
        "draws_sha256": found.draws_sha256, "reports": reports,
    }  # fmt: skip


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return value if isinstance(value, str | int | bool | None) else str(value)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _value(row: Mapping[str, Any]) -> str:
    if row["value"] is not None:
        return str(row["value"])
    return f"{row['low']} to {row['high']}"


def _lines(run: RunName, found: Trace) -> list[str]:
    from undercount.report.text import visible

    between = " to ".join(map(_number, found.interval))
    lines = [
        f"{found.figure} of {run}: median {_number(found.median)}, {found.ci_prob:.0%} interval {between}",
        "  " + visible(found.estimand, 400),
        f"  draws sha256 {found.draws_sha256}",
        f"  evidence sha256 {found.run.evidence_sha256}, {len(found.reports)} reports:",
    ]
    for row in found.reports:
        document = f", sha256 {row['document_sha256']}" if row["document_sha256"] else ""
        origin = f"{row['file']}, row {row['row']}, taken in {row['taken_in']}, sha256 {row['file_sha256']}"
        lines += [
            "  " + visible(f"{row['report']}: {row['source']}, published {row['published']}, {row['qualifier']} "
                    f"{_value(row)}", 300),
            "    " + visible(f'"{row["quote"]}"', 1000),
            "    " + visible(f"document {row['document'] or '-'}{document}", 400),
            "    " + visible(origin, 400),
        ]  # fmt: skip
    return lines
