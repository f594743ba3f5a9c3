"""Toll and reporting rates before and after the evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from undercount.report import style
from undercount.report.sources import draw_rates, source_rows
from undercount.report.text import between, count, interval_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from undercount.estimators import Estimate

    Array = NDArray[np.float64]

WIDTH: Final = 11.5
_LEFT: Final = 3.2
_TOLL: Final = 2.4
_ROW: Final = 0.42
_POINTS: Final = 400


def figure(estimate: Estimate) -> Figure:
    """Draw prior and posterior of the toll and of each source's reporting rate.

    Parameters
    ----------
    estimate : Estimate

    Returns
    -------
    matplotlib.figure.Figure
        Above, the density of the toll on a logarithmic axis; below, the rates with 50 and 95 % intervals.
    """
    rows = source_rows(estimate)
    height = max(len(rows), 1) * _ROW + 0.1
    page = style.Page(WIDTH, 0.5 + height + 0.85 + _TOLL + 0.1)
    inner = WIDTH - _LEFT - 0.4
    draw_rates(page.axes(_LEFT, 0.5, inner, height), rows)
    _toll(page.axes(_LEFT, 0.5 + height + 0.85, inner, _TOLL), estimate)
    return page.finish(
        estimate,
        "before and after the evidence",
        f"Grey: what was assumed beforehand. Colour: after the reports. Toll: {estimate.estimand}. Rates: thin line "
        f"{interval_name(0.95, estimate.toll().ci_kind)}, thick line 50 %, ring median.",
    )


def prior_toll(estimate: Estimate) -> Array:
    """Draws of the toll of the estimand before any report.

    Returns
    -------
    ndarray
        One axis.
    """
    from undercount.estimators.scoping import selected

    return selected(estimate.sampled, estimate.scope, group="prior").total().astype(float).ravel()


def _toll(axes: Axes, estimate: Estimate) -> None:
    toll = estimate.toll()
    before, after = prior_toll(estimate), np.ravel(toll.draws)
    low = max(1.0, float(np.quantile(np.concatenate([before, after]), 0.005)) / 2)
    high = float(max(np.quantile(before, 0.99), np.quantile(after, 0.999))) * 2
    grid = np.geomspace(low, high, _POINTS)
    for name, draws, colour, shade in (("prior", before, style.PRIOR, 0.25), ("posterior", after, style.BLUE, 0.3)):
        density = _density(draws, grid)
        axes.fill_between(grid, density, color=colour, alpha=shade, linewidth=0)
        axes.plot(grid, density, color=colour, linewidth=1.6, gid=f"toll-{name}", label=_words(name, draws, toll))
    axes.axvline(toll.median, color=style.BLUE, linewidth=1, linestyle=(0, (4, 2)), gid="toll-median")
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    style.log_axis(axes.xaxis, low, high)
    axes.set_ylim(bottom=0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    style.label(axes, x="toll: number killed")
    axes.legend(
        fontsize=style.SMALL, frameon=False, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, borderaxespad=0.2
    )


def _words(name: str, draws: Array, toll: Any) -> str:
    tail = (1 - toll.ci_prob) / 2
    low, middle, high = np.quantile(draws, [tail, 0.5, 1 - tail])
    return f"{name}: median {count(middle)}, {interval_name(toll.ci_prob, toll.ci_kind)} {between(low, high)}"


def _density(draws: Array, grid: Array) -> Array:
    """Density on the logarithmic scale, scaled to a highest value of one."""
    from scipy.stats import gaussian_kde

    values = np.log(np.maximum(draws, 1.0))
    if values.std() < 1e-9:
        return np.exp(-0.5 * ((np.log(grid) - values.mean()) / 0.01) ** 2)
    density: Array = gaussian_kde(values)(np.log(grid))
    return density / density.max()
