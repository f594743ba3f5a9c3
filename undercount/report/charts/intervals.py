"""One interval, drawn the same way in every chart: thin 95 %, thicker 80 %, thick 50 %, and a ring at the median."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from undercount.estimators.quantity import StatedQuantity
from undercount.report.charts import style

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

    from undercount.estimators.quantity import Quantity

THICKNESS: Final[Mapping[int, float]] = {95: 1.3, 80: 3.0, 50: 6.0}
"""Probability in per cent -> points of the line, drawn from wide to narrow."""
_RING: Final = 5.5


class Interval(NamedTuple):
    """A median, and ends by probability in per cent."""

    median: float
    ends: Mapping[int, tuple[float, float]]

    @property
    def widest(self) -> tuple[float, float]:
        """The ends of the widest."""
        return self.ends[max(self.ends)]


def of_draws(draws: Any) -> Interval:
    """Summarise draws of any shape by their median and equal-tailed intervals of 50, 80 and 95 %."""
    tails = {prob: (0.5 - prob / 200, 0.5 + prob / 200) for prob in THICKNESS}
    found = np.quantile(np.asarray(draws, dtype=float), [0.5, *(tail for both in tails.values() for tail in both)])
    ends = found[1:].reshape(-1, 2).tolist()
    return Interval(float(found[0]), {prob: (low, high) for prob, (low, high) in zip(tails, ends, strict=True)})


def of_quantity(quantity: Quantity) -> Interval:
    """Summarise a quantity; of one whose figures are stated there is the stated interval only."""
    if isinstance(quantity, StatedQuantity):
        return Interval(quantity.median, {round(100 * quantity.ci_prob): quantity.interval})
    made = of_draws(quantity.draws)
    return made if quantity.ci_prob in (0.5, 0.8, 0.95) else made._replace(ends={
        prob: ends for prob, ends in made.ends.items() if prob / 100 < quantity.ci_prob
    } | {round(100 * quantity.ci_prob): quantity.interval})  # fmt: skip


def of_row(row: Mapping[str, Any]) -> Interval:
    """Take the interval of a row of a table, with those of 50 and 80 % where it has them."""
    ends = {prob: (row[f"lower_{prob}"], row[f"upper_{prob}"]) for prob in (80, 50) if f"lower_{prob}" in row}
    return Interval(row["median"], {round(100 * row.get("ci_prob", 0.95)): (row["lower"], row["upper"]), **ends})


def draw_interval(axes: Axes, place: float, interval: Interval, colour: str, name: str = "") -> None:
    """Draw an interval along the horizontal axis.

    Parameters
    ----------
    axes : Axes
    place : float
        On the vertical axis.
    interval : Interval
    colour : str
    name : str
        Its parts carry it: the ring as it is, each line with ``-95``, ``-80`` or ``-50``.
    """
    for layer, prob in enumerate(sorted(interval.ends, reverse=True)):
        low, high = interval.ends[prob]
        if low < high:
            axes.hlines(
                place, low, high, color=colour, linewidth=THICKNESS.get(prob, THICKNESS[95]), zorder=3 + layer / 10,
                gid=f"{name}-{prob}" if name else None,
            )  # fmt: skip
    axes.plot(
        interval.median, place, marker="o", markersize=_RING, color=style.PAGE, markeredgecolor=colour,
        markeredgewidth=1.5, zorder=4, gid=name or None,
    )  # fmt: skip
