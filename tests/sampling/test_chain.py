"""Whole chains: known laws, slices, starts, and what is judged frozen."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from tests.sampling.densities import MIXED_LAWS, correlated, mixed, normal, share_errors, trapped
from undercount.sampling.attempts import RESTARTS, TRIAL, frozen, run_chain
from undercount.sampling.chain import STARTS, Chain, Room
from undercount.sampling.target import Array, Target
from undercount.sampling.tree import ACCEPTANCE, CHOSEN, COLUMNS, DIVERGING, STEP

TUNE = 400


def started(target: Target, seed: int, draws: int, tune: int = TUNE) -> Chain:
    chain = Chain.started(target, np.random.default_rng(seed), Room.of(draws, target.dimension, tune=tune))
    assert chain is not None
    return chain


def drawn(target: Target, draws: int, chains: int = 4) -> Array:
    made = [started(target, seed, draws) for seed in range(chains)]
    for chain in made:
        chain.advance(TUNE + draws)
    return np.stack([chain.position for chain in made])


def test_known_laws_are_met_to_the_tails() -> None:
    assert np.abs(share_errors(drawn(mixed(), 3000), MIXED_LAWS)).max() < 4


def test_a_standard_normal() -> None:
    draws = drawn(normal(np.eye(20)), 1000)
    assert np.abs(share_errors(draws, (stats.norm(),) * 20)).max() < 4
    assert np.abs(share_errors(draws, (stats.norm(loc=0.1),) * 20)).max() > 6, "these checks see a shift of a tenth"


def test_a_correlated_normal_of_very_different_scales() -> None:
    covariance = correlated(20, 4)
    draws = drawn(normal(covariance), 1500)
    assert np.abs(share_errors(draws, tuple(stats.norm(scale=sd) for sd in np.sqrt(np.diag(covariance))))).max() < 4
    independent = draws @ np.linalg.inv(np.linalg.cholesky(covariance)).T
    assert np.abs(share_errors(independent, (stats.norm(),) * 20)).max() < 4


@pytest.mark.parametrize("slices", [[1] * 450, [7, 13, 379, 1, 2, 48], [TUNE, 50], [1000]])
def test_slices_do_not_change_the_draws(slices: list[int]) -> None:
    whole, parts = (started(mixed(), 5, 50) for _ in range(2))
    whole.advance(TUNE + 50)
    for iterations in slices:
        parts.advance(iterations)
    assert parts.position.tobytes() == whole.position.tobytes()
    assert parts.report.tobytes() == whole.report.tobytes()
    assert parts.counts.tolist() == whole.counts.tolist()
    assert len(np.unique(whole.position[:, 0])) > 40


def test_the_counts_are_those_of_the_draws() -> None:
    chain = started(mixed(), 5, 30)
    chain.advance(TUNE + 10)
    assert chain.counts[0] == TUNE + 10
    assert chain.position[9].all()
    assert not chain.position[10:].any()
    np.testing.assert_allclose(chain.position[9], chain.tree.position[CHOSEN] * chain.system.frame.scale, rtol=1e-12)


def test_nothing_is_shared_with_the_target() -> None:
    target = mixed()
    target.reals.flags.writeable = False
    chain = started(target, 5, 10)
    chain.advance(TUNE + 10)
    assert not np.shares_memory(chain.system.reals, target.reals)


def test_a_start_is_tried_again_until_it_can_be_evaluated() -> None:
    tried: list[int] = []
    base = mixed()

    def draw_start(rng: np.random.Generator) -> Array:
        tried.append(1)
        return rng.uniform(-2, 2, 3) if len(tried) == STARTS else np.full(3, np.nan)

    target = Target(base.density, 3, base.reals, base.integers, 1, draw_start)
    assert Chain.started(target, np.random.default_rng(1), Room.of(5, 3, tune=5)) is not None
    assert len(tried) == STARTS
    tried.append(1)
    assert Chain.started(target, np.random.default_rng(1), Room.of(5, 3, tune=5)) is None
    assert len(tried) == 2 * STARTS + 1


def run(target: Target, seed: int = 1, draws: int = 200) -> tuple[int, str, Room]:
    room = Room.of(draws, target.dimension, tune=TUNE)
    return *run_chain(target, np.random.SeedSequence(seed), room), room


@pytest.mark.parametrize("draws", [5, 50, 200])
def test_a_density_that_is_finite_only_at_the_start_is_frozen(draws: int) -> None:
    restarts, why, _ = run(trapped(2), draws=draws)
    assert restarts == RESTARTS
    assert "step size" in why


def test_a_gradient_that_is_not_a_number_is_no_start() -> None:
    restarts, why, _ = run(trapped(3))
    assert restarts == RESTARTS
    assert "no point" in why


def test_a_restart_leaves_the_trap_and_its_draws_are_those_of_the_last_attempt() -> None:
    outcomes = [run(trapped(1, chance=0.5), seed) for seed in range(6)]
    assert {restarts for restarts, _, _ in outcomes} >= {0, 1}
    for seed, (restarts, why, room) in enumerate(outcomes):
        assert why == ""
        assert np.abs(room.position).max() < 6
        if restarts:
            child = np.random.SeedSequence(seed).spawn(RESTARTS)[restarts - 1]
            alone = Chain.started(
                trapped(1, chance=0.5), np.random.default_rng(child), Room.of(200, 2, tune=TUNE)
            )  # fmt: skip
            assert alone is not None
            alone.advance(TUNE + 200)
            assert alone.position.tobytes() == room.position.tobytes()


def healthy() -> tuple[Array, Array]:
    position, report = np.random.default_rng(0).standard_normal((TRIAL, 2)), np.zeros((TRIAL, COLUMNS))
    report[:, STEP], report[:, ACCEPTANCE] = 0.4, 0.9
    return position, report


def test_what_counts_as_frozen() -> None:
    position, report = healthy()
    assert frozen(position, report, 10) == ""
    stuck = position.copy()
    stuck[: int(0.55 * TRIAL)] = 1.0
    assert "repeat" in frozen(stuck, report, 10)
    for column, value, word in [(ACCEPTANCE, 0.05, "acceptance"), (DIVERGING, 1.0, "diverge"), (STEP, 1e-6, "step")]:
        worse = report.copy()
        worse[:, column] = value
        assert word in frozen(position, worse, 10)
    assert frozen(stuck[:10], report[:10], 10) == "", "too few draws to tell"


CHILD = """
import json, sys, numpy as np
from tests.sampling.densities import mixed
from undercount.sampling.batch import sample
from undercount.sampling.draws import Plan
from undercount.sampling.chain import _advance
from undercount.sampling.hamiltonian import evaluate
sampled = sample(mixed(), 1, Plan(draws=20, tune=20, chains=2))
stats = [function.stats for function in (_advance, evaluate)]
print(json.dumps({
    "misses": sum(s.cache_misses.total() for s in stats), "hits": sum(s.cache_hits.total() for s in stats),
    "heavy": sorted({"arviz", "nutpie", "pandas", "pymc", "xarray"} & set(sys.modules)),
    "first": sampled.position[0, 0].tolist(),
}))
"""


@pytest.mark.checkout
def test_another_process_neither_compiles_nor_loads_what_is_heavy() -> None:
    from undercount.sampling.batch import sample
    from undercount.sampling.draws import Plan

    here = sample(mixed(), 1, Plan(draws=20, tune=20, chains=2))
    root = Path(__file__).parents[2]
    child = subprocess.run([sys.executable, "-c", CHILD], cwd=root, capture_output=True, text=True, check=True)
    told = json.loads(child.stdout)
    assert told == {"misses": 0, "hits": 2, "heavy": [], "first": here.position[0, 0].tolist()}
