"""One transition of the No-U-Turn sampler, without recursion.

Trajectories double until they turn back (Hoffman and Gelman 2014, *JMLR* 15, 1593–1623). States are chosen in
proportion to their weight, with a bias to the newer half between doublings, and a trajectory has turned when the
momentum summed over it opposes the velocity at either end (Betancourt 2017, arXiv:1701.02434, appendices A.3–A.4).
As in Stan since 2.21, the two spans that reach from one half to the nearest state of the other are checked too,
which catches trajectories that come back to where they began.

The binary tree is never built: leaves come one by one, and two finished subtrees of the same height on top of a
stack become one, as digits carry in a binary counter.
"""

from __future__ import annotations

from math import exp, inf, isfinite, log, log1p
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from undercount.compiled import inlined
from undercount.sampling.hamiltonian import System, copy, draw_momentum, kinetic
from undercount.sampling.stepping import LOST, ONE_WAY, ROWS, advance

if TYPE_CHECKING:
    from undercount.sampling.target import Array

LARGEST_ERROR = 1000.0
"""Energy error beyond which a trajectory has left the level set: a divergence."""

# Rows of `position` and `gradient`: the ends of the trajectory, back and ahead in time, and two states on it.
BACK, AHEAD, CANDIDATE, CHOSEN = range(4)

# Columns of a draw's report.
LOG_DENSITY, ENERGY, ACCEPTANCE, STEP, DEPTH, STEPS, DIVERGING, REACHED, STATES = range(9)
COLUMNS = 9


class Tree(NamedTuple):
    """A trajectory under construction. Row `CHOSEN` is the chain's state between transitions."""

    position: Array
    gradient: Array
    log_density: Array
    """Of the four rows."""
    energy: Array
    """Of the four rows."""
    momentum: Array
    first: Array
    """Momentum where each subtree of the stack begins; row 0 is the trajectory."""
    last: Array
    """Momentum where it ends."""
    total: Array
    """Sum of its momenta."""
    room: Array
    """Of the step that is taken, shape (ROWS, D)."""

    @classmethod
    def of(cls, dimension: int, max_depth: int) -> Tree:
        """An empty tree of at most `max_depth` doublings."""
        position, gradient = (np.zeros((4, dimension)) for _ in range(2))
        first, last, total = (np.zeros((max_depth + 2, dimension)) for _ in range(3))
        room = np.zeros((ROWS, dimension))
        return cls(position, gradient, np.zeros(4), np.zeros(4), np.zeros(dimension), first, last, total, room)


@inlined
def transition(
    system: System, tree: Tree, step: float, max_depth: int, rng: np.random.Generator, report: Array
) -> None:
    """Replace the chain's state by the next one, and report on the way to it.

    Parameters
    ----------
    system : System
        Density and metric.
    tree : Tree
        Its row `CHOSEN` is the state.
    step : float
        Step size.
    max_depth : int
        Most doublings, as many as the tree has room for or fewer.
    rng : numpy.random.Generator
        The chain's own.
    report : ndarray, shape (COLUMNS,)
        Overwritten.
    """
    start = _plant(tree, rng)
    report[:] = 0.0
    heading = AHEAD
    log_weight = 0.0
    depth = 0
    has_turned = False
    while depth < max_depth and not has_turned:
        towards = AHEAD if rng.random() < 0.5 else BACK
        if towards != heading:
            _swap(tree.first[0], tree.last[0])
            heading = towards
        new = _extend(system, tree, heading, 1 << depth, step if heading == AHEAD else -step, start, rng, report)
        if new == -inf:
            break
        if log(rng.random()) < new - log_weight:
            keep(tree, CHOSEN, CANDIDATE)
        log_weight = _log_add(log_weight, new)
        depth += 1
        has_turned = _turns(tree, 0)
        _join(tree, 0)
    report[LOG_DENSITY] = tree.log_density[CHOSEN]
    report[ENERGY] = tree.energy[CHOSEN]
    report[ACCEPTANCE] /= report[STATES]
    report[STEP] = step
    report[DEPTH] = depth
    report[REACHED] = depth == max_depth and not has_turned


@inlined
def _plant(tree: Tree, rng: np.random.Generator) -> float:
    """Begin a trajectory of one state, with a fresh momentum; gives its energy."""
    draw_momentum(tree.momentum, rng)
    _push(tree, 0)
    energy: float = kinetic(tree.momentum) - tree.log_density[CHOSEN]
    tree.energy[CHOSEN] = energy
    keep(tree, BACK, CHOSEN)
    keep(tree, AHEAD, CHOSEN)
    return energy


