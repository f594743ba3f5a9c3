"""What draws of the parameters say: the classes, the share seen, what each list caught, and the toll."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from undercount.models.overlap.latent_class.packing import Packed

    Array = NDArray[np.float64]

MOST_EXACT = 2.0**53
"""Whole numbers beyond it are not all floating-point numbers."""


@dataclass(frozen=True)
class Classes:
    """Classes of draws, of any leading shape."""

    weight: Array
    """π, shape (..., K*)."""
    caught: Array
    """λ, shape (..., J, K*)."""
    seen: Array
    """s, the share of the dead on any list, without cancellation; shape (...)."""
    coverage: Array
    """Share of the dead that each list caught, shape (..., J)."""


def classes_at(position: Array, lists: int, classes: int) -> Classes:
    """Read the classes from draws.

    Parameters
    ----------
    position : ndarray, shape (..., D)
        y and the logits of λ, as the density takes them.
    lists, classes : int
        J and K*.
    """
    t = np.exp(position[..., : classes - 1])
    ends = np.zeros((*t.shape[:-1], 1))
    before = np.concatenate([ends, np.cumsum(t, axis=-1)], axis=-1)
    weight = np.exp(-before) * np.concatenate([-np.expm1(-t), ends + 1.0], axis=-1)
    logit = position[..., classes - 1 :].reshape(*position.shape[:-1], lists, classes)
    small = np.exp(-np.abs(logit))
    caught = np.where(logit >= 0, 1.0, small) / (1.0 + small)
    seen = np.zeros_like(weight)
    for j in range(lists):
        seen = seen + (1.0 - seen) * caught[..., j, :]
    return Classes(weight, caught, (weight * seen).sum(axis=-1), (weight[..., None, :] * caught).sum(axis=-1))


def tolls(seen: Array, packed: Packed, rng: np.random.Generator) -> Array:
    """Draw the toll given the share seen, from its own law and without an upper bound.

    Parameters
    ----------
    seen : ndarray, shape (...)
        Share of the dead on any list.
    packed : Packed
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (...)
        Whole numbers as floating-point ones: a toll that the data do not bound may be larger than any integer type.
    """
    mean = rng.standard_gamma(packed.successes, seen.shape) * (1.0 - seen) / seen
    unseen = rng.poisson(np.minimum(mean, MOST_EXACT)).astype(np.float64)
    return packed.victims + np.where(mean < MOST_EXACT, unseen, mean)
