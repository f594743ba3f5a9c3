"""Sums over groups, for batches of draws and on a graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from undercount.models.strata import Index


def sums(xp: Any, values: Any, group: Index, count: int) -> Any:
    """Sum the last axis by group.

    Parameters
    ----------
    xp : module
        numpy for batches, pytensor.tensor for the graph.
    values : array, shape (..., n)
    group : ndarray of int, shape (n,)
    count : int
        Number of groups.

    Returns
    -------
    array, shape (..., count)

    Examples
    --------
    >>> sums(np, np.array([1.0, 2.0, 4.0]), np.array([1, 0, 1]), 3)
    array([2., 5., 0.])
    """
    if xp is not np:
        return values @ (group[:, None] == np.arange(count)).astype(float)
    order = np.argsort(group, kind="stable")
    first = np.searchsorted(group[order], np.arange(count))
    found = np.zeros((*values.shape[:-1], count))
    is_any = np.bincount(group, minlength=count) > 0
    if is_any.any():
        found[..., is_any] = np.add.reduceat(values[..., order], first[is_any], axis=-1)
    return found
