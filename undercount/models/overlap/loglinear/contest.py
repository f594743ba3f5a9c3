"""The best of many models for each of many tables, without fitting most of them.

One step of Newton's method bounds what a model can reach (`newton`), and with it what every model within it can. So the
models are asked from the largest down, after a few that are likely to be good, and a model is fitted only as long as it
may still be the best. The result is that of fitting all of them.

Tables that were resampled from one have no pattern that it did not have. Where all models have been fitted to that one,
each starts from there.
"""

from __future__ import annotations

from functools import lru_cache
from math import exp, inf, log
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from undercount.compiled import compiled, compiled_with
from undercount.models.overlap.loglinear.existence import Existence, find_part
from undercount.models.overlap.loglinear.fits import Fits, fit_part, take
from undercount.models.overlap.loglinear.hierarchy import count_parameters, hierarchical_models
from undercount.models.overlap.loglinear.newton import DONE, LOST, OPEN, Work, advance, descend, make_work
from undercount.models.overlap.loglinear.tables import Table, Vector, Whole, list_members, tabulate

Rows = NDArray[np.int64]

_PARTIAL = int(Existence.PARTIAL)

TIE = 1e-8
"""Difference of a criterion below which a model does not replace another one."""
CONTENDERS = 16
"""Models of a fitted table to ask first."""


class Field(NamedTuple):
    """How the models among which the best is sought stand to each other, those of most parameters first, M of them."""

    parameters: Vector
    parents: Rows
    """Places of the models with one more term, in each row then -1."""
    contenders: Whole
    """Places of the models to ask first."""


def make_field(fits: Fits, criterion: Vector) -> tuple[Field, Fits]:
    """Arrange the fitted models that have an estimate, given their criterion, shape (M,)."""
    parameters = count_parameters(fits.models)
    kept = np.flatnonzero(fits.existence <= Existence.PARTIAL)
    kept = kept[np.argsort(-parameters[kept], kind="stable")]
    field = Field(
        parameters[kept].astype(np.float64),
        _find_parents(fits.models[kept], fits.eta.shape[1]),
        np.argsort(criterion[kept], kind="stable")[:CONTENDERS],
    )
    return field, take(fits, kept)


@lru_cache(maxsize=16)
def make_open_field(lists: int, order: int, model: int | None = None) -> tuple[Field, Fits]:
    """Arrange all hierarchical models of so many lists, or only one, for tables of any patterns."""
    models = hierarchical_models(lists, order)[::-1].copy() if model is None else np.array([model])
    nothing, size = np.zeros(0, dtype=np.int64), 2**lists
    field = Field(count_parameters(models).astype(np.float64), _find_parents(models, size), np.array([models.size - 1]))
    return field, Fits(0, models, nothing, nothing, nothing, np.zeros(0), np.zeros((0, size)))


def _find_parents(models: Whole, size: int) -> Rows:
    order = np.argsort(models)
    terms = [term for term in range(size - 1) if term.bit_count() > 1]
    found = np.full((models.size, len(terms) + 1), -1)
    for k, term in enumerate(terms):
        larger = models | 1 << term
        place = order[np.minimum(np.searchsorted(models, larger, sorter=order), models.size - 1)]
        is_there = (models[place] == larger) & (larger != models)
        found[is_there, k] = place[is_there]
    found = -np.sort(-found, axis=1)
    return np.ascontiguousarray(found[:, : 1 + (found >= 0).sum(axis=1).max(initial=0)])


@compiled_with(inline="always")  # as the next two: each would be compiled by itself, with all that it calls
def fit_like(table: Table, fits: Fits, m: int, ceiling: float, above: Whole, work: Work) -> tuple[int, float]:
    """Fit model m from where it was on the table that all were fitted to; as `newton.descend`.

    One step mostly shows that it is lost. Only if it does not, it is asked what of the model can be fitted where
    patterns are missing.
    """
    sizes = (list_members(fits.terms[m], work.terms), list_members(fits.cells[m], work.cells))
    for i in range(work.eta.size):
        work.eta[i] = fits.eta[m, i]
    state, value = advance(table, sizes, ceiling, inf, work)
    if state == LOST:
        return state, value
    if fits.support & ~table.support & fits.cells[m] != 0:
        part = find_part(table.support, fits.models[m], above)
        if part.existence > _PARTIAL:
            return OPEN, value
        if part.cells != fits.cells[m] or part.terms != fits.terms[m]:
            return fit_part(table, part, ceiling, work)
    if state == DONE:
        return state, value
    return descend(table, sizes, ceiling, value, work)


