"""Coordinates in which a density looks like a standard normal one: scaled, and stretched along a few directions.

A chain moves in x, and the density is evaluated at

    q = S B (x + Σ_r (s_r - 1) u_r (u_r · x)),

with S diagonal, orthonormal u_r, and B symmetric within blocks of coordinates that belong together, the identity where
the density names none. This is a metric of low rank beside one of blocks (Seyboldt, Carlson and
Carpenter, "Preconditioning Hamiltonian Monte Carlo by minimizing Fisher divergence"), M⁻¹ = q'(x) q'(x)ᵀ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from undercount.compiled import inlined

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    member: NDArray[np.int64]
    """Coordinates of the blocks, one block after the other."""
    first: NDArray[np.int64]
    """(blocks + 1,) place of each block in `member`."""
    place: NDArray[np.int64]
    """(blocks + 1,) place of each block in `root` and `inverse`."""
    root: Array
    """The squares of B, row by row."""
    inverse: Array
    """Those of its inverse."""
    room: Array
    """As long as the largest block."""

    @classmethod
    def of(cls, dimension: int, directions: int = MOST_DIRECTIONS, blocks: Sequence[NDArray[np.int64]] = ()) -> Frame:
        """x is q; there is room for so many directions."""
        most = min(dimension, directions)
        sizes = np.array([block.size for block in blocks], dtype=np.int64)
        root = np.concatenate([np.zeros(0), *(np.eye(size).ravel() for size in sizes)])
        return cls(
            np.ones(dimension),
            np.zeros((most, dimension)),
            np.ones(most),
            np.zeros(1, dtype=np.int64),
            np.concatenate([np.zeros(0, dtype=np.int64), *blocks]),
            np.cumsum([0, *sizes]),
            np.cumsum([0, *sizes**2]),
            root,
            root.copy(),
            np.zeros(int(sizes.max(initial=0))),
        )


@inlined
def dot(x: Array, y: Array) -> float:
    """Sum of products, in an order that the machine has no part in."""
    whole = x.size - x.size % 8
    a = b = c = d = e = f = g = h = 0.0  # eight sums at a time, because each addition waits for the one before
    for i in range(0, whole, 8):
        a += x[i] * y[i]
        b += x[i + 1] * y[i + 1]
        c += x[i + 2] * y[i + 2]
        d += x[i + 3] * y[i + 3]
        e += x[i + 4] * y[i + 4]
        f += x[i + 5] * y[i + 5]
        g += x[i + 6] * y[i + 6]
        h += x[i + 7] * y[i + 7]
    for i in range(whole, x.size):
        a += x[i] * y[i]
    return ((a + b) + (c + d)) + ((e + f) + (g + h))


@inlined
def _stretch(frame: Frame, x: Array) -> None:
    """Stretch along the directions, in place."""
    for r in range(frame.rank[0]):
        direction = frame.directions[r]
        along = (frame.stretch[r] - 1.0) * dot(direction, x)
        for i in range(x.size):
            x[i] += along * direction[i]


@inlined
def _shrink(frame: Frame, x: Array) -> None:
    """Undo `_stretch`."""
    for r in range(frame.rank[0]):
        direction = frame.directions[r]
        along = (1.0 / frame.stretch[r] - 1.0) * dot(direction, x)
        for i in range(x.size):
            x[i] += along * direction[i]


@inlined
def turn(frame: Frame, squares: Array, x: Array) -> None:
    """Multiply each block by its square, in place."""
    for b in range(frame.place.size - 1):
        start, size = frame.first[b], frame.first[b + 1] - frame.first[b]
        mine = frame.room[:size]
        for i in range(size):
            mine[i] = x[frame.member[start + i]]
        for i in range(size):
            row = frame.place[b] + i * size
            x[frame.member[start + i]] = dot(squares[row : row + size], mine)


@inlined
def outward(frame: Frame, x: Array, q: Array) -> None:
    """Write q."""
    for i in range(x.size):
        q[i] = x[i]
    _stretch(frame, q)
    turn(frame, frame.root, q)
    for i in range(x.size):
        q[i] *= frame.scale[i]


@inlined
def inward(frame: Frame, q: Array, x: Array) -> None:
    """Write x."""
    for i in range(q.size):
        x[i] = q[i] / frame.scale[i]
    turn(frame, frame.inverse, x)
    _shrink(frame, x)


@inlined
def gradient_inward(frame: Frame, slope: Array, gradient: Array) -> None:
    """Write the derivatives by x, given those by q."""
    for i in range(slope.size):
        gradient[i] = slope[i] * frame.scale[i]
    turn(frame, frame.root, gradient)
    _stretch(frame, gradient)


@inlined
def gradient_outward(frame: Frame, gradient: Array, slope: Array) -> None:
    """Write the derivatives by q, given those by x."""
    for i in range(slope.size):
        slope[i] = gradient[i]
    _shrink(frame, slope)
    turn(frame, frame.inverse, slope)
    for i in range(slope.size):
        slope[i] /= frame.scale[i]
