"""The house style of every chart: texts of the evidence, axes, ticks; nothing of matplotlib's global state."""

from __future__ import annotations

import textwrap
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final, override
from unicodedata import east_asian_width

from matplotlib.dates import AutoDateLocator, date2num, num2date
from matplotlib.ticker import FixedLocator, Formatter, FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from undercount.report.charts.palette import LIGHT
from undercount.report.text import visible
from undercount.report.words.numbers import in_digits, locale

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

    from undercount.report.charts.look import Look

PAGE: Final = LIGHT["page"]
INK: Final = LIGHT["ink"]
MUTED: Final = LIGHT["muted"]
FAINT: Final = LIGHT["faint"]
PRIOR: Final = LIGHT["prior"]
WINDOW: Final = LIGHT["window"]
ALARM: Final = LIGHT["alarm"]
KIND_COLOURS: Final = {kind: LIGHT[kind] for kind in ("recorder", "claimant", "belligerent", "relay")}
BANDS: Final = {prob: LIGHT[f"band-{prob}"] for prob in (95, 80, 50)}
"""Probability in per cent -> grey of the band, drawn from wide to narrow."""
DASHES: Final = (0, (4, 2))


def literal(text: str, longest: int = 120, *, is_measured: bool = False) -> str:
    """Prepare a text of the evidence for a chart: one line, cut, and no mathematics between dollar signs.

    Parameters
    ----------
    text : str
    longest : int
        Characters kept.
    is_measured : bool
        Whether letters of double width count twice.
    """
    return visible(text, _columns(text, longest) if is_measured else longest).replace("$", r"\$")


def wrapped(text: str, width: int, lines: int = 2) -> str:
    """Break a text of the evidence into a few lines."""
    columns = _columns(text, width)
    shown = visible(text, (lines + 1) * columns)
    return "\n".join(textwrap.wrap(shown, width=columns, max_lines=lines, placeholder=" …")).replace("$", r"\$")


def _columns(text: str, columns: int) -> int:
    """Half as many where a letter is twice as wide."""
    return columns // 2 if any(east_asian_width(letter) in "WF" for letter in text) else columns


def dress(axes: Axes, look: Look) -> None:
    """Give axes the house style."""
    axes.patch.set_visible(False)
    for side in ("top", look.end):
        axes.spines[side].set_visible(False)
    for side in ("bottom", look.start):
        axes.spines[side].set_color(MUTED)
    if look.is_mirrored:
        axes.yaxis.tick_right()
    axes.tick_params(labelsize=look.width.small, colors=INK, length=3, color=MUTED)
    axes.set_axisbelow(True)


def grid(axes: Axes, axis: Any = "x") -> None:
    """Draw faint lines at the ticks."""
    axes.grid(visible=True, axis=axis, color=FAINT, linewidth=0.6)


def log_axis(axis: Axis, low: float, high: float, look: Look, *, is_rate: bool = False) -> None:
    """Put round numbers on a logarithmic axis, as many as there is room for."""
    most = 3000 if is_rate else 2000
    subs = (1.0, 2.0, 5.0) if high / low < (60 if look.is_narrow else most) else (1.0,)
    axis.set_major_locator(LogLocator(base=10, subs=subs, numticks=20))
    write = look.words.rate if is_rate else look.words.count
    axis.set_major_formatter(FuncFormatter(lambda value, _: write(value)))
    axis.set_minor_formatter(NullFormatter())


def count_axis(axis: Axis, look: Look) -> None:
    """Put whole numbers on a linear axis."""
    axis.set_major_locator(MaxNLocator(nbins=4 if look.is_narrow else 6, integer=True))
    axis.set_major_formatter(FuncFormatter(lambda value, _: look.words.count(value)))


def day_number(when: date) -> float:
    """Place of the start of a day on an axis of dates."""
    number: float = date2num(when)  # type: ignore[no-untyped-call]
    return number


def date_axis(axis: Axis, look: Look, start: date, end: date) -> None:
    """Lay out the days from the first to the one after the last; put months, weeks or days on the axis, what has room."""
    axis.axes.set_xlim(day_number(start), day_number(end))  # type: ignore[union-attr]
    most = 5 if look.is_narrow else 9
    locator = AutoDateLocator(minticks=3, maxticks=most, interval_multiples=True)  # type: ignore[no-untyped-call]
    found = [num2date(place).date() for place in locator.tick_values(start, end)]  # type: ignore[no-untyped-call]
    margin = timedelta(days=round(0.02 * (end - start).days))
    ticks = sorted({day for day in found if start + margin <= day < end - margin}) or [start]
    axis.set_major_locator(FixedLocator([day_number(day) for day in ticks]))
    axis.set_major_formatter(_Days(ticks, look.words.language))


class _Days(Formatter):
    """Months, or days with their month; the year at the first tick and at each January."""

    def __init__(self, ticks: Sequence[date], language: str) -> None:
        is_monthly = all(day.day == 1 for day in ticks)
        self._labels = {day_number(day): _day_label(day, language, is_monthly, day == ticks[0]) for day in ticks}

    @override
    def __call__(self, x: float, pos: int | None = None) -> str:
        return self._labels.get(x, "")


def _day_label(day: date, language: str, is_monthly: bool, is_first: bool) -> str:
    from babel.dates import format_date

    name = format_date(day, "MMM" if is_monthly else "d MMM", locale=locale(language))
    year = f"\n{day.year}" if is_first or (is_monthly and day.month == 1) else ""
    return in_digits(name + year, language)


def label(axes: Axes, look: Look, x: str = "", y: str = "") -> None:
    """Name the axes with their units; what stands upwards on a narrow chart is written above it instead."""
    size = look.width.normal
    inches = axes.get_position().width * look.width.inches
    axes.set_xlabel(look.directed(folded(x, look.columns(inches, size))), fontsize=size, color=INK)
    if not y:
        return
    if look.is_narrow:
        axes.annotate(
            look.directed(y), xy=(float(look.is_mirrored), 1), xycoords="axes fraction", xytext=(0, 5), ha=look.start,
            textcoords="offset points", va="bottom", fontsize=look.width.small, color=MUTED,
        )  # fmt: skip
    else:
        axes.set_ylabel(look.directed(y), fontsize=size, color=INK)
        axes.yaxis.set_label_position(look.start)


def folded(text: str, width: int) -> str:
    """Break our own words into as many lines as they need."""
    return "\n".join(textwrap.wrap(text, width=width))


def lines(texts: Iterable[str]) -> int:
    """Lines of several texts beneath each other."""
    return sum(text.count("\n") + 1 for text in texts if text)
