"""The strip above the timeline: single events, by name or, where there is no room for names, by a letter."""

from __future__ import annotations

from string import ascii_uppercase
from typing import TYPE_CHECKING, Final

from undercount.report.charts import style
from undercount.report.charts.key import Entry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

    from undercount.data.schema import Case, Incident
    from undercount.report.charts.key import Sample
    from undercount.report.charts.look import Look
    from undercount.report.charts.page import Page

_LINE: Final = 0.16
_CHARACTER: Final = 0.075
_COLUMNS: Final = 36
_LEVELS: Final = 12
"""Names above each other at most; an incident that finds no room is marked without its name."""
_DOTS: Final = (0, (1, 2))


def letters(case: Case) -> Mapping[str, str]:
    """Give each incident a letter, in the order of their days: A, B, ..., Z, A1, B1, ..."""
    ordered = sorted(case.incidents, key=lambda one: (one.date, one.incident))
    return {
        one.incident: ascii_uppercase[number % 26] + (str(number // 26) if number >= 26 else "")
        for number, one in enumerate(ordered)
    }


def incident_entries(case: Case, look: Look) -> list[Entry]:
    """The names of incidents that are marked by a letter, for the key."""
    found = letters(case)
    return [
        Entry(style.literal(look.words.name(one.title)), _letter(found[one.incident], look)) for one in _ordered(case)
    ]


def _ordered(case: Case) -> list[Incident]:
    return sorted(case.incidents, key=lambda one: (one.date, one.incident))


def _letter(letter: str, look: Look) -> Sample:
    def draw(axes: Axes, x0: float, _: float, y: float) -> None:
        axes.plot(x0 + 0.08, y, marker="v", markersize=5, color=style.INK)
        axes.text(x0 + 0.17, y, letter, fontsize=look.width.small, fontweight="bold", color=style.INK, va="center",
                  ha=look.start)  # fmt: skip

    return draw


def incident_height(case: Case, width: float, look: Look) -> float:
    """Inches that the names or letters need."""
    levels = max((level + 1 for _, _, level, _ in _layout(case, width, look)), default=0)
    return _step(look) * min(levels, _LEVELS) + (0.15 if levels else 0.0)


def draw_incidents(page: Page, upper: Axes, case: Case, start: float, bottom: float, height: float) -> None:
    """Mark each incident on the chart and write its name or letter above.

    Parameters
    ----------
    page : Page
    upper : Axes
        The chart of the deaths per week.
    case : Case
    start, bottom, height : float
        Inches of the strip for the names.
    """
    if not case.incidents:
        return
    look = page.look
    width = upper.get_position().width * page.width
    strip = page.axes(start, bottom, width, height)
    strip.set_xlim(upper.get_xlim())
    strip.set_ylim(0, height)
    strip.axis("off")
    for incident, _, level, name in _layout(case, width, look):
        when = style.day_number(incident.date) + 0.5
        base = 0.1 + _step(look) * min(level, _LEVELS - 1)
        upper.axvline(when, color=style.INK, linewidth=0.8, linestyle=_DOTS, zorder=1.5)
        strip.plot([when, when], [0, base], color=style.INK, linewidth=0.8, linestyle=_DOTS)
        strip.plot(
            when, base + _LINE / 2, marker="v", markersize=5, color=style.INK, gid=f"incident-{incident.incident}"
        )
        for number, line in enumerate(look.directed(name).split("\n")[::-1] if level < _LEVELS else []):
            strip.annotate(
                line, xy=(when, base), xytext=(5 * look.onward, 2 + 10.5 * number),
                textcoords="offset points", fontsize=look.width.small, color=style.INK, ha=look.start, va="baseline",
                fontweight="bold" if look.is_narrow else "normal", **style.PLAIN,
            )  # fmt: skip


def _layout(case: Case, width: float, look: Look) -> list[tuple[Incident, float, int, str]]:
    """Give each incident its place from 0 to 1, the lowest level where its name is free, and its name.

    The last one goes first (the first one, where one reads from the right): a name reaches onward, so no line from
    below then crosses a name.
    """
    span = (case.timeline.end - case.timeline.start).days + 1
    marked = letters(case)
    ordered = _ordered(case) if look.is_mirrored else _ordered(case)[::-1]
    starts: list[float] = []
    placed = []
    for incident in ordered:
        place = ((incident.date - case.timeline.start).days + 0.5) / span
        onward = width * (1 - place if look.is_mirrored else place)
        title = style.wrapped(look.words.name(incident.title), _COLUMNS)
        name = marked[incident.incident] if look.is_narrow else title
        reach = onward + max(map(len, name.split("\n"))) * _CHARACTER + 0.15
        level = next((i for i, start in enumerate(starts) if reach <= start), len(starts))
        starts[level:] = [onward, *starts[level + 1 :]]
        placed.append((incident, place, level, name))
    return placed


def _step(look: Look) -> float:
    return _LINE if look.is_narrow else 2 * _LINE
