"""Intervals for many tables at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from undercount.errors import ModelError
from undercount.models.overlap.loglinear.resampling import REPLICATES, bootstrap
from undercount.models.overlap.loglinear.selected import select_model
from undercount.models.overlap.loglinear.tables import Vector, Whole, check_counts

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from undercount.models.overlap.loglinear.selection import Selection


@dataclass(frozen=True, eq=False)
class Intervals:
    """Estimates of S tables with their BCa intervals."""

    tolls: Vector
    """Shape (S,); NaN where there is no estimate."""
    low: Vector
    """Shape (S,); NaN where there is no interval."""
    high: Vector
    models: Whole
    """Shape (S,); -1 where there is no estimate."""
    errors: tuple[ModelError | None, ...]
    """Why there is no estimate, or no interval."""


def bootstrap_each(
    counts: ArrayLike,
    selection: Selection | None = None,
    *,
    seed: int | np.random.SeedSequence,
    replicates: int = REPLICATES,
    probability: float = 0.95,
    threads: int = 1,
) -> Intervals:
    """Select a model for each table, and find its BCa interval by a bootstrap of its own that repeats the selection.

    Parameters
    ----------
    counts : array_like of int, shape (S, 2ᴷ)
        A table may be empty.
    selection : Selection, optional
    seed : int or numpy.random.SeedSequence
        Each table has a stream of its own, which depends on its place.
    replicates : int
    probability : float
        Of the intervals.
    threads : int
        What is found does not depend on it.

    Returns
    -------
    Intervals

    Raises
    ------
    ModelError
        If the counts or the settings make no sense. What concerns one table alone is in `errors`.
    """
    tables = check_counts(counts, may_be_empty=True)
    root = seed if isinstance(seed, np.random.SeedSequence) else np.random.SeedSequence(seed)

    def one(place: int, stream: np.random.SeedSequence) -> tuple[float, float, float, int, ModelError | None]:
        try:
            selected = select_model(tables[place], selection)
        except ModelError as error:
            return np.nan, np.nan, np.nan, -1, error
        try:
            low, high = bootstrap(selected, stream, replicates).interval(probability)
        except ModelError as error:
            return selected.fit.toll, np.nan, np.nan, selected.fit.model, error
        return selected.fit.toll, low, high, selected.fit.model, None

    with ThreadPoolExecutor(max(1, threads)) as pool:
        found = list(pool.map(one, range(len(tables)), root.spawn(len(tables))))
    tolls, low, high = (np.array([row[k] for row in found], dtype=float) for k in range(3))
    models = np.array([row[3] for row in found], dtype=np.int64)
    return Intervals(tolls, low, high, models, tuple(row[4] for row in found))
