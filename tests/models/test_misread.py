"""What a figure with an error says, against scipy, 50 digits and integration over the running total."""

from __future__ import annotations

from itertools import pairwise
from math import exp, inf, log, log1p, sqrt
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from scipy import integrate, stats

from tests.models import slow_running
from undercount.models.misread import Told, heard, heard_back, pressed

SETTINGS = {
    # expected, middle, variance, κ, logit of ε
    "usual": (100.0, 90.0, 700.0, 0.03, -3.0),
    "precise": (400.0, 390.0, 2.0, 1e-4, -8.0),
    "vague": (30.0, 55.0, 2000.0, 0.5, 1.0),
    "few": (0.4, 0.3, 2.0, 0.03, -3.0),
    "many": (40_000.0, 43_000.0, 3e5, 0.02, -2.0),
}
PLACES = (-8.0, -3.0, -0.7, 0.0, 1.1, 6.0)
"""Standard deviations of the usual law from the middle; beyond about 3 a figure was misread."""
WIDTHS = (1.0, 30.0, inf)


def told(low: float, high: float, expected: float, kappa: float, logit: float) -> Told:
    (a, b), (flatter, _) = pressed(np.array([low, high]), np.array(expected))
    return Told(low == high, a, b, flatter, kappa, logit, exp(logit), log1p(exp(logit)))


def read(count: float, expected: float) -> float:
    return float(pressed(np.array(count), np.array(expected))[0])


def exact(low: float, high: float) -> Any:
    """Log density of the mixture as a function of m, expected, V, κ and the logit, in the digits of mpmath."""

    def pressed_to(count: float, expected: Any) -> Any:
        far = 2 * (expected + 1)
        return far * (1 + mp.log(1 + 6 * (mp.mpf(count) / far - 1)) / 6) if far < count < inf else mp.mpf(count)

    def log_density(middle: Any, expected: Any, variance: Any, kappa: Any, logit: Any) -> Any:
        total = mp.mpf(0)
        share = 1 / (1 + mp.exp(-logit))
        for weight, relative in ((1 - share, kappa), (share, kappa + 1)):
            spread = mp.sqrt(variance + mp.mpf("0.25") + (relative * expected) ** 2)
            a, b = ((pressed_to(end, expected) - middle) / spread for end in (low, high))
            if low == high:
                total += weight * mp.exp(-(a**2) / 2) / spread / mp.sqrt(2 * mp.pi)
            elif a > 0:
                total += weight * (mp.erfc(a / mp.sqrt(2)) - mp.erfc(b / mp.sqrt(2))) / 2
            else:
                total += weight * (mp.erfc(-b / mp.sqrt(2)) - mp.erfc(-a / mp.sqrt(2))) / 2
        above = mp.mpf(low) / (2 * (expected + 1)) - 1
        return mp.log(total) - (mp.log(1 + 6 * above) if low == high and above > 0 else 0)

    return log_density


def ends(name: str, place: float, width: float) -> tuple[float, float]:
    """A figure at a place, in standard deviations of its usual law; a whole number of counts where it is a point."""
    expected, middle, variance, kappa, _ = SETTINGS[name]
    at = middle + place * sqrt(variance + 0.25 + (kappa * expected) ** 2)
    return (at, at) if width == 0 else (at, at + width)


def check_derivatives(name: str, low: float, high: float, rel: float = 1e-8) -> None:
    expected, middle, variance, kappa, logit = SETTINGS[name]
    with mp.workdps(50):
        point = tuple(mp.mpf(x) for x in (middle, expected, variance, kappa, logit))
        f = exact(low, high)
        value, g, h = f(*point), mp.diff(f, point, (1, 0, 0, 0, 0)), -mp.diff(f, point, (2, 0, 0, 0, 0))
    one = told(low, high, expected, kappa, logit)
    found = heard(one, expected, middle, variance)
    assert found[0] == pytest.approx(float(value), rel=1e-11, abs=1e-11)
    # The largest slopes at hand, for those that nearly cancel.
    scale = float(abs(g)) + 1 / sqrt(variance + 0.25)
    assert found[1] == pytest.approx(float(g), rel=rel, abs=1e-11 * scale)
    assert found[2] == pytest.approx(float(h), rel=rel, abs=1e-11 * scale**2)
    for to_g, to_h in ((0.0, 0.0), (3.0 / scale, 0.0), (0.0, -2.0 / scale**2), (-0.7 / scale, 1.3 / scale**2)):
        back = heard_back(one, expected, middle, variance, found[3], to_g, to_h)
        for k, derivative in zip((0, 2, 3, 4), back, strict=True):
            parts = []
            for order, weight in ((0, 1.0), (1, to_g), (2, -to_h)):
                orders = [0] * 5
                orders[0] += order
                orders[k] += 1
                with mp.workdps(50):
                    parts.append(float(weight * mp.diff(f, point, tuple(orders))) if weight else 0.0)
            size = sum(map(abs, parts))
            assert derivative == pytest.approx(sum(parts), rel=rel, abs=rel * size + 1e-12)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", SETTINGS)
