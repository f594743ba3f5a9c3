"""Calls of the compiled density and move, as the sampler makes them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from undercount.compiled import compiled
from undercount.models.overlap.latent_class import Packed, density, exchange

Array = NDArray[np.float64]


@compiled
def _call(function, one, other, reals, integers, workspace):  # type: ignore[no-untyped-def]
    return function(one, other, reals, integers, workspace)


def evaluated(position: Array, packed: Packed) -> tuple[float, Array]:
    """Log density and gradient."""
    gradient = np.full(position.size, np.nan)
    value = _call(  # type: ignore[no-untyped-call]
        density, position, gradient, packed.reals, packed.integers, np.full(packed.workspace, np.nan)
    )
    return value, gradient


def exchanged(position: Array, uniforms: Array, packed: Packed) -> tuple[int, Array]:
    """Number of exchanges, and where they lead."""
    moved = position.copy()
    made = _call(  # type: ignore[no-untyped-call]
        exchange, moved, uniforms, packed.reals, packed.integers, np.full(packed.workspace, np.nan)
    )
    return int(made), moved
