"""One step of a trajectory, taken in as many equal parts as it needs to keep the energy.

Where a density is stiff a whole step loses the energy, and a trajectory that had to end there would never see what
lies behind. The step is halved until the energy stays within `TOLERANCE` over its parts. The way back from its end
must take as many: otherwise a shorter one leads there, the step cannot be undone, and the trajectory may not be
used beyond. So the sampler stays exact whatever the tolerance is (WALNUTS: Bou-Rabee, Carpenter, Kleppe and Liu 2025,
arXiv:2506.18746; here the state alone decides on the parts). Where a whole step keeps the energy it costs what it
always did, one gradient.
"""

from __future__ import annotations

from math import inf, isfinite
from typing import TYPE_CHECKING, NamedTuple

from undercount.compiled import inlined
from undercount.sampling.hamiltonian import System, copy, kinetic, leapfrog

if TYPE_CHECKING:
    from undercount.sampling.target import Array

TOLERANCE = 2.0
"""Most that the energy may differ over the parts of one step."""
MOST_HALVINGS = 8

# What became of a step. A step that cannot be undone ends a trajectory; one that cannot be taken is a divergence.
TAKEN, ONE_WAY, LOST = range(3)

# Rows of the room: where the step begins, and where it goes back from its end.
POSITION, MOMENTUM, GRADIENT, BACK_POSITION, BACK_MOMENTUM, BACK_GRADIENT = range(6)
ROWS = 6


class Step(NamedTuple):
    """What a step came to."""

    value: float
    """Log density at its end."""
    energy: float
    undivided: float
    """Energy at the end of the step taken whole."""
    gradients: int
    outcome: int


@inlined
def advance(
    system: System, room: Array, position: Array, momentum: Array, gradient: Array, step: float, energy: float
) -> Step:
    """Move by one step, in place, from a state of this energy; a negative step goes back in time."""
    copy(room[POSITION], position)
    copy(room[MOMENTUM], momentum)
    copy(room[GRADIENT], gradient)
    value = leapfrog(system, position, momentum, gradient, step)
    undivided = kinetic(momentum) - value
    gradients = 1
    if abs(undivided - energy) <= TOLERANCE:
        return Step(value, undivided, undivided, gradients, TAKEN)
    for halvings in range(1, MOST_HALVINGS + 1):
        if system.stop[0] != 0:
            break
        copy(position, room[POSITION])
        copy(momentum, room[MOMENTUM])
        copy(gradient, room[GRADIENT])
        value, end, made = _divided(system, position, momentum, gradient, step, energy, halvings)
        gradients += made
        if not isfinite(end):
            continue
        for fewer in range(halvings):
            copy(room[BACK_POSITION], position)
            copy(room[BACK_MOMENTUM], momentum)
            copy(room[BACK_GRADIENT], gradient)
            _, back, made = _divided(
                system, room[BACK_POSITION], room[BACK_MOMENTUM], room[BACK_GRADIENT], -step, end, fewer
            )
            gradients += made
            if isfinite(back):
                return Step(value, end, undivided, gradients, ONE_WAY)
        return Step(value, end, undivided, gradients, TAKEN)
    return Step(-inf, inf, undivided, gradients, LOST)


@inlined
def _divided(
    system: System, position: Array, momentum: Array, gradient: Array, step: float, energy: float, halvings: int
) -> tuple[float, float, int]:
    """Take a step in 2^halvings parts; gives log density, energy (infinite if it was not kept) and gradients."""
    parts = 1 << halvings
    least = most = energy
    value = -inf
    for part in range(parts):
        value = leapfrog(system, position, momentum, gradient, step / parts)
        energy = kinetic(momentum) - value
        least, most = min(least, energy), max(most, energy)
        if not most - least <= TOLERANCE:  # nor of what is not a number
            return value, inf, part + 1
    return value, energy, parts
