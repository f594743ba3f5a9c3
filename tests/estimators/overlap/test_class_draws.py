"""Draws of the latent-class model: against a slow sampler, alone and in company, and what the gates say."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.models.overlap.latent_class.slow_gibbs import gibbs_tolls
from tests.models.overlap.latent_class.tables import KOREA, NO_OVERLAP, SMALL
from undercount.errors import ModelError
from undercount.estimators.overlap.class_draws import PLANS, ClassDraws, sample_table, sample_tables
from undercount.models.overlap.latent_class import LatentClassPriors
from undercount.sampling.diagnostics import convergence
from undercount.sampling.draws import Plan

if TYPE_CHECKING:
    from undercount.sampling.progress import Progress

Array = NDArray[np.float64]
SHORT = Plan(draws=60, tune=60, chains=4)
PLAN = Plan(draws=1500, tune=400, chains=4, target_accept=0.8)
PRIORS = LatentClassPriors(classes=4, concentration_shape=1.0, concentration_rate=1.0)


def differences(one: Array, other: Array) -> Array:
    """Of mean and quartiles of two sets of chains, in standard errors."""
    found = []
    for measure in [lambda x: x] + [lambda x, q=q: x <= q for q in np.quantile(one, [0.25, 0.5, 0.75, 0.95])]:
        a, b = (np.asarray(measure(x), dtype=float) for x in (one, other))
        errors = [x.std() / sqrt(convergence(x[None])[1][0]) for x in (a, b)]
        found.append((a.mean() - b.mean()) / sqrt(sum(e**2 for e in errors)))
    return np.array(found)


@pytest.fixture(scope="module")
def small() -> ClassDraws:
    return sample_table(SMALL, PRIORS, seed=1, plans=[PLAN])


def test_the_toll_is_that_of_a_sampler_by_victims(small: ClassDraws) -> None:
    slow = np.array([gibbs_tolls(SMALL, PRIORS, 4000, np.random.default_rng([2, chain])) for chain in range(4)])
    assert convergence(np.log(slow)[None])[1][0] > 150
    assert np.abs(differences(np.log(small.toll), np.log(slow))).max() < 4
    assert np.abs(differences(np.log(small.toll * 1.15), np.log(slow))).max() > 4, "the check sees a shift"


def test_the_ladder_has_the_same_law(small: ClassDraws) -> None:
    ladder = sample_table(SMALL, PRIORS, seed=3, plans=[Plan(draws=1000, tune=300, chains=4, levels=4)])
    assert np.abs(differences(np.log(small.toll), np.log(ladder.toll))).max() < 4
    assert ladder.draws.exchanges.shape == (4, 4)


def test_the_order_of_the_lists_does_not_matter(small: ClassDraws) -> None:
    turned = np.ascontiguousarray(SMALL.reshape(2, 2, 2).transpose(1, 2, 0)).ravel()
    other = sample_table(turned, PRIORS, seed=4, plans=[PLAN])
    assert np.abs(differences(np.log(small.toll), np.log(other.toll))).max() < 4
    assert np.abs(differences(small.coverage[..., 0], other.coverage[..., 2])).max() < 4


def test_gates_and_shapes(small: ClassDraws) -> None:
    assert small.is_converged
    assert small.diagnostics.rhat < 1.01
    assert small.toll.shape == small.seen.shape == (4, 1500)
    assert small.coverage.shape == (4, 1500, 3)
    assert (small.toll >= 36).all()
    assert (small.coverage.sum(axis=-1) >= small.seen).all()
    assert {name: value.shape for name, value in small.stats.items()}["energy"] == (4, 1500)
    assert small.plan is PLAN


@pytest.mark.parametrize("cores", [1, 2])
def test_a_table_has_the_same_draws_alone_as_among_others(cores: int) -> None:
    tables = [(SMALL, 5), (KOREA, 6), (SMALL, 7)]
    for place, found in sample_tables(tables, PRIORS, plans=[SHORT], cores=cores):
        alone = sample_table(*tables[place][:1], PRIORS, seed=tables[place][1], plans=[SHORT])
        assert isinstance(found, ClassDraws)
        assert found.toll.tobytes() == alone.toll.tobytes()
        assert found.draws.position.tobytes() == alone.draws.position.tobytes()


def test_what_the_gates_refuse_is_sampled_by_the_next_plan() -> None:
    found = sample_table(SMALL, PRIORS, seed=8, plans=[SHORT, PLAN, PLANS[-1]])
    assert found.plan is PLAN
    assert sample_table(SMALL, PRIORS, seed=8, plans=[SHORT]).plan is SHORT


@pytest.mark.parametrize(
    "counts",
    [
        NO_OVERLAP, np.array([0, 30, 0, 20, 0, 10, 0, 40]), np.array([0, 12, 0, 9, 0, 0, 0, 0]),
        np.array([0, 1, 0, 0, 0, 0, 0, 0]), np.array([0, 0, 0, 0, 0, 0, 0, 50]),
    ],
    ids=["no overlap", "a list with all", "a list with none", "one victim", "all on all"],
)  # fmt: skip
def test_tables_at_the_edge(counts: NDArray[np.int64]) -> None:
    found = sample_table(counts, seed=9, plans=[Plan(draws=800, tune=300, chains=4)])
    assert np.isfinite(found.toll).all()
    assert not found.draws.diverging.any()
    assert found.diagnostics.rhat < 1.05


def test_lists_that_share_nobody_do_not_bound_the_toll() -> None:
    plan = Plan(draws=1000, tune=300, chains=4)
    without, some = (sample_table(counts, seed=10, plans=[plan]).bounded for counts in (NO_OVERLAP, KOREA))
    assert without.prior_share > 1.1
    assert not without.is_bounded
    assert some.prior_share < 0.6
    assert some.is_bounded


def test_it_can_be_interrupted() -> None:
    def stop(_: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sample_table(KOREA, seed=11, plans=[Plan(draws=10**6, tune=100, chains=4)], progress=stop)


def test_what_is_no_table_is_refused() -> None:
    with pytest.raises(ModelError):
        sample_table(KOREA + 1, seed=12)
