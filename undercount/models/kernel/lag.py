"""Expected counts of sources with a lag: sums over days with the share of each that was documented in time.

A cell of days from `start` up to `end` holds Σ λ[t] (p[t] - q[t]), with p[t] = 1 from the death on; p after an earlier
publication, and q, are c d^(end - 1 - t) with d = exp(-1 / τ), so that the powers of d serve all cells of a source.
"""

from __future__ import annotations

from math import exp, expm1
from typing import TYPE_CHECKING

from undercount.compiled import inlined
from undercount.models.kernel.vector import add_scaled, dot
from undercount.models.lags import HALF_DAY, LEAST

if TYPE_CHECKING:
    from undercount.models.kernel.layout import Array, Lagged, Segments, Work

TINY = 1e-290
"""Powers below this are nothing: numbers with fewer digits are slow."""


@inlined
def powers(tau: float, fall: Array, aged: Array) -> None:
    """Write d^k and k d^k, the largest k first."""
    step, power, days = exp(-1.0 / tau), 1.0, fall.size
    for k in range(days):
        fall[days - 1 - k], aged[days - 1 - k] = power, k * power
        power = power * step if power > TINY else 0.0


@inlined
def ends(lagged: Lagged, j: int, tau: float) -> tuple[float, float, float, float]:
    """p and q on the last day of cell j, zero for p from the death on; p - q, and what a day's share is beside it."""
    after, by, last = lagged.after[j], lagged.by[j], lagged.end[j] - 1
    q = exp(-(by - last + HALF_DAY) / tau)
    if after < 0:
        return 0.0, q, -q, 1.0
    p = exp(-(after - last + HALF_DAY) / tau)
    return p, q, -expm1(-(by - after) / tau) * p, 0.0


@inlined
def share(day: int, after: int, by: int, tau: float) -> tuple[float, float]:
    """Share of the dead of an incident that was documented after one day and by another, and d/d log τ."""
    waited, whole = after - day + HALF_DAY if after >= 0 else 0.0, by - day + HALF_DAY
    early, late = exp(-waited / tau), exp(-whole / tau)
    return -early * expm1((waited - whole) / tau), (early * waited - late * whole) / tau


@inlined
def expected(lagged: Lagged, days: int, eta: Segments, work: Work) -> None:
    """Add what sources with a lag see; the log lags are replaced by the lags."""
    for k in range(eta.log_lag.size):
        eta.log_lag[k] = exp(eta.log_lag[k])
        if (k + 1) * days <= work.fall.size:
            powers(eta.log_lag[k], work.fall[k * days : (k + 1) * days], work.aged[k * days : (k + 1) * days])
    for j in range(lagged.piece.size):
        k, start, end, first = lagged.lag[j], lagged.start[j], lagged.end[j], lagged.stratum[j] * days
        _, _, weight, whole = ends(lagged, j, eta.log_lag[k])
        fall = work.fall[(k + 1) * days - (end - start) : (k + 1) * days]
        total = work.total[lagged.stratum[j] * (days + 1) :]
        dead = weight * dot(work.deaths[first + start : first + end], fall) + whole * (total[end] - total[start])
        work.scaled[lagged.piece[j]] += max(dead, LEAST) * eta.rate[lagged.rate[j]]
    for j in range(lagged.event_piece.size):
        part, _ = share(lagged.event_day[j], lagged.event_after[j], lagged.event_by[j], eta.log_lag[-1])
        dead = max(work.dead[lagged.event_cell[j]] * part, LEAST)
        work.fixed[lagged.event_piece[j]] += dead * eta.incident_rate[lagged.event_stream[j]]


@inlined
def expected_back(lagged: Lagged, days: int, eta: Segments, to: Segments, work: Work) -> None:
    """Carry `work.to_scaled` and `work.to_fixed` on, beside what sources without a lag see."""
    for j in range(lagged.piece.size):
        k, start, end, first = lagged.lag[j], lagged.start[j], lagged.end[j], lagged.stratum[j] * days
        tau, rate, to_seen = eta.log_lag[k], lagged.rate[j], work.to_scaled[lagged.piece[j]]
        p, q, weight, whole = ends(lagged, j, tau)
        place = slice((k + 1) * days - (end - start), (k + 1) * days)
        fall, deaths = work.fall[place], work.deaths[first + start : first + end]
        total = work.total[lagged.stratum[j] * (days + 1) :]
        fallen = dot(deaths, fall)
        dead = weight * fallen + whole * (total[end] - total[start])
        to.rate[rate] += to_seen * max(dead, LEAST) * eta.rate[rate]
        if dead < LEAST:
            continue
        to_dead, aged = to_seen * eta.rate[rate], dot(deaths, work.aged[place])
        early, late = lagged.after[j] - end + 1 + HALF_DAY, lagged.by[j] - end + 1 + HALF_DAY
        to.log_lag[k] += to_dead * (p * (early * fallen + aged) - q * (late * fallen + aged)) / tau
        to_total = work.to_total[lagged.stratum[j] * (days + 1) :]
        to_total[start] += to_dead * whole
        to_total[end] -= to_dead * whole
        add_scaled(to_total[start:end], to_dead * weight, fall)
        add_scaled(to_total[start + 1 : end + 1], -to_dead * weight, fall)
    for j in range(lagged.event_piece.size):
        cell, stream, to_seen = lagged.event_cell[j], lagged.event_stream[j], work.to_fixed[lagged.event_piece[j]]
        part, by_log_lag = share(lagged.event_day[j], lagged.event_after[j], lagged.event_by[j], eta.log_lag[-1])
        weight = to_seen * eta.incident_rate[stream]
        to.incident_rate[stream] += weight * max(work.dead[cell] * part, LEAST)
        if work.dead[cell] * part >= LEAST:
            work.to_dead[cell] += weight * part
            to.log_lag[-1] += weight * work.dead[cell] * by_log_lag
