"""Coordinates in which a density looks like a standard normal one: scaled, and stretched along a few directions.

A chain moves in x, and the density is evaluated at

    q = S (x + Σ_r (s_r - 1) u_r (u_r · x)),

with S diagonal and orthonormal u_r. This is a metric of low rank beside a diagonal one (Seyboldt, Carlson and
Carpenter, "Preconditioning Hamiltonian Monte Carlo by minimizing Fisher divergence"), M⁻¹ = q'(x) q'(x)ᵀ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from undercount.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from undercount.sampling.target import Array

MOST_DIRECTIONS = 64


class Frame(NamedTuple):
    """The map from x to q."""

    scale: Array
    """(D,) the diagonal of S."""
    directions: Array
    """(R, D) u_r in its first rows."""
    stretch: Array
    """(R,) s_r"""
    rank: NDArray[np.int64]
    """One number: directions in use."""

    @classmethod
    def of(cls, dimension: int) -> Frame:
        """x is q."""
        most = min(dimension, MOST_DIRECTIONS)
        return cls(np.ones(dimension), np.zeros((most, dimension)), np.ones(most), np.zeros(1, dtype=np.int64))


@compiled
def _stretched(frame: Frame, x: Array, power: float) -> None:
    """Stretch along the directions by a power of each, in place."""
    for r in range(frame.rank[0]):
        direction = frame.directions[r]
        along = 0.0
        for i in range(x.size):
            along += direction[i] * x[i]
        along *= frame.stretch[r] ** power - 1.0
        for i in range(x.size):
            x[i] += along * direction[i]


@compiled
def outward(frame: Frame, x: Array, q: Array) -> None:
    """Write q."""
    for i in range(x.size):
        q[i] = x[i]
    _stretched(frame, q, 1.0)
    for i in range(x.size):
        q[i] *= frame.scale[i]


@compiled
def inward(frame: Frame, q: Array, x: Array) -> None:
    """Write x."""
    for i in range(q.size):
        x[i] = q[i] / frame.scale[i]
    _stretched(frame, x, -1.0)


@compiled
def gradient_inward(frame: Frame, slope: Array, gradient: Array) -> None:
    """Write the derivatives by x, given those by q."""
    for i in range(slope.size):
        gradient[i] = slope[i] * frame.scale[i]
    _stretched(frame, gradient, 1.0)


@compiled
def gradient_outward(frame: Frame, gradient: Array, slope: Array) -> None:
    """Write the derivatives by q, given those by x."""
    for i in range(slope.size):
        slope[i] = gradient[i]
    _stretched(frame, slope, -1.0)
    for i in range(slope.size):
        slope[i] /= frame.scale[i]
