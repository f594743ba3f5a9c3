"""What share of the toll each source reports: prior beside posterior."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.lines import Line2D

from undercount.report import style
from undercount.report.text import between, interval_name, rate

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from undercount.estimators import Estimate

WIDTH: Final = 12.0
_LEFT: Final = 3.2
_RIGHT: Final = 2.7
_ROW: Final = 0.48
_LEVELS: Final = (0.025, 0.25, 0.5, 0.75, 0.975)
_KINDS: Final = ("recorder", "claimant", "belligerent", "relay")


@dataclass(frozen=True)
class Row:
    """One source.

    Attributes
    ----------
    prior, posterior : ndarray, shape (5,)
        Quantiles: ends of the 95 % interval, of the 50 % interval, and in the middle the median.
    contraction : float
        Share of the prior's width on the log scale that the evidence removed.
    """

    stream: str
    name: str
    kind: str
    reports: int
    prior: NDArray[np.float64]
    posterior: NDArray[np.float64]
    contraction: float


def source_rows(estimate: Estimate) -> list[Row]:
    """Give the sources by kind and then by posterior rate.

    Returns
    -------
    list of Row
    """
    rows = [
        Row(
            stream=str(row["stream"]),
            name=str(row["name"]),
            kind=str(row["kind"]),
            reports=int(row["reports"]),
            prior=_quantiles(estimate, "prior", row["stream"]),
            posterior=_quantiles(estimate, "posterior", row["stream"]),
            contraction=float(row["contraction"]),
        )
        for row in estimate.rows.reporting_rates()
    ]
    return sorted(rows, key=lambda row: (_KINDS.index(row.kind), -row.posterior[2], row.stream))


def _quantiles(estimate: Estimate, group: str, stream: str) -> NDArray[np.float64]:
    draws = estimate.sampled[group].at("reporting_rate", source=stream)
    return np.asarray(np.quantile(draws, _LEVELS), dtype=float)


def figure(estimate: Estimate) -> Figure:
    """Draw the reporting rates.

    Parameters
    ----------
    estimate : Estimate

    Returns
    -------
    matplotlib.figure.Figure
        One row for each source: prior in grey, posterior in the colour of its kind, on a logarithmic axis.
    """
    rows = source_rows(estimate)
    height = max(len(rows), 1) * _ROW + 0.1
    page = style.Page(WIDTH, 1.0 + height)
    axes = page.axes(_LEFT, 0.85, WIDTH - _LEFT - _RIGHT, height)
    draw_rates(axes, rows)
    toll = estimate.toll()
    interval = interval_name(0.95, toll.ci_kind)
    _columns(axes, rows)
    _legend(axes, rows, interval)
    return page.finish(
        estimate,
        "what share of the toll each source reports",
        f"Reporting rate of each source for {estimate.estimand}. Where the two intervals are alike, the evidence "
        "has not moved what was assumed about that source. Contraction: share of the prior's width that it removed.",
    )


def draw_rates(axes: Axes, rows: list[Row]) -> None:
    """Draw prior and posterior of each source on a logarithmic axis.

    Parameters
    ----------
    axes : Axes
    rows : list of Row
        From `source_rows`.
    """
    for place, row in enumerate(rows):
        colour = style.KIND_COLOURS[row.kind]
        _interval(axes, place - 0.17, row.prior, style.PRIOR, f"prior-{row.stream}")
        _interval(axes, place + 0.17, row.posterior, colour, f"posterior-{row.stream}")
    ends = np.array([[min(row.prior[0], row.posterior[0]), max(row.prior[-1], row.posterior[-1])] for row in rows])
    low = max(float(ends[:, 0].min()) / 1.3, 1e-4)
    high = max(float(ends[:, 1].max()) * 1.3, 1.5)
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    style.log_axis(axes.xaxis, low, high, is_rate=True)
    axes.grid(visible=True, axis="x", color=style.FAINT, linewidth=0.6)
    axes.axvline(1.0, color=style.INK, linewidth=0.9, linestyle=(0, (4, 2)), zorder=1)
    axes.set_ylim(len(rows) - 0.45, -0.55)
    names = [f"{style.wrapped(row.name, 44)}\n{row.kind}, {_reports(row.reports)}" for row in rows]
    axes.set_yticks(range(len(rows)), names, fontsize=style.SMALL, linespacing=1.05)
    axes.tick_params(axis="y", length=0)
    style.colour_labels(axes.get_yticklabels(), [style.KIND_COLOURS[row.kind] for row in rows])
    style.label(axes, x="reporting rate: expected reported count / toll (1 = as many as were killed)")


def _reports(number: int) -> str:
    return f"{number} report{'' if number == 1 else 's'}"


def _interval(axes: Axes, place: float, quantiles: NDArray[np.float64], colour: str, name: str) -> None:
    axes.hlines(place, quantiles[0], quantiles[4], color=colour, linewidth=1.4, zorder=2, gid=f"{name}-95")
    axes.hlines(place, quantiles[1], quantiles[3], color=colour, linewidth=5, zorder=3, gid=f"{name}-50")
    axes.plot(
        quantiles[2], place, marker="o", markersize=5, color="white", markeredgecolor=colour, markeredgewidth=1.4,
        zorder=4, gid=name,
    )  # fmt: skip


def _columns(axes: Axes, rows: list[Row]) -> None:
    """Write the posterior and the contraction at the right of each row."""
    for x, title in ((8, "posterior, 95 %"), (126, "contraction")):
        axes.annotate(
            title, xy=(1, 1), xycoords="axes fraction", xytext=(x, 3), textcoords="offset points", va="bottom",
            fontsize=7.5, color=style.MUTED,
        )  # fmt: skip
    for place, row in enumerate(rows):
        words = f"{rate(row.posterior[2])}  ({between(row.posterior[0], row.posterior[4], rate)})"
        for x, text in ((8, words), (126, f"{100 * row.contraction:.0f} %")):
            axes.annotate(
                text, xy=(1, place), xycoords=("axes fraction", "data"), xytext=(x, 0), textcoords="offset points",
                va="center", fontsize=style.SMALL, color=style.INK,
            )  # fmt: skip


def _legend(axes: Axes, rows: list[Row], interval: str) -> None:
    handles: list[Artist | tuple[Artist, ...]] = [
        Line2D([], [], color=style.PRIOR, linewidth=3, label="prior: what was assumed beforehand")
    ]
    handles += [
        Line2D([], [], color=style.KIND_COLOURS[kind], linewidth=3, label=f"posterior, {kind}")
        for kind in _KINDS
        if any(row.kind == kind for row in rows)
    ]
    height = axes.get_window_extent().height / style.DPI
    axes.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(0.0, -0.42 / height),
        ncols=len(handles), fontsize=7.5, frameon=False, borderaxespad=0, handlelength=1.6, columnspacing=1.4,
        title=f"thin line {interval}, thick line 50 %, ring median", title_fontsize=7.5, alignment="left",
    )  # fmt: skip
