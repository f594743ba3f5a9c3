"""The estimate over the day on which it could have been made, and the counts that had been published."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

import numpy as np

from undercount.models.bounds import count_interval
from undercount.report.charts import key, style
from undercount.report.charts.look import WIDE_ENGLISH
from undercount.report.charts.page import EDGE, Heading, Page, Shown
from undercount.report.words import message

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from undercount.data.evidence import Evidence
    from undercount.data.schema import Report
    from undercount.report.charts.look import Look

    type Row = Mapping[str, Any]

_SIDES: Final = {False: (0.8, 2.5), True: (0.5, 0.2)}
_HEIGHT: Final = {False: 4.4, True: 3.6}
_AXIS: Final = 0.5
_MOST_NAMED: Final = 24
"""Counts that are named; of more, only their marks are drawn."""
_LOG_FROM: Final = 20.0
_LABEL: Final = 0.62
"""Inches that a written median takes."""
_COUNTS: Final = {
    "recorder": message("count of a recorder"),
    "claimant": message("count of a claimant"),
    "belligerent": message("count of a belligerent"),
    "relay": message("count of a relay"),
}


class Series(Shown, Protocol):
    """What is drawn: `undercount.runs.backtest.Backtest`."""

    @property
    def evidence(self) -> Evidence:
        """All of it."""

    @property
    def rows(self) -> Sequence[Row]:
        """One for each day."""


class Count(NamedTuple):
    """A used report, the kind of its source, and the counts that it allows."""

    report: Report
    kind: str
    low: float
    high: float


def figure(series: Series, look: Look = WIDE_ENGLISH) -> Figure:
    """Draw the estimate as it would have stood.

    Parameters
    ----------
    series : Backtest
    look : Look

    Returns
    -------
    matplotlib.figure.Figure
        Median and interval as steps from one day to the next, hollow where a gate failed, a cross where there is no
        estimate; and each used report at the day of its publication, at the counts that it allows.
    """
    w, rows = look.words, series.rows
    counts = published(series.evidence, rows[-1]["date"])
    before, after = _SIDES[look.is_narrow]
    inner = look.width.inches - before - after - 2 * EDGE
    entries = _entries(rows, counts, look)
    beneath = key.height_beneath(look, entries)
    bottom, height = beneath + _AXIS, _HEIGHT[look.is_narrow]
    kind = next((w.interval_name(row["ci_prob"], row["ci_kind"]) for row in rows if row["ci_kind"]), "")
    page = Page(look, bottom + height + 0.25, Heading(
        series,
        w("the estimate as it would have stood"),
        w("Toll: {estimand}. Median and {interval} interval from what had been published by each day. A published "
          "count is about its own scope, which is mostly smaller.", estimand=series.estimand, interval=kind),
    ))  # fmt: skip
    axes = page.axes(before + EDGE, bottom, inner, height)
    end = _days(axes, rows, look)
    _limits(axes, rows, counts, look)
    _steps(axes, rows, end, look)
    _counts(axes, counts, look)
    style.label(axes, look, x=w("day of publication"))
    if look.is_narrow:
        key.draw_key(page, entries, EDGE, beneath - 0.05, look.width.inches - 2 * EDGE)
    else:
        key.draw_key(page, entries, before + inner + EDGE + 0.15, bottom + height, after - 0.15)
    return page.figure


def published(evidence: Evidence, last: date) -> list[Count]:
    """Used reports with something of their own, in the order of their publication."""
    kinds = {source.source: source.kind for source in evidence.sources}
    return [
        Count(report, str(kinds[report.source]), *count_interval(report, kinds[report.source]))
        for report in sorted(evidence.used, key=lambda report: (report.published, report.report))
        if not report.derived_from and report.published <= last
    ]


def _days(axes: Axes, rows: Sequence[Row], look: Look) -> date:
    """Lay out the days; gives the one at which the last step ends."""
    first, last = rows[0]["date"], rows[-1]["date"]
    margin = timedelta(days=max(5, round(0.08 * (last - first).days)))
    end: date = last + 5 * margin // 2
    style.date_axis(axes.xaxis, look, first - margin / 2, end)
    return end


def _limits(axes: Axes, rows: Sequence[Row], counts: Sequence[Count], look: Look) -> None:
    ends = [value for *_, low, high in counts for value in (low, high) if np.isfinite(value) and value > 0]
    ends += [row[name] for row in rows for name in ("lower", "upper") if row["median"] is not None]
    low, high = min([*ends, 1e9]), max([*ends, 1.0])
    w = look.words
    if high > _LOG_FROM * low:
        axes.set_yscale("log")
        axes.set_ylim(max(0.7, low / 1.6), high * 1.5)
        style.log_axis(axes.yaxis, *axes.get_ylim(), look)
        style.label(axes, look, y=w("deaths, logarithmic"))
    else:
        axes.set_ylim(0, high * 1.1)
        style.count_axis(axes.yaxis, look)
        style.label(axes, look, y=w("deaths"))
    style.grid(axes, "y")


def _steps(axes: Axes, rows: Sequence[Row], end: date, look: Look) -> None:
    """An estimate stands until the next day; where there is none, there is a gap."""
    following = [row["date"] for row in rows[1:]] + [end]
    named = _named(axes, rows, look)
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
            start, row["median"], marker="o", markersize=6, color=style.INK if row["gates_passed"] else style.PAGE,
            markeredgecolor=style.INK, markeredgewidth=1.4, zorder=4, gid=f"median-{row['date']}",
        )  # fmt: skip
        if row["date"] in named:
            axes.annotate(
                look.words.count(row["median"]), xy=(start, row["median"]), xytext=(7, 5), textcoords="offset points",
                fontsize=look.width.small, fontweight="bold", color=style.INK, zorder=5,
            )  # fmt: skip


def _named(axes: Axes, rows: Sequence[Row], look: Look) -> set[date]:
    """Days whose median is written out: the last, and those after which there is room."""
    left, right = axes.get_xlim()
    scale = axes.get_position().width * look.width.inches / (right - left)
    places = [style.day_number(row["date"]) * scale for row in rows if row["median"] is not None]
    days = [row["date"] for row in rows if row["median"] is not None]
    following = [*places[1:], float("inf")][: len(places)]
    return {day for day, place, after in zip(days, places, following, strict=True) if after - place > _LABEL}


def _counts(axes: Axes, counts: Sequence[Count], look: Look) -> None:
    floor = axes.get_ylim()[0]
    is_named = len(counts) <= _MOST_NAMED and not look.is_narrow
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
        if is_named:
            axes.annotate(
                f"{style.literal(report.source, 24)} {look.words.allowed(low, high)}", xy=(x, foot), xytext=(9, 0),
                zorder=5, textcoords="offset points", fontsize=7.5, color=colour, ha="left", va="center",
                **style.PLAIN,
            )  # fmt: skip


def _entries(rows: Sequence[Row], counts: Sequence[Count], look: Look) -> list[key.Entry]:
    w = look.words
    entries = [key.mark(w("median of the toll"), "o", style.INK), key.patch(w("its interval"), style.BANDS[95])]
    if any(row["gates_passed"] is False for row in rows):
        entries.append(key.mark(w("gates failed: do not quote"), "o", style.PAGE, style.INK))
    if any(row["median"] is None for row in rows):
        entries.append(key.mark(w("no estimate"), "x", style.MUTED))
    kinds = dict.fromkeys(kind for _, kind, *_ in counts)
    entries += [key.mark(w(_COUNTS[kind]), "_", style.KIND_COLOURS[kind]) for kind in kinds]
    if any(np.isinf(high) for *_, high in counts):
        entries.append(key.mark(w("that many or more"), "^", style.MUTED))
    return entries
