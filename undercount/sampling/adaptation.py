"""What a chain learns while it warms up: its step size, and the frame that it moves in.

The step size follows dual averaging (Nesterov 2009; Hoffman and Gelman 2014, *JMLR* 15, section 3.2). The frame is
set at the ends of windows that double in length, as in the Stan reference manual ("Automatic parameter tuning"),
but from draws and gradients together: the squared scale is √(var(draws) / var(gradients)), as in nutpie (Seyboldt,
Carlson and Carpenter, "Preconditioning Hamiltonian Monte Carlo by minimizing Fisher divergence"). On a normal density
with independent coordinates that is exact whatever the draws are, so that the first windows can be short. Later ones
also find directions to stretch (`sampling.stretching`).
"""

from __future__ import annotations

from math import exp, isfinite, log, sqrt
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from undercount.compiled import inlined
from undercount.sampling.curvature import look_around, renew_stretch
from undercount.sampling.frame import Frame, gradient_inward, gradient_outward, inward, outward
from undercount.sampling.hamiltonian import System, draw_momentum, kinetic, leapfrog
from undercount.sampling.stretching import renew_directions, renew_scale
from undercount.sampling.tree import CANDIDATE, CHOSEN, Tree, keep

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from undercount.sampling.target import Array

# What an iteration of the warm-up does beside adapting the step size.
SETTLE, COLLECT, RENEW = range(3)

# Places in `step`.
CURRENT, LOG_MEAN, DEFICIT, ANCHOR, COUNT, TARGET = range(6)

# Settings of dual averaging, of section 3.2.1 of Hoffman and Gelman.
SHRINKAGE, DELAY, DECAY = 0.05, 10.0, 0.75
BOLDNESS = 10.0
"""Step sizes are drawn towards this times the first guess: steps that are too large are cheap to try."""

SMALLEST_STEP, LARGEST_STEP = 1e-14, 1e7
GUESSED_ACCEPTANCE = 0.8
FIRST_SCALE = 1e4
"""Factor that the first squared scale, of one gradient, may differ from one by."""

FIRST_WINDOW = 10
FIRST_DEPTH = 6
"""Most doublings of a trajectory while the first frame stands or the density is hot: long ones are of little use."""
ENOUGH_FOR_DIRECTIONS = 40
"""Draws of a window from which on it tells directions apart."""
LAST_SHARE = 0.2
"""Share of the warm-up, at its end, that only settles the step size."""


class Adaptation(NamedTuple):
    """What is learnt, as arrays that the compiled code changes in place."""

    step: Array
    """CURRENT, LOG_MEAN, DEFICIT, ANCHOR, COUNT, TARGET."""
    draws: Array
    """q and the derivatives by q since the window began, shape (longest window, D)."""
    gradients: Array
    collected: NDArray[np.int64]
    """Number of draws in the window, shape (1,)."""
    is_known: NDArray[np.bool_]
    """Whether the frame stands before the warm-up, shape (1,)."""

    @classmethod
    def of(cls, dimension: int, target_accept: float, longest: int) -> Adaptation:
        """Nothing learnt yet."""
        draws, gradients = np.zeros((2, longest, dimension))
        step = np.array([1.0, 0, 0, 0, 0, target_accept])
        return cls(step, draws, gradients, np.zeros(1, dtype=np.int64), np.zeros(1, dtype=bool))


def schedule(tune: int) -> NDArray[np.int64]:
    """What each iteration of the warm-up does: SETTLE, COLLECT, or RENEW at the end of a window.

    Windows double in length, and the last takes what would be too short for another, as in Stan.

    >>> [int(i) + 1 for i in np.flatnonzero(schedule(400) == RENEW)]
    [10, 30, 70, 150, 320]
    """
    plan = np.full(tune, SETTLE, dtype=np.int64)
    end = tune - round(LAST_SHARE * tune)
    begin, length = 0, FIRST_WINDOW
    while end - begin >= length:
        close = begin + length
        if end - close < 2 * length:
            close = end
        plan[begin:close] = COLLECT
        plan[close - 1] = RENEW
        begin, length = close, 2 * length
    return plan


def longest_window(plan: NDArray[np.int64]) -> int:
    """Most draws that a window of a schedule collects."""
    return int(np.diff(np.flatnonzero(plan == RENEW), prepend=-1).max(initial=0))


@inlined
def begin(system: System, tree: Tree, adaptation: Adaptation, rng: np.random.Generator) -> None:
    """Set the first frame, from the gradient at the start unless it is known, and the first step size."""
    adaptation.collected[0] = 0
    if not adaptation.is_known[0]:
        gradient = tree.gradient[CHOSEN]
        outward(system.frame, tree.position[CHOSEN], system.point)
        gradient_outward(system.frame, gradient, system.slope)
        for i in range(gradient.size):
            size = min(max(abs(system.slope[i]), 1.0 / FIRST_SCALE), FIRST_SCALE)
            system.frame.scale[i] = 1.0 / sqrt(size)
        system.frame.rank[0] = 0
        _turn(system, tree)
    _restart_step(system, tree, adaptation.step, rng)


