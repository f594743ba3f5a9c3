"""Deaths per week with their intervals, and every report over its window at its count per week."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.patches import Rectangle

from undercount.report.charts import key, style
from undercount.report.charts.bars import Bar, report_bars
from undercount.report.charts.incidents import draw_incidents, incident_entries, incident_height
from undercount.report.charts.look import WIDE_ENGLISH
from undercount.report.charts.page import EDGE, Heading, Page
from undercount.report.charts.report_rows import ReportRows
from undercount.report.charts.tags import place_tags
from undercount.report.text import visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from undercount.data.schema import Window
    from undercount.estimators import Estimate
    from undercount.report.charts.look import Look

    Array = NDArray[np.float64]

_SIDES: Final = {False: (3.15, 2.5), True: (0.44, 0.16)}
"""Inches before and after the axes, by whether the chart is narrow."""
_SIDES_UNLISTED: Final = (0.75, 1.75)
"""Of a wide chart without names of reports."""
_CURVE: Final = 3.3
_DAYS: Final = 0.42
"""Inches beneath an axis of days."""
_GAP: Final = 0.3
_LOG_FROM: Final = 40.0
"""A chart whose largest value is this many times the smallest report's is drawn on a logarithmic axis."""
MOST_LISTED: Final = 60
"""Of more reports, each is a thin line without a number: the evidence of the case names them."""


def figure(estimate: Estimate, look: Look = WIDE_ENGLISH) -> Figure:
    """Draw the timeline.

    Parameters
    ----------
    estimate : Estimate
    look : Look

    Returns
    -------
    matplotlib.figure.Figure
        Above, deaths per week (median and 50, 80 and 95 % intervals), the incidents, and each report at its
        count per week; below, each report by name over its window. Numbers tie the two together. There is no
        lower part where the reports are more than `MOST_LISTED`.
    """
    w, case = look.words, estimate.evidence.case
    bars = report_bars(estimate, w)
    is_listed = len(bars) <= MOST_LISTED
    before, after = _SIDES[look.is_narrow] if is_listed or look.is_narrow else _SIDES_UNLISTED
    inner = look.width.inches - before - after - 2 * EDGE
    rows = ReportRows(look, bars if is_listed else (), before - 0.05, after - 0.05)
    strip = incident_height(case, inner, look)
    entries = _entries(estimate, bars, look, is_listed=is_listed)
    beneath = key.height_beneath(look, entries)
    has_days = look.is_narrow or not is_listed
    curve = (_DAYS + rows.height + _GAP if is_listed else 0.0) + beneath + (_DAYS if has_days else 0.0)
    heading = _heading(estimate, look, is_listed=is_listed)
    page = Page(look, curve + _CURVE + strip + (0.2 if look.is_narrow else 0.05), heading)
    upper = page.axes(before + EDGE, curve, inner, _CURVE)
    _days(upper, case.timeline, look, has_days=has_days)
    _window(upper, estimate.scope.window)
    _limits(upper, bars, look, *_curve(upper, estimate))
    draw_incidents(page, upper, case, before + EDGE, curve + _CURVE + (0.2 if look.is_narrow else 0.0), strip)
    if look.is_narrow:
        key.draw_key(page, entries, EDGE, curve - _DAYS, look.width.inches - 2 * EDGE)
    else:
        key.draw_key(page, entries, before + EDGE + inner + 0.15, curve + _CURVE, after - 0.15)
    if not is_listed:
        _lines(upper, bars)
        return page.figure
    _bars(upper, bars)
    lower = page.axes(before + EDGE, _DAYS, inner, rows.height)
    _days(lower, case.timeline, look)
    if not look.is_narrow:
        _window(lower, estimate.scope.window)
    rows.draw(page, lower, _DAYS)
    _title(page, w("Reports that inform the estimate"), _DAYS + rows.height)
    place_tags(upper, bars, w)
    return page.figure


