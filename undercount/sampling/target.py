"""What a model hands to the compiled sampler: its log density with gradient, over flat arrays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from undercount.sampling.frame import MOST_DIRECTIONS

Array = NDArray[np.float64]

_REALS = numba.types.Array(numba.float64, 1, "C")
_INTEGERS = numba.types.Array(numba.int64, 1, "C")
SIGNATURE = numba.float64(_REALS, _REALS, _REALS, _INTEGERS, _REALS)
"""Log density of (position, gradient, reals, integers, workspace); it writes the gradient."""


@dataclass(frozen=True)
class Jump:
    """A move between trajectories that leaves the density as it is, where these alone would rarely go."""

    move: Any
    """A `numba.cfunc` of `SIGNATURE`, of (position, uniform numbers, reals, integers, workspace). It changes the
    position in place, and gives a number above zero if it did."""
    uniforms: int
    """How many numbers in [0, 1) it takes."""


@dataclass(frozen=True)
class Heat:
    """How the likelihood is let in while a chain warms up, so that no start is far from where the mass is."""

    place: int
    """Of the inverse temperature in the reals: the power that the likelihood is raised to, 1 in the target."""
    hottest: float
    """Inverse temperature that a chain begins with."""


@dataclass(frozen=True)
class Target:
    """A log density on D real numbers.

    One compiled function serves every case of a model: what differs between cases are its arrays.
    """

    density: Any
    """A `numba.cfunc` of `SIGNATURE`. NaN or -inf: the density is zero there, or cannot be evaluated."""
    dimension: int
    reals: Array
    integers: NDArray[np.int64]
    workspace: int
    """Length of the workspace; its content means nothing between two calls."""
    draw_start: Callable[[np.random.Generator], Array]
    """A point to start from, drawn from the prior, shape (D,)."""
    directions: int = MOST_DIRECTIONS
    """Most that the frame is stretched along. Each costs time at every step, and is of use where the density is curved
    alike everywhere."""
    blocks: tuple[NDArray[np.int64], ...] = ()
    """Coordinates that belong together, each in one block at most: the frame finds all directions within a block. For
    densities whose coordinates are in groups that hardly know of each other."""
    led: NDArray[np.bool_] | None = None
    """(D,) coordinates along which a start is first led up the density, where the mass is far from any start
    (`sampling.leading`); None where it need not be."""
    jump: Jump | None = None
    heat: Heat | None = None
