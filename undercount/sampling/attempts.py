"""A chain that is begun anew when it froze, with a record of how often."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from undercount.sampling.chain import DONE, Chain, Room
from undercount.sampling.ladder import Ladder
from undercount.sampling.tree import ACCEPTANCE, DIVERGING, STEP

if TYPE_CHECKING:
    from undercount.sampling.target import Array, Target

RESTARTS = 3
TRIAL = 100
"""Draws after which a chain is judged for the first time; it is judged again at its end."""
ENOUGH = 20
"""Fewer draws than this tell nothing of how often a chain moves."""

SHORTEST_REACH = 0.01
"""Standard deviations, in the metric's own units, that the longest trajectory must be able to cross."""
LARGEST_UNMOVED = 0.5
SMALLEST_ACCEPTANCE = 0.1
LARGEST_DIVERGING = 0.5


def run_chain(target: Target, seeds: np.random.SeedSequence, room: Room) -> tuple[int, str]:
    """Fill a room with the draws of one chain.

    Parameters
    ----------
    target : Target
        The density.
    seeds : numpy.random.SeedSequence
        The chain's own. The first attempt draws from it, each restart from one of its children.
    room : Room
        Where the draws go.

    Returns
    -------
    tuple of int and str
        Number of restarts, and why the last attempt froze: empty if it did not.
    """
    why = ""
    for attempt, seed in enumerate([seeds, *seeds.spawn(RESTARTS)]):
        why = _attempt(target, np.random.default_rng(seed), room)
        if not why:
            return attempt, why
    return RESTARTS, why


def _attempt(target: Target, rng: np.random.Generator, room: Room) -> str:
    chain = (Ladder if room.exchanges.size else Chain).started(target, rng, room)
    if chain is None:
        return "no point that it could start from has a finite density and gradient"
    draws = room.position.shape[0]
    for judged in sorted({min(TRIAL, draws), draws}):
        chain.advance(room.tune + judged - int(room.counts[DONE]))
        if room.stop[0]:
            return ""
        if why := frozen(room.position[:judged], room.report[:judged], room.max_depth):
            return why
    return ""


def frozen(position: Array, report: Array, max_depth: int) -> str:
    """Why a chain counts as frozen; empty if it does not.

    The limits are far from anything that a working chain does: what is merely poor is for the diagnostics to refuse.

    Parameters
    ----------
    position : ndarray, shape (draws, D)
        Its draws.
    report : ndarray, shape (draws, COLUMNS)
        What they report.
    max_depth : int
        Most doublings of a trajectory.
    """
    step = report[0, STEP]
    if step * 2.0**max_depth < SHORTEST_REACH:
        return f"its step size fell to {step:.1e}"
    if len(position) < ENOUGH:
        return ""
    unmoved = float((np.diff(position, axis=0) == 0.0).all(axis=1).mean())
    acceptance, diverging = (float(report[:, column].mean()) for column in (ACCEPTANCE, DIVERGING))
    if unmoved > LARGEST_UNMOVED:
        return f"{unmoved:.0%} of its draws repeat the one before"
    if acceptance < SMALLEST_ACCEPTANCE:
        return f"its mean acceptance is {acceptance:.2g}"
    if diverging > LARGEST_DIVERGING:
        return f"{diverging:.0%} of its draws diverge"
    return ""
