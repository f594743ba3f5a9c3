"""What helps where one mode is rarely left for another: a model's own move, hot copies, and a cool start."""

from __future__ import annotations

import numpy as np
import pytest

from tests.sampling.densities import hills, mixed
from undercount.errors import SamplingError
from undercount.sampling.annealing import SHARE, Annealing
from undercount.sampling.batch import sample, sample_batch
from undercount.sampling.chain import Chain, Room
from undercount.sampling.draws import Draws, Plan
from undercount.sampling.ladder import Ladder
from undercount.sampling.target import Array, Heat, Target

APART = 6.0
PLAN = Plan(draws=1000, tune=300, chains=4)
LADDER = Plan(draws=1500, tune=300, chains=4, levels=5)


def right(position: Array) -> Array:
    """Share of draws on the hill to the right, by chain."""
    return (position[..., 0] > 0).mean(axis=1)


def moments_hold(position: Array) -> bool:
    """Of the other coordinates, whose law is normal of precision 1 + 1/36."""
    others = position[..., 1:].reshape(-1, 2) * np.sqrt(1 + 1 / 36)
    return bool(np.abs(others.mean(axis=0)).max() < 0.08 and np.abs(others.std(axis=0) - 1).max() < 0.08)


def test_a_chain_by_itself_stays_where_it_is() -> None:
    plain = hills(APART, 0.7)
    plain = Target(plain.density, 3, plain.reals, plain.integers, 0, plain.draw_start)
    assert right(sample(plain, 1, PLAN).position).max() == 0.0


def test_a_move_of_the_model_leads_across() -> None:
    found = sample(hills(APART, 0.7, jumps=True), 1, PLAN)
    shares = right(found.position)
    assert shares.mean() == pytest.approx(0.7, abs=4 * shares.std(ddof=1) / 2)
    assert shares.std() < 0.05
    assert moments_hold(found.position)
    density = found.log_density
    assert np.isfinite(density).all()
    assert len(np.unique(density)) > 0.9 * density.size


def test_a_ladder_leads_across() -> None:
    found = sample(hills(APART, 0.7), 2, LADDER)
    shares = right(found.position)
    assert shares.std() < 0.12
    assert shares.mean() == pytest.approx(0.7, abs=0.1)
    assert moments_hold(found.position)
    assert found.exchanges.shape == (4, 5)
    assert (found.exchanges[:, :4] > 0.2).all()
    assert (found.exchanges[:, 4] > 30).all(), "states came down from the hottest level"
    assert not found.diverging.any()


def test_temperatures_are_spaced_so_that_exchanges_are_as_likely() -> None:
    target = hills(APART, 0.5)
    ladder = Ladder.started(target, np.random.default_rng(3), Room.of(2000, 3, tune=600, levels=5))
    assert ladder is not None
    before = ladder.levels.reals[:, 0].copy()
    ladder.advance(2600)
    after = ladder.levels.reals[:, 0]
    np.testing.assert_allclose(before, np.geomspace(0.01, 1, 5))
    assert after[0] == 0.01
    assert after[-1] == 1.0
    assert (np.diff(after) > 0).all()
    chances = ladder.exchanges[:4]
    assert chances.max() - chances.min() < 0.25


@pytest.mark.parametrize("slices", [[1] * 160, [7, 53, 47, 1, 52], [1000]])
def test_slices_do_not_change_a_ladder(slices: list[int]) -> None:
    whole, parts = (
        Ladder.started(hills(APART, 0.7, jumps=True), np.random.default_rng(5), Room.of(60, 3, tune=100, levels=3))
        for _ in range(2)
    )
    assert whole is not None
    assert parts is not None
    whole.advance(160)
    for iterations in slices:
        parts.advance(iterations)
    assert parts.position.tobytes() == whole.position.tobytes()
    assert parts.exchanges.tobytes() == whole.exchanges.tobytes()
    assert parts.counts.tolist() == whole.counts.tolist()
    assert len(np.unique(whole.position[:, 0])) > 40


@pytest.mark.parametrize("cores", [1, 3])
def test_threads_do_not_change_a_ladder(cores: int) -> None:
    plan = Plan(draws=50, tune=60, chains=3, levels=3)
    jobs = [(hills(APART, 0.7), 1), (hills(4.0, 0.5, jumps=True), 2)]
    together = [result for _, result in sample_batch(jobs, plan, cores=cores)]
    for (target, seed), result in zip(jobs, together, strict=True):
        alone = sample(target, seed, plan)
        assert isinstance(result, Draws)
        assert result.position.tobytes() == alone.position.tobytes()
        assert result.exchanges.tobytes() == alone.exchanges.tobytes()


def test_a_density_without_temperature_has_no_ladder() -> None:
    with pytest.raises(SamplingError) as error:
        sample(mixed(), 1, LADDER)
    assert error.value.code == "sampling-plan"


def test_a_ladder_stops_when_told() -> None:
    room = Room.of(10**6, 3, tune=100, levels=3)
    ladder = Ladder.started(hills(APART, 0.7), np.random.default_rng(6), room)
    assert ladder is not None
    room.stop[0] = 1
    ladder.advance(10**6)
    assert room.counts[0] == 0


def test_the_likelihood_is_let_in_bit_by_bit() -> None:
    target = hills(APART, 0.7)
    annealing = Annealing.of(target, 100)
    assert annealing.course.size == round(SHARE * 100)
    assert (annealing.course[0], annealing.course[-1]) == (0.01, 1.0)
    assert (np.diff(annealing.course) > 0).all()
    assert Annealing.of(mixed(), 100).course.size == 0
    chain = Chain.started(target, np.random.default_rng(7), Room.of(10, 3, tune=100))
    assert chain is not None
    powers = []
    for _ in range(110):
        powers.append(float(chain.system.reals[0]))
        chain.advance(1)
    assert powers[0] == powers[1] == 0.01
    assert powers[10] == pytest.approx(annealing.course[9])
    assert set(powers[20:]) == {1.0}
    assert target.reals[0] == 1.0


def test_a_hot_start_finds_the_higher_hill() -> None:
    """From the left, nearly all of the mass is on the other side of a valley that a chain by itself does not cross."""
    target = hills(APART, 1 - 1e-9)
    plan = Plan(draws=50, tune=300, chains=12)
    assert right(sample(target, 8, plan).position).mean() > 0.8
    cold = Target(target.density, 3, target.reals, target.integers, 0, target.draw_start, heat=Heat(0, 1.0))
    assert right(sample(cold, 8, plan).position).mean() < 0.2
