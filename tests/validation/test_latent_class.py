"""The latent-class model on published tables, and its calibration.

The R package LCMCR (Manrique-Vallier; K* = 10 and its default priors) gave a median of 10,376 to 10,419 on Kosovo, from
run to run, with 95 % intervals of about [8,830, 14,000]. On the UK table of five lists its R-hat was 1.41, over four
chains of 110,000 sweeps.
"""

from __future__ import annotations

from math import exp, sqrt

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from tests.models.overlap.latent_class import slow_twin
from tests.models.overlap.latent_class.tables import GAZA, KOSOVO, SPINA_BIFIDA, UK_FIVE, UK_SIX
from undercount.estimators.overlap.class_draws import PLANS, sample_table, target_of
from undercount.models.overlap.latent_class import LatentClassPriors, Packed, classes_at, pack, tolls
from undercount.models.overlap.latent_class.packing import SUCCESSES
from undercount.models.overlap.latent_class.start import draw_prior
from undercount.sampling.batch import sample
from undercount.sampling.diagnostics import convergence
from undercount.sampling.draws import Plan

Array = NDArray[np.float64]


def log_error(toll: Array, share: float = 0.5) -> float:
    """Monte Carlo standard error of ln(quantile), from the share of draws below it and the density there."""
    logs = np.log(toll)
    ess = convergence((logs <= np.quantile(logs, share)).astype(float)[None])[1][0]
    near = share * (1.0 - share) * 0.4
    low, high = np.quantile(logs, [share - near, share + near])
    return float(sqrt(share * (1.0 - share) / ess) * (high - low) / (2.0 * near))


def test_kosovo() -> None:
    found = sample_table(KOSOVO, seed=1999)
    assert found.is_converged
    assert found.bounded.is_bounded
    error = exp(3 * log_error(found.toll))
    assert error < 1.02
    assert 10_376 / error < np.median(found.toll) < 10_419 * error
    low, high = np.quantile(found.toll, [0.025, 0.975])
    assert low == pytest.approx(8_900, rel=0.04)
    assert high == pytest.approx(13_900, rel=0.06)


def test_uk_five_lists_mix() -> None:
    found = sample_table(UK_FIVE, seed=2013)
    assert found.is_converged
    assert found.diagnostics.rhat < 1.01
    assert np.median(found.toll) == pytest.approx(22_200, rel=0.04)


@pytest.mark.slow
@pytest.mark.parametrize(
    "counts", [KOSOVO, UK_FIVE, UK_SIX, GAZA, SPINA_BIFIDA], ids=["kosovo", "uk 5", "uk 6", "gaza", "spina bifida"]
)
def test_a_long_ladder_agrees(counts: NDArray[np.int64]) -> None:
    found, long = sample_table(counts, seed=1), sample_table(counts, seed=2, plans=PLANS[-1:])
    assert found.is_converged
    assert long.diagnostics.rhat < 1.01
    for share in (0.025, 0.5, 0.975):
        error = sqrt(log_error(found.toll, share) ** 2 + log_error(long.toll, share) ** 2)
        assert error < 0.05
        assert abs(np.log(np.quantile(found.toll, share) / np.quantile(long.toll, share))) < 4 * error


def simulated(lists: int, toll: int, weights: list[float], caught: list[list[float]], seed: int) -> NDArray[np.int64]:
    """A table drawn from classes."""
    rng = np.random.default_rng(seed)
    label = rng.choice(len(weights), p=weights, size=toll)
    on = rng.random((toll, lists)) < np.array(caught)[label]
    counts = np.bincount((on << np.arange(lists)).sum(axis=1), minlength=1 << lists)
    counts[0] = 0
    return counts


HARD = {
    "few seen well, many hardly": (4, 100_000, [0.85, 0.15], [[0.02, 0.03, 0.01, 0.04], [0.7, 0.6, 0.8, 0.5]]),
    "a million": (4, 1_200_000, [0.8, 0.2], [[0.4, 0.1, 0.3, 0.2], [0.7, 0.6, 0.8, 0.5]]),
    "dependence": (3, 1000, [0.5, 0.5], [[0.9, 0.85, 0.05], [0.05, 0.1, 0.4]]),
    "thirty": (3, 60, [1.0], [[0.2, 0.3, 0.3]]),
    "eight lists": (8, 400, [0.6, 0.4], [[0.1, 0.2, 0.1, 0.3, 0.2, 0.1, 0.05, 0.2], [0.5] * 8]),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", HARD)
def test_hard_tables_mix(name: str) -> None:
    lists, toll, weights, caught = HARD[name]
    counts = simulated(lists, toll, weights, caught, seed=2)
    found = sample_table(counts, seed=3)
    assert found.is_converged
    low, high = np.quantile(found.toll, [0.005, 0.995])
    assert low < toll < high


PRIORS = LatentClassPriors(classes=4)
VICTIMS, KEPT, FITS = 80, 99, 200
SHORT = Plan(draws=400, tune=300, chains=2, target_accept=0.8)


def drawn_table(rng: np.random.Generator) -> tuple[NDArray[np.int64], float]:
    """Patterns of a number of victims that is given, and their toll: with a prior 1/N that number says nothing else."""
    chance = np.array(slow_twin.probabilities(draw_prior(3, PRIORS, 1, rng)[0], 3, 4, np))[1:]
    counts = np.concatenate([[0], rng.multinomial(VICTIMS, chance / chance.sum())])
    toll = float(tolls(np.array([chance.sum()]), pack(counts, PRIORS), rng)[0])
    return counts, toll


def ranks(seed: int, *, forgets_the_unseen: bool = False) -> NDArray[np.int64]:
    """Ranks of the true tolls among draws of their posteriors, ties broken at random."""
    rng = np.random.default_rng(seed)
    found = np.empty(FITS, dtype=np.int64)
    for fit in range(FITS):
        counts, toll = drawn_table(rng)
        packed = pack(counts, PRIORS)
        drawn = posterior(packed, int(rng.integers(2**62)), rng, forgets_the_unseen=forgets_the_unseen)
        thinned = rng.choice(drawn.ravel()[:: drawn.size // 200], KEPT, replace=False)
        below, ties = (thinned < toll).sum(), (thinned == toll).sum()
        found[fit] = below + rng.integers(ties + 1)
    return found


def posterior(packed: Packed, seed: int, rng: np.random.Generator, *, forgets_the_unseen: bool) -> Array:
    if forgets_the_unseen:
        reals = packed.reals.copy()
        reals[SUCCESSES] = 0.0
        packed = packed._replace(reals=reals)
    position = sample(target_of(packed, PRIORS), seed, SHORT).position
    return tolls(classes_at(position, 3, 4).seen, packed, rng)


@pytest.mark.slow
def test_ranks_are_uniform() -> None:
    assert stats.chisquare(np.bincount(ranks(1) // 10, minlength=10)).pvalue > 0.005


@pytest.mark.slow
def test_a_likelihood_that_forgets_the_unseen_is_caught() -> None:
    assert stats.chisquare(np.bincount(ranks(2, forgets_the_unseen=True) // 10, minlength=10)).pvalue < 1e-4
