"""Replicates of a stratum joined into one toll, and strata added up."""

from __future__ import annotations

import hashlib
from math import exp, log, sqrt
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from undercount.estimators.quantity import CI_KIND, CI_PROB, Figures, Quantity, StatedQuantity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from undercount.estimators.overlap.results import TableResult

BCA: Final = "bca"


def seeds_of(seed: int, *names: str | int) -> np.random.SeedSequence:
    """Seed of one table, which depends on what the table is called and on nothing beside it."""
    digest = hashlib.sha256("\0".join(map(str, names)).encode()).digest()
    return np.random.SeedSequence([seed, *np.frombuffer(digest[:16], dtype=np.uint32).tolist()])


def joined(results: Sequence[TableResult], observed: float, rng: np.random.Generator) -> Quantity:
    """Toll of a stratum from its imputation replicates.

    Rubin (1987, Multiple Imputation for Nonresponse in Surveys, section 3.3) on the scale of log N: with the mean q̄ of
    the R replicates, the mean W of their variances and the variance B between them, log N is t-distributed around q̄
    with variance T = W + (1 + 1/R) B and (R - 1) (1 + W / ((1 + 1/R) B))² degrees of freedom. Nothing falls below
    what was observed.

    Parameters
    ----------
    results : sequence of TableResult
        One for each replicate; a single one stands for itself.
    observed : float
        Documented deaths.
    rng : numpy.random.Generator
        For draws of the joined toll.
    """
    if len(results) == 1:
        return results[0].toll
    logs = [np.log(result.draws) for result in results]
    centres = [
        float(x.mean()) if r.figures is None else log(r.figures.median) for x, r in zip(logs, results, strict=True)
    ]
    within = float(np.mean([x.var(ddof=1) for x in logs]))
    between = (1 + 1 / len(results)) * float(np.var(centres, ddof=1))
    centre, sd = float(np.mean(centres)), sqrt(within + between)
    freedom = (len(results) - 1) * (1 + within / between) ** 2 if between > 0 else np.inf
    draws = np.exp(centre + sd * _t_draws(freedom, logs[0].shape, rng)).clip(min=observed)
    half = sd * _t_quantile(freedom)
    return StatedQuantity(
        draws,
        figures=Figures(
            median=max(exp(centre), observed),
            mean=float(draws.mean()),
            sd=float(draws.std(ddof=1)),
            lower=max(exp(centre - half), observed),
            upper=max(exp(centre + half), observed),
            ci_kind=f"rubin-{CI_KIND}",
        ),
    )


def _t_draws(freedom: float, shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.float64]:
    return rng.standard_normal(shape) if np.isinf(freedom) else rng.standard_t(freedom, shape)


def _t_quantile(freedom: float) -> float:
    from scipy.special import ndtri, stdtrit

    place = (1 + CI_PROB) / 2
    return float(ndtri(place) if np.isinf(freedom) else stdtrit(freedom, place))


def summed(parts: Sequence[Quantity], influences: Sequence[tuple[float, float] | None]) -> Quantity:
    """Toll of independent strata, added draw by draw.

    Parameters
    ----------
    parts : sequence of Quantity
        The strata.
    influences : sequence of tuple of float
        Of each stratum that was bootstrapped: sums of squares and cubes of its influence values.

    Returns
    -------
    Quantity
        Of a posterior its draws; of estimates with a bootstrap their sum, and the BCa interval of the sum, whose
        acceleration follows from the influence values of all strata together (Efron 1987, section 6).
    """
    if len(parts) == 1:
        return parts[0]
    draws = np.sum([part.draws for part in parts], axis=0)
    known = [found for found in influences if found is not None]
    if len(known) < len(parts):
        return Quantity(draws)
    estimate = sum(part.median for part in parts)
    squares, cubes = (sum(found[i] for found in known) for i in range(2))
    lower, upper = bca_interval(draws, estimate, cubes / (6 * squares**1.5) if squares > 0 else 0.0)
    return StatedQuantity(
        draws, figures=Figures(estimate, float(draws.mean()), float(draws.std(ddof=1)), lower, upper, BCA)
    )


def bca_interval(draws: NDArray[Any], estimate: float, acceleration: float) -> tuple[float, float]:
    """Bias-corrected and accelerated interval (Efron 1987, J. Am. Stat. Assoc. 82: 171-185)."""
    from scipy.special import ndtr, ndtri

    below = float(np.mean(draws < estimate) + 0.5 * np.mean(draws == estimate))
    shift = float(ndtri(np.clip(below, 0.5 / draws.size, 1 - 0.5 / draws.size)))
    tails = ndtri(np.array([(1 - CI_PROB) / 2, (1 + CI_PROB) / 2]))
    places = ndtr(shift + (shift + tails) / (1 - acceleration * (shift + tails)))
    lower, upper = np.quantile(draws, places)
    return float(lower), float(upper)
