"""Toll and reporting rates before and after the evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from undercount.report.charts import key, style
from undercount.report.charts.forest import AXIS
from undercount.report.charts.look import WIDE_ENGLISH
from undercount.report.charts.page import EDGE, Heading, Page
from undercount.report.charts.sources import draw_rates, rates_forest, rates_key, source_rates

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from undercount.estimators import Estimate
    from undercount.report.charts.look import Look
    from undercount.report.words import Words

    Array = NDArray[np.float64]

_TOLL: Final = 2.2
_POINTS: Final = 400


def figure(estimate: Estimate, look: Look = WIDE_ENGLISH) -> Figure:
    """Draw prior and posterior of the toll and of each source's reporting rate.

    Parameters
    ----------
    estimate : Estimate
    look : Look

    Returns
    -------
    matplotlib.figure.Figure
        Above, the density of the toll on a logarithmic axis; below, the rates with their intervals.
    """
    w = look.words
    rates = source_rates(estimate)
    forest = rates_forest(rates, look, has_figures=False)
    start, inner = forest.inner
    before, after = prior_toll(estimate), np.ravel(estimate.toll().draws)
    above = [
        key.line(_words(w, w("prior"), before, estimate.toll()), style.PRIOR, dashes=style.DASHES),
        key.line(_words(w, w("posterior"), after, estimate.toll()), style.INK),
    ]
    beneath = rates_key(rates, look, estimate.toll().ci_kind)
    columns = 1 if look.is_narrow else 2
    over, under = key.key_height(look, above, inner), key.key_height(look, beneath, inner, columns) + 0.1
    rows = under + AXIS + forest.height
    page = Page(look, rows + 0.25 + AXIS + _TOLL + over + 0.1, Heading(
        estimate,
        w("before and after the evidence"),
        w("Grey: what was assumed beforehand. Dark, and in colour: after the reports. Toll: {estimand}.",
          estimand=estimate.estimand),
    ))  # fmt: skip
    draw_rates(page, forest, under + AXIS)
    key.draw_key(page, beneath, start, under - 0.02, inner, columns)
    _toll(page.axes(start, rows + 0.25 + AXIS, inner, _TOLL), before, after, look)
    key.draw_key(page, above, start, rows + 0.25 + AXIS + _TOLL + over + 0.05, look.width.inches - start - EDGE)
    return page.figure


def prior_toll(estimate: Estimate) -> Array:
    """Draws of the toll of the estimand before any report.

    Returns
    -------
    ndarray
        One axis.
    """
    from undercount.estimators.scoping import selected

    return selected(estimate.sampled, estimate.scope, group="prior").total().astype(float).ravel()


def _toll(axes: Axes, before: Array, after: Array, look: Look) -> None:
    low = max(1.0, float(np.quantile(np.concatenate([before, after]), 0.005)) / 2)
    high = float(max(np.quantile(before, 0.99), np.quantile(after, 0.999))) * 2
    grid = np.geomspace(low, high, _POINTS)
    for name, draws, colour, ground, dashes in (
        ("prior", before, style.PRIOR, style.BANDS[95], style.DASHES),
        ("posterior", after, style.INK, style.BANDS[50], "-"),
    ):
        density = _density(draws, grid)
        axes.fill_between(grid, density, color=ground, alpha=0.75, linewidth=0)
        axes.plot(grid, density, color=colour, linewidth=1.6, linestyle=dashes, gid=f"toll-{name}")
    median = float(np.median(after))
    axes.axvline(median, color=style.INK, linewidth=1, linestyle=(0, (1, 2)), gid="toll-median")
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    style.log_axis(axes.xaxis, low, high, look)
    axes.set_ylim(bottom=0)
    axes.set_yticks([])
    axes.spines[look.start].set_visible(False)
    style.label(axes, look, x=look.words("toll: number killed"))


def _words(w: Words, name: str, draws: Array, toll: Any) -> str:
    tail = (1 - toll.ci_prob) / 2
    low, middle, high = np.quantile(draws, [tail, 0.5, 1 - tail])
    return w(
        "{name}: median {median}, {interval} {ends}", name=name, median=w.count(middle),
        interval=w.interval_name(toll.ci_prob, toll.ci_kind), ends=w.between(low, high),
    )  # fmt: skip


def _density(draws: Array, grid: Array) -> Array:
    """Density on the logarithmic scale, scaled to a highest value of one."""
    from scipy.stats import gaussian_kde

    values = np.log(np.maximum(draws, 1.0))
    if values.std() < 1e-9:
        return np.exp(-0.5 * ((np.log(grid) - values.mean()) / 0.01) ** 2)
    density: Array = gaussian_kde(values)(np.log(grid))
    return density / density.max()
