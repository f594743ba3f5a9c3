"""The lower part of the timeline: each report by name, over its window, with its figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from undercount.report.charts import style
from undercount.report.charts.page import EDGE
from undercount.report.charts.tags import tag_style

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from undercount.report.charts.bars import Bar
    from undercount.report.charts.look import Look
    from undercount.report.charts.page import Page

_LINE: Final = 0.15
_TALLEST: Final = 120.0
"""Inches of the rows at most; a picture that is taller cannot be drawn."""
_TAG: Final = 0.24
_BAR: Final = 0.12


class _Placed(NamedTuple):
    bar: Bar
    name: str
    told: str
    top: float
    middle: float
    end: float


class ReportRows:
    """One row for each report, laid out for a look.

    Parameters
    ----------
    look : Look
    bars : sequence of Bar
    names, figures : float
        Inches at the two sides, where they are not written above the bars.
    """

    def __init__(self, look: Look, bars: Sequence[Bar], names: float, figures: float) -> None:
        self.look, self.names, self.figures = look, names, figures
        self._placed = list[_Placed]()
        top = 0.05
        for bar in bars:
            placed = self._above(bar, top) if look.is_narrow else self._beside(bar, top)
            self._placed.append(placed)
            top = placed.end
        self._end = top + 0.05
        self.height = min(self._end, _TALLEST)

    def draw(self, page: Page, axes: Axes, bottom: float) -> None:
        """Draw the bars into axes of this height, and write the texts.

        Parameters
        ----------
        page : Page
        axes : Axes
        bottom : float
            Inches from the foot to the axes.
        """
        axes.set_ylim(self._end, 0)
        axes.set_yticks([])
        axes.spines[self.look.start].set_visible(not self.look.is_narrow)
        for row in self._placed:
            days = max((row.bar.after - row.bar.start).days, 1)
            axes.barh(
                row.middle, days, left=style.day_number(row.bar.start), height=_BAR,
                color=style.KIND_COLOURS[row.bar.kind], gid=f"row-{row.bar.report}",
            )  # fmt: skip
        write = self._write_above if self.look.is_narrow else self._write_beside
        write(page, bottom)

    def _beside(self, bar: Bar, top: float) -> _Placed:
        look = self.look
        name = style.wrapped(bar.source, look.columns(self.names - _TAG), 3)
        told = style.wrapped(bar.told(look.words), look.columns(self.figures - 0.1), 3)
        height = max(style.lines([name]), style.lines([told])) * _LINE + 0.06
        return _Placed(bar, name, told, top, top + height / 2, top + height)

    def _above(self, bar: Bar, top: float) -> _Placed:
        look = self.look
        columns = look.columns(look.width.inches - 2 * EDGE - _TAG)
        name, told = style.wrapped(bar.source, int(0.87 * columns), 3), style.wrapped(bar.told(look.words), columns, 4)
        middle = top + style.lines([name, told]) * _LINE + 0.03 + _BAR / 2
        return _Placed(bar, name, told, top, middle, middle + _BAR / 2 + 0.12)

    def _write_above(self, page: Page, bottom: float) -> None:
        strip = page.strip(EDGE, bottom, self.look.width.inches - 2 * EDGE, self._end)
        for row in self._placed:
            self._tag(strip, 0.09, row.top + _LINE / 2, row.bar)
            colour = style.KIND_COLOURS[row.bar.kind]
            page.write(strip, _TAG, row.top, row.name, va="top", color=colour, fontweight="bold")
            page.write(strip, _TAG, row.top + style.lines([row.name]) * _LINE, row.told, va="top")

    def _write_beside(self, page: Page, bottom: float) -> None:
        names = page.strip(EDGE, bottom, self.names, self._end)
        figures = page.strip(self.look.width.inches - EDGE - self.figures, bottom, self.figures, self._end)
        for row in self._placed:
            colour = style.KIND_COLOURS[row.bar.kind]
            page.write(names, self.names - _TAG, row.middle, row.name, va="center", ha=self.look.end, color=colour)
            self._tag(names, self.names - 0.12, row.middle, row.bar)
            page.write(figures, 0.08, row.middle, row.told, va="center")

    def _tag(self, strip: Axes, x: float, y: float, bar: Bar) -> None:
        strip.text(x, y, self.look.words.count(bar.number), **tag_style(bar))
