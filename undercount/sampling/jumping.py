"""A model's own move between trajectories, such as exchanging two parts of a mixture.

It must leave the density invariant, as a Metropolis step does: then a chain that takes it before each trajectory still
has the density as its law.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from undercount.compiled import inlined
from undercount.sampling.frame import inward, outward
from undercount.sampling.hamiltonian import System, evaluate
from undercount.sampling.tree import CANDIDATE, CHOSEN, Tree, keep

if TYPE_CHECKING:
    from undercount.sampling.target import Array, Target


class Jumping(NamedTuple):
    """The move of a target; without one it takes no numbers, and is never made."""

    move: Any
    uniforms: Array

    @classmethod
    def of(cls, target: Target) -> Jumping:
        """With numbers of its own for one chain."""
        if target.jump is None:
            return cls(target.density, np.zeros(0))  # any function of the signature: one loop serves all
        return cls(target.jump.move, np.zeros(target.jump.uniforms))


@inlined
def jump(system: System, tree: Tree, jumping: Jumping, rng: np.random.Generator) -> None:
    """Make the move, from the chain's state; a state without density is not moved to."""
    if jumping.uniforms.size == 0:
        return
    for i in range(jumping.uniforms.size):
        jumping.uniforms[i] = rng.random()
    outward(system.frame, tree.position[CHOSEN], system.point)
    if not jumping.move(system.point, jumping.uniforms, system.reals, system.integers, system.workspace) > 0.0:
        return
    keep(tree, CANDIDATE, CHOSEN)
    inward(system.frame, system.point, tree.position[CHOSEN])
    tree.log_density[CHOSEN] = evaluate(system, tree.position[CHOSEN], tree.gradient[CHOSEN])
    if not isfinite(tree.log_density[CHOSEN]):
        keep(tree, CHOSEN, CANDIDATE)
