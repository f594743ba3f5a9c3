"""A figure measured in inches: title on top, provenance at the foot, axes and texts between."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from undercount.report.charts import style
from undercount.report.words import message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

    from undercount.report.charts.look import Look

DPI: Final = 150
BANNER: Final = message("GATES FAILED: do not quote")
GROUND: Final = "ground"
"""Name of the white paper, which a chart in a page does without."""
EDGE: Final = 0.12
"""Inches that stay free at every edge."""
_FOOT: Final = 0.32
_BANNER_WIDTH: Final = 3.4
_BANNER_HEIGHT: Final = 0.36
LINE: Final = 1.27 / 72
"""Inches of a line of text, for each point of its size."""
_BASE: Final = 0.77
"""Share of a line that is above its baseline."""
_ROOM: Final = 0.14


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


class Heading(NamedTuple):
    """What is shown of which estimate, and what there is to know about it."""

    shown: Shown
    what: str
    subtitle: str


class Picture(Figure):
    """A figure that notebooks show by itself, without pyplot and its global state."""

    def _repr_png_(self) -> bytes:
        buffer = BytesIO()
        self.savefig(buffer, format="png")
        return buffer.getvalue()


class Page:
    """A figure with its heading, to be filled.

    Parameters
    ----------
    look : Look
    height : float
        Inches of what stands between heading and foot.
    heading : Heading
        Where the gates failed, a banner says so, also on a page that has a heading of its own.
    """

    def __init__(self, look: Look, height: float, heading: Heading) -> None:
        self.look, self.width = look, look.width.inches
        self._failed = not heading.shown.check().passed
        title, subtitle = self._folded(heading) if look.has_heading else ("", "")
        head = _room(title, look.width.title) + _room(subtitle, look.width.normal)
        alone = self._failed and (look.is_narrow or not look.has_heading)
        self._above = EDGE + head + (_BANNER_HEIGHT if alone else 0.0) + (_ROOM if look.has_heading else 0.0)
        self.foot = _FOOT if look.has_heading else EDGE / 2
        self.height = height + self._above + self.foot
        self.figure: Figure = Picture(figsize=(self.width, self.height), dpi=DPI, facecolor=style.PAGE)
        self.figure.patch.set_gid(GROUND)
        FigureCanvasAgg(self.figure)
        self._head(title, subtitle, drop=_BANNER_HEIGHT if alone else 0.0)
        if look.has_heading:
            self._provenance(heading.shown)
        if self._failed:
            self._banner()

    def axes(self, start: float, bottom: float, width: float, height: float) -> Axes:
        """Add axes by their inches from the side where a reader starts, and from the foot."""
        axes = self.figure.add_axes(self._box(start, bottom, width, height))
        style.dress(axes, self.look)
        return axes

    def strip(self, start: float, bottom: float, width: float, height: float) -> Axes:
        """Add room for texts and marks whose places are inches from the start and from the top."""
        axes = self.figure.add_axes(self._box(start, bottom, width, height))
        axes.set_xlim(*((width, 0) if self.look.is_mirrored else (0, width)))
        axes.set_ylim(height, 0)
        axes.axis("off")
        return axes

    def write(self, axes: Axes, x: float, y: float, text: str, va: str = "top", **how: Any) -> None:
        """Write a text into a strip: from the start on, small, in ink, unless told otherwise.

        Each line is a text of its own, since an SVG keeps the alignment of single lines only.
        """
        how = {"fontsize": self.look.width.small, "color": style.INK, "ha": self.look.start, **style.PLAIN, **how}
        step = how["fontsize"] * LINE
        lines = self.look.directed(text).split("\n") if text else []
        top = y - {"top": 0.0, "center": 0.5, "bottom": 1.0}[va] * step * len(lines)
        for number, line in enumerate(lines):
            # From baseline to baseline, since the height of a line depends on its letters.
            axes.text(x, top + (number + _BASE) * step, line, va="baseline", **how)

    def _box(self, start: float, bottom: float, width: float, height: float) -> tuple[float, float, float, float]:
        left = self.width - start - width if self.look.is_mirrored else start
        return left / self.width, (bottom + self.foot) / self.height, width / self.width, height / self.height

    def _folded(self, heading: Heading) -> tuple[str, str]:
        sizes, narrow = self.look.width, self.look.is_narrow
        inches = self.width - 2 * EDGE
        beside = inches - (_BANNER_WIDTH if self._failed and not narrow else 0)
        columns = self.look.columns(beside, sizes.title * 1.12)
        told = self.look.words.name(heading.shown.title)
        if narrow:
            title = style.wrapped(f"{told}: {heading.what}", columns, 4)
        else:
            name = style.literal(told, max(columns - len(heading.what) - 2, 12), is_measured=True)
            title = f"{name}: {heading.what}"
        return title, style.wrapped(heading.subtitle, self.look.columns(inches, sizes.normal), 12 if narrow else 4)

    def _head(self, title: str, subtitle: str, drop: float) -> None:
        sizes, top = self.look.width, self.height - EDGE - drop
        common: dict[str, Any] = {"va": "top", "ha": self.look.start, "linespacing": 1.2, **style.PLAIN}
        side = 1 - EDGE / self.width if self.look.is_mirrored else EDGE / self.width
        for name, text, size, weight, colour in (
            ("title", title, sizes.title, "bold", style.INK),
            ("subtitle", subtitle, sizes.normal, "normal", style.MUTED),
        ):
            if text:
                self.figure.text(
                    side, top / self.height, self.look.directed(text), fontsize=size, fontweight=weight, color=colour,
                    gid=name, **common,
                )  # fmt: skip
            top -= _room(text, size)

    def _provenance(self, shown: Shown) -> None:
        parts = [f"undercount {shown.versions.get('undercount', '')}"]
        if shown.sha256:
            parts += [f"evidence {shown.sha256[:12]}", f"seed {shown.seed}"]
        self.figure.text(
            EDGE / self.width,
            0.1 / self.height,
            "   ".join(parts),
            fontsize=7,
            color=style.MUTED,
            va="bottom",
            gid="foot",
        )

    def _banner(self) -> None:
        words = self.look.directed(self.look.words(BANNER))
        width = min(_BANNER_WIDTH, self.width - 2 * EDGE)
        left, bottom = EDGE if self.look.is_mirrored else self.width - EDGE - width, self.height - 0.38
        self.figure.add_artist(Rectangle(
            (left / self.width, bottom / self.height), width / self.width, 0.3 / self.height, facecolor=style.ALARM,
            edgecolor="none", transform=self.figure.transFigure,
        ))  # fmt: skip
        self.figure.text(
            (left + width / 2) / self.width, (bottom + 0.15) / self.height, words, fontsize=self.look.width.title,
            fontweight="bold", color=style.PAGE, ha="center", va="center", gid="banner",
        )  # fmt: skip
        self.figure.text(
            0.5, 0.5, words, fontsize=min(44.0, 4.2 * self.width, 9 * self.height), fontweight="bold",
            color=style.ALARM, alpha=0.16, rotation=24, rotation_mode="anchor", ha="center", va="center",
            gid="watermark",
        )  # fmt: skip


def _room(text: str, size: float) -> float:
    """Inches of a text of a heading."""
    return style.lines([text]) * size * LINE + (0.03 if text else 0.0)