@compiled_with(inline="always")
def fit_anew(table: Table, fits: Fits, m: int, ceiling: float, above: Whole, work: Work) -> tuple[int, float]:
    """Fit model m from where it was, if it was fitted, else from the counts on; as `newton.descend`."""
    if fits.terms.size > 0:
        return fit_like(table, fits, m, ceiling, above, work)
    part = find_part(table.support, fits.models[m], above)
    if part.existence > _PARTIAL:
        return OPEN, 0.0
    return fit_part(table, part, ceiling, work)


@compiled
def is_open(parents: Rows, bounds: Vector, m: int, ceiling: float) -> bool:
    """Whether model m has not answered yet, and none that contains it has answered for it."""
    if bounds[m] >= 0.0:
        return False
    bounds[m], k = 0.0, 0
    while parents[m, k] >= 0:
        bounds[m] = max(bounds[m], bounds[parents[m, k]])
        k += 1
    return bool(bounds[m] <= ceiling)


@compiled
def enqueue(parents: Rows, m: int, queue: Whole, last: int) -> int:
    """Append the models with one more term than model m, as far as there is room, and give the new end."""
    k = 0
    while parents[m, k] >= 0 and last < queue.size:
        queue[last] = parents[m, k]
        last += 1
        k += 1
    return last


@compiled_with(inline="always")
def best_of(
    table: Table, field: Field, fits: Fits, penalty: float, bounds: Vector, above: Whole, work: Work
) -> tuple[int, float]:
    """`best_of_each`, of one table.

    First come the contenders, and whenever a model is better than all before those with one more term; then all.
    `bounds`, shape (M,), is overwritten.
    """
    parents, parameters, queue = field.parents, field.parameters, np.zeros(2 * CONTENDERS + bounds.size, dtype=np.int64)
    best, least, toll = -1, inf, inf
    for m in range(bounds.size):
        bounds[m] = -1.0
    first, last, m = 0, field.contenders.size, 0
    for k in range(last):
        queue[k] = field.contenders[k]
    while first < last or m < bounds.size:
        if first < last:
            asked, first = queue[first], first + 1
        else:
            asked, m = m, m + 1
        price = penalty * parameters[asked]
        ceiling = 0.5 * (least + TIE - price)
        if not is_open(parents, bounds, asked, ceiling):
            continue
        state, value = fit_anew(table, fits, asked, ceiling, above, work)
        if state in {LOST, DONE}:
            bounds[asked] = max(value, bounds[asked])
        if state == DONE and 2.0 * value + price < least - TIE:
            best, least, toll = asked, 2.0 * value + price, table.victims + exp(work.eta[0])
            last = enqueue(parents, best, queue, last)
    return best, toll


@compiled
def best_of_each(counts: Rows, field: Field, fits: Fits, by_log: bool, above: Whole) -> tuple[Whole, Vector]:
    """Place of the best model for each table, shape (R, 2ᴷ), and the number of victims; -1 and inf if none has one.

    The best is that of the smallest deviance and penalty, which for each parameter is the logarithm of the victims
    (BIC) or 2 (AIC). One that is within `TIE` of an earlier one does not replace it.

    Parameters
    ----------
    counts : numpy.ndarray of int64, shape (R, 2ᴷ)
    field : Field
    fits : Fits
        The models, shape (M,); its other arrays have M rows if all tables come from the one that was fitted, else 0.
    by_log : bool
    above : numpy.ndarray of int64, shape (2ᴷ,)
        `tables.cells_above`.

    Returns
    -------
    tuple of numpy.ndarray, shape (R,)
    """
    chosen, tolls = np.zeros(counts.shape[0], dtype=np.int64), np.zeros(counts.shape[0])
    bounds, work = np.zeros(field.parameters.size), make_work(counts.shape[1])
    for r in range(counts.shape[0]):
        table = tabulate(counts[r].astype(np.float64))
        penalty = log(table.victims) if by_log else 2.0
        chosen[r], tolls[r] = best_of(table, field, fits, penalty, bounds, above, work)
    return chosen, tolls
