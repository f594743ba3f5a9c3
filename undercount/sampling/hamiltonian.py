"""Motion of a particle on a log density: energy and leapfrog steps, in the coordinates of a frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from undercount.compiled import inlined
from undercount.sampling.frame import Frame, dot, gradient_inward, outward

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from undercount.sampling.target import Array, Target


class System(NamedTuple):
    """A log density with the frame that it is explored in, in which the mass is one."""

    density: Any
    reals: Array
    integers: NDArray[np.int64]
    workspace: Array
    frame: Frame
    point: Array
    """Where it was evaluated last, q, and the derivatives by q."""
    slope: Array
    stop: NDArray[np.int64]
    """One number, shared with the thread that waits: not zero ends the motion at the next step."""

    @classmethod
    def of(cls, target: Target, stop: NDArray[np.int64]) -> System:
        """A system of its own for one chain: nothing but `stop` is shared with others."""
        return cls(
            target.density,
            np.array(target.reals, dtype=np.float64),
            np.array(target.integers, dtype=np.int64),
            np.zeros(target.workspace),
            Frame.of(target.dimension, target.directions, target.blocks),
            np.zeros(target.dimension),
            np.zeros(target.dimension),
            stop,
        )


@inlined
def evaluate(system: System, position: Array, gradient: Array) -> float:
    """Log density at x; writes the derivatives by x."""
    outward(system.frame, position, system.point)
    value: float = system.density(system.point, system.slope, system.reals, system.integers, system.workspace)
    gradient_inward(system.frame, system.slope, gradient)
    return value


@inlined
def draw_momentum(momentum: Array, rng: np.random.Generator) -> None:
    """p ~ N(0, 1)."""
    for i in range(momentum.size):
        momentum[i] = rng.standard_normal()


@inlined
def kinetic(momentum: Array) -> float:
    """½ p · p."""
    return 0.5 * dot(momentum, momentum)


@inlined
def copy(mine: Array, other: Array) -> None:
    """Overwrite one array with another."""
    for i in range(mine.size):
        mine[i] = other[i]


@inlined
def leapfrog(system: System, position: Array, momentum: Array, gradient: Array, step: float) -> float:
    """Move by one step, in place; a negative step goes back in time.

    Returns
    -------
    float
        The log density at the new position.
    """
    half = 0.5 * step
    for i in range(position.size):
        momentum[i] += half * gradient[i]
        position[i] += step * momentum[i]
    value = evaluate(system, position, gradient)
    for i in range(position.size):
        momentum[i] += half * gradient[i]
    return value