def test_the_density_of_a_point_and_its_derivatives(name: str, place: float) -> None:
    low, _ = ends(name, place, 0)
    check_derivatives(name, low, low)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", ["usual", "vague", "few"])
def test_the_probability_of_an_interval_and_its_derivatives(name: str, place: float, width: float) -> None:
    check_derivatives(name, *ends(name, place, width), rel=1e-7)


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("times", [2.5, 30.0, 300.0])
def test_far_above_what_is_expected_the_error_is_log_normal(name: str, times: float) -> None:
    expected = SETTINGS[name][0]
    far = times * (expected + 1)
    assert read(far, expected) == pytest.approx(2 * (expected + 1) * (1 + log(1 + 6 * (times / 2 - 1)) / 6))
    check_derivatives(name, far, far)


@pytest.mark.parametrize(("low", "high"), [(40.0, 900.0), (900.0, 1200.0), (900.0, inf), (40.0, 5000.0)])
def test_ends_of_intervals_far_above_what_is_expected(low: float, high: float) -> None:
    check_derivatives("usual", low, high, rel=1e-7)


def test_a_count_is_pressed_without_a_jump() -> None:
    far = 2 * (100.0 + 1)
    assert read(far, 100.0) == far
    assert read(far * (1 + 1e-6), 100.0) == pytest.approx(far * (1 + 1e-6), rel=1e-10)
    assert read(0.0, 0.0) == 0.0
    assert read(inf, 100.0) == inf


@pytest.mark.parametrize("count", [0.0, 60.0, 95.0, 130.0, 200.0])
def test_the_density_is_that_of_two_normal_laws(count: float) -> None:
    expected, middle, variance, kappa, logit = SETTINGS["usual"]
    share = 1 / (1 + exp(-logit))
    laws = [stats.norm(middle, sqrt(variance + 0.25 + (k * expected) ** 2)) for k in (kappa, kappa + 1.0)]
    point = (1 - share) * laws[0].pdf(count) + share * laws[1].pdf(count)
    found, *_, weight = heard(told(count, count, expected, kappa, logit), expected, middle, variance)
    assert found == pytest.approx(log(point), rel=1e-12)
    assert weight == pytest.approx((1 - share) * laws[0].pdf(count) / point, rel=1e-12)
    for low, high in ((count, count + 1), (count, inf)):
        first, second = (law.cdf(high) - law.cdf(low) for law in laws)
        found, *_ = heard(told(low, high, expected, kappa, logit), expected, middle, variance)
        assert found == pytest.approx(log((1 - share) * first + share * second), rel=1e-12)


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize(("low", "high"), [(0, 0), (30, 30), (95, 95), (700, 700), (20, 60), (500, 900), (70, inf)])
def test_the_moments_of_the_total_are_those_of_prior_times_likelihood(name: str, low: float, high: float) -> None:
    expected, middle, variance, kappa, logit = SETTINGS[name]
    scaled = [round(end * expected / 100) if end < inf else inf for end in (low, high)]
    edges = (scaled[0], scaled[1]) if scaled[0] == scaled[1] else (scaled[0] - 0.5, scaled[1] + 0.5)
    value, g, h, _ = heard(told(*edges, expected, kappa, logit), expected, middle, variance)
    mass, mean, spread = slow_running.heard(scaled[0], scaled[1], expected, middle, variance, (kappa, logit))
    assert value == pytest.approx(mass, rel=1e-9, abs=1e-9)
    assert middle + variance * g == pytest.approx(mean, rel=1e-9, abs=1e-9 * sqrt(variance))
    assert variance - variance**2 * h == pytest.approx(spread, rel=1e-7)


@pytest.mark.parametrize("name", SETTINGS)
def test_the_density_of_a_count_integrates_to_one(name: str) -> None:
    expected, middle, variance, kappa, logit = SETTINGS[name]
    far, wide = 2 * (expected + 1), sqrt(variance + 0.25 + expected**2)

    def density(count: float) -> float:
        return exp(heard(told(count, count, expected, kappa, logit), expected, middle, variance)[0])

    narrow = sqrt(variance + 0.25 + (kappa * expected) ** 2)
    cuts = np.unique([*np.clip(middle + narrow * np.arange(-12.0, 13.0), None, far), middle - 12 * wide, far])
    below = sum(integrate.quad(density, a, b, epsabs=1e-12)[0] for a, b in pairwise(cuts))
    # Beyond, by the pressed count, which ends twelve wide standard deviations above: its slope is exp(-6 (u - 1)).
    top = max(2.0, (abs(middle) + 12 * wide) / far)
    at = np.linspace(1.0, top, 60)

    def beyond(u: float) -> float:
        rise = exp(6 * (u - 1))
        return density(far * (1 + (rise - 1) / 6)) * far * rise

    parts = [integrate.quad(beyond, a, b, epsabs=1e-12)[0] for a, b in pairwise(at)]
    assert below + sum(parts) == pytest.approx(1.0, abs=1e-9)