def _heading(estimate: Estimate, look: Look, *, is_listed: bool) -> Heading:
    w, case, question = look.words, estimate.evidence.case, estimate.scope
    victims = w.name(case.dimension("victims").levels.get(question.victims, question.victims))
    quantity = w.name(case.dimension("quantity").levels.get(question.quantity, question.quantity))
    told = w(
        "Toll of the shaded window: {estimand}. A numbered line is a report: its count / days of its window x 7, "
        "about its own scope, before any correction for what its source missed.", estimand=estimate.estimand,
    ) if is_listed else w(
        "Toll of the shaded window: {estimand}. Each line is a report: its count / days of its window x 7, about its "
        "own scope, before any correction for what its source missed.", estimand=estimate.estimand,
    )  # fmt: skip
    return Heading(
        estimate,
        w("{victims} {quantity} per week", victims=visible(victims, 24), quantity=visible(quantity, 24)),
        told,
    )


def _title(page: Page, words: str, bottom: float) -> None:
    strip = page.strip(EDGE, bottom, page.width - 2 * EDGE, _GAP)
    start = 0.0 if page.look.is_narrow else _SIDES[False][0]
    page.write(strip, start, _GAP - 0.06, words, va="bottom", fontsize=page.look.width.normal, fontweight="bold")


def _days(axes: Axes, timeline: Window, look: Look, *, has_days: bool = True) -> None:
    style.date_axis(axes.xaxis, look, timeline.start, timeline.end + timedelta(days=1))
    style.grid(axes)
    if not has_days:
        axes.tick_params(labelbottom=False)


def _window(axes: Axes, window: Window) -> None:
    days = style.day_number(window.start), style.day_number(window.end + timedelta(days=1))
    axes.axvspan(*days, color=style.WINDOW, linewidth=0, zorder=0, gid="window")


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


def _limits(axes: Axes, bars: list[Bar], look: Look, typical: float, highest: float) -> None:
    levels = [bar.weekly[0] if bar.shape == "open" else bar.weekly[1] for bar in bars]
    top, w = max([highest, 1.0, *levels]), look.words
    smallest = max(1.0, min([typical, *levels]))
    if top > _LOG_FROM * smallest:
        bottom = max(1.0, smallest / 2.5)
        axes.set_yscale("log")
        axes.set_ylim(bottom, top * 1.8)
        style.log_axis(axes.yaxis, bottom, top, look)
        style.label(axes, look, y=w("deaths per week, logarithmic"))
    else:
        axes.set_ylim(0, top * 1.12)
        style.count_axis(axes.yaxis, look)
        style.label(axes, look, y=w("deaths per week"))
    style.grid(axes, "y")


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


def _lines(axes: Axes, bars: list[Bar]) -> None:
    """Each report as a thin line at its lowest count; those on top of each other, and those of nobody, are left out."""
    floor, _ = axes.get_ylim()
    for kind in sorted({bar.kind for bar in bars}):
        seen = {
            (bar.start, bar.after, float(f"{bar.weekly[0]:.2g}"))
            for bar in bars if bar.kind == kind and bar.weekly[0] > max(floor, 0.0)
        }  # fmt: skip
        starts, ends, levels = zip(*sorted(seen), strict=True) if seen else ((), (), ())
        axes.hlines(
            levels, [*map(style.day_number, starts)], [*map(style.day_number, ends)], color=style.KIND_COLOURS[kind],
            linewidth=1.0, alpha=0.6, zorder=1.5, gid=f"reports-{kind}",
        )  # fmt: skip


def _entries(estimate: Estimate, bars: list[Bar], look: Look, *, is_listed: bool) -> list[key.Entry]:
    w, kind = look.words, estimate.toll().ci_kind
    entries = [key.line(w("median of the toll"), style.INK, 1.6)]
    entries += [
        key.patch(
            w("{name} interval", name=w.interval_name(0.95, kind) if prob == 95 else w.percent(prob / 100)), colour
        )
        for prob, colour in reversed(style.BANDS.items())
    ]
    entries.append(key.patch(w("window of the toll"), style.WINDOW, edge=style.FAINT))
    entries += key.kinds(look, (bar.kind for bar in bars))
    shapes = {bar.shape for bar in bars} if is_listed else set()
    if "open" in shapes:
        entries.append(key.mark(w("arrow: that many or more"), "^", style.MUTED))
    if "range" in shapes:
        entries.append(key.patch(w("tinted: some figure in between"), style.MUTED, alpha=0.25))
    if look.is_narrow:
        entries += incident_entries(estimate.evidence.case, look)
    return entries
