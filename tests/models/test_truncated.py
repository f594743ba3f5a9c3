"""Truncated normal values against 60 digits, deep into both tails."""

from __future__ import annotations

from math import inf

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.models.slow_twin import between
from undercount.models.truncated import log_cdf, quantile, truncated, truncated_with_slopes

STEP = 1e-6
few = settings(max_examples=80, deadline=None)  # the first example may have to compile
bounds = st.one_of(st.floats(-6, 6), st.floats(-200, 200))


@pytest.mark.parametrize("x", [-1e4, -300.0, -30.1, -30.0, -29.9, -8.0, -1.0, 0.0, 0.5, 9.0, 40.0])
def test_the_log_of_the_distribution_function(x: float) -> None:
    with mp.workdps(60):
        exact = float(mp.log(mp.ncdf(x))) if x > -1000 else float(mp.log(mp.erfc(-mp.mpf(x) / mp.sqrt(2)) / 2))
    assert log_cdf(x) == pytest.approx(exact, rel=1e-13, abs=1e-300)


@few
@given(st.floats(-1e6, np.log(0.5)))
def test_the_quantile_inverts_it(log_p: float) -> None:
    assert log_cdf(quantile(log_p)) == pytest.approx(log_p, rel=1e-12)


@few
@given(bounds, st.floats(-7, 5).map(np.exp), st.floats(-4, 4))
def test_mass_and_value_between_two_bounds(low: float, width: float, score: float) -> None:
    mass, z, *_ = truncated(low, low + width, score)
    exact, place = between(low, low + width, score)
    assert mass == pytest.approx(exact, rel=1e-10, abs=1e-10)
    assert low <= z <= low + width
    assert z == pytest.approx(place, rel=1e-8, abs=1e-8 * width)


@few
@given(bounds, st.floats(-4, 4))
def test_reflection(low: float, score: float) -> None:
    mass, z, by_low, by_high, by_score = truncated(low, inf, score)
    other, mirrored, by_low_too, by_high_too, by_score_too = truncated(-inf, -low, -score)
    assert (mass, z, by_low, by_high, by_score) == (other, -mirrored, by_high_too, by_low_too, by_score_too)


@few
@given(st.floats(-30, 30), st.one_of(st.just(inf), st.floats(0.1, 20)), st.floats(-3, 3))
def test_slopes_are_those_of_differences(low: float, width: float, score: float) -> None:
    ends = np.array([low, low + width, score])
    _, _, mass_low, mass_high, z_low, z_high, z_score = truncated_with_slopes(*ends)
    for i, slopes in enumerate([(mass_low, z_low), (mass_high, z_high), (0.0, z_score)]):
        if np.isfinite(ends[i]):
            up, down = ends.copy(), ends.copy()
            up[i], down[i] = ends[i] + STEP, ends[i] - STEP
            change = (np.array(truncated(*up)[:2]) - np.array(truncated(*down)[:2])) / (2 * STEP)
            np.testing.assert_allclose(slopes, change, rtol=2e-4, atol=2e-4)
        else:
            assert slopes == (0.0, 0.0)


def test_an_empty_interval_has_no_value() -> None:
    assert np.isnan(truncated(1.0, 1.0, 0.0)).all()
    assert np.isnan(truncated(np.nan, 1.0, 0.0)).all()
