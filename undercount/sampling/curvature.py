"""A frame from the curvature at one point: for densities whose coordinates are in blocks.

A few gradients near the point, in random directions at once, tell the scale of every coordinate and all directions
within each block (`sampling.stretching`). What ties the blocks to each other is left to the iteration of Lanczos,
whose every step is a product of the curvature with a vector, one gradient; it finds the ends of a spectrum first, which
are the directions to stretch along. Draws tell such directions only as well as their number, against the noise of all
the others: along one that is a hundred times as wide as those, thousands of draws would be needed.
"""

from __future__ import annotations

from math import log, sqrt
from typing import TYPE_CHECKING, Final

import numpy as np

from undercount.compiled import compiled
from undercount.sampling.frame import dot, inward, turn
from undercount.sampling.hamiltonian import evaluate
from undercount.sampling.stretching import CUTOFF, renew_blocks, renew_scale

if TYPE_CHECKING:
    from undercount.sampling.frame import Frame
    from undercount.sampling.hamiltonian import System
    from undercount.sampling.target import Array

PROBES: Final = 60
ROUNDS: Final = 2
"""Rounds of so many gradients: the first one finds the scales, in which the second is more even."""
STEPS: Final = 60
"""Of the iteration of Lanczos."""
NEAR: Final = 1e-4
"""How near the gradients are, in the units of the frame: the density is a normal one there."""
LEAST: Final = 1e-5
"""Smallest curvature, in units of the usual one: less is not told from the error of `NEAR`. Where the density is bent
the other way, as in a tail, it is as wide as it would be if it were not."""
SETTLED: Final = 0.1
"""Largest residual of a direction that the iteration has found, in these units."""


@compiled
def look_around(system: System, rng: np.random.Generator) -> None:
    """Set the frame to the curvature at `system.point`; overwrites point and slope.

    Parameters
    ----------
    system : System
    rng : numpy.random.Generator
        The chain's own.
    """
    frame, point = system.frame, system.point.copy()
    x, gradient = np.empty(point.size), np.empty(point.size)
    for _ in range(ROUNDS):
        points, slopes = np.empty((PROBES, point.size)), np.empty((PROBES, point.size))
        inward(frame, point, x)
        for k in range(PROBES):
            evaluate(system, x + NEAR * rng.standard_normal(point.size), gradient)
            if system.stop[0] != 0:
                return
            points[k], slopes[k] = (system.point - point) / NEAR, system.slope / NEAR
        renew_scale(frame, points, slopes)
        renew_blocks(frame, points, slopes)
    _join_blocks(system, point, rng)


@compiled
def _join_blocks(system: System, point: Array, rng: np.random.Generator) -> None:
    """Set the directions of a frame whose blocks are known."""
    frame, size = system.frame, point.size
    frame.rank[0] = 0
    x, base, gradient = np.empty(size), np.empty(size), np.empty(size)
    inward(frame, point, x)
    evaluate(system, x, base)
    steps = min(STEPS, size)
    basis, along, beside = np.empty((steps, size)), np.zeros(steps), np.zeros(steps)
    v = rng.standard_normal(size)
    v /= sqrt(dot(v, v))
    for k in range(steps):
        basis[k] = v
        evaluate(system, x + NEAR * v, gradient)
        if system.stop[0] != 0:
            return
        w = (base - gradient) / NEAR
        along[k] = dot(w, v)
        for _ in range(2):  # once would leave what rounding lets grow
            for j in range(k + 1):
                w -= dot(basis[j], w) * basis[j]
        beside[k] = sqrt(dot(w, w))
        if not beside[k] > 0.0:
            steps = k + 1
            break
        v = w / beside[k]
    if not (np.isfinite(along[:steps]).all() and np.isfinite(beside[:steps]).all()):
        return
    _stretch_along(frame, basis[:steps], along[:steps], beside[:steps])


@compiled
def _stretch_along(frame: Frame, basis: Array, along: Array, beside: Array) -> None:
    """Take the directions that an iteration has found, those first whose curvature is farthest from one."""
    steps = along.size
    values, vectors = np.linalg.eigh(np.diag(along) + np.diag(beside[:-1], 1) + np.diag(beside[:-1], -1))
    values = np.maximum(np.abs(values), LEAST)
    size = np.abs(np.log(values))
    for k in np.argsort(-size):
        if size[k] < log(CUTOFF) or frame.rank[0] == frame.stretch.size:
            break
        if beside[steps - 1] * abs(vectors[steps - 1, k]) < SETTLED:
            frame.directions[frame.rank[0]] = vectors[:, k].copy() @ basis
            frame.stretch[frame.rank[0]] = 1.0 / sqrt(values[k])
            frame.rank[0] += 1


@compiled
def renew_stretch(frame: Frame, draws: Array, gradients: Array) -> None:
    """Set how far a frame is stretched along its directions from a window, which is overwritten."""
    for i in range(draws.shape[0]):
        draws[i] /= frame.scale
        gradients[i] *= frame.scale
        turn(frame, frame.inverse, draws[i])
        turn(frame, frame.root, gradients[i])
    for r in range(frame.rank[0]):
        direction = frame.directions[r].copy()
        ratio = (draws @ direction).var() / (gradients @ direction).var()
        if np.isfinite(ratio) and ratio > 0.0:
            frame.stretch[r] = sqrt(sqrt(ratio))
