"""Renewals of sticks: that they leave the prior and the posterior as they are, and that they are made."""

from __future__ import annotations

from math import exp

import numpy as np
import pytest
from scipy import integrate, stats

from tests.models.overlap.latent_class import slow_twin
from tests.models.overlap.latent_class.evaluated import evaluated, exchanged, moved, renewed
from tests.models.overlap.latent_class.tables import KOREA, SMALL
from undercount.models.overlap.latent_class import LatentClassPriors, pack
from undercount.models.overlap.latent_class.start import draw_prior

PRIORS = LatentClassPriors(classes=4, concentration_shape=1.5, concentration_rate=1.0)


def test_without_data_the_sticks_are_those_of_the_prior() -> None:
    rng = np.random.default_rng(1)
    packed = pack(SMALL, PRIORS)
    reals = packed.reals.copy()
    reals[packed.heat] = 0.0
    packed = packed._replace(reals=reals)
    start = np.zeros(packed.dimension)
    ends = [renewed(start, rng.random(packed.uniforms), packed) for _ in range(20_000)]
    assert {made for made, _ in ends} == {3}
    t, prior = np.exp([end[:3] for _, end in ends]), np.exp(draw_prior(3, PRIORS, 20_000, rng)[:, :3])
    for k in range(3):
        assert stats.ks_2samp(t[:, k], prior[:, k]).pvalue > 1e-3
    assert stats.ks_2samp(t[:, 0] / t[:, 2], prior[:, 0] / prior[:, 2]).pvalue > 1e-3
    assert stats.ks_2samp(t.sum(axis=1), prior.sum(axis=1)).pvalue > 1e-3


def test_with_data_the_posterior_of_a_stick_is_kept() -> None:
    """One stick of two classes that are known: its law by quadrature."""
    priors = LatentClassPriors(classes=2, concentration_shape=1.5, concentration_rate=1.0)
    packed = pack(KOREA, priors)
    rng = np.random.default_rng(2)
    position = np.concatenate([[0.0], rng.normal(size=6)])

    def density(y: float) -> float:
        return exp(evaluated(np.concatenate([[y], position[1:]]), packed)[0] - top)

    top = max(evaluated(np.concatenate([[y], position[1:]]), packed)[0] for y in np.linspace(-6, 4, 200))
    mass = integrate.quad(density, -12, 8, limit=300)[0]
    drawn = np.empty(60_000)
    for i in range(drawn.size):
        position = renewed(position, rng.random(packed.uniforms), packed)[1]
        drawn[i] = position[0]
    assert 0.02 < (np.diff(drawn) != 0).mean() < 0.98
    for share in (0.1, 0.5, 0.9):
        at = float(np.quantile(drawn, share))
        assert integrate.quad(density, -12, at, limit=300)[0] / mass == pytest.approx(share, abs=0.03)


def test_a_renewal_is_taken_by_the_ratio_of_likelihoods() -> None:
    priors = LatentClassPriors(classes=2)
    packed = pack(KOREA, priors)
    reals = packed.reals.copy()
    reals[packed.heat] = 0.01
    warm = packed._replace(reals=reals)
    rng = np.random.default_rng(3)
    for _ in range(20):
        start = rng.normal(size=packed.dimension)
        shape = rng.random()
        proposed = start.copy()
        proposed[0] = np.log(0.25 * np.expm1(-np.log1p(-shape) / 0.25))
        gain = 0.01 * (likelihood(proposed) - likelihood(start))
        if gain < 0:
            for size, is_made in ((1 - 1e-9, True), (1 + 1e-9, False)):
                made, end = renewed(start, np.array([shape, 1 - np.exp(gain) * size]), warm)
                assert made == is_made
                assert end[0] == pytest.approx(proposed[0] if is_made else start[0], rel=1e-12)
        assert renewed(start, np.array([shape, 1 - 1e-300]), warm)[0] == 1


def likelihood(position: np.ndarray) -> float:
    p = np.array(slow_twin.probabilities(position, 3, 2, np))[1:]
    return float((KOREA[1:] * np.log(p)).sum() - KOREA.sum() * np.log(p.sum()))


def test_the_move_is_both() -> None:
    packed = pack(KOREA, PRIORS)
    rng = np.random.default_rng(4)
    for start in draw_prior(3, PRIORS, 30, rng):
        uniforms = rng.random(packed.uniforms)
        first, middle = renewed(start, uniforms[6:], packed)
        second, end = exchanged(middle, uniforms[:6], packed)
        made, found = moved(start, uniforms, packed)
        assert made == first + second
        np.testing.assert_array_equal(found, end)
