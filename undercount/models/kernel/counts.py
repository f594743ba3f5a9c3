"""Expected counts of the pieces: sums over cells of what a stream sees, and the way back."""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING

import numpy as np

from undercount.compiled import inlined
from undercount.models.kernel import lag

if TYPE_CHECKING:
    from undercount.models.kernel.layout import Array, Lagged, Pieces, Predictors, Prior, Segments, Work


@inlined
def expected(pieces: Pieces, lagged: Lagged, days: int, eta: Segments, work: Work) -> None:
    """Write the part of each piece that own deviations scale, and the part that they do not.

    Log rates, log lengths of windows, log lags and log dispersions are replaced by their exponentials.
    """
    rate, incident_rate, length = eta.rate, eta.incident_rate, eta.log_length
    work.scaled[:] = 0.0
    work.fixed[:] = 0.0
    for i in range(rate.size):
        rate[i] = exp(rate[i])
    for i in range(incident_rate.size):
        incident_rate[i] = exp(incident_rate[i])
    for i in range(eta.log_theta.size):
        eta.log_theta[i] = exp(eta.log_theta[i])
    for j in range(pieces.cell_piece.size):
        first = pieces.cell_stratum[j] * (days + 1)
        dead = work.total[first + pieces.cell_end[j]] - work.total[first + pieces.cell_start[j]]
        work.scaled[pieces.cell_piece[j]] += dead * rate[pieces.cell_rate[j]]
    for j in range(pieces.event_piece.size):
        dead, stream = work.dead[pieces.event_cell[j]], pieces.event_stream[j]
        if stream >= 0:
            work.fixed[pieces.event_piece[j]] += dead * incident_rate[stream]
        else:
            work.scaled[pieces.event_piece[j]] += dead * rate[pieces.event_rate[j]]
    lag.expected(lagged, days, eta, work)
    for p in range(length.size):
        length[p] = exp(length[p])
        work.scaled[p] *= length[p]
        work.fixed[p] *= length[p]


@inlined
def expected_back(pieces: Pieces, lagged: Lagged, days: int, eta: Segments, to: Segments, work: Work) -> None:
    """Carry `work.to_scaled` and `work.to_fixed` on; `eta` is as `expected` left it."""
    rate, incident_rate, length = eta.rate, eta.incident_rate, eta.log_length
    work.to_total[:] = 0.0
    work.to_dead[:] = 0.0
    for p in range(length.size):
        to.log_length[p] += work.to_scaled[p] * work.scaled[p] + work.to_fixed[p] * work.fixed[p]
        work.to_scaled[p] *= length[p]
        work.to_fixed[p] *= length[p]
    for j in range(pieces.cell_piece.size):
        first = pieces.cell_stratum[j] * (days + 1)
        end, start = first + pieces.cell_end[j], first + pieces.cell_start[j]
        k = pieces.cell_rate[j]
        to_dead = work.to_scaled[pieces.cell_piece[j]] * rate[k]
        to.rate[k] += to_dead * (work.total[end] - work.total[start])
        work.to_total[start] += to_dead
        work.to_total[end] -= to_dead
    for j in range(pieces.event_piece.size):
        cell, stream = pieces.event_cell[j], pieces.event_stream[j]
        if stream >= 0:
            to_dead = work.to_fixed[pieces.event_piece[j]] * incident_rate[stream]
            to.incident_rate[stream] += to_dead * work.dead[cell]
        else:
            k = pieces.event_rate[j]
            to_dead = work.to_scaled[pieces.event_piece[j]] * rate[k]
            to.rate[k] += to_dead * work.dead[cell]
        work.to_dead[cell] += to_dead
    lag.expected_back(lagged, days, eta, to, work)


@inlined
def predict(predictors: Predictors, position: Array, eta: Array) -> None:
    """Write the linear predictors η = offset + W q."""
    eta[:] = predictors.offset
    for i in range(predictors.weight.size):
        eta[predictors.row[i]] += predictors.weight[i] * position[predictors.column[i]]


@inlined
def predict_back(predictors: Predictors, to_eta: Array, gradient: Array) -> None:
    """Add the derivatives by the parameters, given those by η."""
    for i in range(predictors.weight.size):
        gradient[predictors.column[i]] += predictors.weight[i] * to_eta[predictors.row[i]]


@inlined
def prior(priors: Prior, position: Array, gradient: Array) -> float:
    """Log prior density; adds its gradient."""
    value = float(priors.constant[0])
    for i in range(position.size):
        degrees = priors.degrees[i]
        if degrees == 0.0:
            continue
        z = (position[i] - priors.location[i]) / priors.scale[i]
        if degrees == np.inf:
            value -= 0.5 * z * z
            gradient[i] -= z / priors.scale[i]
        else:
            value -= 0.5 * (degrees + 1.0) * np.log1p(z * z / degrees)
            gradient[i] -= (degrees + 1.0) * z / (degrees + z * z) / priors.scale[i]
    return value
