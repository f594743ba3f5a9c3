"""The strip above the timeline: single events by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from undercount.report.charts import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from undercount.data.schema import Case, Incident

_LINE: Final = 0.15
_CHARACTER: Final = 0.066
_COLUMNS: Final = 36
_LEVELS: Final = 12
"""Names above each other at most; an incident that finds no room is marked without its name."""


def _layout(case: Case, width: float) -> list[tuple[Incident, float, int, str]]:
    """Give each incident its place from 0 to 1, the lowest level where its name is free, and its name.

    The last one goes first: a name reaches to the right, so no line from below then crosses a name.
    """
    span = (case.timeline.end - case.timeline.start).days + 1
    starts: list[float] = []
    placed = []
    for incident in sorted(case.incidents, key=lambda one: (one.date, one.incident), reverse=True):
        place = ((incident.date - case.timeline.start).days + 0.5) / span
        name = style.wrapped(incident.title, _COLUMNS)
        right = place * width + max(map(len, name.split("\n"))) * _CHARACTER + 0.15
        level = next((i for i, start in enumerate(starts) if right <= start), len(starts))
        starts[level:] = [place * width, *starts[level + 1 :]]
        placed.append((incident, place, level, name))
    return placed


def incident_height(case: Case, width: float) -> float:
    """Inches that the names need."""
    levels = max((level + 1 for _, _, level, _ in _layout(case, width)), default=0)
    return 2 * _LINE * min(levels, _LEVELS) + (0.15 if levels else 0.0)


def draw_incidents(page: style.Page, upper: Axes, case: Case, left: float, bottom: float, height: float) -> None:
    """Mark each incident on the chart and write its name above.

    Parameters
    ----------
    page : Page
    upper : Axes
        The chart of the deaths per week.
    case : Case
    left, bottom, height : float
        Inches of the strip for the names.
    """
    if not case.incidents:
        return
    width = upper.get_position().width * page.width
    strip = page.axes(left, bottom, width, height)
    strip.set_xlim(upper.get_xlim())
    strip.set_ylim(0, height)
    strip.axis("off")
    for incident, _, level, name in _layout(case, width):
        when = style.day_number(incident.date) + 0.5
        base = 0.1 + 2 * _LINE * min(level, _LEVELS - 1)
        upper.axvline(when, color=style.INK, linewidth=0.8, linestyle=(0, (1, 2)), zorder=1.5)
        strip.plot([when, when], [0, base], color=style.INK, linewidth=0.8, linestyle=(0, (1, 2)))
        strip.plot(
            when, base + _LINE / 2, marker="v", markersize=5, color=style.INK, gid=f"incident-{incident.incident}"
        )
        if level >= _LEVELS:
            continue
        strip.annotate(
            name, xy=(when, base), xytext=(6, 0), textcoords="offset points", fontsize=7.5,
            color=style.INK, ha="left", va="bottom", linespacing=1.05,
        )  # fmt: skip
