"""The compiled density against the equations, and the unknowns that are integrated out of it."""

from __future__ import annotations

from itertools import permutations
from math import inf, lgamma, log

import mpmath as mp
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import integrate, stats
from scipy.special import gammaln, logsumexp

from tests.models.overlap.latent_class import slow_twin
from tests.models.overlap.latent_class.evaluated import evaluated
from tests.models.overlap.latent_class.tables import GAZA, KOREA, KOSOVO, NO_OVERLAP, SMALL, UK_FIVE
from undercount.models.overlap.latent_class import LatentClassPriors, draw_start, pack

Array = NDArray[np.float64]
PRIORS = {
    "default": LatentClassPriors(),
    "informed": LatentClassPriors(
        classes=4, concentration_shape=2.0, concentration_rate=0.5, caught=1.5, missed=4.0, toll_power=0.5
    ),
    "two classes": LatentClassPriors(classes=2, toll_power=0.0),
    "one class": LatentClassPriors(classes=1),
}
TABLES = {"kosovo": KOSOVO, "korea": KOREA, "uk": UK_FIVE, "no overlap": NO_OVERLAP, "gaza": GAZA}


def points(counts: NDArray[np.int64], priors: LatentClassPriors, seed: int) -> list[Array]:
    """Draws of the prior, of a narrow law around its middle, and points far out."""
    rng = np.random.default_rng(seed)
    size = pack(counts, priors).dimension
    lists = counts.size.bit_length() - 1
    usual = [draw_start(lists, priors, rng).clip(-15, 2.5) for _ in range(3)]
    return [
        *usual,
        rng.normal(0, 0.5, size),
        rng.normal(0, 4, size).clip(-15, 3),
        np.full(size, -12.0),
        np.full(size, 2.0),
    ]


@pytest.mark.parametrize("prior", PRIORS)
@pytest.mark.parametrize("table", TABLES)
def test_value_and_gradient_are_those_of_the_equations(table: str, prior: str) -> None:
    counts, priors = TABLES[table], PRIORS[prior]
    for position in points(counts, priors, seed=1):
        value, gradient = evaluated(position, pack(counts, priors))
        assert value == pytest.approx(slow_twin.log_density(position, counts, priors, np), rel=1e-11)
        slow = slow_twin.gradient(position, counts, priors)
        np.testing.assert_allclose(gradient, slow, rtol=1e-8, atol=1e-11 * counts.sum())


@pytest.mark.parametrize("far", [-40.0, -150.0, 40.0, 100.0])
def test_far_out_the_value_is_that_of_many_digits(far: float) -> None:
    priors = PRIORS["informed"]
    rng = np.random.default_rng(3)
    position = rng.normal(0, 1, pack(SMALL, priors).dimension)
    position[3:] += far
    with mp.workdps(200):
        at = [mp.mpf(float(x)) for x in position]
        slow = slow_twin.log_density(at, SMALL, priors, mp)
        moved = [*at[:-1], at[-1] + mp.mpf("1e-60")]
        slope = (slow_twin.log_density(moved, SMALL, priors, mp) - slow) * mp.mpf("1e60")
    value, gradient = evaluated(position, pack(SMALL, priors))
    assert value == pytest.approx(float(slow), rel=1e-10)
    assert gradient[-1] == pytest.approx(float(slope), rel=1e-8, abs=1e-9)


@pytest.mark.parametrize("y", [-60.0, -700.0, 6.0])
def test_sticks_of_nearly_nothing_and_of_all(y: float) -> None:
    priors = LatentClassPriors(classes=3)
    position = np.array([0.3, y, *np.random.default_rng(4).normal(size=9)])
    with mp.workdps(400):
        at = [mp.mpf(float(x)) for x in position]
        slow = slow_twin.log_density(at, SMALL, priors, mp)
        slopes = []
        for i in range(2):
            moved = list(at)
            moved[i] += mp.mpf("1e-60")
            slopes.append(float((slow_twin.log_density(moved, SMALL, priors, mp) - slow) * mp.mpf("1e60")))
    value, gradient = evaluated(position, pack(SMALL, priors))
    assert value == pytest.approx(float(slow), rel=1e-12)
    np.testing.assert_allclose(gradient[:2], slopes, rtol=1e-9)