@inlined
def learn(
    system: System, tree: Tree, adaptation: Adaptation, duty: int, acceptance: float, rng: np.random.Generator
) -> None:
    """Take in one transition of the warm-up."""
    _settle(adaptation.step, acceptance)
    if duty == SETTLE:
        return
    outward(system.frame, tree.position[CHOSEN], system.point)
    gradient_outward(system.frame, tree.gradient[CHOSEN], system.slope)
    adaptation.draws[adaptation.collected[0]] = system.point
    adaptation.gradients[adaptation.collected[0]] = system.slope
    adaptation.collected[0] += 1
    if duty == RENEW:
        count = adaptation.collected[0]
        draws, gradients = adaptation.draws[:count], adaptation.gradients[:count]
        if system.frame.member.size:
            renew_in_blocks(system, draws, gradients, rng)
        else:
            renew(system.frame, draws, gradients)
        adaptation.collected[0] = 0
        _turn(system, tree)
        _restart_step(system, tree, adaptation.step, rng)


@inlined
def deepest(done: int, short: int, most: int) -> int:
    """Most doublings of the next trajectory, of which the first so many are kept short."""
    return min(most, FIRST_DEPTH) if done < short else most


@inlined
def finish(adaptation: Adaptation) -> None:
    """Fix the step size at the average of the last window."""
    if adaptation.step[COUNT] > 0:
        adaptation.step[CURRENT] = exp(adaptation.step[LOG_MEAN])


@inlined
def _settle(step: Array, acceptance: float) -> None:
    """One update of dual averaging."""
    step[COUNT] += 1.0
    count = step[COUNT]
    weight = 1.0 / (count + DELAY)
    step[DEFICIT] = (1.0 - weight) * step[DEFICIT] + weight * (step[TARGET] - acceptance)
    log_step = step[ANCHOR] - sqrt(count) / SHRINKAGE * step[DEFICIT]
    log_step = min(max(log_step, log(SMALLEST_STEP)), log(LARGEST_STEP))
    share = count**-DECAY
    step[LOG_MEAN] = share * log_step + (1.0 - share) * step[LOG_MEAN]
    step[CURRENT] = exp(log_step)


@inlined
def _restart_step(system: System, tree: Tree, step: Array, rng: np.random.Generator) -> None:
    """Guess a step size for the frame, and average anew."""
    step[CURRENT] = _guess_step(system, tree, step[CURRENT], rng)
    step[ANCHOR] = log(BOLDNESS * step[CURRENT])
    step[LOG_MEAN] = step[DEFICIT] = step[COUNT] = 0.0


@inlined
def _guess_step(system: System, tree: Tree, step: float, rng: np.random.Generator) -> float:
    """Double or halve until the acceptance of a single step crosses 0.8 (Hoffman and Gelman, algorithm 4; Stan)."""
    is_accepted = _try_step(system, tree, step, rng)
    while SMALLEST_STEP < step < LARGEST_STEP and system.stop[0] == 0:
        step = 2.0 * step if is_accepted else 0.5 * step
        if _try_step(system, tree, step, rng) != is_accepted:
            break
    return step


@inlined
def _try_step(system: System, tree: Tree, step: float, rng: np.random.Generator) -> bool:
    draw_momentum(tree.momentum, rng)
    before = kinetic(tree.momentum) - tree.log_density[CHOSEN]
    keep(tree, CANDIDATE, CHOSEN)
    value = leapfrog(system, tree.position[CANDIDATE], tree.momentum, tree.gradient[CANDIDATE], step)
    after = kinetic(tree.momentum) - value
    return isfinite(after) and before - after > log(GUESSED_ACCEPTANCE)


@inlined
def renew(frame: Frame, draws: Array, gradients: Array) -> None:
    """Set the frame from a window, which is overwritten."""
    renew_scale(frame, draws, gradients)
    frame.rank[0] = 0
    if draws.shape[0] >= ENOUGH_FOR_DIRECTIONS:
        renew_directions(frame, draws, gradients)


@inlined
def renew_in_blocks(system: System, draws: Array, gradients: Array, rng: np.random.Generator) -> None:
    """Set a frame of blocks from the curvature where the chain is, and from a window, which is overwritten."""
    point, slope = system.point.copy(), system.slope.copy()
    look_around(system, rng)
    system.point[:], system.slope[:] = point, slope
    if draws.shape[0] >= ENOUGH_FOR_DIRECTIONS:
        renew_stretch(system.frame, draws, gradients)


@inlined
def _turn(system: System, tree: Tree) -> None:
    """Put the chain's state, which stands in `point` and `slope` of the system, into its frame."""
    inward(system.frame, system.point, tree.position[CHOSEN])
    gradient_inward(system.frame, system.slope, tree.gradient[CHOSEN])
