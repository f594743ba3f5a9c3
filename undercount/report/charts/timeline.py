"""Deaths per week with their intervals, and every report over its window at its count per week."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from undercount.report.charts import style
from undercount.report.charts.bars import Bar, report_bars
from undercount.report.charts.incidents import draw_incidents, incident_height
from undercount.report.charts.tags import place_tags, tag_style
from undercount.report.text import interval_name, visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from undercount.data.schema import Window
    from undercount.estimators import Estimate

    Array = NDArray[np.float64]

WIDTH: Final = 12.0
_LEFT: Final = 3.1
_RIGHT: Final = 2.8
_CURVE: Final = 3.3
_ROW: Final = 0.27
_GAP: Final = 0.42
_TALLEST: Final = 120.0
"""Inches of the rows at most; a picture that is taller cannot be drawn."""
_LOG_FROM: Final = 40.0
"""A chart whose largest value is this many times the smallest report's is drawn on a logarithmic axis."""


def figure(estimate: Estimate) -> Figure:
    """Draw the timeline.

    Parameters
    ----------
    estimate : Estimate

    Returns
    -------
    matplotlib.figure.Figure
        Above, deaths per week (median and 50, 80 and 95 % intervals), the incidents, and each report at its
        count per week; below, each report by name over its window. Numbers tie the two together.
    """
    case = estimate.evidence.case
    bars = report_bars(estimate)
    strip = incident_height(case, WIDTH - _LEFT - _RIGHT)
    rows = min(max(len(bars), 1) * _ROW + 0.1, _TALLEST)
    page = style.Page(WIDTH, 0.45 + rows + _GAP + _CURVE + strip)
    inner = WIDTH - _LEFT - _RIGHT
    lower = page.axes(_LEFT, 0.45, inner, rows)
    upper = page.axes(_LEFT, 0.45 + rows + _GAP, inner, _CURVE)
    _days(upper, lower, case.timeline)
    _window(upper, lower, estimate.scope.window)
    _limits(upper, bars, *_curve(upper, estimate))
    _bars(upper, bars)
    draw_incidents(page, upper, case, _LEFT, 0.45 + rows + _GAP + _CURVE, strip)
    _rows(lower, bars)
    _legend(upper, bars, interval_name(0.95, estimate.toll().ci_kind).split()[-1])
    place_tags(upper, bars)
    question = estimate.scope
    victims = case.dimension("victims").levels.get(question.victims, question.victims)
    quantity = case.dimension("quantity").levels.get(question.quantity, question.quantity)
    return page.finish(
        estimate,
        f"{visible(victims, 24)} {visible(quantity, 24)} per week",
        f"Toll of the shaded window: {estimate.estimand}. A numbered line is a report: its count / days of its "
        "window x 7, about its own scope, before any correction for what its source missed.",
    )


def _days(upper: Axes, lower: Axes, timeline: Window) -> None:
    for axes in (upper, lower):
        style.date_axis(axes.xaxis)
        axes.set_xlim(style.day_number(timeline.start), style.day_number(timeline.end + timedelta(days=1)))
        axes.grid(visible=True, axis="x", color=style.FAINT, linewidth=0.6)
    upper.tick_params(labelbottom=False)
    upper.xaxis.get_offset_text().set_visible(False)
    lower.xaxis.get_offset_text().set_fontsize(style.SMALL)
    style.label(upper, y="deaths per week")


def _window(upper: Axes, lower: Axes, window: Window) -> None:
    for axes in (upper, lower):
        days = style.day_number(window.start), style.day_number(window.end + timedelta(days=1))
        axes.axvspan(*days, color=style.YELLOW, alpha=0.16, linewidth=0, zorder=0, gid="window")


def _curve(axes: Axes, estimate: Estimate) -> tuple[float, float]:
    """Draw the weeks as steps of their true width, one that the timeline cuts scaled to seven days.

    Gives a typical and the highest value.
    """
    rows = estimate.rows.timeline()

    def column(name: str) -> Array:
        return np.array([row[name] for row in rows])

    timeline = estimate.evidence.case.timeline
    edges = np.array([style.day_number(row["week"]) for row in rows])
    edges = np.append(edges, style.day_number(timeline.end + timedelta(days=1)))
    scale = 7.0 / np.diff(edges)
    for prob, colour in style.BANDS.items():
        low = column(f"lower_{prob}") * scale
        high = column(f"upper_{prob}") * scale
        axes.stairs(high, edges, baseline=low, fill=True, color=colour, linewidth=0, zorder=1, gid=f"band-{prob}")
    median: Array = column("median") * scale
    axes.stairs(median, edges, baseline=None, color=style.INK, linewidth=1.6, zorder=2, gid="median")
    return float(np.median(median)), float((column("upper_95") * scale).max())


