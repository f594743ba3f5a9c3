"""What a chain learns while it warms up: its step size, and a diagonal metric.

The step size follows dual averaging (Nesterov 2009; Hoffman and Gelman 2014, *JMLR* 15, section 3.2). The metric is
set at the ends of windows that double in length, as in the Stan reference manual ("Automatic parameter tuning"),
but from draws and gradients together: M⁻¹ = √(var(draws) / var(gradients)), as in nutpie (Seyboldt, Carlson and
Carpenter, "Preconditioning Hamiltonian Monte Carlo by minimizing Fisher divergence"). On a normal density with
independent coordinates that ratio is exact whatever the draws are, so that the first windows can be short.
"""

from __future__ import annotations

from math import exp, isfinite, log, sqrt
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from undercount.compiled import compiled
from undercount.sampling.hamiltonian import System, draw_momentum, kinetic, leapfrog
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
SMALLEST_SCALE, LARGEST_SCALE = 1e-20, 1e20
FIRST_SCALE = 1e4
"""Factor that the first metric, of one gradient, may differ from the identity by."""

FIRST_WINDOW = 10
LAST_SHARE = 0.2
"""Share of the warm-up, at its end, that only settles the step size."""


class Adaptation(NamedTuple):
    """What is learnt, as arrays that the compiled code changes in place."""

    step: Array
    """CURRENT, LOG_MEAN, DEFICIT, ANCHOR, COUNT, TARGET."""
    moments: Array
    """Mean and summed squares of the draws and of the gradients since the window began, shape (4, D)."""
    collected: NDArray[np.int64]
    """Number of draws in the window, shape (1,)."""

    @classmethod
    def of(cls, dimension: int, target_accept: float) -> Adaptation:
        """Nothing learnt yet."""
        return cls(np.array([1.0, 0, 0, 0, 0, target_accept]), np.zeros((4, dimension)), np.zeros(1, dtype=np.int64))


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


@compiled
def begin(system: System, tree: Tree, adaptation: Adaptation, rng: np.random.Generator) -> None:
    """Set the first metric, from the gradient at the start, and the first step size."""
    gradient = tree.gradient[CHOSEN]
    for i in range(gradient.size):
        size = min(max(abs(gradient[i]), 1.0 / FIRST_SCALE), FIRST_SCALE)
        system.inverse_mass[i] = 1.0 / size
    adaptation.moments[:] = 0.0
    adaptation.collected[0] = 0
    _restart_step(system, tree, adaptation.step, rng)


@compiled
def learn(
    system: System, tree: Tree, adaptation: Adaptation, duty: int, acceptance: float, rng: np.random.Generator
) -> None:
    """Take in one transition of the warm-up."""
    _settle(adaptation.step, acceptance)
    if duty == SETTLE:
        return
    _collect(adaptation, tree.position[CHOSEN], tree.gradient[CHOSEN])
    if duty == RENEW:
        _renew(system.inverse_mass, adaptation)
        _restart_step(system, tree, adaptation.step, rng)


@compiled
def finish(adaptation: Adaptation) -> None:
    """Fix the step size at the average of the last window."""
    if adaptation.step[COUNT] > 0:
        adaptation.step[CURRENT] = exp(adaptation.step[LOG_MEAN])


@compiled
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


@compiled
def _restart_step(system: System, tree: Tree, step: Array, rng: np.random.Generator) -> None:
    """Guess a step size for the metric, and average anew."""
    step[CURRENT] = _guess_step(system, tree, step[CURRENT], rng)
    step[ANCHOR] = log(BOLDNESS * step[CURRENT])
    step[LOG_MEAN] = step[DEFICIT] = step[COUNT] = 0.0


@compiled
def _guess_step(system: System, tree: Tree, step: float, rng: np.random.Generator) -> float:
    """Double or halve until the acceptance of a single step crosses 0.8 (Hoffman and Gelman, algorithm 4; Stan)."""
    is_accepted = _try_step(system, tree, step, rng)
    while SMALLEST_STEP < step < LARGEST_STEP and system.stop[0] == 0:
        step = 2.0 * step if is_accepted else 0.5 * step
        if _try_step(system, tree, step, rng) != is_accepted:
            break
    return step


@compiled
def _try_step(system: System, tree: Tree, step: float, rng: np.random.Generator) -> bool:
    draw_momentum(system, tree.momentum, rng)
    before = kinetic(system, tree.momentum) - tree.log_density[CHOSEN]
    keep(tree, CANDIDATE, CHOSEN)
    value = leapfrog(system, tree.position[CANDIDATE], tree.momentum, tree.gradient[CANDIDATE], step)
    after = kinetic(system, tree.momentum) - value
    return isfinite(after) and before - after > log(GUESSED_ACCEPTANCE)


@compiled
def _collect(adaptation: Adaptation, position: Array, gradient: Array) -> None:
    """Running mean and summed squares (Welford 1962)."""
    adaptation.collected[0] += 1
    share = 1.0 / adaptation.collected[0]
    mean, square, mean_gradient, square_gradient = adaptation.moments
    for i in range(position.size):
        change = position[i] - mean[i]
        mean[i] += share * change
        square[i] += change * (position[i] - mean[i])
        change = gradient[i] - mean_gradient[i]
        mean_gradient[i] += share * change
        square_gradient[i] += change * (gradient[i] - mean_gradient[i])


@compiled
def _renew(inverse_mass: Array, adaptation: Adaptation) -> None:
    """Set the metric from the window, and open the next; a coordinate that tells nothing keeps its scale."""
    square, square_gradient = adaptation.moments[1], adaptation.moments[3]
    for i in range(inverse_mass.size):
        ratio = square[i] / square_gradient[i]
        if isfinite(ratio) and ratio > 0.0:
            inverse_mass[i] = min(max(sqrt(ratio), SMALLEST_SCALE), LARGEST_SCALE)
    adaptation.moments[:] = 0.0
    adaptation.collected[0] = 0
