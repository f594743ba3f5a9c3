"""Expected counts of sources with a lag: sums over days with the share of each that was documented in time.

With d = exp(-1 / τ), the share of day t is 1 - q[t] from the death on, or p[t] - q[t] after an earlier publication,
where p and q fall by d with each day that a death is older (`models.lags`).
"""

from __future__ import annotations

from math import exp, expm1
from typing import TYPE_CHECKING

from undercount.compiled import inlined
from undercount.models.lags import HALF_DAY, LEAST

if TYPE_CHECKING:
    from undercount.models.kernel.layout import Array, Lagged, Segments, Work


@inlined
def documented(deaths: Array, days: tuple[int, int], layer: tuple[int, int], tau: float) -> float:
    """Deaths of the days [start, end) that were documented after one day and by another."""
    (start, end), (after, by), fall, found = days, layer, exp(-1.0 / tau), 0.0
    late = exp(-((after if after >= 0 else by) - end + 1 + HALF_DAY) / tau)
    for t in range(end - 1, start - 1, -1):
        found += deaths[t] * (late if after >= 0 else 1.0 - late)
        late *= fall
    return found if after < 0 else -expm1(-(by - after) / tau) * found


@inlined
def documented_back(
    deaths: Array, days: tuple[int, int], layer: tuple[int, int], tau: float, weight: float, to_total: Array
) -> float:
    """Add `weight` times the derivatives by the deaths of each day, as differences; gives d/d log τ."""
    (start, end), (after, by), fall, found = days, layer, exp(-1.0 / tau), 0.0
    p = exp(-(after - end + 1 + HALF_DAY) / tau) if after >= 0 else 1.0
    q = exp(-(by - end + 1 + HALF_DAY) / tau)
    kept, left = (-expm1(-(by - after) / tau), fall) if after >= 0 else (1.0, 1.0)
    for t in range(end - 1, start - 1, -1):
        share = kept * p if after >= 0 else 1.0 - q
        to_total[t] += weight * share
        to_total[t + 1] -= weight * share
        waited = after - t + HALF_DAY if after >= 0 else 0.0
        found += deaths[t] * (p * waited - q * (by - t + HALF_DAY)) / tau
        p *= left
        q *= fall
    return found


@inlined
def share(day: int, layer: tuple[int, int], tau: float) -> tuple[float, float]:
    """Share of the dead of an incident that was documented after one day and by another, and d/d log τ."""
    after, by = layer
    waited, whole = after - day + HALF_DAY if after >= 0 else 0.0, by - day + HALF_DAY
    early, late = exp(-waited / tau), exp(-whole / tau)
    return -early * expm1((waited - whole) / tau), (early * waited - late * whole) / tau


@inlined
def expected(lagged: Lagged, days: int, eta: Segments, work: Work) -> None:
    """Add what sources with a lag see; the log lags are replaced by the lags."""
    for k in range(eta.log_lag.size):
        eta.log_lag[k] = exp(eta.log_lag[k])
    for j in range(lagged.piece.size):
        deaths = work.deaths[lagged.stratum[j] * days : (lagged.stratum[j] + 1) * days]
        span, layer = (lagged.start[j], lagged.end[j]), (lagged.after[j], lagged.by[j])
        dead = max(documented(deaths, span, layer, eta.log_lag[lagged.lag[j]]), LEAST)
        work.scaled[lagged.piece[j]] += dead * eta.rate[lagged.rate[j]]
    for j in range(lagged.event_piece.size):
        part, _ = share(lagged.event_day[j], (lagged.event_after[j], lagged.event_by[j]), eta.log_lag[-1])
        dead = max(work.dead[lagged.event_cell[j]] * part, LEAST)
        work.fixed[lagged.event_piece[j]] += dead * eta.incident_rate[lagged.event_stream[j]]


@inlined
def expected_back(lagged: Lagged, days: int, eta: Segments, to: Segments, work: Work) -> None:
    """Carry `work.to_scaled` and `work.to_fixed` on, beside what sources without a lag see."""
    for j in range(lagged.piece.size):
        first, k, rate = lagged.stratum[j], lagged.lag[j], lagged.rate[j]
        deaths = work.deaths[first * days : (first + 1) * days]
        span, layer = (lagged.start[j], lagged.end[j]), (lagged.after[j], lagged.by[j])
        dead, to_seen = documented(deaths, span, layer, eta.log_lag[k]), work.to_scaled[lagged.piece[j]]
        to.rate[rate] += to_seen * max(dead, LEAST) * eta.rate[rate]
        if dead >= LEAST:
            weight = to_seen * eta.rate[rate]
            to_total = work.to_total[first * (days + 1) : (first + 1) * (days + 1)]
            to.log_lag[k] += weight * documented_back(deaths, span, layer, eta.log_lag[k], weight, to_total)
    for j in range(lagged.event_piece.size):
        cell, stream, to_seen = lagged.event_cell[j], lagged.event_stream[j], work.to_fixed[lagged.event_piece[j]]
        layer = (lagged.event_after[j], lagged.event_by[j])
        part, by_log_lag = share(lagged.event_day[j], layer, eta.log_lag[-1])
        weight = to_seen * eta.incident_rate[stream]
        to.incident_rate[stream] += weight * max(work.dead[cell] * part, LEAST)
        if work.dead[cell] * part >= LEAST:
            work.to_dead[cell] += weight * part
            to.log_lag[-1] += weight * work.dead[cell] * by_log_lag
