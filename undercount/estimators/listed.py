"""How many died in the scopes of matched lists, given how many are expected there and what the lists say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from undercount.data.schema import MAX_COUNT
from undercount.models.joint.curve import Curve
from undercount.models.joint.expected import expected
from undercount.models.joint.factorials import log_poisson

if TYPE_CHECKING:
    from undercount.models.intensity import State
    from undercount.models.joint.likelihood import OverlapLikelihood
    from undercount.models.joint.scopes import Overlap

Array = NDArray[np.float64]
Counts = NDArray[np.int64]
POINTS: Final = 256
"""At which the law of a toll is looked up; between them it is even."""
WIDTH: Final = 8.0
"""Standard deviations, and deaths, on each side of its mean."""


def draw_listed(
    overlap: Overlap, state: State, events: Array, deaths: Counts, incidents: Counts, rng: np.random.Generator
) -> Array:
    """Draw the deaths anew in the scopes of tables that say something.

    The toll N of a scope has the weights Poisson(N; Λ) L(N), and falls upon cells in proportion to what is expected.

    Parameters
    ----------
    overlap : Overlap
    state : State
        Of M draws.
    events : ndarray, shape (M, cells)
        Expected deaths of each cell of an incident.
    deaths, incidents : ndarray, shapes (M, T, C) and (M, cells)
        Drawn counts, which are overwritten.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (M, S)
        Log likelihood of each table.
    """
    tolls = overlap.tolls(np, state.deaths, events)
    for s, likelihood in enumerate(overlap.likelihoods):
        if likelihood is None:
            continue
        days, strata, cells = slice(overlap.start[s], overlap.end[s]), overlap.strata[s], overlap.events[s]
        curve = Curve(*(getattr(overlap, name)[s] for name in Curve._fields))
        number = draw_tolls(likelihood, curve, np.minimum(tolls[:, s], MAX_COUNT), rng)
        expected = state.deaths[:, days, strata]
        daily = expected.reshape(len(number), -1)
        share = np.concatenate([daily, events[:, cells]], axis=1)
        drawn = rng.multinomial(number, share / share.sum(axis=1, keepdims=True))
        deaths[:, days, strata] = drawn[:, : daily.shape[1]].reshape(expected.shape)
        incidents[:, cells] = drawn[:, daily.shape[1] :]
    return np.asarray(overlap.log_density(np, tolls))


def draw_tolls(likelihood: OverlapLikelihood, curve: Curve, tolls: Array, rng: np.random.Generator) -> Counts:
    """Draw N with the weights Poisson(N; Λ) L(N), for each Λ of an array of shape (M,)."""
    slope, variance = _moments(likelihood, curve, np.log(tolls))
    mean, spread = tolls + slope - likelihood.observed, WIDTH * (1.0 + np.sqrt(tolls * variance))
    lowest = np.floor(np.maximum(mean - spread, 0.0))
    step = np.ceil((np.maximum(mean, 0.0) + spread - lowest) / POINTS)
    unlisted = lowest[:, None] + step[:, None] * np.arange(POINTS) + 0.5 * (step[:, None] - 1.0)
    number, place = np.unique(likelihood.observed + unlisted, return_inverse=True)
    log_likelihood = likelihood.log_likelihood(number)[place].reshape(unlisted.shape)
    log_weight = log_poisson(likelihood.observed + unlisted, tolls[:, None]) + log_likelihood
    weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True)).cumsum(axis=1)
    place = (weight < rng.random((tolls.size, 1)) * weight[:, -1:]).sum(axis=1)
    return (likelihood.observed + lowest + step * place).astype(np.int64) + rng.integers(step.astype(np.int64))


def _moments(likelihood: OverlapLikelihood, curve: Curve, x: Array) -> tuple[Array, Array]:
    """Mean of N less Λ, and its variance over Λ, at each log Λ."""
    slope, variance = (np.interp(x, curve.knot, each) for each in (curve.slope, curve.variance))
    for i in np.flatnonzero((x < curve.knot[0]) | (x > curve.knot[-1])).tolist():
        _, slope[i], variance[i] = expected(likelihood, float(x[i]))
    return slope, variance
