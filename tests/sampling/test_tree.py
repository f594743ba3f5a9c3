"""One transition: against a slow twin, and as a map that keeps its law."""

from __future__ import annotations

from math import exp, inf, log
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import stats

from tests.sampling.densities import (
    MIXED_LAWS,
    correlated,
    fixed,
    funnel,
    funnel_draws,
    gradient_of,
    mixed,
    normal,
    put,
)
from undercount.sampling.hamiltonian import System, draw_momentum, evaluate, kinetic, leapfrog
from undercount.sampling.stepping import MOST_HALVINGS, TOLERANCE
from undercount.sampling.tree import DEPTH, DIVERGING, ENERGY, LARGEST_ERROR, REACHED, STATES, STEPS

if TYPE_CHECKING:
    from undercount.sampling.target import Array, Target

    State = tuple[Array, Array]

SCALES = np.array([0.5, 1.0, 900.0])


def system_of(target: Target, inverse_mass: Array | float = 1.0) -> System:
    system = System.of(target, np.zeros(1, dtype=np.int64))
    system.frame.scale[:] = np.sqrt(inverse_mass)
    return system


def moved(system: System, start: tuple[Array, Array], step: float, steps: int) -> tuple[Array, Array, float]:
    """Position and momentum in the frame, and energy, after so many steps."""
    position, momentum = start[0].copy(), start[1].copy()
    gradient = np.zeros_like(position)
    value = evaluate(system, position, gradient)
    for _ in range(steps):
        value = leapfrog(system, position, momentum, gradient, step)
    return position, momentum, kinetic(momentum) - value


@pytest.mark.parametrize("size", [1, 4, 7, 50])
def test_the_kinetic_energy_is_the_sum_it_says(size: int) -> None:
    rng = np.random.default_rng(size)
    momentum = rng.standard_normal(size)
    assert kinetic(momentum) == pytest.approx(0.5 * momentum @ momentum, rel=1e-13)


def test_momenta_are_standard_normal() -> None:
    rng = np.random.default_rng(0)
    momenta = np.zeros((4000, 3))
    for row in momenta:
        draw_momentum(row, rng)
    np.testing.assert_allclose(momenta.var(axis=0), 1.0, atol=4 * np.sqrt(2 / 4000))


def test_leapfrog_steps_can_be_taken_back() -> None:
    system, rng = system_of(mixed(), SCALES), np.random.default_rng(1)
    start = np.array([0.3, -1.0, 20.0]) / np.sqrt(SCALES), rng.standard_normal(3)
    there = moved(system, start, 0.3, 40)
    assert np.abs((there[0] - start[0]) * np.sqrt(SCALES)).max() > 1
    by_time = moved(system, there[:2], -0.3, 40)
    by_flip = moved(system, (there[0], -there[1]), 0.3, 40)
    np.testing.assert_allclose(by_time[0], start[0], atol=1e-11)
    np.testing.assert_allclose(by_time[1], start[1], atol=1e-11)
    np.testing.assert_allclose(by_flip[0], start[0], atol=1e-11)


def test_the_energy_error_falls_with_the_square_of_the_step() -> None:
    system, start = (
        system_of(mixed(), SCALES),
        (
            np.array([0.3, -1.0, 20.0]) / np.sqrt(SCALES),
            np.array([0.5, 1.0, 0.02]) * np.sqrt(SCALES),
        ),
    )
    energy = moved(system, start, 0.1, 0)[2]
    errors = [abs(moved(system, start, 2.0 / steps, steps)[2] - energy) for steps in (40, 80, 160)]
    assert errors[0] > 1e-5
    np.testing.assert_allclose([errors[0] / errors[1], errors[1] / errors[2]], 4.0, rtol=0.05)


