"""A backtest as tables and as text: the estimate over the day on which it could have been made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.text import Text

from undercount.report import sections
from undercount.report.charts.vintages import figure
from undercount.report.files import save_figure, text_writer
from undercount.report.text import between, count, interval_name, visible
from undercount.report.toll_csv import csv_text
from undercount.report.transaction import write_all

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console, RenderableType

    from undercount.report.charts.vintages import Row, Series

COLUMNS: Final = (
    "date", "reports", "sources", "median", "lower", "upper", "ci_prob", "ci_kind", "gates_passed", "failed_gates",
    "reason", "evidence_sha256", "seed",
)  # fmt: skip


def backtest_csv(series: Series) -> str:
    """Write the rows as csv, with the guard of `toll_csv`."""
    rows = [
        {
            **row,
            "date": row["date"].isoformat(),
            "gates_passed": {True: "yes", False: "no", None: ""}[row["gates_passed"]],
            "failed_gates": "; ".join(row["failed_gates"]),
            "seed": series.seed,
        }
        for row in series.rows
    ]
    return csv_text(COLUMNS, rows)


def backtest_json(series: Series) -> str:
    """Write the backtest as JSON, with a line feed at its end."""
    rows = [{**row, "date": row["date"].isoformat(), "failed_gates": list(row["failed_gates"])} for row in series.rows]
    content = {
        "case": series.evidence.case.case,
        "estimand": series.estimand,
        "evidence_sha256": series.sha256,
        "seed": series.seed,
        "versions": dict(series.versions),
        "passed": bool(series.check().passed),
        "days": rows,
    }
    return json.dumps(content, ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def backtest_text(series: Series, screen: Console, files: Sequence[Path] = ()) -> str:
    """Give the backtest as text for a console."""
    kind = next((interval_name(row["ci_prob"], row["ci_kind"]) for row in series.rows if row["ci_kind"]), "interval")
    made = sections.table(
        ("known by", "left"), ("reports", "right"), ("sources", "right"), ("toll", "right"), (kind, "right"),
        ("gates", "left"),
    )  # fmt: skip
    for row in series.rows:
        has_figure = row["median"] is not None
        made.add_row(
            Text(row["date"].isoformat()),
            Text(count(row["reports"])),
            Text(count(row["sources"])),
            Text(count(row["median"]) if has_figure else "-", style="bold"),
            Text(between(row["lower"], row["upper"]) if has_figure else "-"),
            _verdict(row),
        )
    parts: list[RenderableType] = [
        Text(f"{visible(series.title)} ({visible(series.evidence.case.case)})", style="bold"),
        Text(visible(series.estimand[:1].upper() + series.estimand[1:], 500)),
        Text(),
        made,
        Text(),
        *(
            Text(f"{row['date']}: {visible(row['reason'], 300)}", style="yellow")
            for row in series.rows
            if row["reason"]
        ),
        Text(f"evidence {series.sha256}, seed {series.seed}", style="dim"),
        *(Text(visible(str(file), 300), style="dim") for file in files),
    ]
    with screen.capture() as capture:
        screen.print(Group(*parts))
    return "".join(f"{line.rstrip()}\n" for line in capture.get().splitlines())


def _verdict(row: Row) -> Text:
    if row["median"] is None:
        return Text("no estimate", style="yellow")
    return Text("passed", style="green") if row["gates_passed"] else Text("FAILED: do not quote", style="bold red")


def write_backtest(series: Series, folder: Path) -> tuple[Path, ...]:
    """Write `backtest.csv`, `backtest.json` and `backtest.png`: all of them or none.

    Raises
    ------
    StoreError
        If they cannot be written. Then, and if interrupted, no new file is there and the old ones are as before.
    """
    return write_all(
        folder,
        {
            "backtest.csv": text_writer(backtest_csv(series)),
            "backtest.json": text_writer(backtest_json(series)),
            "backtest.png": lambda path: save_figure(figure(series), path, series),
        },
    )
