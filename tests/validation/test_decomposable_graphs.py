"""The average over decomposable graphs against figures that were published, or made with the R package dga."""

from __future__ import annotations

import numpy as np
import pytest

from tests.models.overlap import tables
from undercount.models.overlap.graphs.average import average
from undercount.models.overlap.graphs.compare import leading_graphs
from undercount.models.overlap.graphs.graph import graph_of
from undercount.models.overlap.graphs.prior import poisson_gamma
from undercount.models.overlap.graphs.setting import Averaging


@pytest.mark.parametrize(
    ("prior", "median", "interval"), [("1/N", 12_595, (9_827, 16_544)), ("uniform", 12_804, (10_074, 16_915))]
)
def test_kosovo(prior: str, median: int, interval: tuple[int, int]) -> None:
    """Run with R 4.2 and dga 2.0.1: `bma.cr(Y, 0:44000, 2^-4, graphs4[-61])`, its prior 1/N and `logprior = 0`.

    The complete graph is left out; with it all figures stay the same.
    """
    for saturated in (False, True):
        found = average(tables.KOSOVO, Averaging(prior=prior, most_missing=44_000, saturated=saturated))
        assert (found.median, found.interval()) == (median, interval)
        assert len(found.graphs) == (61 if saturated else 60)


def test_kosovo_with_a_grid_of_its_own() -> None:
    found = average(tables.KOSOVO)
    assert (found.median, found.interval()) == (12_595, (9_827, 16_544))


def test_uk() -> None:
    """Run with dga: `bma.cr(Y, 0:27440, 2^-5, graphs5)`. More than 8 % of the posterior lies beyond this grid.

    To its end the interval is [10,387, 33,510].
    """
    cut = average(tables.UK, Averaging(most_missing=27_440))
    assert (cut.median, cut.interval()) == (22_365, (10_343, 29_446))
    assert cut.tail_mass == pytest.approx(0.083, abs=5e-4)
    whole = average(tables.UK)
    assert (whole.median, whole.interval()) == (22_990, (10_387, 33_510))
    assert whole.tail_mass < 1e-6


def test_madigan_and_york_five_lists() -> None:
    """Top models of Madigan and York 1997, Biometrika 84, 19: 627 [598-663], .217, and 615 [591-645], .160.

    With δ = ½ per cell, prior 1/N and all 822 graphs, as in the manual of dga 2.0.1 (`bma.cr`, "5 list example").
    """
    every = Averaging(delta=0.5, saturated=True)
    first, second = leading_graphs(tables.SPINA_BIFIDA, every, least=0.1)
    assert first.graph == graph_of(5, [(0, 1), (1, 3), (2, 4), (3, 4)])
    assert second.graph == graph_of(5, [(0, 1), (2, 4), (3, 4)])
    assert (round(first.probability, 3), round(second.probability, 3)) == (0.217, 0.160)
    assert (first.posterior.median, first.posterior.interval()) == (627, (598, 663))
    assert (second.posterior.median, second.posterior.interval()) == (615, (591, 645))


def test_madigan_and_york_three_lists() -> None:
    """Madigan and York 1997, as `test-BMAfunctions.R` of dga 2.0.1 compares with it.

    δ = 1 per cell, all 8 graphs, N Poisson with a gamma mean (shape 13.14, scale 55.17), 1 to 300 missing. Point
    estimates are those of least relative squared loss.
    """
    averaging = Averaging(delta=1.0, saturated=True, prior=poisson_gamma(13.14, 55.17), most_missing=300)
    found = average(tables.MADIGAN_YORK, averaging)
    assert round(found.least_relative_loss) == 731
    assert found.mode == 728
    top = leading_graphs(tables.MADIGAN_YORK, averaging)[0]
    assert top.graph == graph_of(3, [(1, 2), (0,)])
    assert round(top.probability, 2) == 0.37
    assert round(top.posterior.least_relative_loss) == 731
    assert top.posterior.mode == 729


def test_what_other_priors_would_have_given() -> None:
    """The three-list figures need their own priors: δ = 1/8 puts 0.72, not 0.37, on the same graph."""
    found = average(tables.MADIGAN_YORK, Averaging(saturated=True))
    assert float(np.max(found.graph_probability)) == pytest.approx(0.723, abs=2e-3)
