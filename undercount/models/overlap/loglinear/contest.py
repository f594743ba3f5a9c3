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
from undercount.models.overlap.loglinear.fits import Fits, fit_part
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


class Lead(NamedTuple):
    """The best model so far."""

    place: int
    """-1 if there is none."""
    criterion: float
    total: float


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
    return field, Fits(fits.support, *(each[kept] for each in fits[1:]))


@lru_cache(maxsize=16)
def make_open_field(lists: int, order: int) -> tuple[Field, Fits]:
    """Arrange all hierarchical models of so many lists for tables of any patterns."""
    models = hierarchical_models(lists, order)[::-1].copy()
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


@compiled_with(inline="always")
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
def fit_fresh(table: Table, fits: Fits, m: int, ceiling: float, above: Whole, work: Work) -> tuple[int, float]:
    """Fit model m from the counts on; as `newton.descend`."""
    part = find_part(table.support, fits.models[m], above)
    if part.existence > _PARTIAL:
        return OPEN, 0.0
    return fit_part(table, part, ceiling, work)


@compiled_with(inline="always")
def ask(  # noqa: PLR0913, PLR0917 - compiled: each use of an array within a tuple would count its references
    table: Table, parents: Rows, fits: Fits, price: float, bounds: Vector, above: Whole, work: Work, m: int, lead: Lead
) -> Lead:
    """Ask model m whether it is better, unless it has answered or a model that contains it has answered for it."""
    if bounds[m] >= 0.0:
        return lead
    bounds[m], k = 0.0, 0
    while parents[m, k] >= 0:
        bounds[m] = max(bounds[m], bounds[parents[m, k]])
        k += 1
    ceiling = 0.5 * (lead.criterion + TIE - price)
    if bounds[m] > ceiling:
        return lead
    if fits.terms.size > 0:
        state, value = fit_like(table, fits, m, ceiling, above, work)
    else:
        state, value = fit_fresh(table, fits, m, ceiling, above, work)
    if state == LOST or state == DONE:  # noqa: PLR1714 - compiled: a membership test is slower
        bounds[m] = max(value, bounds[m])
    if state == DONE and 2.0 * value + price < lead.criterion - TIE:
        return Lead(m, 2.0 * value + price, table.total + exp(work.eta[0]))
    return lead


@compiled
def best_of_each(counts: Rows, field: Field, fits: Fits, by_log: bool, above: Whole) -> tuple[Whole, Vector]:
    """Place of the best model for each table, shape (R, 2ᴷ), and the number of victims; -1 and inf if none has one.

    The best is that of the smallest deviance and penalty, which for each parameter is the logarithm of the victims
    (BIC) or 2 (AIC). One that is within `TIE` of an earlier one does not replace it. First come the contenders, and
    the parents of each that is better than all before; then all models.

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
    chosen, totals = np.zeros(counts.shape[0], dtype=np.int64), np.zeros(counts.shape[0])
    parents, parameters, contenders = field.parents, field.parameters, field.contenders
    bounds, work = np.zeros(parameters.size), make_work(counts.shape[1])
    queue = np.zeros(contenders.size + parameters.size, dtype=np.int64)
    for r in range(counts.shape[0]):
        table, lead = tabulate(counts[r].astype(np.float64)), Lead(-1, inf, inf)
        penalty = log(table.total) if by_log else 2.0
        for m in range(bounds.size):
            bounds[m] = -1.0
        first, last, m = 0, contenders.size, 0
        for k in range(last):
            queue[k] = contenders[k]
        while first < last or m < bounds.size:
            if first < last:
                asked, first = queue[first], first + 1
            else:
                asked, m = m, m + 1
            before = lead.place
            lead = ask(table, parents, fits, penalty * parameters[asked], bounds, above, work, asked, lead)
            k = 0
            while lead.place != before and parents[lead.place, k] >= 0 and last < queue.size:
                queue[last], last, k = parents[lead.place, k], last + 1, k + 1
        chosen[r], totals[r] = lead.place, lead.total
    return chosen, totals