@inlined
def _extend(  # noqa: PLR0913, PLR0917 - compiled: a tuple of these would be built at each call
    system: System,
    tree: Tree,
    end: int,
    leaves: int,
    step: float,
    start: float,
    rng: np.random.Generator,
    report: Array,
) -> float:
    """Add a subtree at one end, as row 1 of the stack, and choose one of its states.

    Returns
    -------
    float
        Log of its summed weights; -inf if it diverged or turned back, and may not be used.
    """
    position, gradient, momentum = tree.position[end], tree.gradient[end], tree.momentum
    copy(momentum, tree.last[0])
    log_weight = -inf
    top = 0
    for leaf in range(leaves):
        made = advance(system, tree.room, position, momentum, gradient, step, tree.energy[end])
        report[STEPS] += made.gradients
        report[STATES] += 1.0
        if isfinite(made.undivided):
            report[ACCEPTANCE] += min(1.0, exp(start - made.undivided))
        if system.stop[0] != 0 or made.outcome == ONE_WAY:
            return -inf
        error = made.energy - start
        if made.outcome == LOST or error > LARGEST_ERROR:
            report[DIVERGING] = 1.0
            return -inf
        tree.log_density[end], tree.energy[end] = made.value, made.energy
        log_weight = _log_add(log_weight, -error)
        if log(rng.random()) < -error - log_weight or leaf == 0:
            keep(tree, CANDIDATE, end)
        if leaf % 2 == 0:
            top += 1
            _push(tree, top)
            continue
        if _pair_turns(tree, top):
            return -inf
        carry = leaf >> 1
        while carry & 1:
            top -= 1
            if _turns(tree, top):
                return -inf
            _join(tree, top)
            carry >>= 1
    return log_weight


@inlined
def _push(tree: Tree, row: int) -> None:
    """Put the state that moves on the stack, as a subtree of its own."""
    first, last, total, momentum = tree.first[row], tree.last[row], tree.total[row], tree.momentum
    for i in range(momentum.size):
        first[i] = last[i] = total[i] = momentum[i]


@inlined
def _pair_turns(tree: Tree, row: int) -> bool:
    """Add the state that moves to a subtree of one state, as every other leaf is; whether they turn back."""
    first, last, total, momentum = tree.first[row], tree.last[row], tree.total[row], tree.momentum
    at_first = at_last = 0.0
    for i in range(momentum.size):
        last[i] = momentum[i]
        total[i] = first[i] + momentum[i]
        at_first += total[i] * first[i]
        at_last += total[i] * momentum[i]
    return not min(at_first, at_last) > 0.0


@inlined
def _turns(tree: Tree, row: int) -> bool:
    """Whether the subtrees of this row and the next, taken together, turn back."""
    first_a, last_a, total_a = tree.first[row], tree.last[row], tree.total[row]
    first_b, last_b, total_b = tree.first[row + 1], tree.last[row + 1], tree.total[row + 1]
    whole_first = whole_last = near_first = near_last = far_first = far_last = 0.0
    for i in range(first_a.size):
        whole = total_a[i] + total_b[i]
        whole_first += whole * first_a[i]
        whole_last += whole * last_b[i]
        near = total_a[i] + first_b[i]
        near_first += near * first_a[i]
        near_last += near * first_b[i]
        far = last_a[i] + total_b[i]
        far_first += far * last_a[i]
        far_last += far * last_b[i]
    return not min(whole_first, whole_last, near_first, near_last, far_first, far_last) > 0.0


@inlined
def _join(tree: Tree, row: int) -> None:
    """Make the subtrees of this row and the next one."""
    copy(tree.last[row], tree.last[row + 1])
    mine, other = tree.total[row], tree.total[row + 1]
    for i in range(mine.size):
        mine[i] += other[i]


@inlined
def keep(tree: Tree, row: int, source: int) -> None:
    """Copy a state from one row to another."""
    copy(tree.position[row], tree.position[source])
    copy(tree.gradient[row], tree.gradient[source])
    tree.log_density[row] = tree.log_density[source]
    tree.energy[row] = tree.energy[source]


@inlined
def _swap(one: Array, other: Array) -> None:
    for i in range(one.size):
        one[i], other[i] = other[i], one[i]


@inlined
def _log_add(a: float, b: float) -> float:
    """ln(eᵃ + eᵇ), for b that is finite."""
    if a >= b:
        return a + log1p(exp(b - a))
    return b + log1p(exp(a - b))
