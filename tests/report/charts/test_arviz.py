"""The draws of an estimate are what arviz-plots reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import arviz_plots
import matplotlib as mpl
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from undercount.estimators import Estimate


@pytest.fixture(autouse=True)
def pyplot() -> Iterator[Any]:
    """arviz-plots draws through pyplot; nothing of it is left for other tests."""
    mpl.use("Agg")
    from matplotlib import pyplot

    yield pyplot
    pyplot.close("all")


@pytest.mark.parametrize("name", ["plot_forest", "plot_rank", "plot_trace"])
def test_arviz_plots_draws_the_reporting_rates(name: str, estimate: Estimate) -> None:
    options = {"ci_probs": (0.5, 0.95), "ci_kind": "eti"} if name == "plot_forest" else {}
    made = getattr(arviz_plots, name)(
        estimate.draws, var_names=["reporting_rate"], coords={"source": list(estimate.design.sources[:2])},
        backend="matplotlib", **options,
    )  # fmt: skip
    figure = made.viz["figure"].item()
    figure.canvas.draw()
    assert any(axes.lines or axes.collections for axes in figure.axes)
