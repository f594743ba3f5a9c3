"""The log density of the fusion model with its gradient, compiled: what `models.fusion` states as a graph."""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING, Any

import numba
import numpy as np

from undercount.compiled import borrowed, compiled, compiled_callback, inlined
from undercount.models.kernel import counts, course, deviations, levels, overlap, running, tally
from undercount.models.kernel.quadrature import log_interval_by_nodes
from undercount.models.kernel.unpack import segments, unpack, unpack_work
from undercount.models.negative_binomial import log_interval

if TYPE_CHECKING:
    from undercount.models.kernel.layout import Array, Exact, Index, Pieces, Segments, Tallies, Work

_REALS = numba.types.Array(numba.float64, 1, "C")
_INTEGERS = numba.types.Array(numba.int64, 1, "C")


@inlined
def likelihood(exact: Exact, tallies: Tallies, pieces: Pieces, eta: Segments, position: Array, work: Work) -> None:
    """Write the log likelihood of each reading, and the derivatives of the exact terms by mean and θ."""
    work.value[:] = 0.0
    for j in range(exact.low.size):
        theta = eta.log_theta[pieces.stream[j]]
        if exact.place[j] >= 0:
            value, work.by_mean[j], by_theta = log_interval_by_nodes(exact, j, work.mean[j], theta, work.vector)
        else:
            value, work.by_mean[j], by_theta = log_interval(exact.low[j], exact.high[j], work.mean[j], theta)
        work.by_log_theta[j] = by_theta * theta
        work.value[exact.reading[j]] += value
    for n in range(tallies.reading.size):
        theta = eta.log_theta[pieces.stream[tallies.first_piece[n]]]
        if tallies.slots[n]:
            work.value[tallies.reading[n]] += running.log_density(tallies, n, theta, position, work)
        else:
            work.value[tallies.reading[n]] += tally.log_density(tallies, n, theta, position, work)


@inlined
def likelihood_back(
    data: tuple[Exact, Tallies, Pieces], eta: Segments, to: Segments, gradient: Array, work: Work
) -> None:
    """Carry `work.to_value` on to the means, dispersions and free counts."""
    exact, tallies, pieces = data
    for j in range(exact.low.size):
        weight = work.to_value[exact.reading[j]]
        work.to_mean[j] = weight * work.by_mean[j]
        to.log_theta[pieces.stream[j]] += weight * work.by_log_theta[j]
    for n in range(tallies.reading.size):
        stream = pieces.stream[tallies.first_piece[n]]
        theta = eta.log_theta[stream]
        weight = work.to_value[tallies.reading[n]]
        if tallies.slots[n]:
            spread = running.back(tallies, n, theta, weight, gradient, work)
        else:
            spread = tally.back(tallies, n, theta, weight, gradient, work)
        to.log_theta[stream] += spread * theta / (1.0 + theta)


@inlined
def log_density(position: Array, gradient: Array, reals: Array, integers: Index, workspace: Array) -> float:
    """Log density of the parameters of `models.parameters`, laid end to end; writes the gradient.

    NaN where it cannot be evaluated.
    """
    predictors, priors, timeline, events, pieces, readings, exact, tallies, overlaps, lagged, unknown = unpack(
        reals, integers
    )
    work = unpack_work(workspace, integers)
    eta, to = segments(work.eta, predictors.segment), segments(work.to_eta, predictors.segment)
    days = timeline.size[0]
    gradient[:] = 0.0
    work.to_eta[:] = 0.0
    work.to_own[:] = 0.0
    work.to_beside[:] = 0.0
    counts.predict(predictors, position, work.eta)
    course.deaths(timeline, eta, position, work)
    course.incident_deaths(events, eta, position, work)
    counts.expected(pieces, lagged, days, eta, work)
    deviations.own(readings, eta.own, position, work)
    for p in range(work.mean.size):
        work.mean[p] = work.scaled[p] * exp(work.own[readings.piece_reading[p]]) + work.fixed[p]
    likelihood(exact, tallies, pieces, eta, position, work)
    value = counts.prior(priors, position, gradient)
    value += levels.log_density(unknown, position, gradient, work.vector)
    value += deviations.mixture(readings, position, gradient, work)

    work.to_mean[:] = 0.0
    likelihood_back((exact, tallies, pieces), eta, to, gradient, work)
    for p in range(work.mean.size):
        k = readings.piece_reading[p]
        seen = exp(work.own[k])
        work.to_scaled[p] = work.to_mean[p] * seen
        work.to_own[k] += work.to_mean[p] * seen * work.scaled[p]
        work.to_fixed[p] = work.to_mean[p]
    deviations.own_back(readings, to.own, position, gradient, work)
    counts.expected_back(pieces, lagged, days, eta, to, work)
    value += overlap.log_density(overlaps, days, work)
    value += course.deaths_back(timeline, to, position, gradient, work)
    value += course.incident_back(events, eta, to, position, gradient, work)
    counts.predict_back(predictors, work.to_eta, gradient)
    return value


@compiled_callback(numba.float64(_REALS, _REALS, _REALS, _INTEGERS, _REALS))
def density(position: Array, gradient: Array, reals: Array, integers: Index, workspace: Array) -> float:
    """`log_density`, for a compiled sampler."""
    return log_density(borrowed(position), borrowed(gradient), borrowed(reals), borrowed(integers), borrowed(workspace))


@compiled
def _values_at(density: Any, positions: Array, reals: Array, integers: Index, workspace: Array, found: Array) -> None:
    work = unpack_work(workspace, integers)
    gradient = np.empty(positions.shape[1])
    for i in range(positions.shape[0]):
        density(positions[i], gradient, reals, integers, workspace)
        found[i] = work.value


def reading_values(positions: Array, reals: Array, integers: Index, workspace: Array, found: Array) -> None:
    """Write the log likelihood of each reading, shape (N, K), at points of shape (N, D)."""
    _values_at(density, positions, reals, integers, workspace, found)  # a constant function is not kept on disk
