"""Calls of the compiled density and moves, as the sampler makes them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from undercount.compiled import compiled
from undercount.models.overlap.latent_class import Packed, density, move
from undercount.models.overlap.latent_class.exchange import exchange_classes
from undercount.models.overlap.latent_class.packing import unpack_work
from undercount.models.overlap.latent_class.renewal import renew_sticks

Array = NDArray[np.float64]


@compiled
def _call(function: Any, one: Array, other: Array, reals: Array, integers: Any, workspace: Array) -> float:
    found: float = function(one, other, reals, integers, workspace)
    return found


@compiled
def _exchange(position: Array, uniforms: Array, reals: Array, integers: Any, workspace: Array) -> int:
    return exchange_classes(position, uniforms, reals, integers[0], unpack_work(workspace, integers[0], integers[1]))


@compiled
def _renew(position: Array, uniforms: Array, reals: Array, integers: Any, workspace: Array) -> int:
    return renew_sticks(position, uniforms, reals, integers[0], unpack_work(workspace, integers[0], integers[1]))


def evaluated(position: Array, packed: Packed) -> tuple[float, Array]:
    """Log density and gradient."""
    gradient = np.full(position.size, np.nan)
    value = _call(density, position, gradient, packed.reals, packed.integers, np.full(packed.workspace, np.nan))
    return value, gradient


def exchanged(position: Array, uniforms: Array, packed: Packed) -> tuple[int, Array]:
    """Number of exchanges, and where they lead."""
    moved = position.copy()
    made = _exchange(moved, uniforms, packed.reals, packed.integers, np.full(packed.workspace, np.nan))
    return made, moved


def renewed(position: Array, uniforms: Array, packed: Packed) -> tuple[int, Array]:
    """Number of renewals, and where they lead."""
    moved = position.copy()
    made = _renew(moved, uniforms, packed.reals, packed.integers, np.full(packed.workspace, np.nan))
    return made, moved


def moved(position: Array, uniforms: Array, packed: Packed) -> tuple[int, Array]:
    """Number of changes of both, and where they lead."""
    after = position.copy()
    made = _call(move, after, uniforms, packed.reals, packed.integers, np.full(packed.workspace, np.nan))
    return int(made), after
