"""A table of capture patterns and its prior, as the flat arrays that the compiled density reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from undercount.compiled import inlined
from undercount.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from undercount.models.overlap.latent_class.priors import LatentClassPriors

    Array = NDArray[np.float64]
    Index = NDArray[np.int64]

MOST_LISTS = 16
LARGEST_TOTAL = 2**53
"""Counts beyond it are no longer exact as floating-point numbers."""

# Places in the reals, after which the counts follow.
POWER, SHAPE, RATE, CAUGHT, MISSED, SUCCESSES = range(6)
SETTINGS = 6


class Packed(NamedTuple):
    """What a sampler needs of a table."""

    dimension: int
    """y of K* - 1 sticks, then the logits of λ, list by list."""
    reals: Array
    integers: Index
    """Number of lists and of classes."""
    workspace: int
    victims: int
    successes: float
    """m of the negative binomial law of the victims on no list."""
    heat: int
    """Place in the reals of the power that the likelihood is raised to."""
    hottest: float
    """The power at which the table weighs as much as a few victims."""
    uniforms: int
    """How many numbers the move takes."""


class Work(NamedTuple):
    """Room of the density."""

    table: Array
    """(2ᴶ K*) of class k and pattern h: π_k times the probability of h, at h K* + k."""
    caught: Array
    """(J K*) λ"""
    chance: Array
    """(K*) λ of one list"""
    other: Array
    """(K*) 1 - λ of it"""
    weight: Array
    """(K*) π"""
    stick: Array
    """(K*) V"""
    by_weight: Array
    """(K*) π_k times the derivative of the log likelihood by π_k"""
    by_pattern: Array
    """(2ᴶ) its derivative by p_h"""


FEW = 5.0


def pack(counts: NDArray[np.integer], priors: LatentClassPriors) -> Packed:
    """Pack a table.

    Parameters
    ----------
    counts : ndarray of int, shape (2**J,)
        Victims by pattern; entry 0 is 0.
    priors : LatentClassPriors

    Raises
    ------
    ModelError
        If the counts are no table; code ``"overlap-counts"``.
    """
    lists = _lists(counts)
    cells, classes, victims = counts.size, priors.classes, int(counts.sum())
    successes = victims - priors.toll_power + 1.0
    settings = [1.0, priors.concentration_shape, priors.concentration_rate, priors.caught, priors.missed, successes]
    return Packed(
        dimension=classes - 1 + lists * classes,
        reals=np.concatenate([settings, counts.astype(np.float64)]),
        integers=np.array([lists, classes], dtype=np.int64),
        workspace=cells * classes + lists * classes + 5 * classes + cells,
        victims=victims,
        successes=successes,
        heat=POWER,
        hottest=min(1.0, FEW / victims),
        uniforms=(classes - 1) * (classes + 1),
    )


@inlined
def unpack_work(workspace: Array, lists: int, classes: int) -> Work:
    """Slices of the workspace."""
    cells = (1 << lists) * classes
    rows = workspace[cells + lists * classes : cells + (lists + 5) * classes]
    return Work(
        workspace[:cells],
        workspace[cells : cells + lists * classes],
        rows[:classes],
        rows[classes : 2 * classes],
        rows[2 * classes : 3 * classes],
        rows[3 * classes : 4 * classes],
        rows[4 * classes :],
        workspace[cells + (lists + 5) * classes :],
    )


def _lists(counts: NDArray[np.integer]) -> int:
    lists = counts.size.bit_length() - 1
    if counts.ndim != 1 or counts.size != 1 << lists or not 2 <= lists <= MOST_LISTS:
        _refuse(f"counts have shape {counts.shape}", f"give 2**J counts for J lists, of 2 to {MOST_LISTS}")
    if not np.issubdtype(counts.dtype, np.integer):
        _refuse(f"counts are of type {counts.dtype}", "give whole numbers")
    if counts.min() < 0 or counts[0] != 0:
        _refuse(f"the count at pattern {int(counts.argmin())} is {counts.min()}, that on no list {counts[0]}",
                "give counts of 0 or more, and 0 for the victims on no list, who are unknown")  # fmt: skip
    if not 1 <= float(counts.sum(dtype=np.float64)) <= LARGEST_TOTAL:
        _refuse(
            f"the counts sum to {counts.sum(dtype=np.float64):g}",
            f"give at least one victim, and at most {LARGEST_TOTAL}",
        )
    return lists


def _refuse(message: str, hint: str) -> None:
    raise ModelError(message, code="overlap-counts", where="counts", hint=hint)
