"""NB1 interval probabilities against sums of the plain mass in 40 digits, and their limits."""

from __future__ import annotations

import itertools
from math import inf

import mpmath as mp
import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from tests.models.slow_twin import log_interval_in_40_digits
from undercount.models.interval_op import LogInterval
from undercount.models.interval_op import log_interval as symbolic
from undercount.models.negative_binomial import draw, log_interval, log_intervals

few = settings(max_examples=80, deadline=None)
means = st.floats(-3.0, 4.0).map(lambda x: 10.0**x)
dispersions = st.floats(-3.0, 2.5).map(lambda x: 10.0**x)
counts = st.integers(0, 3000).map(float)

CASES = [
    (0, 0, 3.0, 1.0),
    (307, 307, 250.0, 5.0),
    (5, 12, 4.5, 0.7),
    (3706, 5805, 6000.0, 20.0),
    (120, inf, 3.0, 0.5),
    (0, 3, 200.0, 2.0),
    (17, 17, 2e4, 3.0),
    (500, 700, 600.0, 1e-3),
    (1, inf, 1e-8, 1.0),
    (0, 999, 5.0, 200.0),
    (1200, inf, 900.0, 30.0),
    (0, 2500, 1500.0, 1000.0),
    (0, 300, 1300.0, 1000.0),
    (12, 90, 800.0, 400.0),
    (10, 3000, 1100.0, 1000.0),
    (0, 4000, 9000.0, 50.0),
    (200, 9999, 40.0, 5.0),
]


@pytest.mark.parametrize(("low", "high", "mu", "theta"), CASES)
def test_value_and_gradient_equal_the_plain_sum(low: int, high: float, mu: float, theta: float) -> None:
    with mp.workdps(40):
        expected = log_interval_in_40_digits(low, high, mp.mpf(mu), mp.mpf(theta))
        h = mp.mpf(10) ** -12
        m, t = mp.mpf(mu), mp.mpf(theta)
        by_mu = [log_interval_in_40_digits(low, high, m * (1 + k * h), t) for k in (-1, 1)]
        by_theta = [log_interval_in_40_digits(low, high, m, t * (1 + k * h)) for k in (-1, 1)]
        reference = [float(x) for x in (
            expected, (by_mu[1] - by_mu[0]) / (2 * h * m), (by_theta[1] - by_theta[0]) / (2 * h * t)
        )]  # fmt: skip
    value, mu_slope, theta_slope = log_interval(float(low), float(high), mu, theta)
    assert value == pytest.approx(reference[0], rel=1e-10, abs=1e-10)
    # Slopes by ln μ and ln θ: what a sampler sees; they are sums of terms as large as the value.
    size = max(1.0, abs(reference[0]))
    assert mu_slope * mu == pytest.approx(reference[1] * mu, rel=1e-9, abs=1e-9 * size)
    assert theta_slope * theta == pytest.approx(reference[2] * theta, rel=1e-9, abs=1e-9 * size)


@pytest.mark.parametrize("mu", [0.3, 12.0, 250.0])
@pytest.mark.parametrize("theta", [0.05, 1.0, 30.0])
def test_points_equal_scipy(mu: float, theta: float) -> None:
    law = stats.nbinom(mu / theta, 1 / (1 + theta))
    z = np.arange(0, 60)
    ours = [log_interval(float(k), float(k), mu, theta)[0] for k in z]
    np.testing.assert_allclose(ours, law.logpmf(z), rtol=1e-9)
    assert (law.mean(), law.var()) == pytest.approx((mu, (1 + theta) * mu))


def test_intervals_equal_scipy_near_the_middle() -> None:
    law = stats.nbinom(400.0 / 8.0, 1 / 9.0)
    for low, high in [(380, 420), (300, 399), (401, 600), (1, 2000)]:
        expected = np.log(law.cdf(high) - law.cdf(low - 1))
        assert log_interval(low, high, 400.0, 8.0)[0] == pytest.approx(expected, rel=1e-9, abs=1e-10)
    assert log_interval(500.0, inf, 400.0, 8.0)[0] == pytest.approx(law.logsf(499))
    assert log_interval(0.0, 350.0, 400.0, 8.0)[0] == pytest.approx(law.logcdf(350))


