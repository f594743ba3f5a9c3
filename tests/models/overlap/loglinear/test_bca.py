"""BCa intervals from replicates that are given."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import bootstrap, norm, skew

from undercount.models.overlap.loglinear.bca import find_acceleration, find_bias, interval, quantile


def test_intervals_are_those_of_scipy() -> None:
    """For the mean of a sample; scipy defines quantiles in another way, which is two thirds of a replicate here."""
    sample = np.random.default_rng(1).exponential(size=40)
    found = bootstrap((sample,), np.mean, n_resamples=20_000, method="BCa", rng=np.random.default_rng(2))
    replicates = np.sort(found.bootstrap_distribution)
    without = np.array([np.delete(sample, i).mean() for i in range(sample.size)])
    ends = interval(float(sample.mean()), replicates, find_acceleration(without, np.ones(sample.size)), 0.95)
    for end, expected in zip(ends, found.confidence_interval, strict=True):
        assert abs(np.searchsorted(replicates, end) - np.searchsorted(replicates, expected)) <= 1


def test_the_acceleration_of_a_mean_is_its_skewness() -> None:
    """Efron 1987: a = skewness / (6 √n)."""
    sample = np.random.default_rng(3).gamma(2.0, size=25)
    without = np.array([np.delete(sample, i).mean() for i in range(sample.size)])
    assert find_acceleration(without, np.ones(25)) == pytest.approx(skew(sample) / (6 * 5), rel=1e-10)
    values, counts = np.array([1.0, 2.0, 7.0]), np.array([5.0, 3.0, 2.0])
    spread = np.repeat(values, counts.astype(int))
    assert find_acceleration(values, counts) == pytest.approx(find_acceleration(spread, np.ones(10)), rel=1e-12)
    assert find_acceleration(np.ones(3), counts) == 0.0


def test_without_bias_and_acceleration_it_is_the_percentile_interval() -> None:
    replicates = np.random.default_rng(4).normal(size=999)
    low, high = interval(float(np.median(replicates)), replicates, 0.0, 0.9)
    expected = np.quantile(replicates, [0.05, 0.95], method="median_unbiased")
    assert (low, high) == pytest.approx(tuple(expected), rel=1e-10)


def test_the_bias_counts_ties_half() -> None:
    assert find_bias(2.0, np.array([1.0, 2.0, 2.0, 3.0])) == pytest.approx(0.0)
    assert find_bias(2.5, np.array([1.0, 2.0, 2.0, 3.0])) == pytest.approx(norm.ppf(0.75))
    assert find_bias(0.0, np.array([1.0])) == -np.inf


@pytest.mark.parametrize("share", [0.0, 0.001, 0.025, 0.5, 0.77, 0.975, 1.0])
@pytest.mark.parametrize("size", [1, 2, 10, 1000])
def test_quantiles_are_those_of_numpy(share: float, size: int) -> None:
    ordered = np.sort(np.random.default_rng(size).normal(size=size))
    assert quantile(ordered, share) == pytest.approx(np.quantile(ordered, share, method="median_unbiased"), rel=1e-12)


def test_infinite_replicates_are_above_all() -> None:
    replicates = np.r_[np.arange(90.0), np.full(10, np.inf)]
    low, high = interval(45.0, replicates, 0.0, 0.95)
    assert np.isfinite(low)
    assert high == np.inf
    assert interval(45.0, replicates, 0.0, 0.5)[1] < 90


@pytest.mark.parametrize(
    ("estimate", "acceleration"), [(-1.0, 0.0), (1000.0, 0.0), (50.0, np.nan), (50.0, 0.9), (50.0, -0.9)]
)
def test_there_is_no_interval_where_it_cannot_be_formed(estimate: float, acceleration: float) -> None:
    assert np.isnan(interval(estimate, np.arange(100.0), acceleration, 0.95)).all()
