"""Tails beyond what draws tell by their number."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr, stdtr

from undercount.estimators.far_tails import exceedance, two_sided


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32), st.floats(2.5, 4.5))
def test_far_tails_of_normal_draws(seed: int, z: float) -> None:
    """As close as 4,000 draws can tell, to 3 in a million; where they err, to the larger probability."""
    found = exceedance(np.random.default_rng(seed).standard_normal(4000), z)
    assert 1 / 5 < found / ndtr(-z) < 200


def test_far_tails_of_heavy_draws() -> None:
    """A t distribution with three degrees of freedom keeps its power law beyond the draws."""
    found = [exceedance(np.random.default_rng(seed).standard_t(3, 4000), 30.0) for seed in range(20)]
    assert 0.3 < np.median(found) / stdtr(3, -30.0) < 3


def test_tails_of_counts() -> None:
    counts = np.random.default_rng(1).poisson(30, 4000)
    assert two_sided(counts, 30, 30) > 0.9
    assert two_sided(counts, 41, 41) == pytest.approx(2 * np.mean(counts >= 41), rel=0.05)
    assert two_sided(counts, 300, 300) < 1e-6
    assert two_sided(counts, 0, 0) < 1e-6
    assert two_sided(counts, 0, np.inf) == 1.0
    assert two_sided(np.zeros(400, dtype=int), 0, 0) == 1.0
    assert exceedance(np.arange(20.0), 18.0) == 0.1