@pytest.mark.parametrize(("low", "high"), [(0, 0), (7, 7), (3, 9), (25, inf), (0, 4)])
def test_poisson_is_the_limit_of_no_overdispersion(low: float, high: float) -> None:
    law = stats.poisson(9.0)
    total = law.sf(low - 1) - (0.0 if high == inf else law.sf(high))
    value, mu_slope, _ = log_interval(float(low), float(high), 9.0, 1e-6)
    below = law.pmf(low - 1) if low > 0 else 0.0
    above = 0.0 if high == inf else law.pmf(high)
    # The law differs from Poisson by the order of θ.
    assert value == pytest.approx(np.log(total), abs=1e-4)
    assert mu_slope == pytest.approx((below - above) / total, abs=1e-4)


def test_no_overdispersion_is_continuous_with_a_little() -> None:
    small = [log_interval(90.0, 130.0, 100.0, theta)[0] for theta in (1e-6, 2e-6)]
    slope = log_interval(90.0, 130.0, 100.0, 1.5e-6)[2]
    assert (small[1] - small[0]) / 1e-6 == pytest.approx(slope, rel=1e-4)


@pytest.mark.parametrize(("first", "second", "theta"), [(3.0, 8.0, 0.4), (20.0, 0.5, 7.0), (40.0, 60.0, 25.0)])
def test_two_pieces_are_one(first: float, second: float, theta: float) -> None:
    for total in (0, 5, 60, 150):
        parts = np.arange(total + 1, dtype=float)
        left = np.exp([log_interval(z, z, first, theta)[0] for z in parts])
        right = np.exp([log_interval(z, z, second, theta)[0] for z in parts])
        whole = log_interval(float(total), float(total), first + second, theta)[0]
        assert np.log(left @ right[::-1]) == pytest.approx(whole, rel=1e-10)


@pytest.mark.parametrize(("mu", "theta"), [(0.4, 0.2), (30.0, 4.0), (3000.0, 0.5), (500.0, 900.0)])
def test_parts_of_the_line_sum_to_one(mu: float, theta: float) -> None:
    edges = [0.0, 1.0, 7.0, 40.0, 300.0, 301.0, 2900.0, 3100.0, 20000.0]
    parts = [(a, b - 1) for a, b in itertools.pairwise(edges)] + [(edges[-1], inf)]
    assert sum(np.exp(log_interval(a, b, mu, theta)[0]) for a, b in parts) == pytest.approx(1.0, abs=1e-11)
    assert log_interval(0.0, inf, mu, theta) == (0.0, 0.0, 0.0)
    assert log_interval(0.0, 1e9, mu, theta)[0] == pytest.approx(0.0, abs=1e-11)


@pytest.mark.parametrize(
    ("mu", "theta"),
    [(np.nan, 1.0), (1.0, np.nan), (0.0, 1.0), (-1.0, 1.0), (1e101, 1.0), (inf, 1.0), (1.0, 0.0), (1.0, 1e-7),
     (1.0, 1e7), (1e-101, 1.0)],
)  # fmt: skip
def test_outside_the_range_is_not_a_number(mu: float, theta: float) -> None:
    assert np.isnan(log_interval(3.0, 5.0, mu, theta)).all()


