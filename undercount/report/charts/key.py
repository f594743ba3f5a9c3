"""The key of a chart: what each mark means, beside the chart or beneath it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from matplotlib.patches import Rectangle

from undercount.report.charts import style
from undercount.report.charts.intervals import Interval, draw_interval
from undercount.report.charts.page import EDGE
from undercount.report.words import message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from matplotlib.axes import Axes

    from undercount.report.charts.look import Look
    from undercount.report.charts.page import Page

    Sample = Callable[[Axes, float, float, float], None]

_SAMPLE: Final = 0.32
_GAP: Final = 0.08
_LINE: Final = 0.152
_BETWEEN: Final = 0.05
_REPORTS: Final = {
    "recorder": message("report of a recorder"),
    "claimant": message("report of a claimant"),
    "belligerent": message("report of a belligerent"),
    "relay": message("report of a relay"),
}


class Entry(NamedTuple):
    """What a mark means, and how to draw one from x0 to x1 at a height."""

    words: str
    draw: Sample


class _Placed(NamedTuple):
    column: int
    top: float
    words: str
    draw: Sample


def line(words: str, colour: str, thickness: float = 2.0, dashes: Any = "-") -> Entry:
    """Explain a line."""
    return Entry(words, lambda axes, x0, x1, y: _line(axes, x0, x1, y, colour, thickness, dashes))


def patch(words: str, colour: str, alpha: float = 1.0, edge: str = "none") -> Entry:
    """Explain an area."""

    def draw(axes: Axes, x0: float, x1: float, y: float) -> None:
        axes.add_patch(
            Rectangle((x0, y - 0.045), x1 - x0, 0.09, facecolor=colour, alpha=alpha, edgecolor=edge, linewidth=0.6)
        )

    return Entry(words, draw)


def mark(words: str, marker: str, colour: str, edge: str = "") -> Entry:
    """Explain a mark."""

    def draw(axes: Axes, x0: float, x1: float, y: float) -> None:
        size = 9 if marker in "_|" else 6
        axes.plot(
            (x0 + x1) / 2, y, marker=marker, color=colour, markeredgecolor=edge or colour, markersize=size,
            markeredgewidth=1.6, linestyle="none",
        )  # fmt: skip

    return Entry(words, draw)


def interval(words: str, colour: str) -> Entry:
    """Explain the lines and the ring of an interval."""

    def draw(axes: Axes, x0: float, x1: float, y: float) -> None:
        ends = {
            prob: (x0 + inset * (x1 - x0), x1 - inset * (x1 - x0)) for prob, inset in ((95, 0), (80, 0.15), (50, 0.3))
        }
        draw_interval(axes, y, Interval((x0 + x1) / 2, ends), colour)

    return Entry(words, draw)


def kinds(look: Look, found: Iterable[str]) -> list[Entry]:
    """Explain the colours of reports by the kind of their source."""
    return [line(look.words(_REPORTS[kind]), style.KIND_COLOURS[kind], 2.6) for kind in dict.fromkeys(found)]


def key_height(look: Look, entries: Sequence[Entry], width: float, columns: int = 1) -> float:
    """Inches that a key needs."""
    return max((one.top + _step(one.words) for one in _layout(look, entries, width, columns)), default=0.0)


def height_beneath(look: Look, entries: Sequence[Entry]) -> float:
    """Inches that a key takes beneath the axes of a narrow chart; a wide one has it beside them."""
    return key_height(look, entries, look.width.inches - 2 * EDGE) + 0.15 if look.is_narrow else 0.0


def draw_key(page: Page, entries: Sequence[Entry], start: float, top: float, width: float, columns: int = 1) -> None:
    """Draw a key whose upper end is at some inches from the foot.

    Parameters
    ----------
    page : Page
    entries : sequence of Entry
        Read down each column.
    start, top, width : float
        Inches.
    columns : int
    """
    height = key_height(page.look, entries, width, columns)
    strip = page.strip(start, top - height, width, height)
    for one in _layout(page.look, entries, width, columns):
        x = one.column * width / columns
        one.draw(strip, x, x + _SAMPLE, one.top + _LINE / 2 - 0.012)
        page.write(strip, x + _SAMPLE + _GAP, one.top, one.words, va="top")


def _layout(look: Look, entries: Sequence[Entry], width: float, columns: int) -> list[_Placed]:
    room = look.columns(width / columns - _SAMPLE - _GAP)
    each = -(-len(entries) // columns)
    placed, top = list[_Placed](), 0.0
    for number, entry in enumerate(entries):
        column, row = divmod(number, each)
        words = style.folded(entry.words, room)
        top = 0.0 if row == 0 else top
        placed.append(_Placed(column, top, words, entry.draw))
        top += _step(words)
    return placed


def _step(words: str) -> float:
    return style.lines([words]) * _LINE + _BETWEEN


def _line(axes: Axes, x0: float, x1: float, y: float, colour: str, thickness: float, dashes: Any) -> None:
    axes.plot([x0, x1], [y, y], color=colour, linewidth=thickness, linestyle=dashes)
