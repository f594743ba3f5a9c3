"""Number tags of the bars, moved until none covers another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from matplotlib.transforms import Bbox

from undercount.report.charts import style

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matplotlib.axes import Axes

    from undercount.report.charts.bars import Bar
    from undercount.report.words import Words

_SIZE: Final = (13.0, 10.0)
"""Width and height of a tag in points."""


def place_tags(axes: Axes, bars: Sequence[Bar], w: Words) -> None:
    """Write the number of each bar beside it.

    Parameters
    ----------
    axes : Axes
        With its final limits and scale.
    bars : sequence of Bar
    w : Words
    """
    points = axes.figure.get_dpi() / 72
    size = _SIZE[0] * points, _SIZE[1] * points
    frame = axes.get_window_extent()
    taken: list[Bbox] = []
    for bar in sorted(bars, key=lambda one: one.days):
        spots = list(_spots(axes, bar, size))
        boxes = [Bbox.from_bounds(x - size[0] / 2, y - size[1] / 2, *size) for x, y in spots]
        inside = [i for i, box in enumerate(boxes) if frame.containsx(box.x0) and frame.containsx(box.x1)
                  and frame.containsy(box.y0) and frame.containsy(box.y1)]  # fmt: skip
        free = [i for i in inside if not any(box.overlaps(boxes[i]) for box in taken)]
        choice = (free or inside or [0])[0]
        taken.append(boxes[choice])
        x, y = axes.transData.inverted().transform(spots[choice])
        axes.text(x, y, w.count(bar.number), zorder=6, gid=f"tag-{bar.number}", **tag_style(bar))


def tag_style(bar: Bar) -> dict[str, Any]:
    """How the number of a bar is written, wherever it stands."""
    box = {
        "boxstyle": "round,pad=0.18",
        "facecolor": style.KIND_COLOURS[bar.kind],
        "edgecolor": style.PAGE,
        "linewidth": 0.6,
    }
    return {"fontsize": 7.5, "fontweight": "bold", "color": style.PAGE, "ha": "center", "va": "center", "bbox": box}


def _spots(axes: Axes, bar: Bar, size: tuple[float, float]) -> Iterator[tuple[float, float]]:
    """Places for a tag in pixels, the best first: on the bar, at its ends, then further and further around."""
    level = max(bar.weekly[1 if bar.shape == "range" else 0], axes.get_ylim()[0])
    start, end = style.day_number(bar.start), style.day_number(bar.after)
    (x0, y), (x1, _) = axes.transData.transform([(start, level), (end, level)])
    if x1 - x0 > 2 * size[0]:
        for share in (0.12, 0.3, 0.7, 0.88, 0.5):
            yield x0 + share * (x1 - x0), y
    for step in range(1, 7):
        reach = (0.2 + 0.75 * step) * size[0]
        lift = (step - 1) * size[1]
        for x in (x1 + reach, x0 - reach):
            yield x, y + lift / 2
            yield x, y - lift / 2
        yield (x0 + x1) / 2, y + step * size[1]
        yield (x0 + x1) / 2, y - step * size[1]