class Twin:
    """The same transition over whole lists of states: every sum of momenta is taken anew, every subtree is looked at.

    It asks the generator for the same numbers in the same order, so that it must end at the same state.
    """

    def __init__(self, target: Target, inverse_mass: Array, step: float, max_depth: int, seed: int) -> None:
        self.system = system_of(target, inverse_mass)
        self.step, self.max_depth = step, max_depth
        self.rng = np.random.default_rng(seed)
        self.most = 0
        """Halvings of a step so far."""
        self.stopped = False
        """Whether a trajectory ended at a step that cannot be undone."""

    def turns(self, momenta: list[Array]) -> bool:
        def opposes(part: list[Array], begin: Array, end: Array) -> bool:
            total = np.sum(part, axis=0)
            return not (total @ begin > 0 and total @ end > 0)

        half = len(momenta) // 2
        spans = [momenta, momenta[: half + 1], momenta[half - 1 :]]
        return any(opposes(span, span[0], span[-1]) for span in spans)

    def has_turned_subtree(self, momenta: list[Array]) -> bool:
        sizes = [2**k for k in range(1, 12) if len(momenta) % 2**k == 0]
        return any(self.turns(momenta[-size:]) for size in sizes)

    def divided(self, state: State, step: float, halvings: int) -> tuple[State, float, bool, int]:
        """A step in equal parts: where it ends, its energy, whether that was kept on the way, and its gradients."""
        energies = [moved(self.system, state, 1.0, 0)[2]]
        for part in range(2**halvings):
            *there, energy = moved(self.system, state, step / 2**halvings, 1)
            state = (there[0], there[1])
            energies.append(energy)
            if not max(energies) - min(energies) <= TOLERANCE:
                return state, energy, False, part + 1
        return state, energy, True, 2**halvings

    def advanced(self, state: State, step: float) -> tuple[State, float, int, str]:
        """A step in as few parts as keep the energy, if the way back takes as many."""
        gradients = 0
        for halvings in range(MOST_HALVINGS + 1):
            end, energy, is_kept, made = self.divided(state, step, halvings)
            gradients += made
            if not is_kept:
                continue
            for fewer in range(halvings):
                *_, is_shorter, made = self.divided(end, -step, fewer)
                gradients += made
                if is_shorter:
                    return end, energy, gradients, "one way"
            self.most = max(self.most, halvings)
            return end, energy, gradients, "taken"
        return end, energy, gradients, "lost"

    def draw(self, position: Array) -> tuple[Array, dict[int, float]]:
        momentum = self.rng.standard_normal(len(position))
        start = moved(self.system, (position, momentum), 1.0, 0)[2]
        states, weights, chosen = [(position, momentum)], [1.0], position
        energies = {position.tobytes(): start}
        depth = steps = 0
        while depth < self.max_depth:
            is_ahead = self.rng.random() < 0.5
            new: list[tuple[Array, Array]] = []
            new_weights: list[float] = []
            candidate = position
            state = states[-1] if is_ahead else states[0]
            for _ in range(2**depth):
                state, energy, made, outcome = self.advanced(state, self.step if is_ahead else -self.step)
                steps += made
                if outcome == "one way":
                    self.stopped = True
                    return chosen, {DEPTH: depth, STEPS: steps, DIVERGING: 0.0, ENERGY: energies[chosen.tobytes()]}
                if outcome == "lost" or not energy - start <= LARGEST_ERROR:
                    return chosen, {DEPTH: depth, STEPS: steps, DIVERGING: 1.0, ENERGY: energies[chosen.tobytes()]}
                new.append(state)
                new_weights.append(exp(start - energy))
                energies[state[0].tobytes()] = energy
                if log(self.rng.random()) < start - energy - log(sum(new_weights)) or len(new) == 1:
                    candidate = state[0]
                if self.has_turned_subtree([momentum for _, momentum in new]):
                    return chosen, {DEPTH: depth, STEPS: steps, DIVERGING: 0.0, ENERGY: energies[chosen.tobytes()]}
            if log(self.rng.random()) < log(sum(new_weights)) - log(sum(weights)):
                chosen = candidate
            states = states + new if is_ahead else new[::-1] + states
            weights += new_weights
            depth += 1
            if self.turns([momentum for _, momentum in states]):
                break
        return chosen, {DEPTH: depth, STEPS: steps, DIVERGING: 0.0, ENERGY: energies[chosen.tobytes()]}


TWINS: dict[str, tuple[Target, Array | float, float, int]] = {
    "smooth": (normal(correlated(7, 1)), 1.0, 0.15, 10),
    "rough": (mixed(), SCALES, 1.1, 10),
    "shallow": (normal(correlated(5, 2)), 1.0, 0.05, 3),
    "stiff": (funnel(4, 1.5), 1.0, 0.9, 10),
    "diverging": (normal(np.diag([1.0, 1e-6])), 1.0, 0.4, 10),
}


@pytest.mark.parametrize("name", TWINS)
def test_a_transition_is_that_of_the_slow_twin(name: str) -> None:
    target, scale, step, max_depth = TWINS[name]
    scales = np.ones(target.dimension) * scale
    rng = np.random.default_rng(8)
    seen, twins = [], []
    for seed in range(60):
        start = rng.standard_normal(target.dimension)
        chain = fixed(target, 2, step, scales, max_depth)
        chain.rng.bit_generator.state = np.random.default_rng(seed).bit_generator.state
        put(chain, start, 1)
        chain.advance(1)
        twins.append(Twin(target, scales, step, max_depth, seed))
        position, report = twins[-1].draw(start / np.sqrt(scales))
        np.testing.assert_allclose(chain.position[1], position * np.sqrt(scales), rtol=1e-8, atol=1e-8)
        for column, value in report.items():
            assert chain.report[1, column] == pytest.approx(value, rel=1e-8), (column, seed)
        gradient = np.zeros(target.dimension)
        assert evaluate(chain.system, chain.position[1] / np.sqrt(scales), gradient) == pytest.approx(
            chain.report[1, 0]
        )
        np.testing.assert_allclose(gradient, gradient_of(chain), rtol=1e-8, atol=1e-12)
        seen.append(chain.report[1])
    depths = np.array(seen)[:, DEPTH]
    assert len(set(depths)) > 1 or name == "diverging"
    assert (max(twin.most for twin in twins) > 1) == (name in {"shallow", "stiff"})
    assert any(twin.stopped for twin in twins) == (name in {"rough", "shallow", "stiff"})
    assert np.any(np.array(seen)[:, DIVERGING]) == (name == "diverging")
    assert np.any(np.array(seen)[:, REACHED]) == (name == "shallow")


