"""The fit of one log-linear model to one table, or the refusal that says why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammaln
from scipy.stats import norm

from undercount.errors import ModelError
from undercount.models.overlap.loglinear.existence import Existence, design, members_of
from undercount.models.overlap.loglinear.fits import Fits, fit_models
from undercount.models.overlap.loglinear.hierarchy import check_model, terms_of
from undercount.models.overlap.loglinear.names import list_names, model_name
from undercount.models.overlap.loglinear.refusal import explain
from undercount.models.overlap.loglinear.tables import Vector, Whole, check_counts, count_lists

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True, eq=False)
class Fit:
    """A model with its maximum-likelihood estimate."""

    model: int
    """The set of its terms."""
    name: str
    existence: Existence
    infinite: tuple[int, ...]
    """Terms whose margin is zero: their parameters are at minus infinity."""
    listed: int
    unlisted: float
    """Expected victims on no list."""
    standard_error: float
    """Of ln `unlisted`."""
    expected: Vector
    """Expected victims of each pattern, shape (2ᴷ,); entry 0 is `unlisted`."""
    deviance: float
    log_likelihood: float
    """Of Poisson counts of the listed patterns, with all constants."""
    parameters: int
    """The intercept and those at minus infinity among them."""

    @property
    def toll(self) -> float:
        """Victims, listed or not."""
        return self.listed + self.unlisted

    @property
    def aic(self) -> float:
        """Criterion of Akaike 1974: -2 ln L + 2 p."""
        return 2.0 * (self.parameters - self.log_likelihood)

    @property
    def bic(self) -> float:
        """Criterion of Schwarz 1978, -2 ln L + p ln n, with the number n of listed victims as the sample size."""
        return self.parameters * log(self.listed) - 2.0 * self.log_likelihood

    def interval(self, probability: float = 0.95) -> tuple[float, float]:
        """Interval of the toll that is symmetric in ln `unlisted`; it takes the model as given.

        That of Chan, Silverman and Vincent 2021 (J. Am. Stat. Assoc. 116, 1297).
        """
        check_probability(probability)
        reach = exp(norm.ppf(0.5 + 0.5 * probability) * self.standard_error)
        return self.listed + self.unlisted / reach, self.listed + self.unlisted * reach


def fit_model(counts: ArrayLike, model: int, names: Sequence[str] | None = None) -> Fit:
    """Fit a model by maximum likelihood, Poisson or multinomial, which is the same.

    Parameters
    ----------
    counts : array_like of int, shape (2ᴷ,)
        Victims of each capture pattern; entry 0 is 0.
    model : int
        The set of its terms, as `hierarchical_models`, `close` or `parse_model` give it.
    names : sequence of str, optional
        Of the lists, for messages.

    Returns
    -------
    Fit

    Raises
    ------
    ModelError
        If the counts or the model make no sense, or there is no finite estimate of the number of victims, or more
        than one; it names the model, and the pairs of lists or patterns without victims that are to blame.
    """
    table = check_counts(counts)
    lists = count_lists(table)
    found = fit_models(table, np.array([check_model(model, lists)]))
    return read_fit(table, found, 0, list_names(names, lists))


def read_fit(counts: Whole, fits: Fits, place: int, names: Sequence[str]) -> Fit:
    """Read one of many fits; `ModelError` where it has no estimate."""
    model, existence = int(fits.models[place]), Existence(int(fits.existence[place]))
    name = model_name(model, names)
    if existence > Existence.PARTIAL:
        raise refuse(counts, model, existence, names)
    terms = members_of(fits.terms[place], counts.size)
    cells = members_of(fits.cells[place], counts.size)
    expected = np.zeros(counts.size)
    expected[cells] = np.exp(fits.eta[place, cells])
    holds = design(cells, terms)
    covariance = np.linalg.inv(holds.T @ (expected[cells, None] * holds))
    expected[0] = np.exp(fits.eta[place, 0])
    deviance = 2.0 * float(fits.divergence[place])
    return Fit(
        model,
        name,
        existence,
        tuple(term for term in terms_of(model) if not margin(counts, term)),
        int(counts.sum()),
        float(expected[0]),
        float(np.sqrt(covariance[0, 0])),
        expected,
        deviance,
        best_log_likelihood(counts) - 0.5 * deviance,
        model.bit_count(),
    )


def margin(counts: Whole, term: int) -> int:
    """Victims on all lists of a term, whatever else they are on."""
    return int(counts[(np.arange(counts.size) & term) == term].sum())


def best_log_likelihood(counts: Whole) -> float:
    """Logarithm of the largest probability that Poisson counts can have."""
    y = counts[counts > 0].astype(float)
    return float(np.sum(y * np.log(y) - y - gammaln(y + 1.0)))


def refuse(counts: Whole, model: int, existence: Existence, names: Sequence[str]) -> ModelError:
    """The error that says why a model has no estimate."""
    name = model_name(model, names)
    if existence is Existence.FAILED:
        return ModelError(
            f"the fit of the model {name} did not converge",
            code="overlap-not-converged",
            where="model",
            hint="choose another model",
        )
    verdict = explain(counts, model)
    return ModelError(
        f"under the model {name} {verdict.reason}",
        code=verdict.code,
        where="model",
        hint=f"choose another model, or leave lists out; the patterns {verdict.name_empty(names)} have no victims",
    )


def check_probability(probability: float) -> None:
    """Refuse a probability that no interval can have."""
    if not 0.0 < probability < 1.0:
        raise ModelError(
            f"an interval of probability {probability!r} cannot be",
            code="overlap-probability",
            where="probability",
            hint="0.95 is usual",
        )
