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
    """Made with the R package dga: 60 graphs, the complete one left out, δ = 2⁻⁴ per cell, every toll to n + 44,000.

    With the complete graph all figures stay the same.
    """
    for saturated in (False, True):
        found = average(tables.KOSOVO, Averaging(prior=prior, most_missing=44_000, saturated=saturated))
        assert (found.median, found.interval()) == (median, interval)
        assert len(found.graphs) == (61 if saturated else 60)


def test_kosovo_with_a_grid_of_its_own() -> None:
    found = average(tables.KOSOVO)
    assert (found.median, found.interval()) == (12_595, (9_827, 16_544))


def test_uk() -> None:
    """Made with the R package dga, every toll to n + 27,440; δ = 2⁻⁵ per cell and 1/N give it to the digit.

    More than 8 % of the posterior lies beyond that grid. To its end the interval is [10,387, 33,510].
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
    """Madigan and York 1997: averaged 731, mode 728, top probability .37; as `test-BMAfunctions.R` of dga compares.

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
    """The figures of three lists need their own prior: with δ = 1/8 the same graph has 0.72 instead of 0.37."""
    found = average(tables.MADIGAN_YORK, Averaging(saturated=True))
    assert float(np.max(found.graph_probability)) == pytest.approx(0.723, abs=2e-3)