@pytest.mark.parametrize(("step", "max_depth"), [(0.25, 10), (1.2, 10), (0.4, 2)], ids=["fine", "coarse", "cut"])
def test_exact_draws_stay_exact(step: float, max_depth: int) -> None:
    replicates = 6000
    rng = np.random.default_rng(11)
    before = np.stack([law.rvs(replicates, random_state=rng) for law in MIXED_LAWS], axis=1)
    chain = fixed(mixed(), replicates + 1, step, SCALES, max_depth)
    for draw, start in enumerate(before, start=1):
        put(chain, start, draw)
        chain.advance(1)
    after = chain.position[1:]
    assert (after != before).any(axis=1).mean() > 0.8
    for i, law in enumerate(MIXED_LAWS):
        uniform = law.cdf(after[:, i])
        # Replicates are independent, so that the standard errors are known.
        assert abs(uniform.mean() - 0.5) < 4 * np.sqrt(1 / 12 / replicates)
        assert abs(((uniform - 0.5) ** 2).mean() - 1 / 12) < 4 * np.sqrt(1 / 180 / replicates)
        for tail in (uniform < 0.025, uniform > 0.975):
            assert abs(tail.mean() - 0.025) < 4 * np.sqrt(0.025 * 0.975 / replicates)
        was = law.cdf(before[:, i])
        swap = was**2 * uniform - was * uniform**2  # a reversible chain looks the same backwards
        assert abs(swap.mean()) < 4 * swap.std() / np.sqrt(replicates)


@pytest.mark.parametrize("step", [0.7, 1.4])
def test_exact_draws_stay_exact_where_steps_are_divided(step: float) -> None:
    replicates, size, width = 12_000, 4, 1.5
    before = funnel_draws(size, width, replicates, np.random.default_rng(13))
    chain = fixed(funnel(size, width), replicates + 1, step, 1.0)
    for draw, start in enumerate(before, start=1):
        put(chain, start, draw)
        chain.advance(1)
    after, report = chain.position[1:], chain.report[1:]
    assert (report[:, STEPS] > report[:, STATES]).mean() > 0.1
    assert not report[:, DIVERGING].any()
    assert (after != before).any(axis=1).mean() > 0.5
    assert np.corrcoef(after[:, 0], before[:, 0])[0, 1] < 0.95
    standard = np.column_stack([after[:, 0] / width, after[:, 1:] * np.exp(-after[:, :1] / 2)])
    for column in standard.T:
        uniform = stats.norm.cdf(column)
        assert abs(uniform.mean() - 0.5) < 4 * np.sqrt(1 / 12 / replicates)
        assert abs(((uniform - 0.5) ** 2).mean() - 1 / 12) < 4 * np.sqrt(1 / 180 / replicates)
        for tail in (uniform < 0.025, uniform > 0.975):
            assert abs(tail.mean() - 0.025) < 4 * np.sqrt(0.025 * 0.975 / replicates)
    was, now = stats.norm.cdf(before[:, 0] / width), stats.norm.cdf(after[:, 0] / width)
    swap = was**2 * now - was * now**2
    assert abs(swap.mean()) < 4 * swap.std() / np.sqrt(replicates)


def test_stop_ends_a_transition_at_once_and_keeps_the_state() -> None:
    chain = fixed(mixed(), 3, 1e-5, 1.0)
    put(chain, np.zeros(3), 1)
    chain.system.stop[0] = 1
    chain.advance(2)
    assert chain.counts[0] == 1
    assert not chain.position.any()


def test_log_weights_may_be_as_small_as_they_like() -> None:
    """From far out in the tail every new state outweighs the start by a factor beyond any float."""
    chain = fixed(normal(np.eye(3)), 3, 0.3, 1.0)
    put(chain, np.full(3, 1e4), 1)
    chain.advance(1)
    assert np.isfinite(chain.report[1]).all()
    assert chain.report[1, STEPS] > 0
    assert -inf < chain.report[1, 0] < 0
