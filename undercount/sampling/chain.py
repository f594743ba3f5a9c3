"""One chain: where it stands, in arrays, so that it can be advanced by any number of iterations at a time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from undercount.compiled import borrowed, compiled, compiled_callback
from undercount.sampling.adaptation import (
    CURRENT,
    FIRST_WINDOW,
    Adaptation,
    begin,
    deepest,
    finish,
    learn,
    longest_window,
    schedule,
)
from undercount.sampling.annealing import Annealing, cool, heat
from undercount.sampling.frame import inward, outward
from undercount.sampling.hamiltonian import System, evaluate
from undercount.sampling.jumping import Jumping, jump
from undercount.sampling.leading import lead
from undercount.sampling.target import SIGNATURE, Array, Target
from undercount.sampling.tree import ACCEPTANCE, CHOSEN, COLUMNS, DIVERGING, STEPS, Tree, transition

if TYPE_CHECKING:
    from numpy.typing import NDArray

STARTS = 100
"""Points that are tried for one start."""

# Places in `counts`.
DONE, DIVERGED, LEAPFROGS = range(3)


@dataclass(frozen=True)
class Chain:
    """A chain of `tune` iterations of warm-up and as many draws as its arrays hold."""

    system: System
    tree: Tree
    adaptation: Adaptation
    plan: NDArray[np.int64]
    """What each iteration of the warm-up does, as of `schedule`."""
    annealing: Annealing
    jumping: Jumping
    rng: np.random.Generator
    counts: NDArray[np.int64]
    """Iterations done, divergences among the draws, and gradients; other threads may read it."""
    position: Array
    """Draws, shape (draws, D), filled as the chain goes on."""
    report: Array
    """What each draw reports, shape (draws, COLUMNS)."""

    @classmethod
    def of(cls, target: Target, rng: np.random.Generator, room: Room) -> Chain:
        """A chain that is nowhere yet."""
        room.counts[:] = 0
        plan = schedule(room.tune)
        system, annealing = System.of(target, room.stop), Annealing.of(target, room.tune)
        heat(system, annealing)
        return cls(
            system,
            Tree.of(target.dimension, room.max_depth),
            Adaptation.of(target.dimension, room.target_accept, longest_window(plan)),
            plan,
            annealing,
            Jumping.of(target),
            rng,
            room.counts,
            room.position,
            room.report,
        )

    @classmethod
    def started(cls, target: Target, rng: np.random.Generator, room: Room) -> Chain | None:
        """A chain at a point with a finite density and gradient; None if there is none in `STARTS` tries."""
        chain = cls.of(target, rng, room)
        for _ in range(STARTS):
            start = target.draw_start(rng)
            if chain._start_at(start):
                return chain if target.led is None else chain._led(start, target.led)
        return None

    def _led(self, start: Array, led: NDArray[np.bool_]) -> Chain | None:
        """The chain farther up, in a frame of the curvature there."""
        point = lead(self.system, start, led, self.rng)
        self.adaptation.is_known[0] = True
        return self if self._start_at(point) else None

    def _start_at(self, start: Array) -> bool:
        position, gradient = self.tree.position[CHOSEN], self.tree.gradient[CHOSEN]
        inward(self.system.frame, start, position)
        value = evaluate(self.system, position, gradient)
        self.tree.log_density[CHOSEN] = value
        return bool(np.isfinite(value) and np.isfinite(position).all() and np.isfinite(gradient).all())

    def advance(self, iterations: int) -> None:
        """Go on by so many iterations, or to the end, or until `stop` is set."""
        _advance(
            self.system, self.tree, self.adaptation, self.plan, self.annealing, self.jumping, self.rng, self.counts,
            self.position, self.report, iterations,
        )  # fmt: skip


@dataclass(frozen=True)
class Room:
    """Where a chain writes, and its settings."""

    position: Array
    report: Array
    counts: NDArray[np.int64]
    stop: NDArray[np.int64]
    tune: int
    target_accept: float
    max_depth: int
    exchanges: Array
    """Of a chain with hotter ones beside it, one number for each; empty for a chain by itself."""

    @classmethod
    def of(
        cls, draws: int, dimension: int, *, tune: int, target_accept: float = 0.9, max_depth: int = 10, levels: int = 0
    ) -> Room:
        """Room for one chain."""
        counts, stop = np.zeros(3, dtype=np.int64), np.zeros(1, dtype=np.int64)
        position, report = np.zeros((draws, dimension)), np.zeros((draws, COLUMNS))
        return cls(position, report, counts, stop, tune, target_accept, max_depth, np.zeros(levels))


def prepare_loop() -> None:
    """Load or compile the loop, which is one for all densities."""
    prepare(flat_density())


def flat_density() -> Any:
    """A log density of no case."""
    return compiled_callback(SIGNATURE)(_flat)


def _flat(_at: Array, gradient: Array, _reals: Array, _integers: NDArray[np.int64], _workspace: Array) -> float:
    """A log density that is the same everywhere."""
    gradient[:] = 0.0
    return 0.0


@cache
def prepare(density: Any) -> None:
    """Load or compile the loop for a density, in the thread that calls: a compilation cannot be stopped."""
    room = Room.of(0, 0, tune=0)
    nothing = Target(density, 0, np.zeros(0), np.zeros(0, dtype=np.int64), 0, lambda _: np.zeros(0))
    Chain.of(nothing, np.random.default_rng(0), room).advance(0)


@compiled
def _advance(  # noqa: PLR0913, PLR0917 - compiled: a tuple of these would be built at each call
    system: System,
    tree: Tree,
    adaptation: Adaptation,
    plan: NDArray[np.int64],
    annealing: Annealing,
    jumping: Jumping,
    rng: np.random.Generator,
    counts: NDArray[np.int64],
    position: Array,
    report: Array,
    iterations: int,
) -> None:
    """Iterate, from wherever `counts` says that the chain stands."""
    system, tree, adaptation = borrowed(system), borrowed(tree), borrowed(adaptation)
    annealing, jumping = borrowed(annealing), borrowed(jumping)
    row = np.zeros(COLUMNS)
    tune = plan.size
    end = min(counts[DONE] + iterations, tune + position.shape[0])
    if counts[DONE] == 0 and end > 0:
        begin(system, tree, adaptation, rng)
    while counts[DONE] < end:
        done = counts[DONE]
        if done == tune:
            finish(adaptation)
        cool(system, tree, annealing, done)
        jump(system, tree, jumping, rng)
        depth = deepest(done, max(annealing.course.size, min(FIRST_WINDOW, tune)), tree.first.shape[0] - 2)
        transition(system, tree, adaptation.step[CURRENT], depth, rng, row)
        if system.stop[0] != 0:
            return
        counts[LEAPFROGS] += int(row[STEPS])
        if done < tune:
            learn(system, tree, adaptation, plan[done], row[ACCEPTANCE], rng)
        else:
            outward(system.frame, tree.position[CHOSEN], position[done - tune])
            report[done - tune] = row
            counts[DIVERGED] += int(row[DIVERGING])
        counts[DONE] = done + 1
