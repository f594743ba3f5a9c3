"""The house style of every chart: texts of the evidence, axes, ticks; nothing of matplotlib's global state."""

from __future__ import annotations

import textwrap
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final, override
from unicodedata import east_asian_width

from matplotlib.dates import MONTHLY, AutoDateLocator, date2num, num2date
from matplotlib.ticker import FixedLocator, Formatter, FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from undercount.report.charts.palette import LIGHT
from undercount.report.text import visible
from undercount.report.words.numbers import in_digits, locale, localised

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

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
PLAIN: Final[Mapping[str, Any]] = {"parse_math": False}
"""For whoever draws a text of the evidence: what stands between dollar signs is no mathematics."""
DASHES: Final = (0, (4, 2))


def literal(text: str, longest: int = 120, *, is_measured: bool = False) -> str:
    """Prepare a text of the evidence for a chart: one line, cut; draw it with `PLAIN`.

    Parameters
    ----------
    text : str
    longest : int
        Characters kept.
    is_measured : bool
        Whether letters of double width count twice.
    """
    return visible(text, _columns(text, longest) if is_measured else longest)


def wrapped(text: str, width: int, lines: int = 2) -> str:
    """Break a text of the evidence into a few lines; draw it with `PLAIN`."""
    columns = _columns(text, width)
    shown = visible(text, (lines + 1) * columns)
    return "\n".join(textwrap.wrap(shown, columns, max_lines=lines, placeholder=" …", break_on_hyphens=False))


def _columns(text: str, columns: int) -> int:
    """Half as many where a letter is twice as wide, fewer where a line is one word: it may be of wide letters only."""
    if any(east_asian_width(letter) in "WF" for letter in text):
        return columns // 2
    return columns if max(map(len, text.split()), default=0) < columns else int(0.8 * columns)


def dress(axes: Axes, look: Look) -> None:
    """Give axes the house style."""
    axes.patch.set_visible(False)
    for side in ("top", look.end):
        axes.spines[side].set_visible(False)
    for side in ("bottom", look.start):
        axes.spines[side].set_color(MUTED)
    if look.is_mirrored:
        axes.yaxis.tick_right()
    axes.tick_params(labelsize=look.width.small, labelcolor=INK, length=3)
    axes.tick_params(which="both", color=MUTED)
    axes.set_axisbelow(True)


def grid(axes: Axes, axis: Any = "x") -> None:
    """Draw faint lines at the ticks."""
    axes.grid(visible=True, axis=axis, color=FAINT, linewidth=0.6)


def log_axis(axis: Axis, low: float, high: float, look: Look, *, is_rate: bool = False) -> None:
    """Put round numbers on a logarithmic axis, as many as there is room for."""
    most = 25 if look.is_narrow and axis is axis.axes.xaxis else 2000
    subs = (1.0, 2.0, 5.0) if high / low < most else (1.0, 3.0) if high / low < 20 * most else (1.0,)
    axis.set_major_locator(LogLocator(base=10, subs=subs, numticks=20))
    write = "{:g}".format if is_rate else "{:.0f}".format
    axis.set_major_formatter(FuncFormatter(lambda value, _: localised(write(value), look.words.language)))
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
    """Lay out the days from the first to the one after the last, with as many ticks as there is room for."""
    axis.axes.set_xlim(day_number(start), day_number(end))
    # Months have two words where one writes from right to left.
    most = {(False, False): 9, (False, True): 6, (True, False): 5, (True, True): 4}[look.is_narrow, look.is_mirrored]
    locator = AutoDateLocator(minticks=2, maxticks=most, interval_multiples=True)  # type: ignore[no-untyped-call]
    locator.intervald[MONTHLY] = [1, 2, 3, 4, 6, 12]
    ends = [num2date(day_number(day)) for day in (start, end)]  # type: ignore[no-untyped-call]
    found = [num2date(place).date() for place in locator.tick_values(*ends)]  # type: ignore[no-untyped-call]
    margin = timedelta(days=round(0.02 * (end - start).days))
    ticks = sorted({day for day in found if start + margin <= day < end - margin}) or [start]
    axis.set_major_locator(FixedLocator([day_number(day) for day in ticks]))
    axis.set_major_formatter(_Days(ticks, look.words.language))
    axis.set_tick_params(pad=3.5 + look.width.small)
    for text in axis.get_ticklabels():
        text.set_verticalalignment("baseline")


class _Days(Formatter):
    """Months, or days with their month; of a January the year, and if there is none, the year at the first tick."""

    def __init__(self, ticks: Sequence[date], language: str) -> None:
        is_monthly = len(ticks) > 1 and all(day.day == 1 for day in ticks)
        years = {day for day in ticks if is_monthly and day.month == 1}
        self._labels = {
            day_number(day): _day_label(day, "y" if day in years else month, language)
            for number, day in enumerate(ticks)
            for month in [("MMM" if is_monthly else "d MMM") + (" y" if number == 0 and not years else "")]
        }

    @override
    def __call__(self, x: float, pos: int | None = None) -> str:
        return self._labels.get(x, "")


def _day_label(day: date, pattern: str, language: str) -> str:
    from babel.dates import format_date

    return in_digits(format_date(day, pattern, locale=locale(language)), language)


def label(axes: Axes, look: Look, x: str = "", y: str = "") -> None:
    """Name the axes with their units; what stands upwards on a narrow chart is written above it instead."""
    if x:
        _label_beneath(axes, look, x)
    if y and look.is_narrow:
        axes.annotate(
            look.directed(y), xy=(float(look.is_mirrored), 1), xycoords="axes fraction", xytext=(0, 5), ha=look.start,
            textcoords="offset points", va="bottom", fontsize=look.width.small, color=MUTED,
        )  # fmt: skip
    elif y:
        axes.set_ylabel(look.directed(y), fontsize=look.width.normal, color=INK)
        axes.yaxis.set_label_position(look.start)


def _label_beneath(axes: Axes, look: Look, words: str) -> None:
    """Each line is a text of its own, since an SVG keeps the alignment of single lines only."""
    size = look.width.normal
    inches = axes.get_position().width * look.width.inches
    first, *others = look.directed(folded(words, look.columns(inches, size))).split("\n")
    axes.set_xlabel(first, fontsize=size, color=INK)
    for number, other in enumerate(others, start=1):
        axes.annotate(
            other, xy=(0.5, 0), xycoords="axes fraction", xytext=(0, -20 - 1.25 * number * size),
            textcoords="offset points", ha="center", va="top", fontsize=size, color=INK,
        )  # fmt: skip


def folded(text: str, width: int) -> str:
    """Break our own words into as many lines as they need."""
    return "\n".join(textwrap.wrap(text, _columns(text, width), break_on_hyphens=False))


def joined(parts: Iterable[str], width: int) -> str:
    r"""Join our own words with strokes between them, breaking lines between two of them where there is room.

    Examples
    --------
    >>> joined(["one", "two", "three"], 10).split("\n")
    ['one | two', 'three']
    """
    rows = [""]
    for part in filter(None, parts):
        longer = f"{rows[-1]} | {part}" if rows[-1] else part
        rows = [*rows[:-1], longer] if len(longer) <= width or not rows[-1] else [*rows, part]
    return "\n".join(folded(row, width) for row in rows)


def lines(texts: Iterable[str]) -> int:
    """Lines of several texts beneath each other."""
    return sum(text.count("\n") + 1 for text in texts if text)