def test_where_nothing_can_be_evaluated_there_is_no_density() -> None:
    priors = LatentClassPriors(classes=2)
    packed = pack(SMALL, priors)
    for position in (np.full(packed.dimension, 800.0), np.full(packed.dimension, -800.0)):
        value, _ = evaluated(position, packed)
        assert not value > -inf


def test_the_order_of_the_lists_does_not_matter() -> None:
    priors = PRIORS["informed"]
    position = np.random.default_rng(5).normal(size=pack(KOREA, priors).dimension)
    logit = position[3:].reshape(3, 4)
    value, _ = evaluated(position, pack(KOREA, priors))
    for order in permutations(range(3)):
        cube = KOREA.reshape(2, 2, 2).transpose([2 - j for j in reversed(order)])
        renamed = np.concatenate([position[:3], logit[list(order)].ravel()])
        assert evaluated(renamed, pack(cube.ravel(), priors))[0] == pytest.approx(value, rel=1e-13)


def test_the_power_of_the_likelihood() -> None:
    packed = pack(KOREA, LatentClassPriors())
    position = np.random.default_rng(6).normal(size=packed.dimension)
    found = []
    for power in (0.0, 0.5, 1.0):
        reals = packed.reals.copy()
        reals[packed.heat] = power
        found.append(evaluated(position, packed._replace(reals=reals)))
    values, gradients = (np.array([one[i] for one in found]) for i in range(2))
    assert values[1] == pytest.approx(values[[0, 2]].mean(), rel=1e-13)
    np.testing.assert_allclose(gradients[1], gradients[[0, 2]].mean(axis=0), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0])
def test_the_toll_is_integrated_out(power: float) -> None:
    """Σ_N (N - l)!/N! · N!/(n_0! Π n_h!) p_0^n_0 Π p_h^n_h, summed until nothing is left."""
    priors = LatentClassPriors(classes=3, toll_power=power)
    rng = np.random.default_rng(7)
    victims = int(SMALL.sum())
    unseen = np.arange(200_000)
    differences = []
    for _ in range(4):
        position = rng.normal(size=pack(SMALL, priors).dimension)
        p = np.array(slow_twin.probabilities(position, 3, 3, np))
        terms = gammaln(unseen + victims - power + 1) - gammaln(unseen + 1) + unseen * log(p[0])
        summed = logsumexp(terms) + (SMALL[1:] * np.log(p[1:])).sum()
        value, _ = evaluated(position, pack(SMALL, priors))
        prior = evaluated(position, pack(SMALL, priors)._replace(reals=_without_data(SMALL, priors)))[0]
        differences.append(summed - (value - prior))
    assert differences == pytest.approx([lgamma(victims - power + 1)] * 4, rel=1e-9)


def _without_data(counts: NDArray[np.int64], priors: LatentClassPriors) -> Array:
    packed = pack(counts, priors)
    reals = packed.reals.copy()
    reals[packed.heat] = 0.0
    return reals


@pytest.mark.parametrize(("shape", "rate"), [(0.25, 0.25), (2.0, 0.7)])
def test_the_concentration_is_integrated_out(shape: float, rate: float) -> None:
    """∫ Gamma(α; a, b) Π α exp(-α t) dα, by quadrature, with the Jacobian of t = exp(y)."""
    priors = LatentClassPriors(classes=4, concentration_shape=shape, concentration_rate=rate)
    packed = pack(SMALL, priors)
    packed = packed._replace(reals=_without_data(SMALL, priors))
    rng = np.random.default_rng(8)
    differences = []
    for _ in range(4):
        y = rng.normal(0, 1.5, 3)
        total = float(np.exp(y).sum())

        def integrand(log_alpha: float, total: float = total) -> float:
            alpha = np.exp(log_alpha)
            return float(stats.gamma.pdf(alpha, shape, scale=1 / rate) * alpha**3 * np.exp(-alpha * total) * alpha)

        mass, _ = integrate.quad(integrand, -40, 6, limit=400, epsabs=0)
        value, _ = evaluated(np.concatenate([y, np.zeros(packed.dimension - 3)]), packed)
        differences.append(value - (log(mass) + y.sum()))
    np.testing.assert_allclose(differences, differences[0], rtol=1e-8)
