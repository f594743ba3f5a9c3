"""Copies of one chain at several temperatures, in arrays with the level first, and exchanges between neighbours."""

from __future__ import annotations

from math import exp, isfinite, log
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from undercount.compiled import borrowed, compiled, inlined
from undercount.sampling.adaptation import Adaptation
from undercount.sampling.frame import Frame, inward, outward
from undercount.sampling.hamiltonian import System, evaluate
from undercount.sampling.stepping import ROWS
from undercount.sampling.target import Heat
from undercount.sampling.tree import CANDIDATE, CHOSEN, Tree, keep

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from undercount.sampling.target import Array, Target

LEAST_CHANCE, LEAST_BARRIER = 0.02, 0.02
"""Of an exchange, as counted where the ladder is spaced anew: a pair that never exchanged is not infinitely far apart,
and none falls together."""


class Levels(NamedTuple):
    """What the levels have of their own, and what they share; level 0 is the hottest, the last one the target."""

    density: Any
    reals: Array
    """(L, …) that differ in the inverse temperature alone."""
    integers: NDArray[np.int64]
    workspace: Array
    point: Array
    slope: Array
    stop: NDArray[np.int64]
    whole: Frame
    """Without blocks: levels know of none."""
    is_known: NDArray[np.bool_]
    scale: Array
    directions: Array
    stretch: Array
    rank: NDArray[np.int64]
    position: Array
    gradient: Array
    log_density: Array
    energy: Array
    momentum: Array
    first: Array
    last: Array
    total: Array
    room: Array
    step: Array
    draws: Array
    gradients: Array
    collected: NDArray[np.int64]
    place: int
    """Of the inverse temperature in the reals."""
    rejection: Array
    """(L - 1) summed over the exchanges that were tried between a level and the next."""
    tried: Array
    has_been_hot: NDArray[np.bool_]
    """(L,) of the state that is at a level now, since it was last the coldest."""

    @classmethod
    def of(
        cls, target: Target, stop: NDArray[np.int64], *, levels: int, longest: int, max_depth: int, target_accept: float
    ) -> Levels:
        """Levels spaced evenly in the logarithm of the temperature, that are nowhere yet."""
        heat = target.heat or Heat(0, 1.0)
        system, size = System.of(target, stop), target.dimension
        frame, tree = system.frame, Tree.of(size, max_depth)
        reals = np.tile(system.reals, (levels, 1))
        reals[:, heat.place] = np.geomspace(heat.hottest, 1.0, levels)
        return cls(
            system.density, reals, system.integers, system.workspace, system.point, system.slope, stop,
            Frame.of(size, 0), np.zeros(1, dtype=np.bool_),
            np.ones((levels, size)), np.zeros((levels, *frame.directions.shape)), np.ones((levels, frame.stretch.size)),
            np.zeros((levels, 1), dtype=np.int64),
            np.zeros((levels, 4, size)), np.zeros((levels, 4, size)), np.zeros((levels, 4)), np.zeros((levels, 4)),
            tree.momentum, tree.first, tree.last, tree.total, np.zeros((ROWS, size)),
            np.tile(np.array([1.0, 0, 0, 0, 0, target_accept]), (levels, 1)),
            np.zeros((levels, longest, size)), np.zeros((levels, longest, size)),
            np.zeros((levels, 1), dtype=np.int64),
            heat.place, np.zeros(levels - 1), np.zeros(levels - 1), np.zeros(levels, dtype=np.bool_),
        )  # fmt: skip


@inlined
def system_at(levels: Levels, level: int) -> System:
    """The system of a level."""
    whole = levels.whole
    frame = Frame(
        levels.scale[level], levels.directions[level], levels.stretch[level], levels.rank[level],
        whole.member, whole.first, whole.place, whole.root, whole.inverse, whole.room,
    )  # fmt: skip
    return System(
        levels.density,
        levels.reals[level],
        levels.integers,
        levels.workspace,
        frame,
        levels.point,
        levels.slope,
        levels.stop,
    )


@inlined
def tree_at(levels: Levels, level: int) -> Tree:
    """The state of a level."""
    return Tree(
        levels.position[level], levels.gradient[level], levels.log_density[level], levels.energy[level],
        levels.momentum, levels.first, levels.last, levels.total, levels.room,
    )  # fmt: skip


@inlined
def adaptation_at(levels: Levels, level: int) -> Adaptation:
    """What a level has learnt."""
    return Adaptation(
        levels.step[level], levels.draws[level], levels.gradients[level], levels.collected[level], levels.is_known
    )


@compiled
def copy_state(levels: Levels, row: int, level: int, source: int) -> None:
    """Write the state of another level into a row of this one, as this one sees it."""
    levels = borrowed(levels)
    system, tree, other = system_at(levels, level), tree_at(levels, level), tree_at(levels, source)
    outward(system_at(levels, source).frame, other.position[CHOSEN], system.slope)
    inward(system.frame, system.slope, tree.position[row])
    tree.log_density[row] = evaluate(system, tree.position[row], tree.gradient[row])


@compiled
def trade(levels: Levels, level: int, rng: np.random.Generator) -> None:
    """Try to exchange the states of a level and the next."""
    levels = borrowed(levels)
    copy_state(levels, CANDIDATE, level, level + 1)
    copy_state(levels, CANDIDATE, level + 1, level)
    value = levels.log_density
    gain = value[level, CANDIDATE] + value[level + 1, CANDIDATE] - value[level, CHOSEN] - value[level + 1, CHOSEN]
    chance = exp(min(gain, 0.0)) if isfinite(gain) else 0.0
    levels.tried[level] += 1.0
    levels.rejection[level] += 1.0 - chance
    if rng.random() < chance:
        keep(tree_at(levels, level), CHOSEN, CANDIDATE)
        keep(tree_at(levels, level + 1), CHOSEN, CANDIDATE)
        was_hot = levels.has_been_hot
        was_hot[level], was_hot[level + 1] = was_hot[level + 1], was_hot[level]


@inlined
def note_visits(levels: Levels) -> bool:
    """Note which states have been at the hottest level; whether one has come down from there to the coldest."""
    was_hot, coldest = levels.has_been_hot, levels.reals.shape[0] - 1
    was_hot[0] = True
    has_come_down = bool(was_hot[coldest])
    was_hot[coldest] = False
    return has_come_down


@compiled
def space_anew(levels: Levels) -> None:
    """Set the temperatures so that all pairs would be rejected alike (Syed et al. 2022, section 5), and count anew."""
    levels = borrowed(levels)
    count = levels.reals.shape[0]
    place = levels.place
    barrier, logs = np.zeros(count), np.zeros(count)
    for level in range(count):
        logs[level] = log(levels.reals[level, place])
        if level > 0:
            chance = 1.0 - levels.rejection[level - 1] / max(levels.tried[level - 1], 1.0)
            barrier[level] = barrier[level - 1] + max(-log(max(chance, LEAST_CHANCE)), LEAST_BARRIER)
    even = np.linspace(0.0, barrier[count - 1], count)
    anew = np.interp(even, barrier, logs)
    for level in range(1, count - 1):
        levels.reals[level, place] = exp(anew[level])
        tree = tree_at(levels, level)
        tree.log_density[CHOSEN] = evaluate(system_at(levels, level), tree.position[CHOSEN], tree.gradient[CHOSEN])
    levels.rejection[:] = 0.0
    levels.tried[:] = 0.0
