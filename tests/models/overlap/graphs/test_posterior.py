"""Summaries of a posterior on single tolls and ranges."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from undercount.models.overlap.graphs.graph import decomposable_graphs
from undercount.models.overlap.graphs.posterior import GraphAverage, Grid
from undercount.models.overlap.graphs.setting import Averaging


def on(mass: list[float], edges: list[int] | None = None, decay: float = 9.0, *, is_cut: bool = False) -> GraphAverage:
    """Masses of tolls from 100 on, the last of them of ranges."""
    single = len(mass) - (len(edges) - 1 if edges else 0)
    grid = Grid(100, single, np.array(edges or [single]))
    graphs = decomposable_graphs(3)[:1]
    share = np.array(mass) / sum(mass)
    return GraphAverage(Averaging(), graphs, grid, share, np.ones(1), np.array([decay]), 0.0, 0.0, is_cut)


@pytest.mark.parametrize(
    ("probability", "toll"), [(0.0, 100), (0.1, 100), (0.1001, 101), (0.6, 101), (0.61, 102), (1.0, 103)]
)
def test_a_quantile_is_the_smallest_toll_with_so_much_mass_up_to_it(probability: float, toll: int) -> None:
    assert on([0.1, 0.5, 0.2, 0.2]).quantiles(probability) == toll


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 100), min_size=1, max_size=30).filter(any), st.floats(0.001, 0.999))
def test_quantiles_by_their_definition(mass: list[int], probability: float) -> None:
    found = on([float(x) for x in mass])
    toll = int(found.quantiles(probability))
    cumulative = np.cumsum(mass) / sum(mass)
    assert cumulative[toll - 100] >= probability - 1e-12
    assert toll == 100 or cumulative[toll - 101] < probability + 1e-12


def test_within_a_range_each_toll_is_equally_probable() -> None:
    found = on([0.5, 0.5], [1, 11])  # toll 100, then 101 to 110
    assert found.quantiles([0.5, 0.501, 0.549, 0.551, 0.74, 1.0]).tolist() == [100, 101, 101, 102, 105, 110]
    assert found.first.tolist() == [100, 101]
    assert found.last.tolist() == [100, 110]
    assert found.grid.last == 110


def test_moments_count_the_width_of_ranges() -> None:
    found = on([0.5, 0.5], [1, 11])
    tolls = np.arange(100, 111)
    weights = np.append(0.5, np.full(10, 0.05))
    assert found.mean == pytest.approx(weights @ tolls)
    assert found.sd == pytest.approx(np.sqrt(weights @ tolls**2 - found.mean**2))


def test_the_mode_is_the_most_probable_toll_and_not_range() -> None:
    assert on([0.2, 0.3, 0.5], [2, 12]).mode == 101
    assert on([0.1, 0.1, 0.8], [2, 5]).mode == 103


@pytest.mark.parametrize(("decay", "has_mean", "has_sd"), [(2.0, False, False), (2.1, True, False), (3.1, True, True)])
def test_moments_of_heavy_tails_are_infinite(decay: float, has_mean: bool, has_sd: bool) -> None:
    found = on([0.5, 0.5], decay=decay)
    assert np.isfinite(found.mean) == has_mean
    assert np.isfinite(found.sd) == has_sd
    cut = on([0.5, 0.5], decay=decay, is_cut=True)
    assert (cut.mean, cut.sd) == (100.5, 0.5)


def test_the_toll_of_least_relative_loss() -> None:
    found = on([0.1, 0.5, 0.2, 0.2])
    tolls, weights = np.arange(100.0, 104.0), found.mass

    def loss(estimate: float) -> float:
        return float(weights @ (1 - estimate / tolls) ** 2)

    best = found.least_relative_loss
    assert loss(best) < min(loss(best - 0.01), loss(best + 0.01))


def test_draws_are_equally_probable_and_ordered() -> None:
    found = on([0.1, 0.5, 0.2, 0.2])
    assert found.draws(10).tolist() == [100] + [101] * 5 + [102] * 2 + [103] * 2
    assert found.median == int(found.quantiles(0.5)) == 101
    assert found.interval(0.7) == (101, 103)


def test_a_sample_has_the_frequencies_of_the_posterior() -> None:
    found = on([0.1, 0.5, 0.4], [2, 12])
    size = 40_000
    sample = found.sample(np.random.default_rng(11), size)
    assert (sample == found.sample(np.random.default_rng(11), size)).all()
    shares = np.bincount(sample - 100, minlength=12) / size
    expected = np.append([0.1, 0.5], np.full(10, 0.04))
    assert np.abs(shares - expected).max() < 4.5 * np.sqrt(0.25 / size)
