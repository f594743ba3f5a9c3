"""The model selected for a table, and for tables that are resampled from it or like it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from undercount.models.overlap.loglinear.contest import Field, best_of_each, make_field, make_open_field
from undercount.models.overlap.loglinear.fit import Fit, fit_model
from undercount.models.overlap.loglinear.hierarchy import check_model
from undercount.models.overlap.loglinear.names import list_names
from undercount.models.overlap.loglinear.selection import Ranking, Selection, rank_models
from undercount.models.overlap.loglinear.stepwise import climb_each, make_steps
from undercount.models.overlap.loglinear.tables import Vector, Whole, cells_above, check_counts, count_lists

if TYPE_CHECKING:
    from undercount.models.overlap.loglinear.fits import Fits

Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Selected:
    """The model selected for a table."""

    selection: Selection
    counts: Whole
    fit: Fit
    ranking: Ranking | None
    """All models; none after a stepwise search."""

    @property
    def passed_over(self) -> tuple[str, ...]:
        """Models of a better criterion that have no finite estimate of the number of victims."""
        return self.ranking.passed_over() if self.ranking else ()

    def repeat(self, tables: Rows, threads: int = 1) -> tuple[Whole, Vector]:
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
        tolls : numpy.ndarray, shape (R,)
            Victims, listed or not; infinite where no model has an estimate.
        """
        return _select_each(tables, self.selection, self._rivals, threads)

    @cached_property
    def _rivals(self) -> tuple[Field, Fits] | None:
        return make_field(self.ranking.fits, self.ranking.criterion) if self.ranking else None


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
    >>> selected = select_model([0, 5, 5, 54, 41, 6, 0, 12], names=["b", "c", "d"])
    >>> selected.fit.name, round(selected.fit.toll)
    ('[b*c, c*d]', 157)
    """
    table, wanted = check_counts(counts), selection or Selection()
    called = list_names(names, count_lists(table))
    if wanted.is_stepwise:
        models, _ = _select_each(table[None], wanted, None, 1)
        return Selected(wanted, table, fit_model(table, int(models[0]), called), None)
    ranking = rank_models(table, wanted, called)
    return Selected(wanted, table, ranking.fit(), ranking)


def select_each(counts: ArrayLike, selection: Selection | None = None, threads: int = 1) -> tuple[Whole, Vector]:
    """Select a model for each of many tables, without a table of all models for each.

    Parameters
    ----------
    counts : array_like of int, shape (S, 2ᴷ)
        A table may be empty.
    selection : Selection, optional
    threads : int
        What is found does not depend on it.

    Returns
    -------
    models : numpy.ndarray of int64, shape (S,)
        -1 where none has an estimate; `select_model` says why.
    tolls : numpy.ndarray, shape (S,)
        Victims, listed or not; NaN where no model has an estimate.

    Raises
    ------
    ModelError
        If the counts make no sense, or there are too many models.
    """
    tables, wanted = check_counts(counts, may_be_empty=True), selection or Selection()
    lists = count_lists(tables)
    models, tolls = np.full(len(tables), -1), np.full(len(tables), np.nan)
    rivals = None
    if not wanted.is_stepwise:
        model = None if wanted.model is None else check_model(wanted.model, lists)
        rivals = make_open_field(lists, wanted.highest(lists), model)
    some = np.flatnonzero(tables.any(axis=1))
    if some.size:
        models[some], tolls[some] = _select_each(tables[some], wanted, rivals, threads)
    has_none = ~np.isfinite(tolls)
    return np.where(has_none, -1, models), np.where(has_none, np.nan, tolls)


def _select_each(
    tables: Rows, selection: Selection, rivals: tuple[Field, Fits] | None, threads: int
) -> tuple[Whole, Vector]:
    lists = count_lists(tables)
    above = cells_above(lists)
    if rivals is None:
        steps = make_steps(lists, selection.highest(lists), selection.threshold)
        return in_threads(lambda some: climb_each(some, steps, above), tables, threads)
    field, fits = rivals
    by_log = selection.criterion == "bic"
    places, tolls = in_threads(lambda some: best_of_each(some, field, fits, by_log, above), tables, threads)
    return np.where(places < 0, -1, fits.models[places]), tolls


def in_threads(function: Callable[[Rows], tuple[Whole, Vector]], tables: Rows, threads: int) -> tuple[Whole, Vector]:
    """Apply a compiled function of many tables to as many parts of them as there are threads."""
    parts = np.array_split(tables, max(1, min(threads, len(tables))))
    if len(parts) == 1:
        return function(tables)
    with ThreadPoolExecutor(len(parts)) as pool:
        found = list(pool.map(function, parts))
    return np.concatenate([models for models, _ in found]), np.concatenate([tolls for _, tolls in found])
