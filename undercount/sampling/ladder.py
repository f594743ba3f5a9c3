"""A chain that is led over the hills by hotter ones: replica exchange, where one mode is rarely left for another.

Copies of the chain run at several temperatures, of which the coldest has the target as its law, and neighbours try to
exchange their states after each trajectory, those at even and at odd levels in turn: this carries states through all
temperatures fastest (Okabe et al. 2001; Syed, Bouchard-Côté, Deligiannidis and Doucet 2022, "Non-reversible parallel
tempering", *JRSS B* 84, 321-350). The temperatures are spaced during the warm-up so that all exchanges are as likely.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from undercount.compiled import borrowed, compiled, inlined
from undercount.sampling.adaptation import (
    CURRENT,
    FIRST_DEPTH,
    FIRST_WINDOW,
    RENEW,
    SETTLE,
    begin,
    finish,
    learn,
    longest_window,
    schedule,
)
from undercount.sampling.chain import DIVERGED, DONE, LEAPFROGS, STARTS, Room, flat_density
from undercount.sampling.frame import inward, outward
from undercount.sampling.hamiltonian import evaluate
from undercount.sampling.jumping import Jumping, jump
from undercount.sampling.levels import (
    Levels,
    adaptation_at,
    copy_state,
    note_visits,
    space_anew,
    system_at,
    trade,
    tree_at,
)
from undercount.sampling.target import Array, Heat, Target
from undercount.sampling.tree import ACCEPTANCE, CHOSEN, COLUMNS, DIVERGING, STEPS, transition

if TYPE_CHECKING:
    from numpy.typing import NDArray

CLIMB = 10
"""Trajectories at each level before the warm-up, in which each begins where the hotter one ended."""
KEEP = -1
"""Beside the duties of a warm-up: nothing is to be learnt."""


@dataclass(frozen=True)
class Ladder:
    """A chain with hotter ones beside it; to its caller it is like a `Chain`."""

    levels: Levels
    jumping: Jumping
    plan: NDArray[np.int64]
    rng: np.random.Generator
    counts: NDArray[np.int64]
    position: Array
    report: Array
    exchanges: Array
    """Mean chance of an exchange between each level and the next, then the number of times that a state came down
    from the hottest level to the coldest; of the draws, shape (L,)."""

    @classmethod
    def of(cls, target: Target, rng: np.random.Generator, room: Room) -> Ladder:
        """A ladder that is nowhere yet."""
        room.counts[:] = 0
        room.exchanges[:] = 0.0
        plan = schedule(room.tune)
        levels = Levels.of(
            target, room.stop, levels=room.exchanges.size, longest=longest_window(plan), max_depth=room.max_depth,
            target_accept=room.target_accept,
        )  # fmt: skip
        return cls(levels, Jumping.of(target), plan, rng, room.counts, room.position, room.report, room.exchanges)

    @classmethod
    def started(cls, target: Target, rng: np.random.Generator, room: Room) -> Ladder | None:
        """A ladder whose hottest chain is at a point of finite density; None if there is none in `STARTS` tries."""
        ladder = cls.of(target, rng, room)
        return ladder if any(ladder._start_at(target.draw_start(rng)) for _ in range(STARTS)) else None

    def _start_at(self, start: Array) -> bool:
        system, tree = system_at(self.levels, 0), tree_at(self.levels, 0)
        position, gradient = tree.position[CHOSEN], tree.gradient[CHOSEN]
        inward(system.frame, start, position)
        tree.log_density[CHOSEN] = evaluate(system, position, gradient)
        return bool(np.isfinite(tree.log_density[CHOSEN]) and np.isfinite(gradient).all())

    def advance(self, iterations: int) -> None:
        """Go on by so many iterations, or to the end, or until `stop` is set."""
        _advance_all(
            self.levels, self.jumping, self.plan, self.rng, self.counts, self.position, self.report, self.exchanges,
            iterations,
        )  # fmt: skip


@cache
def prepare_ladder(density: Any) -> None:
    """Load or compile the loop for a density, in the thread that calls."""
    room = Room.of(0, 0, tune=0, levels=2)
    nothing = Target(
        density, 0, np.ones(1), np.zeros(0, dtype=np.int64), 0, lambda _: np.zeros(0), heat=Heat(place=0, hottest=0.5)
    )
    Ladder.of(nothing, np.random.default_rng(0), room).advance(0)


def prepare_ladders() -> None:
    """Load or compile the loop, which is one for all densities."""
    prepare_ladder(flat_density())


@compiled
def _advance_all(  # noqa: PLR0913, PLR0917 - compiled: a tuple of these would be built at each call
    levels: Levels,
    jumping: Jumping,
    plan: NDArray[np.int64],
    rng: np.random.Generator,
    counts: NDArray[np.int64],
    position: Array,
    report: Array,
    exchanges: Array,
    iterations: int,
) -> None:
    """Iterate, from wherever `counts` says that the chain stands."""
    row = np.zeros(COLUMNS)
    tune, coldest = plan.size, levels.reals.shape[0] - 1
    end = min(counts[DONE] + iterations, tune + position.shape[0])
    if counts[DONE] == 0 and end > 0:
        _climb(levels, jumping, counts, row, rng)
    while counts[DONE] < end:
        done = counts[DONE]
        if done == tune:
            _settle_all(levels)
        for level in range(coldest + 1):
            short = done < min(FIRST_WINDOW, tune)
            _move(levels, jumping, level, plan[done] if done < tune else KEEP, short, counts, row, rng)
        if levels.stop[0] != 0:
            return
        if done >= tune:
            outward(system_at(levels, coldest).frame, levels.position[coldest, CHOSEN], position[done - tune])
            report[done - tune] = row
            counts[DIVERGED] += int(row[DIVERGING])
        for level in range(done % 2, coldest, 2):
            trade(levels, level, rng)
        has_come_down = note_visits(levels)
        if done < tune and plan[done] == RENEW and (plan[done + 1 :] == RENEW).any():
            space_anew(levels)
        exchanges[coldest] += 1.0 if has_come_down and done >= tune else 0.0
        counts[DONE] = done + 1
    exchanges[:coldest] = 1.0 - levels.rejection / np.maximum(levels.tried, 1.0)


@compiled
def _climb(levels: Levels, jumping: Jumping, counts: NDArray[np.int64], row: Array, rng: np.random.Generator) -> None:
    """Put a state at each level, from the hottest on."""
    for level in range(levels.reals.shape[0]):
        if level > 0:
            copy_state(levels, CHOSEN, level, level - 1)
        begin(system_at(levels, level), tree_at(levels, level), adaptation_at(levels, level), rng)
        for _ in range(CLIMB):
            _move(levels, jumping, level, SETTLE, True, counts, row, rng)


@compiled
def _move(  # noqa: PLR0913, PLR0917 - compiled: a tuple of these would be built at each call
    levels: Levels,
    jumping: Jumping,
    level: int,
    duty: int,
    is_short: bool,
    counts: NDArray[np.int64],
    row: Array,
    rng: np.random.Generator,
) -> None:
    """One jump and one trajectory at a level."""
    levels, jumping = borrowed(levels), borrowed(jumping)
    system, tree, adaptation = system_at(levels, level), tree_at(levels, level), adaptation_at(levels, level)
    jump(system, tree, jumping, rng)
    most = levels.first.shape[0] - 2
    transition(system, tree, adaptation.step[CURRENT], min(most, FIRST_DEPTH) if is_short else most, rng, row)
    if levels.stop[0] != 0:
        return
    counts[LEAPFROGS] += int(row[STEPS])
    if duty != KEEP:
        learn(system, tree, adaptation, duty, row[ACCEPTANCE], rng)


@inlined
def _settle_all(levels: Levels) -> None:
    """Fix the step sizes, and count the exchanges of the draws alone."""
    for level in range(levels.reals.shape[0]):
        finish(adaptation_at(levels, level))
    levels.rejection[:] = 0.0
    levels.tried[:] = 0.0
    levels.has_been_hot[:] = False
