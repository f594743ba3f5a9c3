"""The toll by actor, area, month or week: one interval for each level."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from undercount.estimators.deaths import LEVELS
from undercount.report.charts import forest, key, style
from undercount.report.charts.forest import AXIS, Forest, Glyph, Mark, Row
from undercount.report.charts.intervals import Interval, of_draws
from undercount.report.charts.look import WIDE_ENGLISH
from undercount.report.charts.page import EDGE, Heading, Page
from undercount.report.charts.sources import intervals_entry
from undercount.report.words import message

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from undercount.estimators import Estimate
    from undercount.report.charts.look import Look
    from undercount.report.words import Words

_TITLES: Final = {
    "actor": message("the toll by actor"),
    "area": message("the toll by area"),
    "month": message("the toll by month"),
    "week": message("the toll by week"),
    "day": message("the toll by day"),
}
_LOG_FROM: Final = 25.0
MOST_ROWS: Final = 200
"""Rows that are drawn at most; the tables have all."""


def figure(estimate: Estimate, look: Look = WIDE_ENGLISH, *, by: str = "actor") -> Figure:
    """Draw the toll of each level.

    Parameters
    ----------
    estimate : Estimate
    look : Look
    by : {"actor", "area", "month", "week", "day"}

    Returns
    -------
    matplotlib.figure.Figure
        All deaths first, then each level, with intervals of 50, 80 and 95 %, and what was documented of each actor
        and area.
    """
    w = look.words
    rows = _rows(estimate, by, w)
    made = Forest(look, rows, (w("median and 95 %"),))
    start, _ = made.inner
    entries = [intervals_entry(w, estimate.toll().ci_kind)]
    if any(row.marks for row in rows):
        entries.append(key.mark(w("documented by one recorder"), "|", style.KIND_COLOURS["recorder"]))
    room = look.width.inches - start - EDGE
    below = key.key_height(look, entries, room) + 0.1
    page = Page(look, made.height + AXIS + below, Heading(
        estimate,
        w(_TITLES.get(by, by)),
        w("Of {estimand}. The parts of the toll are uncertain together: their medians need not add up to that of all.",
          estimand=estimate.estimand),
    ))  # fmt: skip
    draw_toll_axis(page, made, made.draw(page, below + AXIS), w("toll: number killed"))
    key.draw_key(page, entries, start, below - 0.02, room)
    return page.figure


def _rows(estimate: Estimate, by: str, w: Words) -> list[Row]:
    deaths = estimate.rows.deaths
    rows = [_row(w("all"), of_draws(estimate.toll().draws), "all", estimate.documented(), w)]
    for labels, draws in list(deaths.parts([by]))[:MOST_ROWS]:
        level = labels[0]
        is_level = by in LEVELS
        name = estimate.evidence.case.dimension(by).levels[level] if is_level else _period(level, by, w)
        documented = estimate.documented(scope={by: level}) if is_level else 0
        rows.append(_row(w.name(name), of_draws(draws), str(level), documented, w))
    return rows


def _period(level: object, by: str, w: Words) -> str:
    from datetime import date

    return w.date(date.fromisoformat(str(level))) if by in ("week", "day") else str(level)


def _row(name: str, interval: Interval, level: str, documented: int, w: Words) -> Row:
    recorder = style.KIND_COLOURS["recorder"]
    marks = (Mark(documented, "|", recorder, f"documented-{level}"),) if documented else ()
    return Row(
        name=name,
        note=w("documented: {number}", number=documented) if documented else "",
        glyphs=(Glyph(interval, style.INK, f"toll-{level}"),),
        figures=(toll_told(w, interval),),
        marks=marks,
    )


def toll_told(w: Words, interval: Interval) -> str:
    """A toll in words: its median, and the widest interval."""
    low, high = interval.widest
    if low == high:
        return w.count(interval.median)
    return w("{median}  ({interval})", median=w.count(interval.median), interval=w.between(low, high))


def draw_toll_axis(page: Page, made: Forest, axes: Axes, name: str) -> None:
    """Give a forest of tolls its axis: from zero, or logarithmic where the rows differ much."""
    low, high = forest.ends(made.rows, min), forest.ends(made.rows, max)
    is_log = low > 0 and high > _LOG_FROM * low
    made.scale(axes, low / 1.2 if is_log else 0.0, high * (1.2 if is_log else 1.05), is_log=is_log)
    w = page.look.words
    style.label(axes, page.look, x=w("{what}, logarithmic", what=name) if is_log else name)