@pytest.mark.parametrize("mu", [1e-100, 1e-8, 1.0, 1e6, 1e10])
@pytest.mark.parametrize("theta", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize(("low", "high"), [(0, 0), (1, 10**9), (10**9, inf), (0, 10**6), (307, 307)])
def test_extreme_parameters_stay_finite(low: float, high: float, mu: float, theta: float) -> None:
    value, mu_slope, theta_slope = log_interval(float(low), float(high), mu, theta)
    # Logs of Γ near 10^10 are exact to a part in 10^16.
    assert value <= 1e-9 + 1e-14 * mu
    assert np.isfinite([value, mu_slope, theta_slope]).all()


@few
@given(counts, counts, counts, means, dispersions)
def test_wider_intervals_are_more_probable(a: float, b: float, c: float, mu: float, theta: float) -> None:
    low, middle, high = sorted((a, b, c))
    inner = log_interval(low, middle, mu, theta)[0]
    slack = 1e-10 * max(1.0, abs(inner))
    for wider in ((low, high), (max(0.0, low - 1), middle), (low, inf), (0.0, middle)):
        assert log_interval(*wider, mu, theta)[0] >= inner - slack
    assert inner <= slack


@few
@given(counts, st.integers(0, 400), means, dispersions)
def test_an_interval_is_the_sum_of_its_halves(low: float, width: int, mu: float, theta: float) -> None:
    high, cut = low + width, low + width // 2
    whole = log_interval(low, high + 1, mu, theta)[0]
    halves = np.logaddexp(log_interval(low, cut, mu, theta)[0], log_interval(cut + 1, high + 1, mu, theta)[0])
    assert halves == pytest.approx(whole, rel=1e-10, abs=1e-10)


@few
@given(counts, means, dispersions)
def test_an_upper_bound_prefers_fewer_and_a_lower_bound_more(bound: float, mu: float, theta: float) -> None:
    assert log_interval(0.0, bound, mu, theta)[1] <= 1e-12
    assert log_interval(bound, inf, mu, theta)[1] >= -1e-12


def test_vectors_and_the_operation_give_the_same_as_scalars() -> None:
    low, high = np.array([0.0, 5.0, 300.0]), np.array([4.0, inf, 300.0])
    mu, theta = np.array([3.0, 2.0, 250.0]), np.array([0.5, 8.0, 5.0])
    one_by_one = np.array([log_interval(*row) for row in zip(low, high, mu, theta, strict=True)]).T
    np.testing.assert_array_equal(log_intervals(low, high, mu, theta), one_by_one)
    node = symbolic(low, high, mu, theta).owner
    storage: list[list[object]] = [[None], [None], [None]]
    LogInterval().perform(node, [low, high, mu, theta], storage)
    np.testing.assert_array_equal([cell[0] for cell in storage], one_by_one)
    with pytest.raises(TypeError, match="four vectors"):
        LogInterval()(low, high, mu, 5.0)


def test_the_graph_has_the_gradient_of_the_scalars() -> None:
    low, high = np.array([0.0, 5.0, 300.0, 20.0]), np.array([4.0, inf, 300.0, 60.0])
    at = np.array([3.0, 2.0, 250.0, 90.0]), np.array([0.5, 8.0, 5.0, 2.0])
    weight = np.array([1.0, -2.0, 0.5, 3.0])
    mu, theta = pt.dvector(), pt.dvector()
    cost = pt.sum(weight * symbolic(low, high, mu, theta))
    slopes = pytensor.function([mu, theta], pytensor.grad(cost, [mu, theta]), mode="FAST_COMPILE")(*at)
    _, by_mu, by_theta = log_intervals(low, high, *at)
    np.testing.assert_allclose(slopes, [weight * by_mu, weight * by_theta], rtol=1e-14)


def test_the_compiled_graph_equals_the_plain_one() -> None:
    low, high = np.array([0.0, 5.0, 300.0]), np.array([4.0, inf, 300.0])
    mu, theta = pt.dvector(), pt.dvector()
    value = pytensor.function([mu, theta], symbolic(low, high, mu, theta), mode="NUMBA")
    at = np.array([3.0, 2.0, 250.0]), np.array([0.5, 8.0, 5.0])
    np.testing.assert_allclose(value(*at), log_intervals(low, high, *at)[0], rtol=1e-14)


@pytest.mark.parametrize(("mu", "theta"), [(0.8, 0.3), (40.0, 5.0), (600.0, 60.0)])
def test_draws_have_the_stated_mean_and_variance(mu: float, theta: float) -> None:
    rng = np.random.default_rng(7)
    sample = draw(rng, np.full(40_000, mu), np.full(40_000, theta)).astype(float)
    assert abs(sample.mean() - mu) < 4 * sample.std() / 200
    squares = (sample - mu) ** 2
    assert abs(squares.mean() - (1 + theta) * mu) < 4 * squares.std() / 200
    share = np.mean(sample <= mu)
    expected = np.exp(log_interval(0.0, np.floor(mu), mu, theta)[0])
    assert abs(share - expected) < 4 * np.sqrt(expected * (1 - expected)) / 200
