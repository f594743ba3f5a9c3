"""The house style of every chart: one palette, one type size, nothing of matplotlib's global state.

Colours are those of Okabe and Ito (2008), which people with any colour vision can tell apart; what a
colour says is also said by a shape or a word.
"""

from __future__ import annotations

import textwrap
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final, Protocol
from unicodedata import east_asian_width

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from undercount.report.text import count, visible

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.text import Text

BLUE: Final = "#0072B2"
VERMILLION: Final = "#D55E00"
GREEN: Final = "#009E73"
PURPLE: Final = "#CC79A7"
YELLOW: Final = "#F0E442"
INK: Final = "#1a1a1a"
MUTED: Final = "#5c5c5c"
FAINT: Final = "#dddddd"
KIND_COLOURS: Final = {"recorder": BLUE, "claimant": VERMILLION, "belligerent": GREEN, "relay": PURPLE}
BANDS: Final = {95: "#e4e4e4", 80: "#cbcbcb", 50: "#a6a6a6"}
"""Probability in per cent -> grey of the band, drawn from wide to narrow."""
PRIOR: Final = "#8a8a8a"

SMALL: Final = 8.0
NORMAL: Final = 9.0
TITLE: Final = 13.0
DPI: Final = 150
BANNER: Final = "GATES FAILED: do not quote"
_HEAD: Final = 0.85
"""Inches above the charts for title, subtitle and, where the gates failed, the banner."""
_FOOT: Final = 0.32
_BANNER_WIDTH: Final = 3.2


class Shown(Protocol):
    """What a page says of the figures on it: those of an estimate, or of several."""

    @property
    def title(self) -> str:
        """Of the case or the lists."""

    @property
    def estimand(self) -> str:
        """What was estimated, in words."""

    @property
    def sha256(self) -> str:
        """Of the evidence."""

    @property
    def seed(self) -> int:
        """Of the draws."""

    @property
    def versions(self) -> Mapping[str, str]:
        """Of what was used."""

    def check(self) -> Any:
        """Whether it may be quoted: has `passed`."""


class Picture(Figure):
    """A figure that notebooks show by itself, without pyplot and its global state."""

    def _repr_png_(self) -> bytes:
        buffer = BytesIO()
        self.savefig(buffer, format="png")
        return buffer.getvalue()


class Page:
    """A figure measured in inches: title on top, provenance at the foot, axes placed between.

    Parameters
    ----------
    width, height : float
        Inches of the figure, and of what stands between title and foot.
    """

    def __init__(self, width: float, height: float) -> None:
        self.width, self.body = width, height
        self.height = height + _HEAD + _FOOT
        self.figure = Picture(figsize=(width, self.height), dpi=DPI, facecolor="white")
        FigureCanvasAgg(self.figure)

    def axes(self, left: float, bottom: float, width: float, height: float) -> Axes:
        """Add axes by their inches from the left and from the foot."""
        box = (
            left / self.width,
            (bottom + _FOOT) / self.height,
            width / self.width,
            height / self.height,
        )
        axes = self.figure.add_axes(box)
        dress(axes)
        return axes

    def finish(self, estimate: Shown, what: str, subtitle: str) -> Figure:
        """Write title (the case or lists, and what is shown), foot and, where the gates failed, the banner."""
        is_failed = not estimate.check().passed
        left, top = 0.15 / self.width, 1 - 0.12 / self.height
        columns = int((self.width - (_BANNER_WIDTH if is_failed else 0)) * 9)
        name = literal(estimate.title, max(columns - len(what) - 2, 12), is_measured=True)
        self.figure.text(
            left, top, f"{name}: {what}", fontsize=TITLE, fontweight="bold", color=INK, va="top", gid="title"
        )
        self.figure.text(
            left, top - 0.28 / self.height, wrapped(subtitle, int(self.width * 13), 3), fontsize=NORMAL, color=MUTED,
            va="top", gid="subtitle", linespacing=1.25,
        )  # fmt: skip
        version = estimate.versions.get("undercount", "")
        foot = f"undercount {version}   evidence {estimate.sha256[:12]}   seed {estimate.seed}"
        self.figure.text(left, 0.1 / self.height, foot, fontsize=7, color=MUTED, va="bottom", gid="foot")
        if is_failed:
            self._banner()
        return self.figure

    def _banner(self) -> None:
        self.figure.text(
            1 - 0.15 / self.width, 1 - 0.1 / self.height, BANNER, fontsize=TITLE, fontweight="bold", color="white",
            ha="right", va="top", gid="banner", bbox={"facecolor": "#b00020", "edgecolor": "none", "pad": 5},
        )  # fmt: skip
        self.figure.text(
            0.5, 0.5, BANNER, fontsize=44, fontweight="bold", color="#b00020", alpha=0.16, rotation=24,
            ha="center", va="center", gid="watermark",
        )  # fmt: skip


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


def dress(axes: Axes) -> None:
    """Give axes the house style."""
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(MUTED)
    axes.tick_params(labelsize=SMALL, colors=INK, length=3)
    axes.set_axisbelow(True)


def log_axis(axis: Axis, low: float, high: float, *, is_rate: bool = False) -> None:
    """Put round numbers on a logarithmic axis."""
    subs = (1.0, 2.0, 5.0) if high / low < 2000 else (1.0,)
    axis.set_major_locator(LogLocator(base=10, subs=subs, numticks=20))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}" if is_rate else count(value)))
    axis.set_minor_formatter(NullFormatter())


def day_number(when: date) -> float:
    """Place of the start of a day on an axis of dates."""
    number: float = date2num(when)  # type: ignore[no-untyped-call]
    return number


def date_axis(axis: Axis) -> None:
    """Put months, weeks or days on an axis of dates, whatever has room."""
    locator = AutoDateLocator(minticks=4, maxticks=9, interval_multiples=True)  # type: ignore[no-untyped-call]
    axis.set_major_locator(locator)
    axis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]


def count_axis(axis: Axis) -> None:
    """Put whole numbers with thousands separators on a linear axis."""
    axis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    axis.set_major_formatter(FuncFormatter(lambda value, _: count(value)))


def label(axes: Axes, x: str = "", y: str = "") -> None:
    """Name the axes with their units."""
    axes.set_xlabel(x, fontsize=NORMAL, color=INK)
    axes.set_ylabel(y, fontsize=NORMAL, color=INK)


def colour_labels(labels: list[Text], colours: list[str]) -> None:
    """Colour tick labels one by one."""
    for text, colour in zip(labels, colours, strict=True):
        text.set_color(colour)
