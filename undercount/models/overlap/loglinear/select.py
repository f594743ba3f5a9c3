"""The model selected for a table, ready to be selected again for tables that are resampled from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from undercount.models.overlap.loglinear.contest import Field, best_of_each, make_field
from undercount.models.overlap.loglinear.fit import Fit, fit_model
from undercount.models.overlap.loglinear.fits import Fits
from undercount.models.overlap.loglinear.names import default_names
from undercount.models.overlap.loglinear.selection import Selection, rank_models
from undercount.models.overlap.loglinear.stepwise import Steps, climb_each, make_steps
from undercount.models.overlap.loglinear.tables import Vector, Whole, cells_above, check_counts, count_lists

Each = Callable[[NDArray[np.int64]], tuple[Whole, Vector]]


@dataclass(frozen=True)
class Selected:
    """The model selected for a table."""

    selection: Selection
    counts: Whole
    fit: Fit
    passed_over: tuple[str, ...]
    """Models of a better criterion that have no finite estimate of the number of victims; none in a stepwise search."""
    rivals: tuple[Field, Fits] | Steps

    def repeat(self, tables: NDArray[np.int64], threads: int = 1) -> tuple[Whole, Vector]:
        """Select anew for each of many tables.

        Parameters
        ----------
        tables : numpy.ndarray of int64, shape (R, 2ᴷ)
            Tables without patterns that the first one does not have.
        threads : int
            What is found does not depend on it.

        Returns
        -------
        models : numpy.ndarray of int64, shape (R,)
            -1 where none has an estimate.
        totals : numpy.ndarray, shape (R,)
            Victims, listed or not; infinite where no model has an estimate.
        """
        above = cells_above(count_lists(self.counts))
        rivals = self.rivals
        if isinstance(rivals, Steps):
            return in_threads(lambda some: climb_each(some, rivals, above), tables, threads)
        by_log = self.selection.criterion == "bic"
        place, totals = in_threads(lambda some: best_of_each(some, *rivals, by_log, above), tables, threads)
        return np.where(place < 0, -1, rivals[1].models[place]), totals


def select_model(counts: ArrayLike, selection: Selection | None = None, names: Sequence[str] | None = None) -> Selected:
    """Select a model and fit it.

    Parameters
    ----------
    counts : array_like of int, shape (2ᴷ,)
        Victims of each capture pattern; entry 0 is 0.
    selection : Selection, optional
        By default the least BIC of all hierarchical models.
    names : sequence of str, optional
        Of the lists.

    Returns
    -------
    Selected

    Raises
    ------
    ModelError
        If the counts make no sense, or the model has no estimate of the number of victims: the given one, that at
        which a stepwise search ends, or any.

    Examples
    --------
    >>> import numpy as np
    >>> counts = np.array([0, 5, 5, 54, 41, 6, 0, 12])  # victims of trafficking in Korea
    >>> select_model(counts, names=["b", "c", "d"]).fit.name
    '[b*c, c*d]'
    """
    table, wanted = check_counts(counts), selection or Selection()
    lists = count_lists(table)
    called = tuple(names or default_names(lists))
    if wanted.is_stepwise:
        steps = make_steps(lists, wanted.highest(lists), wanted.threshold)
        models, _ = climb_each(table[None], steps, cells_above(lists))
        return Selected(wanted, table, fit_model(table, int(models[0]), called), (), steps)
    ranking = rank_models(table, wanted, called)
    return Selected(wanted, table, ranking.fit(), ranking.passed_over(), make_field(ranking.fits, ranking.criterion))


def in_threads(function: Each, tables: NDArray[np.int64], threads: int) -> tuple[Whole, Vector]:
    """Apply a compiled function of many tables to as many parts of them as there are threads."""
    parts = np.array_split(tables, max(1, min(threads, len(tables))))
    if len(parts) == 1:
        return function(tables)
    with ThreadPoolExecutor(len(parts)) as pool:
        found = list(pool.map(function, parts))
    return np.concatenate([models for models, _ in found]), np.concatenate([totals for _, totals in found])
