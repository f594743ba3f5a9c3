"""The likelihood, let in bit by bit at the beginning of the warm-up.

A chain that starts in the prior, where the likelihood is steep, may run into a mode of negligible mass and stay there.
Raised to a small power first, which then grows to one, the likelihood leads it to where the mass is (Kirkpatrick,
Gelatt and Vecchi 1983, *Science* 220, 671). Nothing of it is left when the draws begin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from undercount.compiled import inlined
from undercount.sampling.hamiltonian import System, evaluate
from undercount.sampling.tree import CHOSEN, Tree

if TYPE_CHECKING:
    from undercount.sampling.target import Array, Target

SHARE = 0.2
"""Of the warm-up."""


class Annealing(NamedTuple):
    """What the inverse temperature is at each of the first iterations; the last of them is one."""

    place: int
    course: Array

    @classmethod
    def of(cls, target: Target, tune: int) -> Annealing:
        """The course of a target; empty where it is not to be heated, or the warm-up is too short."""
        steps = round(SHARE * tune)
        if target.heat is None or steps < 2:
            return cls(0, np.zeros(0))
        return cls(target.heat.place, np.geomspace(min(target.heat.hottest, 1.0), 1.0, steps))


def heat(system: System, annealing: Annealing) -> None:
    """Set the first temperature, before the chain has a start."""
    if annealing.course.size:
        system.reals[annealing.place] = annealing.course[0]


@inlined
def cool(system: System, tree: Tree, annealing: Annealing, done: int) -> None:
    """Set the temperature of an iteration, and the density of the chain's state at it."""
    if done < annealing.course.size:
        system.reals[annealing.place] = annealing.course[done]
        tree.log_density[CHOSEN] = evaluate(system, tree.position[CHOSEN], tree.gradient[CHOSEN])
