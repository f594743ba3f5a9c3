"""Hierarchical log-linear models: which there are, and what generates each.

The logarithm of the expected count of a pattern is the sum of the parameters of those terms, sets of lists, that the
pattern holds. A model is hierarchical if it has every subset of each of its terms; all that are considered have every
single list, and none has the term of all lists together, with which the victims on no list could be of any number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from undercount.errors import ModelError

if TYPE_CHECKING:
    from undercount.models.overlap.loglinear.tables import Whole

LARGEST = 100_000
"""Models in one enumeration."""


def main_effects(lists: int) -> int:
    """The model of independent lists, as the set of its terms; that of no list, the intercept, is one."""
    return 1 | sum(1 << (1 << j) for j in range(lists))


def close(generators: Iterable[int], lists: int) -> int:
    """The smallest hierarchical model with all main effects and these terms, as the set of its terms."""
    found = main_effects(lists)
    for term in generators:
        for below in subsets(term):
            found |= 1 << below
    return found


def subsets(term: int) -> Iterator[int]:
    """All subsets of a set of lists."""
    below = term
    while below:
        yield below
        below = (below - 1) & term
    yield 0


def terms_of(model: int) -> tuple[int, ...]:
    """The terms of a model, the intercept among them, in rising order."""
    return tuple(term for term in range(model.bit_length()) if model >> term & 1)


def generators(model: int) -> tuple[int, ...]:
    """The terms that are within no other one, those of most lists first, then by list.

    Examples
    --------
    >>> generators(close([0b011, 0b110], lists=3))
    (3, 6)
    >>> generators(close([0b011], lists=3))
    (3, 4)
    """
    terms = terms_of(model)
    largest = [t for t in terms if not any(t & other == t and t != other for other in terms)]
    return tuple(sorted(largest, key=lambda term: (-term.bit_count(), members(term))))


def members(term: int) -> tuple[int, ...]:
    """The lists of a term."""
    return tuple(j for j in range(term.bit_length()) if term >> j & 1)


@lru_cache(maxsize=16)
def hierarchical_models(lists: int, order: int | None = None) -> Whole:
    """Enumerate the hierarchical models with all main effects, without the saturated one.

    Parameters
    ----------
    lists : int
        3 to 6.
    order : int, optional
        The most lists in a term: 2 for pairs only. By default all but one.

    Returns
    -------
    numpy.ndarray of int64
        Each model as the set of its terms, those of fewest parameters first. Read-only.

    Raises
    ------
    ModelError
        If `order` is not between 1 and K - 1, or there are more than 100,000 such models (6 lists, terms of three).

    Examples
    --------
    >>> len(hierarchical_models(4)), len(hierarchical_models(5)), len(hierarchical_models(6, order=2))
    (113, 6893, 32768)
    """
    highest = check_order(order, lists)
    models = np.array([main_effects(lists)], dtype=np.int64)
    terms = sorted(range(1, 2**lists), key=lambda term: (term.bit_count(), term))
    for term in terms:
        if 1 < term.bit_count() <= highest:
            facets = sum(1 << (term ^ 1 << j) for j in members(term))
            allowed = models[(models & facets) == facets]
            models = np.concatenate([models, allowed | 1 << term])
        if len(models) > LARGEST:
            raise ModelError(
                f"there are more than {LARGEST:,} hierarchical models of {lists} lists with terms of {highest} lists",
                code="overlap-too-many-models",
                where="order",
                hint="set order=2, or select stepwise",
            )
    models = models[np.lexsort((models, count_parameters(models)))]
    models.setflags(write=False)
    return models


def check_order(order: int | None, lists: int) -> int:
    """The most lists in a term, by default all but one; a `ModelError` where it cannot be."""
    if order is None:
        return lists - 1
    if not 1 <= order < lists:
        raise ModelError(
            f"order {order!r} is not between 1 and {lists - 1}, for {lists} lists",
            code="overlap-order",
            where="order",
            hint="2 allows for dependence of pairs only",
        )
    return order


def check_model(model: int, lists: int) -> int:
    """A model as it came; a `ModelError` where it is not hierarchical, lacks a main effect or is saturated."""
    found = int(model)
    if 0 <= found < 1 << (2**lists - 1) and close(terms_of(found), lists) == found:
        return found
    raise ModelError(
        f"{model!r} is no hierarchical model of {lists} lists with all main effects",
        code="overlap-model",
        where="model",
        hint="take it from hierarchical_models, close or parse_model; the saturated one has no estimate",
    )


def count_parameters(models: Whole) -> Whole:
    """Parameters of each model, the intercept among them: the number of its terms."""
    return np.bitwise_count(models).astype(np.int64)
