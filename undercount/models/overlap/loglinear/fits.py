"""Fits of many models to one table."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from undercount.compiled import compiled
from undercount.models.overlap.loglinear.existence import Existence, Part, find_part
from undercount.models.overlap.loglinear.newton import DONE, Work, descend, make_work, start_from_counts
from undercount.models.overlap.loglinear.tables import (
    Table,
    Vector,
    Whole,
    cells_above,
    count_lists,
    list_members,
    tabulate,
)

if TYPE_CHECKING:
    from undercount.models.overlap.loglinear.linear import Matrix

_FAILED = int(Existence.FAILED)


class Fits(NamedTuple):
    """Models that were fitted to one table, M of them."""

    support: int
    """The patterns of the table."""
    models: Whole
    """Shape (M,): the set of the terms of each, as the next two are sets."""
    terms: Whole
    cells: Whole
    existence: Whole
    divergence: Vector
    """Half the deviance."""
    eta: Matrix
    """Shape (M, 2ᴷ): logarithms of the expected counts; entry 0 is that of the victims on no list."""


def take(fits: Fits, places: Whole) -> Fits:
    """Some of the models, in another order."""
    return fits._replace(
        models=fits.models[places],
        terms=fits.terms[places],
        cells=fits.cells[places],
        existence=fits.existence[places],
        divergence=fits.divergence[places],
        eta=fits.eta[places],
    )


@compiled
def fit_part(table: Table, part: Part, ceiling: float, work: Work) -> tuple[int, float]:
    """Fit what of a model can be fitted, from the counts on; as `newton.descend`."""
    sizes = (list_members(part.terms, work.terms), list_members(part.cells, work.cells))
    start_from_counts(table, sizes[0], sizes[1], work)
    return descend(table, sizes, ceiling, inf, work)


def fit_models(counts: Whole, models: Whole) -> Fits:
    """Fit every model to one table.

    Parameters
    ----------
    counts : numpy.ndarray of int64, shape (2ᴷ,)
    models : numpy.ndarray of int64, shape (M,)
        Each the set of its terms.

    Returns
    -------
    Fits
    """
    return _fit_models(counts.astype(np.float64), np.array(models), cells_above(count_lists(counts)))


@compiled
def _fit_models(counts: Vector, models: Whole, above: Whole) -> Fits:
    table, work = tabulate(counts), make_work(counts.size)
    size = models.size
    terms, cells = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    existence, divergence = np.zeros(size, dtype=np.int64), np.zeros(size)
    eta = np.zeros((size, counts.size))
    for m in range(size):
        part = find_part(table.support, models[m], above)
        state, divergence[m] = fit_part(table, part, inf, work)
        terms[m], cells[m] = part.terms, part.cells
        existence[m] = part.existence if state == DONE else _FAILED
        eta[m] = work.eta
    return Fits(table.support, models, terms, cells, existence, divergence, eta)
