"""Batches: the same draws whatever runs beside them, in order, lazily, and stopped at once."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.sampling.densities import correlated, mixed, normal, trapped
from undercount.errors import SamplingError
from undercount.sampling.batch import AHEAD, sample, sample_batch
from undercount.sampling.draws import Draws, Plan
from undercount.sampling.target import Array, Target

if TYPE_CHECKING:
    from undercount.sampling.progress import Progress

PLAN = Plan(draws=60, tune=100, chains=3)
ENDLESS = Plan(draws=3_000_000, tune=100, chains=2, cores=2)
Result = tuple[int, Draws | SamplingError]


def jobs() -> list[tuple[Target, int]]:
    return [(mixed(), 1), (normal(correlated(5, 2)), 2), (mixed(), 3), (normal(np.eye(40)), 1), (mixed(), 4)]


def same(one: Any, other: Any) -> bool:
    if isinstance(one, SamplingError) or isinstance(other, SamplingError):
        return str(one) == str(other)
    return all(np.array_equal(value, getattr(other, name)) for name, value in vars(one).items())


def alone(number: int) -> Draws:
    return sample(*jobs()[number], PLAN)


@pytest.fixture
def no_thread_left() -> Iterator[None]:
    before = threading.active_count()
    yield
    assert threading.active_count() == before


@pytest.mark.usefixtures("no_thread_left")
@pytest.mark.parametrize("cores", [1, 2, 5])
def test_threads_and_company_do_not_change_a_bit(cores: int) -> None:
    order = [3, 0, 4, 2, 1]
    shuffled = [jobs()[number] for number in order]
    results = list(sample_batch(shuffled, PLAN, cores=cores))
    assert [place for place, _ in results] == [0, 1, 2, 3, 4]
    for (_, result), number in zip(results, order, strict=True):
        assert same(result, alone(number))


def test_one_core_is_as_good_as_another() -> None:
    assert same(sample(*jobs()[0], Plan(**vars(PLAN) | {"cores": 1})), alone(0))
    assert same(sample(*jobs()[0], Plan(**vars(PLAN) | {"cores": 3})), alone(0))


def test_every_chain_and_every_seed_has_draws_of_its_own() -> None:
    starts = np.concatenate([sample(mixed(), seed, PLAN).position[:, 0] for seed in (1, 2)])
    assert len(np.unique(starts, axis=0)) == 2 * PLAN.chains
    fewer = sample(mixed(), 1, Plan(draws=60, tune=100, chains=2))
    assert fewer.position.tobytes() == sample(mixed(), 1, PLAN).position[:2].tobytes()


def test_what_is_given_back() -> None:
    draws = alone(1)
    assert draws.position.shape == (3, 60, 5)
    for name in ("log_density", "energy", "acceptance", "step_size", "depth", "steps", "diverging", "reached_depth"):
        assert getattr(draws, name).shape == (3, 60)
    assert (draws.restarts.tolist(), draws.frozen.tolist()) == ([0, 0, 0], [False, False, False])
    precision = jobs()[1][0].reals.reshape(5, 5)
    density = -0.5 * np.einsum("cdi,ij,cdj->cd", draws.position, precision, draws.position)
    np.testing.assert_allclose(draws.log_density, density, rtol=1e-9)
    assert (draws.energy > -draws.log_density).all()
    assert ((draws.acceptance > 0) & (draws.acceptance <= 1)).all()
    assert (np.ptp(draws.step_size, axis=1) == 0).all()
    assert ((2**draws.depth - 1 <= draws.steps) & (draws.steps < 2 ** (draws.depth + 1))).all()
    assert not draws.diverging.any()


def test_the_kinetic_energy_has_its_law() -> None:
    """Of a normal target the energy is half a χ² of 2 D degrees of freedom."""
    draws = sample(normal(np.eye(10)), 5, Plan(draws=1000, tune=200, chains=4))
    assert draws.energy.mean() == pytest.approx(10, abs=0.4)
    assert draws.energy.var() == pytest.approx(10, rel=0.2)


def test_depth_is_bounded_and_said() -> None:
    draws = sample(normal(np.diag(np.logspace(0, 4, 5))), 1, Plan(draws=50, tune=0, chains=2, max_depth=2))
    assert draws.depth.max() == 2
    assert np.median(draws.steps) == 3
    assert draws.reached_depth.any()


class Counted:
    """Jobs that tell how many of them were taken, and by whom."""

    def __init__(self, number: int) -> None:
        self.taken = 0
        self.threads: set[int] = set()
        self._number = number

    def __iter__(self) -> Iterator[tuple[Target, int]]:
        for seed in range(self._number):
            self.taken += 1
            self.threads.add(threading.get_ident())
            yield normal(np.eye(2)), seed


@pytest.mark.parametrize("cores", [1, 2])
def test_jobs_are_taken_as_the_work_goes_on(cores: int) -> None:
    feed = Counted(30)
    for place, _ in sample_batch(iter(feed), Plan(draws=5, tune=5, chains=2), cores=cores):
        time.sleep(0.002)
        assert feed.taken <= place + 1 + cores + AHEAD
    assert feed.taken == 30
    assert feed.threads == {threading.get_ident()}


def test_nothing_is_taken_before_it_is_asked_for() -> None:
    feed = Counted(3)
    batch = sample_batch(iter(feed), PLAN, cores=1)
    assert feed.taken == 0
    next(batch)
    batch.close()  # type: ignore[attr-defined]
    assert list(sample_batch([], PLAN, cores=2)) == []


def test_results_are_not_held() -> None:
    gc.collect()
    gc.disable()
    try:
        held: list[weakref.ref[Array]] = []
        for place, result in sample_batch(iter(Counted(6)), Plan(draws=5, tune=5, chains=2), cores=1):
            assert isinstance(result, Draws)
            held.append(weakref.ref(result.position))
            del result
            assert all(reference() is None for reference in held[:place])
        assert len(held) == 6
    finally:
        gc.enable()


def test_a_frozen_chain_is_an_error_that_names_it() -> None:
    with pytest.raises(SamplingError, match="chain 1, 2, 3 of 3") as caught:
        sample(trapped(2), 1, PLAN)
    assert caught.value.code == "sampling-frozen"
    assert caught.value.where == "posterior/chain 1, 2, 3"
    assert "step size" in str(caught.value)
    assert caught.value.hint


def test_in_a_batch_the_error_stands_in_the_place_of_the_draws() -> None:
    feed = [jobs()[0], (trapped(2), 1), jobs()[1], (trapped(3), 1)]
    results = [result for _, result in sample_batch(feed, PLAN, cores=2)]
    assert [getattr(result, "code", "") for result in results] == ["", "sampling-frozen", "", "sampling-frozen"]
    assert same(results[0], alone(0))
    assert same(results[2], alone(1))


@pytest.mark.parametrize("cores", [1, 2])
def test_restarts_are_recorded_and_do_not_depend_on_threads(cores: int) -> None:
    plan = Plan(draws=200, tune=100, chains=6)
    ((_, draws),) = sample_batch([(trapped(1, chance=0.5), 3)], plan, cores=cores)
    assert isinstance(draws, Draws)
    assert draws.restarts.sum() > 0
    assert (draws.restarts == 0).any()
    assert np.abs(draws.position).max() < 6
    ((_, again),) = sample_batch([(trapped(1, chance=0.5), 3)], plan, cores=3)
    assert same(draws, again)


def test_what_the_target_raises_is_raised() -> None:
    def draw_start(_: np.random.Generator) -> Array:
        raise ZeroDivisionError("of the target")

    base = mixed()
    broken = Target(base.density, 3, base.reals, base.integers, 1, draw_start)
    batch = sample_batch([jobs()[0], (broken, 1), jobs()[0]], PLAN, cores=2)
    assert next(batch)[0] == 0
    with pytest.raises(ZeroDivisionError, match="of the target"):
        next(batch)


@pytest.mark.usefixtures("no_thread_left")
@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_what_progress_raises_stops_every_thread(error: type[BaseException]) -> None:
    raised: list[float] = []

    def stop(step: Progress) -> None:
        if step.finished_draws > 500:
            raised.append(time.monotonic())
            raise error("enough")

    with pytest.raises(error, match="enough"):
        sample(mixed(), 1, ENDLESS, stop)
    assert time.monotonic() - raised[0] < 0.5  # a fifth of a second where the machine is free


@pytest.mark.usefixtures("no_thread_left")
def test_a_batch_that_is_left_stops_its_threads() -> None:
    batch = sample_batch([(mixed(), 1), *[(mixed(), seed) for seed in range(50)]], PLAN, cores=2)
    next(batch)
    batch.close()  # type: ignore[attr-defined]


def test_progress_rises_to_the_end() -> None:
    told: list[tuple[Progress, int]] = []
    plan = Plan(draws=3000, tune=500, chains=3)
    feed = [(normal(np.eye(60)), seed) for seed in range(3)]
    list(sample_batch(feed, plan, cores=2, progress=lambda step: told.append((step, threading.get_ident()))))
    steps = [step for step, _ in told]
    assert {thread for _, thread in told} == {threading.get_ident()}
    assert {step.total_draws for step in steps} == {3 * 3 * 3500}
    finished = [step.finished_draws for step in steps]
    assert finished == sorted(finished)
    assert finished[-1] == 3 * 3 * 3500
    assert len(steps) >= 3
    phases = [step.phase for step in steps]
    assert phases == sorted(phases, reverse=True)
    assert phases[-1] == "sample"
    assert steps[-1].seconds_left == 0
    assert np.diff([step.seconds for step in steps[:-1]]).min() > 0.09


@pytest.mark.parametrize(
    "changes",
    [{"draws": 0}, {"tune": -1}, {"chains": 0}, {"target_accept": 1.0}, {"max_depth": 0}, {"cores": -1}],
    ids=lambda changes: next(iter(changes)),
)
def test_a_plan_that_makes_no_sense_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(SamplingError) as caught:
        Plan(**vars(PLAN) | changes)
    assert caught.value.code == "sampling-plan"
    assert caught.value.where == next(iter(changes))


def test_a_batch_without_threads_is_refused() -> None:
    with pytest.raises(SamplingError, match="cores is 0"):
        sample_batch([], PLAN, cores=0)
