"""Pictures of estimates from lists: tolls as a forest, lists and what they share, several estimators side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from undercount.report.charts import style
from undercount.report.text import between, count, interval_name, rate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from undercount.estimators.overlap import Comparison, OverlapEstimate

WIDTH: Final = 11.5
_LEFT: Final = 2.6
_RIGHT: Final = 2.6
_ROW: Final = 0.42
_MOST_ROWS: Final = 40
_MOST_PATTERNS: Final = 32


@dataclass(frozen=True)
class Plots:
    """Draw an estimate; every method gives a new figure that no other code holds on to.

    Parameters
    ----------
    estimate : OverlapEstimate
    """

    estimate: OverlapEstimate

    def toll(self) -> Figure:
        """Toll of all, and of each stratum, with what was documented."""
        estimate = self.estimate
        rows = [_row("all", estimate.documented(), estimate.toll().describe())]
        strata = estimate.rows.toll("stratum")
        if len(strata) > 1:
            rows += [_row(row["stratum"], row["observed"], row) for row in strata[:_MOST_ROWS]]
        return _page(rows, estimate, "how many there were", _subtitle(estimate, len(strata)))

    def lists(self) -> Figure:
        """Patterns of the lists by the number of victims, and the share of the toll on each list."""
        estimate = self.estimate
        shares = estimate.rows.reporting_rates()
        patterns = _patterns(estimate)
        below, above = len(shares) * _ROW + 0.1, len(patterns) * 0.26 + 0.1
        page = style.Page(WIDTH, 0.6 + below + 0.9 + above)
        _bars(page.axes(_LEFT, 0.6 + below + 0.9, WIDTH - _LEFT - 0.6, above), patterns)
        axes = page.axes(_LEFT, 0.6, WIDTH - _LEFT - _RIGHT, below)
        forest(axes, [{**row, "label": row["list"]} for row in shares], number=rate)
        style.label(axes, x="share of the toll that is on each list")
        return page.finish(
            estimate, "what the lists share",
            "Above: victims by the lists that they are on, and on no other. Below: list size / toll, with "
            f"{interval_name(0.95, estimate.toll().ci_kind)}.",
        )  # fmt: skip


def comparison_figure(comparison: Comparison) -> Figure:
    """Draw the tolls of several estimators, and beneath them the sweep of the highest-order odds ratio."""
    first = comparison.estimates[0]
    rows = [_row(row["label"], first.documented(), row) for row in comparison.rows()]
    rows += [
        {"label": f"saturated, odds ratio {row['odds_ratio']:g}", "documented": first.documented(),
         "median": row["toll"], "lower": row["toll"], "upper": row["toll"]}
        for row in comparison.sweep
    ]  # fmt: skip
    subtitle = (
        f"{first.estimand}. Each estimator is right under an assumption of its own. Last "
        "rows: the saturated log-linear model, if the odds ratio of its highest-order interaction were another than 1."
    )
    return _page(rows, first, "what each estimator makes of it", subtitle)


def forest(axes: Axes, rows: Sequence[dict[str, Any]], number: Any = count) -> None:
    """Draw one interval for each row, with its median and its words at the right."""
    for place, row in enumerate(rows):
        colour = style.BLUE if row["lower"] < row["upper"] else style.PURPLE
        axes.hlines(
            place, row["lower"], row["upper"], color=colour, linewidth=2.2, zorder=2, gid=f"interval-{row['label']}"
        )
        axes.plot(
            row["median"], place, marker="o", markersize=6, color="white", markeredgecolor=colour, markeredgewidth=1.6,
            zorder=3, gid=f"toll-{row['label']}",
        )  # fmt: skip
        if "documented" in row:
            axes.plot(row["documented"], place, marker="|", markersize=11, color=style.VERMILLION, markeredgewidth=1.6)
        is_point = row["lower"] == row["upper"]
        words = number(row["median"]) + ("" if is_point else f"  ({between(row['lower'], row['upper'], number)})")
        axes.annotate(
            words, xy=(1, place), xycoords=("axes fraction", "data"), xytext=(8, 0), textcoords="offset points",
            va="center", fontsize=style.SMALL, color=style.INK,
        )  # fmt: skip
    low = min(min(row["lower"], row.get("documented", row["lower"])) for row in rows) / 1.15
    high = max(row["upper"] for row in rows) * 1.15
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    style.log_axis(axes.xaxis, low, high, is_rate=number is rate)
    axes.grid(visible=True, axis="x", color=style.FAINT, linewidth=0.6)
    axes.set_ylim(len(rows) - 0.45, -0.55)
    axes.set_yticks(range(len(rows)), [style.wrapped(str(row["label"]), 36) for row in rows], fontsize=style.SMALL)
    axes.tick_params(axis="y", length=0)


def _row(label: str, documented: int, figures: Any) -> dict[str, Any]:
    return {"label": label, "documented": documented, **{name: figures[name] for name in ("median", "lower", "upper")}}


def _page(rows: Sequence[dict[str, Any]], estimate: OverlapEstimate, what: str, subtitle: str) -> Figure:
    height = len(rows) * _ROW + 0.1
    page = style.Page(WIDTH, 0.7 + height)
    axes = page.axes(_LEFT, 0.6, WIDTH - _LEFT - _RIGHT, height)
    forest(axes, rows)
    style.label(axes, x="number of victims (bar: documented on at least one list)")
    return page.finish(estimate, what, subtitle)


def _subtitle(estimate: OverlapEstimate, strata: int) -> str:
    toll = estimate.toll()
    interval = interval_name(toll.ci_prob, toll.ci_kind)
    cut = f" The first {_MOST_ROWS} strata of {strata}." if strata > _MOST_ROWS else ""
    return f"{estimate.estimator}: {estimate.assumption} Ring: median; line: {interval}.{cut}"


def _patterns(estimate: OverlapEstimate) -> list[tuple[str, float]]:
    """Patterns that hold victims, the largest first, summed over the strata; of replicates the mean."""
    found: dict[tuple[str, ...], float] = {}
    for table in estimate.lists.tables:
        for pattern in np.flatnonzero(table.counts):
            on = tuple(name for j, name in enumerate(table.names) if pattern >> j & 1)
            found[on] = found.get(on, 0.0) + float(table.counts[pattern]) / estimate.lists.replicates
    ordered = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return [(" + ".join(on), victims) for on, victims in ordered[:_MOST_PATTERNS]]


def _bars(axes: Axes, patterns: Sequence[tuple[str, float]]) -> None:
    places = range(len(patterns))
    axes.barh(places, [victims for _, victims in patterns], color=style.BLUE, height=0.7)
    axes.set_yticks(places, [style.wrapped(name, 40) for name, _ in patterns], fontsize=7)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(patterns) - 0.45, -0.55)
    style.count_axis(axes.xaxis)
    style.label(axes, x="victims on these lists and on no other")
    for place, (_, victims) in zip(places, patterns, strict=True):
        axes.annotate(
            count(victims), xy=(victims, place), xytext=(3, 0), textcoords="offset points", va="center", fontsize=7
        )
