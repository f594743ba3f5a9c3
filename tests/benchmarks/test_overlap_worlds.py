"""Simulated lists follow the law that they claim."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy import integrate, stats
from scipy.special import logit

from benchmarks.overlap.strata import TOLLS, strata
from benchmarks.overlap.worlds import WORLDS, Class, Pair, World

pytestmark = pytest.mark.checkout
EVERY = [world for worlds in WORLDS.values() for world in worlds]
SPREAD = World("any", 1, (Class(0.3, (0.3, 0.4)), Class(0.7, (0.1, 0.2))), (Pair(0, 1, 0.4),), spread=1.7)


def law_of(coverage: tuple[float, ...], pairs: tuple[Pair, ...], person: float) -> np.ndarray:
    """Probability of each pattern, one by one."""
    found = np.zeros(1 << len(coverage))
    for marks in product((0, 1), repeat=len(coverage)):
        term = sum(mark * (logit(chance) + person) for mark, chance in zip(marks, coverage, strict=True))
        term += sum(np.log(pair.odds_ratio) for pair in pairs if marks[pair.first] and marks[pair.second])
        found[sum(mark << place for place, mark in enumerate(marks))] = np.exp(term)
    return found / found.sum()


def slow_probabilities(world: World) -> np.ndarray:
    found = np.zeros(1 << world.lists)
    for each in world.classes:
        if world.spread:

            def dense(z: float, coverage: tuple[float, ...] = each.coverage) -> np.ndarray:
                return stats.norm.pdf(z) * law_of(coverage, world.pairs, world.spread * z)

            found += each.share * integrate.quad_vec(dense, -9, 9, epsabs=1e-12)[0]
        else:
            found += each.share * law_of(each.coverage, world.pairs, 0.0)
    return found


@pytest.mark.parametrize("world", [*EVERY, SPREAD], ids=lambda world: str(world.name))
def test_probabilities_are_those_of_the_law(world: World) -> None:
    assert world.probabilities.sum() == pytest.approx(1, abs=1e-12)
    np.testing.assert_allclose(world.probabilities, slow_probabilities(world), atol=1e-10)


def test_independent_lists_have_the_coverage_that_they_claim() -> None:
    (world, *_) = WORLDS["independent"]
    marks = (np.arange(1 << world.lists)[:, None] >> np.arange(world.lists)) & 1
    np.testing.assert_allclose(world.probabilities @ marks, world.classes[0].coverage, atol=1e-12)


def test_odds_ratios_are_those_of_the_pairs() -> None:
    world = World("any", 1, (Class(1.0, (0.3, 0.4, 0.2)),), (Pair(0, 1, 3.0), Pair(1, 2, 0.5)))
    p = world.probabilities
    assert p[0] * p[3] / (p[1] * p[2]) == pytest.approx(3.0)
    assert p[0] * p[6] / (p[2] * p[4]) == pytest.approx(0.5)
    assert p[0] * p[5] / (p[1] * p[4]) == pytest.approx(1.0)


def test_the_worlds_are_as_wide_as_they_are_said_to_be() -> None:
    assert {world.lists for world in EVERY} == {3, 4, 5}
    assert (min(world.toll for world in EVERY), max(world.toll for world in EVERY)) == (200, 20_000)
    assert len({world.name for world in EVERY}) == len(EVERY)
    assert all(sum(each.share for each in world.classes) == pytest.approx(1) for world in EVERY)
    hidden = WORLDS["a hidden class"][0].classes[-1]
    assert max(hidden.coverage) < 0.03
    assert min(float(world.probabilities[1:].min()) * world.toll for world in WORLDS["sparse"]) < 0.1


def test_same_seed_same_lists() -> None:
    world = WORLDS["two classes"][1]
    lists, toll = world.draw(3)
    assert toll == world.toll
    assert lists == world.draw(3)[0]
    assert lists != world.draw(4)[0]
    assert lists.tables[0].observed < toll


def test_draws_have_the_mean_of_the_law() -> None:
    world = WORLDS["persons differ"][0]
    drawn = np.stack([world.draw(seed)[0].tables[0].counts for seed in range(300)])
    mean = world.toll * world.probabilities[1:]
    error = np.sqrt(mean * (1 - world.probabilities[1:]) / len(drawn))
    assert (np.abs(drawn.mean(axis=0)[1:] - mean) < 4 * error).all()


def test_strata_have_replicates_of_the_same_victims() -> None:
    lists = strata(30, 4)
    assert (len(lists.strata), lists.replicates) == (30, 4)
    observed = np.array([table.observed for table in lists.tables]).reshape(30, 4)
    assert (observed == observed[:, :1]).all()
    assert observed.max() < TOLLS[1]
    assert {len(table.names) for table in lists.tables} == {3, 4}
    first, second, *_ = lists.tables
    assert 0 < np.abs(first.counts - second.counts).sum() < 0.3 * first.observed
    assert lists == strata(30, 4)
