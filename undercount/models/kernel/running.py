"""Running tallies read in the order of time (`models.running`, `models.misread`), and the way back.

The state is the mean m and the covariance P of the open sums. A piece with mean μ and variance v adds μ to the
entries of m and v to those of P that hold it. After a report of sum b, with the slopes g and h of its log density
by m_b, m is m + P_b g and P is P - h P_b P_bᵀ.
"""

from __future__ import annotations

from math import exp, isnan, log
from typing import TYPE_CHECKING

from undercount.compiled import inlined
from undercount.models.misread import LEAST_ERROR, NO_MISREADING, Told, heard, heard_back
from undercount.models.running import ADD, OPEN

if TYPE_CHECKING:
    from undercount.models.kernel.layout import Array, Tallies, Work


@inlined
def log1pexp(x: float) -> float:
    """ln(1 + exp(x))."""
    return x + log(1.0 + exp(-x)) if x > 0.0 else log(1.0 + exp(x))


@inlined
def clear(slots: int, k: int, state: Array, spread: Array) -> None:
    """Set sum k to zero."""
    state[k] = 0.0
    for j in range(slots):
        spread[k * slots + j] = 0.0
        spread[j * slots + k] = 0.0


@inlined
def learn(slots: int, state: Array, spread: Array, column: Array, first: int, g: float, h: float) -> None:
    """Give the state a report, whose covariance with the sums stands in `column` from `first` on."""
    for j in range(slots):
        state[j] += column[first + j] * g
        for k in range(slots):
            spread[j * slots + k] -= h * column[first + j] * column[first + k]


@inlined
def slopes(slots: int, to_state: Array, to_spread: Array, column: Array, first: int) -> tuple[float, float]:
    """Derivatives by g and h, given those by the state after a report."""
    to_g = to_h = 0.0
    for j in range(slots):
        to_g += to_state[j] * column[first + j]
        for k in range(slots):
            to_h -= to_spread[j * slots + k] * column[first + j] * column[first + k]
    return to_g, to_h


@inlined
def learn_back(  # noqa: PLR0913, PLR0917 - compiled: a tuple of these would be built at each call
    slots: int,
    b: int,
    to_state: Array,
    to_spread: Array,
    to_column: Array,
    column: Array,
    first: int,
    g: float,
    h: float,
) -> None:
    """Carry derivatives to the covariance before a report of sum b."""
    for j in range(slots):
        to_column[j] = to_state[j] * g
        for k in range(slots):
            to_column[j] -= h * (to_spread[j * slots + k] + to_spread[k * slots + j]) * column[first + k]
    for j in range(slots):
        to_spread[j * slots + b] += to_column[j]


@inlined
def log_odds(tallies: Tallies, n: int, position: Array) -> float:
    """Logit of the misreadings of tally n."""
    at = tallies.misread_at[n]
    return float(position[at]) if at >= 0 else NO_MISREADING


@inlined
def log_density(tallies: Tallies, n: int, theta: float, position: Array, work: Work) -> float:
    """Log density of running tally n; NaN where it has none. Leaves its derivatives in `work`."""
    slots, piece, report = tallies.slots[n], tallies.first_piece[n], tallies.first_report[n]
    step, what, slot, mask = tallies.step, tallies.what, tallies.slot, tallies.mask
    low, high, rounding, first_mask = tallies.low, tallies.high, tallies.rounding, tallies.first_mask[n]
    mean, column, middle, slope, bend = work.mean, work.column, work.middle, work.slope, work.bend
    usual, flatter, own, trust = tallies.usual, tallies.flatter, work.variance, work.trust
    state, spread = work.vector[:slots], work.vector[slots:]
    state[:] = 0.0
    spread[: slots * slots] = 0.0
    kappa = LEAST_ERROR + exp(position[tallies.revision_at[n]])
    logit = log_odds(tallies, n, position)
    odds, below = exp(logit), log1pexp(logit)
    value = 0.0
    for s in range(tallies.first_step[n], tallies.first_step[n + 1]):
        if step[s] == OPEN:
            clear(slots, slot[s], state, spread)
        elif step[s] == ADD:
            grown, row = mean[piece + what[s]], first_mask + slot[s] * slots
            for j in range(slots):
                if mask[row + j]:
                    state[j] += grown
                    for k in range(slots):
                        if mask[row + k]:
                            spread[j * slots + k] += (1.0 + theta) * grown
        else:
            i, b, first = report + what[s], slot[s], tallies.first_column[n] + what[s] * slots
            for j in range(slots):
                column[first + j] = spread[j * slots + b]
            middle[i], own[i] = state[b], max(0.0, column[first + b]) + rounding[i]
            told = Told(low[i] == high[i], low[i], high[i], flatter[i], kappa, logit, odds, below)
            found, slope[i], bend[i], trust[i] = heard(told, usual[i], middle[i], own[i])
            if isnan(found):
                return float("nan")
            value += found
            learn(slots, state, spread, column, first, slope[i], bend[i])
    derive(tallies, n, position, work)
    return float(value)


