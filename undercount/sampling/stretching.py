"""Scales, and directions in which a density is much wider or narrower than these say, from draws and gradients.

Of a normal density with covariance C the gradients have the covariance C⁻¹, so that C solves C G C = X for the
covariances X of the draws and G of the gradients: it is their geometric mean. In scaled coordinates, and within the
space that both span, its eigenvectors with eigenvalues far from one are the directions to stretch.
"""

from __future__ import annotations

from math import isfinite, sqrt
from typing import TYPE_CHECKING

import numpy as np

from undercount.compiled import compiled, inlined

if TYPE_CHECKING:
    from undercount.sampling.frame import Frame
    from undercount.sampling.target import Array

CUTOFF = 2.0
"""Eigenvalues within this factor of one are left alone."""
SHRINKAGE = 5.0
"""Draws' worth of the standard normal density that both covariances are shrunk to."""
SHRINKAGE_OF_BLOCKS = 1e-6
"""The same within a block: a window is longer than it is large, and tells all of its directions."""
SMALLEST = 1e-8
"""Eigenvalue, relative to the largest, below which a direction is not spanned."""
SMALLEST_SCALE, LARGEST_SCALE = 1e-20, 1e20


@inlined
def renew_scale(frame: Frame, draws: Array, gradients: Array) -> None:
    """Set the scale of a frame from a window; a coordinate that tells nothing keeps its own."""
    for i in range(frame.scale.size):
        ratio = draws[:, i].var() / gradients[:, i].var() if gradients[:, i].var() > 0.0 else 0.0
        if isfinite(ratio) and ratio > 0.0:
            frame.scale[i] = sqrt(min(max(sqrt(ratio), SMALLEST_SCALE), LARGEST_SCALE))


@compiled
def renew_directions(frame: Frame, draws: Array, gradients: Array) -> None:
    """Set the directions of a frame whose scale is known.

    Parameters
    ----------
    frame : Frame
    draws, gradients : ndarray, shape (n, D)
        Of a window; overwritten.
    """
    frame.rank[0] = 0
    count, dimension = draws.shape
    if count < 2 or dimension < 2:
        return
    if not _standardised(frame, draws, gradients):
        return
    basis = _span(draws, gradients)
    if basis.shape[0] == 0:
        return
    values, vectors = _geometric_mean(draws @ basis.T, gradients @ basis.T, SHRINKAGE)
    size = np.abs(np.log(values))
    for k in np.argsort(-size):
        if size[k] < np.log(CUTOFF) or frame.rank[0] == frame.stretch.size:
            break
        frame.directions[frame.rank[0]] = vectors[:, k].copy() @ basis
        frame.stretch[frame.rank[0]] = np.sqrt(values[k])
        frame.rank[0] += 1


@compiled
def renew_blocks(frame: Frame, draws: Array, gradients: Array) -> None:
    """Set the blocks of a frame whose scale is known, all directions of each, from a window, which is overwritten."""
    frame.rank[0] = 0
    if not _standardised(frame, draws, gradients):
        return
    for b in range(frame.place.size - 1):
        mine = frame.member[frame.first[b] : frame.first[b + 1]]
        values, vectors = _geometric_mean(draws[:, mine].copy(), gradients[:, mine].copy(), SHRINKAGE_OF_BLOCKS)
        lengths = np.sqrt(np.maximum(values, SMALLEST))
        frame.root[frame.place[b] : frame.place[b + 1]] = ((vectors * lengths) @ vectors.T).ravel()
        frame.inverse[frame.place[b] : frame.place[b + 1]] = ((vectors / lengths) @ vectors.T).ravel()


@inlined
def _standardised(frame: Frame, draws: Array, gradients: Array) -> bool:
    """Centre and scale a window, in place; whether it is finite."""
    for i in range(draws.shape[1]):
        draws[:, i] = (draws[:, i] - draws[:, i].mean()) / frame.scale[i]
        gradients[:, i] = (gradients[:, i] - gradients[:, i].mean()) * frame.scale[i]
    return bool(np.isfinite(draws).all() and np.isfinite(gradients).all())


@compiled
def _span(draws: Array, gradients: Array) -> Array:
    """Orthonormal rows that span both."""
    count, dimension = draws.shape
    if dimension <= 2 * count:
        return np.eye(dimension)
    both = np.vstack((draws, gradients))
    values, vectors = np.linalg.eigh(both @ both.T)
    kept = np.flatnonzero(values > SMALLEST * values[-1])
    basis = np.empty((kept.size, dimension))
    for row, k in enumerate(kept):
        basis[row] = vectors[:, k].copy() @ both / np.sqrt(values[k])
    return basis


@compiled
def _geometric_mean(draws: Array, gradients: Array, shrinkage: float) -> tuple[Array, Array]:
    """Eigenvalues and eigenvectors of the C that solves C G C = X."""
    count, size = draws.shape
    share, identity = 1.0 / (count + shrinkage), np.eye(size)
    of_draws = share * (draws.T @ draws + shrinkage * identity)
    of_gradients = share * (gradients.T @ gradients + shrinkage * identity)
    values, vectors = np.linalg.eigh(of_gradients)
    root = (vectors * np.sqrt(values)) @ vectors.T
    inverse = (vectors / np.sqrt(values)) @ vectors.T
    values, vectors = np.linalg.eigh(root @ of_draws @ root)
    middle = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    values, vectors = np.linalg.eigh(inverse @ middle @ inverse)
    return values, vectors
