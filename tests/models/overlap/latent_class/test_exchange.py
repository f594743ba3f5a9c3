"""Exchanges of classes: what they keep, that they leave the prior as it is, and that they are made."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from tests.models.overlap.latent_class import slow_twin
from tests.models.overlap.latent_class.evaluated import evaluated, exchanged
from tests.models.overlap.latent_class.tables import KOREA, SMALL
from undercount.models.overlap.latent_class import LatentClassPriors, classes_at, pack
from undercount.models.overlap.latent_class.start import draw_prior

PRIORS = LatentClassPriors(classes=4, concentration_shape=1.5, concentration_rate=1.0)


def test_the_likelihood_and_the_classes_stay() -> None:
    rng = np.random.default_rng(1)
    packed = pack(KOREA, PRIORS)
    made = 0
    for start in draw_prior(3, PRIORS, 50, rng):
        number, moved = exchanged(start, rng.random(packed.uniforms), packed)
        before, after = (classes_at(x, 3, 4) for x in (start, moved))
        order, other = np.argsort(before.weight), np.argsort(after.weight)
        np.testing.assert_allclose(after.weight[other], before.weight[order], rtol=1e-9)
        np.testing.assert_array_equal(after.caught[:, other], before.caught[:, order])
        one, two = (slow_twin.probabilities(x, 3, 4, np) for x in (start, moved))
        np.testing.assert_allclose(one, two, rtol=1e-9)
        assert (number == 0) == bool((start == moved).all())
        made += number
    assert made > 20


def test_the_prior_is_left_as_it_is() -> None:
    rng = np.random.default_rng(2)
    packed = pack(SMALL, PRIORS)
    starts = draw_prior(3, PRIORS, 20_000, rng)
    moved = np.array([exchanged(start, rng.random(packed.uniforms), packed)[1] for start in starts])
    assert (moved != starts).any(axis=1).mean() > 0.3
    before, after = np.exp(draw_prior(3, PRIORS, 20_000, rng)[:, :3]), np.exp(moved[:, :3])
    for k in range(3):
        assert stats.ks_2samp(before[:, k], after[:, k]).pvalue > 1e-3
    assert stats.ks_2samp(before[:, 0] / before[:, 1], after[:, 0] / after[:, 1]).pvalue > 1e-3
    # A stick and what the first class is caught with stay independent.
    assert abs(stats.spearmanr(moved[:, 0], moved[:, 3]).statistic) < 0.03


def test_sticks_in_the_order_of_size_alone_would_be_seen() -> None:
    """The check above can fail: sorted weights are another law."""
    rng = np.random.default_rng(3)
    sticks = draw_prior(3, PRIORS, 20_000, rng)
    largest = np.sort(classes_at(sticks, 3, 4).weight, axis=1)[:, -1]
    assert stats.ks_2samp(classes_at(sticks, 3, 4).weight[:, 0], largest).pvalue < 1e-10


def test_a_ratio_is_that_of_densities_of_weights() -> None:
    """Density of y over |dπ/dy| = Π_k t_k R_(k+1), before and after one exchange of two classes."""
    priors = LatentClassPriors(classes=2)
    packed = pack(SMALL, priors)
    reals = packed.reals.copy()
    reals[packed.heat] = 0.0
    packed = packed._replace(reals=reals)
    rng = np.random.default_rng(4)
    for _ in range(20):
        start = rng.normal(size=packed.dimension)
        weight = classes_at(start, 3, 2).weight
        other = start.copy()
        other[0] = np.log(-np.log(weight[0]))  # the second class is then the first
        densities = [evaluated(x, packed)[0] - x[0] - np.log(w[1]) for x, w in ((start, weight), (other, weight[::-1]))]
        ratio = np.exp(densities[1] - densities[0])
        for uniform, is_made in ((ratio * (1 - 1e-9), True), (ratio * (1 + 1e-9), False)):
            assert exchanged(start, np.array([uniform]), packed)[0] == is_made


@pytest.mark.parametrize("y", [[7.0, 0.0, 0.0], [0.0, 7.0, 0.0], [-800.0, 0.0, 0.0], [0.0, 0.0, 7.0]])
def test_classes_of_no_weight_stay_where_they_are(y: list[float]) -> None:
    packed = pack(SMALL, PRIORS)
    start = np.concatenate([y, np.zeros(packed.dimension - 3)])
    for seed in range(20):
        _, moved = exchanged(start, np.random.default_rng(seed).random(packed.uniforms), packed)
        assert np.isfinite(moved).all()
        one, two = (slow_twin.probabilities(x, 3, 4, np) for x in (start, moved))
        np.testing.assert_allclose(one, two, rtol=1e-9)