def _limits(axes: Axes, bars: list[Bar], typical: float, highest: float) -> None:
    levels = [bar.weekly[0] if bar.shape == "open" else bar.weekly[1] for bar in bars]
    top = max([highest, 1.0, *levels])
    smallest = max(1.0, min([typical, *levels]))
    if top > _LOG_FROM * smallest:
        bottom = max(1.0, smallest / 2.5)
        axes.set_yscale("log")
        axes.set_ylim(bottom, top * 1.8)
        style.log_axis(axes.yaxis, bottom, top)
        style.label(axes, y="deaths per week, logarithmic")
    else:
        axes.set_ylim(0, top * 1.12)
        style.count_axis(axes.yaxis)
    axes.grid(visible=True, axis="y", color=style.FAINT, linewidth=0.6)


def _bars(axes: Axes, bars: list[Bar]) -> None:
    floor, ceiling = axes.get_ylim()
    for bar in bars:
        colour = style.KIND_COLOURS[bar.kind]
        start, end = style.day_number(bar.start), style.day_number(bar.after)
        low, high = bar.weekly
        low = max(low, floor)
        if bar.shape == "range":
            inside = Rectangle((start, low), end - start, max(high - low, 0), facecolor=colour, alpha=0.1, linewidth=0)
            axes.add_patch(inside)
            inside.set_zorder(2.5)
            axes.hlines(high, start, end, color=colour, linewidth=1.2, zorder=3)
        elif bar.shape == "open":
            middle = (start + end) / 2
            reach = min(ceiling, low * 1.7 if axes.get_yscale() == "log" else low + 0.1 * (ceiling - floor))
            axes.annotate(
                "", xy=(middle, reach), xytext=(middle, low), zorder=3,
                arrowprops={"arrowstyle": "-|>", "color": colour, "linewidth": 1.4, "shrinkA": 0, "shrinkB": 0},
            )  # fmt: skip
        axes.hlines(
            low, start, end, color=colour, linewidth=1.2 if bar.shape == "range" else 2.4, zorder=3,
            gid=f"report-{bar.report}",
        )  # fmt: skip


def _rows(axes: Axes, bars: list[Bar]) -> None:
    """One row for each report: name on the left, bar over its window, figure on the right."""
    places = np.arange(len(bars))
    for place, bar in zip(places, bars, strict=True):
        colour = style.KIND_COLOURS[bar.kind]
        width = max((bar.after - bar.start).days, 1)
        axes.barh(place, width, left=style.day_number(bar.start), height=0.5, color=colour, gid=f"row-{bar.report}")
        axes.annotate(
            style.wrapped(bar.words, 44), xy=(1.0, place), xycoords=("axes fraction", "data"), xytext=(6, 0),
            textcoords="offset points", va="center", fontsize=7.5, color=style.INK, linespacing=1.0,
        )  # fmt: skip
        axes.annotate(
            str(bar.number), xy=(0.0, place), xycoords=("axes fraction", "data"), xytext=(-12, 0),
            textcoords="offset points", **tag_style(bar),
        )  # fmt: skip
    axes.set_ylim(max(len(bars), 1) - 0.45, -0.55)
    axes.set_yticks(places, [style.wrapped(bar.source, 45) for bar in bars], fontsize=7.5, linespacing=1.0)
    axes.tick_params(axis="y", length=0, pad=22)
    style.colour_labels(axes.get_yticklabels(), [style.KIND_COLOURS[bar.kind] for bar in bars])
    axes.annotate(
        "Reports that inform the estimate", xy=(0, 1), xycoords="axes fraction", xytext=(0, 4),
        textcoords="offset points", fontsize=style.NORMAL, fontweight="bold", color=style.INK,
    )  # fmt: skip


def _legend(axes: Axes, bars: list[Bar], kind: str) -> None:
    handles: list[Line2D | Patch] = [Line2D([], [], color=style.INK, linewidth=1.6, label="median of the toll")]
    handles += [Patch(color=colour, label=f"{prob} % interval") for prob, colour in reversed(style.BANDS.items())]
    handles += [Patch(facecolor=style.YELLOW, alpha=0.3, label="window of the toll")]
    for name in dict.fromkeys(bar.kind for bar in bars):
        handles.append(Line2D([], [], color=style.KIND_COLOURS[name], linewidth=2.4, label=f"report of a {name}"))
    shapes = {bar.shape for bar in bars}
    if "open" in shapes:
        handles.append(Line2D([], [], color=style.MUTED, marker="^", linestyle="none", label="that many or more"))
    if "range" in shapes:
        handles.append(Patch(facecolor=style.MUTED, alpha=0.25, label="some figure in between"))
    axes.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(1.01, 1.0), fontsize=7.5, frameon=False,
        title=f"Intervals: {kind.strip('()')}", title_fontsize=7.5, alignment="left", borderaxespad=0,
    )  # fmt: skip
