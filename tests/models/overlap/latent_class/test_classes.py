"""What is read from draws, and the law of the toll given the share seen."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from tests.models.overlap.latent_class import slow_twin
from tests.models.overlap.latent_class.tables import KOREA, SMALL
from undercount.models.overlap.latent_class import LatentClassPriors, classes_at, pack, tolls
from undercount.models.overlap.latent_class.start import draw_prior

PRIORS = LatentClassPriors(classes=4)


def test_classes_are_those_of_the_equations() -> None:
    draws = draw_prior(3, PRIORS, 30, np.random.default_rng(1)).reshape(5, 6, -1)
    found = classes_at(draws, 3, 4)
    assert found.weight.shape == (5, 6, 4)
    np.testing.assert_allclose(found.weight.sum(axis=-1), 1.0, rtol=1e-12)
    patterns = np.arange(8)
    for chain, draw in np.ndindex(5, 6):
        p = np.array(slow_twin.probabilities(draws[chain, draw], 3, 4, np))
        assert found.seen[chain, draw] == pytest.approx(p[1:].sum(), rel=1e-12)
        for j in range(3):
            assert found.coverage[chain, draw, j] == pytest.approx(p[(patterns >> j & 1) == 1].sum(), rel=1e-12)


def test_a_tiny_share_seen_does_not_cancel() -> None:
    position = np.full(3 + 12, -50.0)
    assert classes_at(position, 3, 4).seen == pytest.approx(3 * np.exp(-50.0), rel=1e-12)


@pytest.mark.parametrize("power", [0.0, 1.0])
def test_the_toll_is_negative_binomial(power: float) -> None:
    packed = pack(SMALL, LatentClassPriors(toll_power=power))
    drawn = tolls(np.full(40_000, 0.4), packed, np.random.default_rng(2)) - 36
    law = stats.nbinom(36 - power + 1, 0.4)
    assert drawn.mean() == pytest.approx(law.mean(), abs=4 * law.std() / 200)
    for share in (0.025, 0.5, 0.975):
        at = law.ppf(share)
        assert (drawn <= at).mean() == pytest.approx(law.cdf(at), abs=4 * np.sqrt(share * (1 - share) / 40_000))


def test_tolls_have_no_largest_value() -> None:
    packed = pack(KOREA, PRIORS)
    drawn = tolls(np.array([1.0, 1e-3, 1e-30, 1e-300]), packed, np.random.default_rng(3))
    assert drawn[0] == 123
    assert np.isfinite(drawn).all()
    np.testing.assert_allclose(np.log10(drawn[2:] / 123), [30, 300], atol=0.2)


def test_the_prior_of_a_list_is_beta() -> None:
    priors = LatentClassPriors(classes=2, caught=0.3, missed=2.0)
    caught = classes_at(draw_prior(3, priors, 20_000, np.random.default_rng(4)), 3, 2).caught
    assert stats.kstest(caught[:, 1, 0], stats.beta(0.3, 2.0).cdf).pvalue > 1e-3
    first = classes_at(draw_prior(3, priors, 20_000, np.random.default_rng(5)), 3, 2).weight[:, 0]
    alpha = np.random.default_rng(6).gamma(0.25, 4.0, 20_000)
    assert stats.ks_2samp(first, 1 - np.random.default_rng(7).random(20_000) ** (1 / alpha)).pvalue > 1e-3
