"""The tables of the terminal summary."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from undercount.report.text import allowed, between, count, interval_name, number, rate, visible

if TYPE_CHECKING:
    from rich.console import RenderableType

    from undercount.estimators import Estimate
    from undercount.estimators.overlap import OverlapEstimate

_BAR: Final = 20
_MOST_ROWS: Final = 60
_MOST_LEFT_OUT: Final = 25
_EIGHTHS: Final = " ▏▎▍▌▋▊▉"
_ODD: Final = 0.025
_PERIODS: Final = {"day": "day", "week": "week from", "month": "month from"}


def heading(words: str) -> Text:
    """The line above a table."""
    return Text(words, style="bold")


def table(*columns: tuple[str, str]) -> Table:
    """An open table; each column has a title and is aligned `left` or `right`."""
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_edge=False, header_style="dim")
    for title, justify in columns:
        made.add_column(
            Text(title), justify="right" if justify == "right" else "left", overflow="fold", no_wrap=justify == "right"
        )
    return made


def bar(value: float, largest: float) -> str:
    """A bar of at most twenty columns, in eighths of a column."""
    if not (largest > 0 and math.isfinite(value)):
        return ""
    eighths = round(max(value, 0) / largest * _BAR * 8)
    return ("█" * (eighths // 8) + _EIGHTHS[eighths % 8]).rstrip()


def toll_by(estimate: Estimate, key: str) -> Table:
    """Toll by one key: median, interval and a bar."""
    rows = estimate.rows.toll(key)
    interval = interval_name(rows[0]["ci_prob"], rows[0]["ci_kind"]) if rows else ""
    made = table((_PERIODS.get(key, key), "left"), ("median", "right"), (interval, "right"), ("", "left"))
    largest = max((row["median"] for row in rows), default=0.0)
    for row in rows[:_MOST_ROWS]:
        label = str(row[key]) if key in _PERIODS else visible(str(row["name"] or row[key]), 60)
        made.add_row(
            Text(label),
            Text(count(row["median"]), style="bold"),
            Text(between(row["lower"], row["upper"])),
            Text(bar(row["median"], largest), style="blue", no_wrap=True, overflow="crop"),
        )
    if len(rows) > _MOST_ROWS:
        made.add_row(Text(f"and {count(len(rows) - _MOST_ROWS)} more in toll.csv"))
    return made


def rates(estimate: Estimate) -> Table:
    """Reporting rate of each source, prior beside posterior."""
    rows = estimate.rows.reporting_rates()
    interval = interval_name(rows[0]["ci_prob"], rows[0]["ci_kind"]) if rows else ""
    made = table((f"median and {interval}", "left"), ("prior", "left"), ("posterior", "left"), ("contraction", "right"))
    for row in rows:
        reports = int(row["reports"])
        made.add_row(
            Text.assemble(
                visible(str(row["name"]), 60),
                (f" ({row['kind']}, {reports} report{'' if reports == 1 else 's'})", "dim"),
            ),
            Text(_rate(row["prior_median"], row["prior_lower"], row["prior_upper"]), no_wrap=True),
            Text(_rate(row["median"], row["lower"], row["upper"]), style="bold", no_wrap=True),
            Text(f"{100 * row['contraction']:.0f} %"),
        )
    return made


def _rate(median: float, low: float, high: float) -> str:
    return f"{rate(median)} ({rate(low)}–{rate(high)})"


def left_out(estimate: Estimate) -> list[RenderableType]:
    """Reports that do not enter, one line each, with the reason cut to what fits."""
    reasons = {report.report: report.reason or "not used" for report in estimate.evidence.reports if not report.used}
    reasons |= estimate.dropped
    if not reasons:
        return []
    names = sorted(reasons)
    shown = {name: visible(name, 24) for name in names[:_MOST_LEFT_OUT]}
    width = max(map(cell_len, shown.values()))
    lines: list[RenderableType] = []
    for name, label in shown.items():
        line = Text(label + " " * (width - cell_len(label) + 2), no_wrap=True, overflow="ellipsis")
        lines.append(line.append(visible(reasons[name], 200), style="dim"))
    more = len(names) - _MOST_LEFT_OUT
    note = [Text(f"and {count(more)} more, in reports.csv of the case")] if more > 0 else []
    return [heading(f"Reports that do not enter ({count(len(names))})"), *lines, *note, Text()]


def surprises(estimate: Estimate) -> list[RenderableType]:
    """Reports that the model would hardly expect of their source."""
    rows = [row for row in estimate.rows.reports() if row["tail"] < _ODD]
    if not rows:
        return []
    made = table(("report", "left"), ("reported", "right"), ("expected, 95 %", "right"), ("tail", "right"))
    made.columns[0].max_width = 30
    for row in sorted(rows, key=lambda one: float(one["tail"])):
        made.add_row(
            Text(visible(str(row["report"]), 60)),
            Text(allowed(row["low"], row["high"])),
            Text(between(row["predicted_lower"], row["predicted_upper"])),
            Text(f"{row['tail']:.3f}"),
        )
    return [heading("Reports that the model would hardly expect"), made, Text()]


def gates(estimate: Estimate | OverlapEstimate) -> Table:
    """Every gate with its figure, limit and verdict."""
    made = table(("gate", "left"), ("figure", "right"), ("limit", "right"), ("", "left"))
    for check in estimate.check().checks:
        made.add_row(
            Text(check.name),
            Text(number(check.value)),
            Text(str(check.limit)),
            Text("passed", style="green") if check.passed else Text("FAILED", style="bold red"),
        )
    return made
