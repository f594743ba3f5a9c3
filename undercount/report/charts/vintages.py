"""A backtest as a picture, a table and a text: the estimate over the day on which it could have been made."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from rich.console import Group
from rich.text import Text

from undercount.models.bounds import count_interval
from undercount.report import sections, style
from undercount.report.files import save_figure, text_writer
from undercount.report.text import allowed, between, count, interval_name, visible
from undercount.report.toll_csv import csv_text
from undercount.report.transaction import write_all

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from rich.console import Console, RenderableType

    from undercount.data.evidence import Evidence
    from undercount.data.schema import Report

    type Row = Mapping[str, Any]

WIDTH: Final = 11.0
_LEFT: Final = 0.9
_RIGHT: Final = 2.6
_HEIGHT: Final = 4.4
_MOST_NAMED: Final = 24
"""Counts that are named; of more, only their marks are drawn."""
_LOG_FROM: Final = 20.0
COLUMNS: Final = (
    "date", "reports", "sources", "median", "lower", "upper", "ci_prob", "ci_kind", "gates_passed", "failed_gates",
    "reason", "evidence_sha256", "seed",
)  # fmt: skip


class Series(style.Shown, Protocol):
    """What is drawn: `undercount.runs.backtest.Backtest`."""

    @property
    def evidence(self) -> Evidence:
        """All of it."""

    @property
    def rows(self) -> Sequence[Row]:
        """One for each day."""


def figure(series: Series) -> Figure:
    """Draw the backtest.

    Parameters
    ----------
    series : Backtest

    Returns
    -------
    matplotlib.figure.Figure
        Median and interval as steps from one day to the next, hollow where a gate failed, a cross where there is no
        estimate; and each used report at the day of its publication, at the counts that it allows.
    """
    page = style.Page(WIDTH, _HEIGHT + 0.55)
    axes = page.axes(_LEFT, 0.5, WIDTH - _LEFT - _RIGHT, _HEIGHT)
    counts = published(series.evidence, series.rows[-1]["date"])
    end = _days(axes, series.rows)
    _limits(axes, series.rows, counts)
    _steps(axes, series.rows, end)
    _counts(axes, counts)
    _legend(axes, series.rows, counts)
    kind = next((interval_name(row["ci_prob"], row["ci_kind"]) for row in series.rows if row["ci_kind"]), "")
    return page.finish(
        series, "the estimate as it would have stood",
        f"Toll: {series.estimand}. Median and {kind} interval from what had been published by each day. A published "
        "count is about its own scope, which is mostly smaller.",
    )  # fmt: skip


def published(evidence: Evidence, last: date) -> list[tuple[Report, str, float, float]]:
    """Used reports with something of their own, the kind of their source, and the counts that they allow."""
    kinds = {source.source: source.kind for source in evidence.sources}
    return [
        (report, str(kinds[report.source]), *count_interval(report, kinds[report.source]))
        for report in sorted(evidence.used, key=lambda report: (report.published, report.report))
        if not report.derived_from and report.published <= last
    ]


def _days(axes: Axes, rows: Sequence[Row]) -> date:
    """Lay out the days; gives the one at which the last step ends."""
    first, last = rows[0]["date"], rows[-1]["date"]
    margin = timedelta(days=max(5, round(0.08 * (last - first).days)))
    end: date = last + 5 * margin // 2
    axes.set_xlim(style.day_number(first - margin / 2), style.day_number(end))
    style.date_axis(axes.xaxis)
    axes.xaxis.get_offset_text().set_fontsize(style.SMALL)
    style.label(axes, x="day of publication")
    return end


def _limits(axes: Axes, rows: Sequence[Row], counts: Sequence[tuple[Report, str, float, float]]) -> None:
    ends = [value for *_, low, high in counts for value in (low, high) if np.isfinite(value) and value > 0]
    ends += [row[name] for row in rows for name in ("lower", "upper") if row["median"] is not None]
    low, high = min([*ends, 1e9]), max([*ends, 1.0])
    if high > _LOG_FROM * low:
        axes.set_yscale("log")
        axes.set_ylim(max(0.7, low / 1.6), high * 1.5)
        style.log_axis(axes.yaxis, *axes.get_ylim())
        style.label(axes, x="day of publication", y="deaths, logarithmic")
    else:
        axes.set_ylim(0, high * 1.1)
        style.count_axis(axes.yaxis)
        style.label(axes, x="day of publication", y="deaths")
    axes.grid(visible=True, axis="y", color=style.FAINT, linewidth=0.6)


def _steps(axes: Axes, rows: Sequence[Row], end: date) -> None:
    """An estimate stands until the next day; where there is none, there is a gap."""
    following = [row["date"] for row in rows[1:]] + [end]
    for row, until in zip(rows, following, strict=True):
        start, stop = style.day_number(row["date"]), style.day_number(until)
        if row["median"] is None:
            axes.plot(
                start, 0.04, marker="x", markersize=7, color=style.MUTED, transform=axes.get_xaxis_transform(),
                gid=f"none-{row['date']}",
            )  # fmt: skip
            continue
        axes.fill_between(
            [start, stop], row["lower"], row["upper"], color=style.BANDS[95], linewidth=0, zorder=1,
            gid=f"interval-{row['date']}",
        )  # fmt: skip
        axes.hlines(row["median"], start, stop, color=style.INK, linewidth=1.6, zorder=2)
        axes.plot(
            start, row["median"], marker="o", markersize=6, color=style.INK if row["gates_passed"] else "white",
            markeredgecolor=style.INK, markeredgewidth=1.4, zorder=4, gid=f"median-{row['date']}",
        )  # fmt: skip
        axes.annotate(
            count(row["median"]), xy=(start, row["median"]), xytext=(7, 5), textcoords="offset points",
            fontsize=style.SMALL, fontweight="bold", color=style.INK, zorder=5,
        )  # fmt: skip


def _counts(axes: Axes, counts: Sequence[tuple[Report, str, float, float]]) -> None:
    floor = axes.get_ylim()[0]
    for report, kind, low, high in counts:
        x, colour = style.day_number(report.published), style.KIND_COLOURS[kind]
        foot, is_open = max(low, floor), np.isinf(high)
        axes.plot(
            x, foot, marker="^" if is_open else "_", markersize=6 if is_open else 10, color=colour,
            markeredgewidth=1.8, zorder=3, gid=f"report-{report.report}",
        )  # fmt: skip
        if foot < high and not is_open:
            axes.vlines(x, foot, high, color=colour, linewidth=1.1, alpha=0.55, zorder=3)
            axes.plot(x, high, marker="_", markersize=10, color=colour, markeredgewidth=1.8, zorder=3)
        if len(counts) <= _MOST_NAMED:
            axes.annotate(
                f"{style.literal(report.source, 24)} {allowed(low, high)}", xy=(x, foot), xytext=(9, 0), zorder=5,
                textcoords="offset points", fontsize=6.5, color=colour, ha="left", va="center",
            )  # fmt: skip


def _legend(axes: Axes, rows: Sequence[Row], counts: Sequence[tuple[Report, str, float, float]]) -> None:
    def mark(marker: str, colour: str, words: str, edge: str = "") -> Line2D:
        size = 9 if marker == "_" else 6
        return Line2D(
            [], [], marker=marker, color=colour, markeredgecolor=edge or colour, markersize=size, markeredgewidth=1.6,
            linestyle="none", label=words,
        )  # fmt: skip

    handles: list[Line2D | Patch] = [mark("o", style.INK, "median of the toll")]
    handles.append(Patch(color=style.BANDS[95], label="its interval"))
    if any(row["gates_passed"] is False for row in rows):
        handles.append(mark("o", "white", "gates failed: do not quote", style.INK))
    if any(row["median"] is None for row in rows):
        handles.append(mark("x", style.MUTED, "no estimate"))
    kinds = dict.fromkeys(kind for _, kind, *_ in counts)
    handles += [mark("_", style.KIND_COLOURS[kind], f"count of a {kind}") for kind in kinds]
    if any(np.isinf(high) for *_, high in counts):
        handles.append(mark("^", style.MUTED, "that many or more"))
    axes.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(1.01, 1.0), fontsize=7.5, frameon=False, borderaxespad=0
    )


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


def _why(row: Row) -> Text:
    return Text(f"{row['date']}: {visible(row['reason'], 300)}", style="yellow")


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