@inlined
def derive(tallies: Tallies, n: int, position: Array, work: Work) -> None:
    """Write the derivatives of tally n by the means and variances of its pieces, its errors and misreadings."""
    slots, piece, report = tallies.slots[n], tallies.first_piece[n], tallies.first_report[n]
    step, what, slot, mask = tallies.step, tallies.what, tallies.slot, tallies.mask
    low, high, first_mask = tallies.low, tallies.high, tallies.first_mask[n]
    column, middle, slope, bend = work.column, work.middle, work.slope, work.bend
    usual, flatter, own, trust = tallies.usual, tallies.flatter, work.variance, work.trust
    mean_slope, variance_slope, room = work.mean_slope, work.variance_slope, work.vector
    to_state, to_column, to_spread = room[:slots], room[slots : 2 * slots], room[2 * slots :]
    to_state[:] = 0.0
    to_spread[: slots * slots] = 0.0
    kappa = LEAST_ERROR + exp(position[tallies.revision_at[n]])
    logit = log_odds(tallies, n, position)
    odds, below = exp(logit), log1pexp(logit)
    by_revision = by_misread = 0.0
    for s in range(tallies.first_step[n + 1] - 1, tallies.first_step[n] - 1, -1):
        if step[s] == OPEN:
            clear(slots, slot[s], to_state, to_spread)
        elif step[s] == ADD:
            p, row = piece + what[s], first_mask + slot[s] * slots
            mean_slope[p] = variance_slope[p] = 0.0
            for j in range(slots):
                if mask[row + j]:
                    mean_slope[p] += to_state[j]
                    for k in range(slots):
                        if mask[row + k]:
                            variance_slope[p] += to_spread[j * slots + k]
        else:
            i, b, first = report + what[s], slot[s], tallies.first_column[n] + what[s] * slots
            told = Told(low[i] == high[i], low[i], high[i], flatter[i], kappa, logit, odds, below)
            to_g, to_h = slopes(slots, to_state, to_spread, column, first)
            learn_back(slots, b, to_state, to_spread, to_column, column, first, slope[i], bend[i])
            to_middle, to_own, to_kappa, to_logit = heard_back(told, usual[i], middle[i], own[i], trust[i], to_g, to_h)
            to_state[b] += to_middle
            to_spread[b * slots + b] += to_own
            by_revision += to_kappa
            by_misread += to_logit
    work.revision_slope[n], work.misread_slope[n] = (kappa - LEAST_ERROR) * by_revision, by_misread


@inlined
def back(tallies: Tallies, n: int, theta: float, weight: float, gradient: Array, work: Work) -> float:
    """Add `weight` times the derivatives of tally n by means, errors and misreadings; d/d log(1 + θ)."""
    gradient[tallies.revision_at[n]] += weight * work.revision_slope[n]
    if tallies.misread_at[n] >= 0:
        gradient[tallies.misread_at[n]] += weight * work.misread_slope[n]
    to_spread = 0.0
    for p in range(tallies.first_piece[n], tallies.first_piece[n + 1]):
        work.to_mean[p] += weight * (work.mean_slope[p] + (1.0 + theta) * work.variance_slope[p])
        to_spread += weight * work.variance_slope[p] * (1.0 + theta) * work.mean[p]
    return to_spread
