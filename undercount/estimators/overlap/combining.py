"""Replicates of a stratum joined into one toll, and strata added up."""

from __future__ import annotations

import hashlib
from math import exp, log, sqrt
from typing import TYPE_CHECKING, Final

import numpy as np

from undercount.estimators.quantity import CI_KIND, CI_PROB, Figures, Quantity, StatedQuantity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from undercount.estimators.overlap.results import TableResult

BCA: Final = "bca"


def seed_of(seed: int, *names: str | int) -> int:
    """Seed of one table, which depends on what the table is called and on nothing beside it.

    Examples
    --------
    >>> seed_of(2017, "north", 0)
    177365079945946663375265935886672535316
    """
    digest = hashlib.sha256("\0".join(map(str, (seed, *names))).encode()).digest()
    return int.from_bytes(digest[:16], "big")


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
        unit=results[0].toll.unit,
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


def summed(parts: Sequence[Quantity], accelerations: Sequence[float | None]) -> Quantity:
    """Toll of independent strata, added draw by draw.

    Parameters
    ----------
    parts : sequence of Quantity
        The strata.
    accelerations : sequence of float or None
        Of each stratum that was bootstrapped and has no replicates to join: a of its BCa interval.

    Returns
    -------
    Quantity
        Of a posterior its draws. Of estimates that were bootstrapped their sum with its BCa interval: the influence
        values of all strata together (Efron 1987, section 6) have the squares Σ v and the cubes Σ 6 a v^(3/2), v being
        the variance of a stratum.
    """
    if len(parts) == 1:
        return parts[0]
    draws = np.sum([part.draws for part in parts], axis=0)
    known = [found for found in accelerations if found is not None]
    if len(known) < len(parts):
        return Quantity(draws, unit=parts[0].unit)
    from undercount.models.overlap.loglinear import bca

    estimate = sum(part.median for part in parts)
    spread = np.array([part.sd for part in parts])
    acceleration = float(np.sum(known * spread**3) / np.sum(spread**2) ** 1.5)
    lower, upper = bca.interval(estimate, draws.ravel(), acceleration, CI_PROB)
    figures = Figures(estimate, float(draws.mean()), float(draws.std(ddof=1)), lower, upper, BCA)
    return StatedQuantity(draws, unit=parts[0].unit, figures=figures)
