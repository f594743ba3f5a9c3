"""Counts of capture patterns as arrays: bit j of an index says whether a victim is on list j.

In the form (2, 2, ..., 2), with the last axis the fastest, list j of K is axis K - 1 - j.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

Counts = NDArray[np.int64]


def incidence(lists: int) -> Counts:
    """Which lists each pattern is on, shape (2ᴷ, K), entries 0 and 1."""
    return (np.arange(2**lists)[:, None] >> np.arange(lists)) & 1


def reordered[Number: np.generic](counts: NDArray[Number], order: Sequence[int]) -> NDArray[Number]:
    """Put list `order[i]` into place i."""
    last = len(order) - 1
    axes = [last - order[last - axis] for axis in range(len(order))]
    return counts.reshape((2,) * len(order)).transpose(axes).reshape(-1)


def without[Number: np.generic](counts: NDArray[Number], lists: int, gone: Collection[int]) -> NDArray[Number]:
    """Sum over the lists that are `gone`, and forget who was only on these."""
    axes = tuple(lists - 1 - place for place in gone)
    left: NDArray[Number] = counts.reshape((2,) * lists).sum(axis=axes).reshape(-1)
    left[0] = 0
    return left
