"""A forest: one name in each row, its intervals, and its figures in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from undercount.report.charts import style
from undercount.report.charts.intervals import Interval, draw_interval
from undercount.report.charts.page import EDGE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from matplotlib.axes import Axes

    from undercount.report.charts.look import Look
    from undercount.report.charts.page import Page

AXIS: Final = 0.7
"""Inches beneath a forest for its ticks and the name of its axis."""
_NAMES: Final = 2.95
_COLUMN: Final = 0.85
_FIRST: Final = 1.95
_LINE: Final = 0.15
_GLYPH: Final = 0.17
_GAP: Final = 0.2
_TITLES: Final = 0.18


class Glyph(NamedTuple):
    """One interval of a row."""

    interval: Interval
    colour: str
    name: str


class Mark(NamedTuple):
    """A single number of a row, such as what was documented; open where it is a lower or an upper end."""

    value: float
    marker: str
    colour: str
    name: str


@dataclass(frozen=True)
class Row:
    """One row.

    Attributes
    ----------
    name, note : str
        What it is about: a text of anybody's, and words of ours beneath it.
    figures : tuple of str
        One for each column of figures.
    """

    name: str
    glyphs: tuple[Glyph, ...]
    note: str = ""
    figures: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()
    colour: str = style.INK


class _Placed(NamedTuple):
    """A row, its texts in lines, and inches from the top: of the row, of its glyphs, of its end."""

    row: Row
    name: str
    beneath: str
    top: float
    glyphs: tuple[float, ...]
    end: float


@dataclass(frozen=True)
class Forest:
    """Rows, laid out for a look.

    Parameters
    ----------
    look : Look
    rows : sequence of Row
    titles : sequence of str
        Of the columns of figures; where they stand beneath a name, the first has none.
    """

    look: Look
    rows: Sequence[Row]
    titles: Sequence[str] = ()

    @property
    def height(self) -> float:
        """Inches of the rows and of the titles above them."""
        end = max((placed.end for placed in self._placed()), default=_GAP)
        return end + (0.0 if self.look.is_narrow or not self.titles else _TITLES)

    @property
    def inner(self) -> tuple[float, float]:
        """Inches from the start to the axes, and of the axes."""
        width = self.look.width.inches
        if self.look.is_narrow:
            return 2 * EDGE, width - 4 * EDGE
        side = _FIRST + _COLUMN * (len(self.titles) - 1) if self.titles else 0.3
        return _NAMES + 2 * EDGE, width - _NAMES - side - 3 * EDGE

    def draw(self, page: Page, bottom: float) -> Axes:
        """Draw names, intervals and figures.

        Parameters
        ----------
        page : Page
        bottom : float
            Inches from the foot to the axis.

        Returns
        -------
        Axes
            Its horizontal axis has no scale yet (see `scale`), its vertical one counts inches from the top.
        """
        placed = self._placed()
        rows = max((one.end for one in placed), default=_GAP)
        start, width = self.inner
        axes = page.axes(start, bottom, width, rows)
        axes.set_ylim(rows, 0)
        axes.set_yticks([])
        axes.spines[self.look.start].set_visible(not self.look.is_narrow)
        for one in placed:
            for y, glyph in zip(one.glyphs, one.row.glyphs, strict=True):
                draw_interval(axes, y, glyph.interval, glyph.colour, glyph.name)
            for mark in one.row.marks:
                axes.plot(
                    mark.value, one.glyphs[-1], marker=mark.marker, markersize=13, color=mark.colour,
                    markeredgewidth=2.2, gid=mark.name or None, zorder=5,
                )  # fmt: skip
        (self._write_above if self.look.is_narrow else self._write_beside)(page, bottom, rows, placed)
        return axes

    def scale(self, axes: Axes, low: float, high: float, *, is_rate: bool = False, is_log: bool = True) -> None:
        """Give the axes their limits and ticks."""
        if is_log:
            axes.set_xscale("log")
            axes.set_xlim(low, high)
            style.log_axis(axes.xaxis, low, high, self.look, is_rate=is_rate)
        else:
            axes.set_xlim(low, high)
            style.count_axis(axes.xaxis, self.look)
        ticks = [tick for tick in axes.xaxis.get_majorticklocs() if low <= tick <= high]
        for top, end in self.spans():
            axes.vlines(ticks, top, end, color=style.FAINT, linewidth=0.6, zorder=0.5)

    def spans(self) -> Iterator[tuple[float, float]]:
        """Inches from the top between which a line may run upwards without crossing a text."""
        placed = self._placed()
        if not self.look.is_narrow:
            yield 0.0, max((one.end for one in placed), default=_GAP)
            return
        for one in placed:
            if one.glyphs:
                yield one.glyphs[0] - 0.1, one.glyphs[-1] + 0.1

    def _placed(self) -> list[_Placed]:
        placed, top = list[_Placed](), 0.0
        for row in self.rows:
            one = self._above(row, top) if self.look.is_narrow else self._beside(row, top)
            placed.append(one)
            top = one.end
        return placed

    def _beside(self, row: Row, top: float) -> _Placed:
        columns = self.look.columns(_NAMES)
        name, note = style.wrapped(row.name, columns, 3), style.folded(row.note, columns)
        height = max(style.lines([name, note]) * _LINE, len(row.glyphs) * _GLYPH) + _GAP
        middle, half = top + height / 2, (len(row.glyphs) - 1) / 2
        glyphs = tuple(middle + (i - half) * _GLYPH for i in range(len(row.glyphs)))
        return _Placed(row, name, note, top, glyphs, top + height)

    def _above(self, row: Row, top: float) -> _Placed:
        columns = self.look.columns(self.look.width.inches - 2 * EDGE)
        first = list(row.figures[:1])
        told = first + [f"{title}: {figure}" for title, figure in zip(self.titles[1:], row.figures[1:], strict=True)]
        name = style.wrapped(row.name, int(0.87 * columns), 3)
        beneath = style.joined([row.note, *told], columns)
        begin = top + 0.06 + style.lines([name, beneath]) * _LINE + 0.1
        glyphs = tuple(begin + i * _GLYPH for i in range(len(row.glyphs)))
        return _Placed(row, name, beneath, top, glyphs, begin + (len(row.glyphs) - 1) * _GLYPH + 0.2)

    def _write_above(self, page: Page, bottom: float, height: float, placed: Sequence[_Placed]) -> None:
        strip = page.strip(EDGE, bottom, self.look.width.inches - 2 * EDGE, height)
        for one in placed:
            page.write(strip, 0, one.top + 0.06, one.name, va="top", color=one.row.colour, fontweight="bold")
            beneath = one.top + 0.06 + style.lines([one.name]) * _LINE
            page.write(strip, 0, beneath, one.beneath, va="top", color=style.MUTED)

    def _write_beside(self, page: Page, bottom: float, height: float, placed: Sequence[_Placed]) -> None:
        names = page.strip(EDGE, bottom, _NAMES, height)
        for one in placed:
            middle = (one.top + one.end) / 2
            upper = middle - style.lines([one.name, one.beneath]) * _LINE / 2
            page.write(names, _NAMES, upper, one.name, va="top", ha=self.look.end, color=one.row.colour)
            page.write(
                names, _NAMES, upper + style.lines([one.name]) * _LINE, one.beneath, va="top", ha=self.look.end,
                color=style.MUTED,
            )  # fmt: skip
        start, width = self.inner
        side = self.look.width.inches - start - width
        figures = page.strip(start + width, bottom, side, height + _TITLES)
        for column, x, title in self._columns():
            page.write(figures, x, _TITLES - 0.05, title, va="bottom", color=style.MUTED)
            for one in placed:
                page.write(figures, x, _TITLES + (one.top + one.end) / 2, one.row.figures[column], va="center")

    def _columns(self) -> Iterator[tuple[int, float, str]]:
        for column, title in enumerate(self.titles):
            yield column, 0.14 + (_FIRST + (column - 1) * _COLUMN if column else 0.0), title


def ends(rows: Sequence[Row], pick: Callable[[Sequence[float]], float]) -> float:
    """The lowest or the highest number of the rows, as `pick` (`min` or `max`) says."""
    intervals = [end for row in rows for glyph in row.glyphs for end in glyph.interval.widest]
    return pick([*intervals, *(mark.value for row in rows for mark in row.marks)])
