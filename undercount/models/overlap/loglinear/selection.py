"""How a log-linear model is selected, and the selection from all hierarchical models of one table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from undercount.errors import ModelError
from undercount.models.overlap.loglinear.contest import TIE
from undercount.models.overlap.loglinear.existence import Existence
from undercount.models.overlap.loglinear.fit import Fit, best_log_likelihood, read_fit, refuse
from undercount.models.overlap.loglinear.fits import Fits, fit_models, take
from undercount.models.overlap.loglinear.hierarchy import (
    check_model,
    check_order,
    count_parameters,
    hierarchical_models,
)
from undercount.models.overlap.loglinear.names import list_names, model_name
from undercount.models.overlap.loglinear.tables import Vector, Whole, check_counts, count_lists

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

Criterion = Literal["bic", "aic"]
Search = Literal["all", "stepwise"]

THRESHOLD = 0.02
"""Of Chan, Silverman and Vincent 2021."""


@dataclass(frozen=True)
class Selection:
    """How the model is selected.

    Parameters
    ----------
    criterion : {"bic", "aic"}
        Which is least in the model that a search among all selects: -2 ln L + p ln n or -2 ln L + 2 p, where L is the
        Poisson likelihood of the listed patterns, p the parameters of the model, those at minus infinity among them,
        and n the number of listed victims (not of cells), as in the R package Rcapture.
    order : int, optional
        The most lists in a term. By default all but one, and 2 in a stepwise search.
    search : {"all", "stepwise"}
        Among all hierarchical models under which the number of victims has an estimate (`existence.Existence` up to
        PARTIAL), or from independence on, by p-values (`stepwise`).
    model : int, optional
        The set of the terms of one model, which is then taken and nothing selected.
    threshold : float
        P-value below which a stepwise search goes on.

    Raises
    ------
    ModelError
        If a value is none of these.
    """

    criterion: Criterion = "bic"
    order: int | None = None
    search: Search = "all"
    model: int | None = None
    threshold: float = THRESHOLD

    def __post_init__(self) -> None:
        for name, value, allowed in (
            ("criterion", self.criterion, get_args(Criterion)),
            ("search", self.search, get_args(Search)),
        ):
            if value not in allowed:
                raise ModelError(
                    f"{value!r} is no {name}",
                    code="model-bad-setting",
                    where=name,
                    hint=f"write {' or '.join(map(repr, allowed))}",
                )
        if not 0.0 <= self.threshold <= 1.0:
            raise ModelError(
                f"a p-value is never {self.threshold!r}",
                code="model-bad-setting",
                where="threshold",
                hint=f"{THRESHOLD} is that of Chan, Silverman and Vincent 2021",
            )

    @property
    def is_stepwise(self) -> bool:
        """Whether models are built step by step."""
        return self.model is None and self.search == "stepwise"

    def models(self, lists: int) -> Whole:
        """The models to select from, shape (M,)."""
        if self.model is not None:
            return np.array([check_model(self.model, lists)], dtype=np.int64)
        return hierarchical_models(lists, self.order)

    def highest(self, lists: int) -> int:
        """The most lists in a term."""
        return 2 if self.is_stepwise and self.order is None else check_order(self.order, lists)

    def penalty(self, listed: int) -> float:
        """What each parameter adds to the criterion."""
        return float(np.log(listed)) if self.criterion == "bic" else 2.0


@dataclass(frozen=True, eq=False)
class Ranking:
    """All models that were fitted to a table, the best first; those without an estimate stand where they would."""

    names: tuple[str, ...]
    """Of the lists."""
    counts: Whole
    fits: Fits
    tolls: Vector
    """Victims, listed or not, shape (M,); NaN without an estimate."""
    criterion: Vector
    """BIC or AIC of the (extended) maximum likelihood, which exists without an estimate of the toll, too."""

    @property
    def place(self) -> int:
        """Place of the best model that has an estimate.

        Raises
        ------
        ModelError
            If none has.
        """
        found = np.flatnonzero(self.existence <= Existence.PARTIAL)
        if not found.size:
            raise refuse(self.counts, int(self.fits.models[0]), Existence(int(self.existence[0])), self.names)
        return int(found[0])

    @property
    def existence(self) -> Whole:
        """`Existence` of each, shape (M,)."""
        return self.fits.existence

    @property
    def deviance(self) -> Vector:
        """Deviance of each, shape (M,)."""
        return 2.0 * self.fits.divergence

    def name(self, place: int) -> str:
        """Name of a model."""
        return model_name(int(self.fits.models[place]), self.names)

    def fit(self) -> Fit:
        """The fit of the best model that has an estimate; a `ModelError` if none has."""
        return read_fit(self.counts, self.fits, self.place, self.names)

    def passed_over(self) -> tuple[str, ...]:
        """Names of the models that would have been better, and have no finite estimate of the number of victims."""
        return tuple(self.name(place) for place in range(self.place))


def rank_models(counts: ArrayLike, selection: Selection | None = None, names: Sequence[str] | None = None) -> Ranking:
    """Fit every model to one table and put them in the order of their criterion.

    Parameters
    ----------
    counts : array_like of int, shape (2ᴷ,)
    selection : Selection, optional
        One that is not stepwise.
    names : sequence of str, optional
        Of the lists.

    Returns
    -------
    Ranking

    Raises
    ------
    ModelError
        If the counts make no sense, or there are too many models.
    """
    table, wanted = check_counts(counts), selection or Selection()
    lists = count_lists(table)
    found = fit_models(table, wanted.models(lists))
    criterion = measure_criterion(table, found, wanted)
    order = np.argsort(np.round(criterion / TIE), kind="stable")
    sorted_fits = take(found, order)
    return Ranking(list_names(names, lists), table, sorted_fits, find_tolls(table, sorted_fits), criterion[order])


def measure_criterion(counts: Whole, fits: Fits, selection: Selection) -> Vector:
    """BIC or AIC of each fit, shape (M,)."""
    penalty = selection.penalty(int(counts.sum())) * count_parameters(fits.models)
    found = 2.0 * (fits.divergence - best_log_likelihood(counts)) + penalty
    return np.where(fits.existence == Existence.FAILED, np.inf, found)


def find_tolls(counts: Whole, fits: Fits) -> Vector:
    """Victims under each model, listed or not, shape (M,); NaN without an estimate."""
    unlisted: NDArray[np.float64] = np.exp(fits.eta[:, 0])
    return np.where(fits.existence <= Existence.PARTIAL, counts.sum() + unlisted, np.nan)
