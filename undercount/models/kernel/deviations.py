"""Own deviations of the streams: free or implied by an anchored count, their density, the mixture."""

from __future__ import annotations

from math import exp, log, log1p, pi
from typing import TYPE_CHECKING

import numpy as np

from undercount.compiled import inlined

if TYPE_CHECKING:
    from undercount.models.kernel.layout import Array, Readings, Work

HEAVY = log(3 / 8)
NORMAL = -0.5 * log(2 * pi)
LARGEST = 50.0
LOWEST = -30.0


@inlined
def anchored(readings: Readings, i: int, x: float, beside: float) -> tuple[float, float, float, float, float]:
    """Log expected count of anchor i at x, and the log of its slope: the count, and derivatives.

    Returns
    -------
    tuple of float
        Log count; its derivatives by x and by what is seen beside it; those of the log of the slope.
    """
    width, is_open, least = readings.anchor_width[i], readings.anchor_is_open[i], readings.anchor_slope[i]
    rise = 1.0 / (1.0 + exp(-x))
    grown = is_open * exp(min(x, LARGEST))
    seen = readings.anchor_low[i] + width * rise + grown + least * x
    bend = width * rise * (1.0 - rise)
    slope = bend + grown + least
    to_grown = grown if x < LARGEST else 0.0
    turn = (bend * (1.0 - 2.0 * rise) + to_grown) / slope
    if not readings.anchor_is_mixed[i]:
        return seen, slope, 0.0, turn, 0.0
    unit = readings.anchor_unit[i]
    left = seen - beside / unit
    if left < LOWEST:
        return log(unit) + left, slope, -1.0 / unit, turn, 0.0
    part = 1.0 / (1.0 + exp(-left))
    count = max(left, 0.0) + log1p(exp(-abs(left)))
    gain = part / count
    loss = 1.0 - part - gain
    return log(unit) + log(count), gain * slope, -gain / unit, turn + loss * slope, -loss / unit


@inlined
def own(readings: Readings, free: Array, position: Array, work: Work) -> None:
    """Write the own deviation of each reading, and what it sees at a deviation of zero and of incidents."""
    work.at_zero[:] = 0.0
    work.beside[:] = 0.0
    for p in range(readings.total_piece.size):
        k = readings.total_piece[p]
        if k >= 0:
            work.at_zero[k] += work.scaled[p]
            work.beside[k] += work.fixed[p]
    for k in range(work.own.size):
        work.at_zero[k] = work.at_zero[readings.total_reading[k]]
        work.beside[k] = work.beside[readings.total_reading[k]]
        i = readings.anchor[k]
        if i < 0:
            work.own[k] = free[k]
        elif readings.anchor_is_released[i] > 0.0:
            work.own[k] = readings.scale[k] * position[readings.anchor_at[i]]
        else:
            seen, _, _, _, _ = anchored(readings, i, position[readings.anchor_at[i]], work.beside[k])
            work.own[k] = seen - log(work.at_zero[k])


@inlined
def own_back(readings: Readings, to_free: Array, position: Array, gradient: Array, work: Work) -> None:
    """Carry `work.to_own` on to the parameters, to `work.to_scaled` and `work.to_fixed`."""
    for k in range(work.own.size):
        i = readings.anchor[k]
        if i < 0:
            to_free[k] += work.to_own[k]
            work.at_zero[k] = 0.0
        elif readings.anchor_is_released[i] > 0.0:
            gradient[readings.anchor_at[i]] += readings.scale[k] * work.to_own[k]
            work.at_zero[k] = 0.0
        else:
            at = readings.anchor_at[i]
            _, by_x, by_beside, _, _ = anchored(readings, i, position[at], work.beside[k])
            gradient[at] += by_x * work.to_own[k]
            work.to_beside[k] += by_beside * work.to_own[k]
            work.at_zero[k] = -work.to_own[k] / work.at_zero[k]
        first = readings.total_reading[k]
        if first < k:
            work.at_zero[first] += work.at_zero[k]
            work.to_beside[first] += work.to_beside[k]
    for p in range(readings.total_piece.size):
        k = readings.total_piece[p]
        if k >= 0:
            work.to_scaled[p] += work.at_zero[k]
            work.to_fixed[p] += work.to_beside[k]


@inlined
def own_density(readings: Readings, k: int, position: Array, work: Work) -> tuple[float, float, float, float]:
    """Log density of an own deviation in the coordinates of the sampler, d/d own, and d/dx, d/d beside of its slope."""
    scale, i = readings.scale[k], readings.anchor[k]
    z = work.own[k] / scale
    if readings.is_heavy[k]:
        value, to_own = HEAVY - 2.5 * log1p(z * z / 4.0), -1.25 * z / (1.0 + z * z / 4.0) / scale
    else:
        value, to_own = NORMAL - 0.5 * z * z, -z / scale
    if i >= 0 and readings.anchor_is_released[i] == 0.0:
        _, slope, _, to_x, to_beside = anchored(readings, i, position[readings.anchor_at[i]], work.beside[k])
        return value - log(scale) + log(slope), to_own, to_x, to_beside
    return value, to_own, 0.0, 0.0


@inlined
def mixture(readings: Readings, position: Array, gradient: Array, work: Work) -> float:
    """Log likelihood marginal over the readings of each block, with the density of own deviations.

    Takes the log likelihoods of the readings in `work.value`; writes the derivatives by them to
    `work.to_value`, and adds those by the own deviations to `work.to_own`.
    """
    result = 0.0
    first, count = 0, readings.block.size
    while first < count:
        last = first
        top = -np.inf
        while last < count and readings.block[last] == readings.block[first]:
            density, _, _, _ = own_density(readings, last, position, work)
            used = readings.is_used[last] * work.value[last] + readings.log_probability[last]
            result += readings.is_outside[last] * density
            work.to_value[last] = used + readings.is_inside[last] * density
            top = max(top, work.to_value[last])
            last += 1
        below = 0.0
        for k in range(first, last):
            work.to_value[k] = exp(work.to_value[k] - top)
            below += work.to_value[k]
        result += top + log(below)
        for k in range(first, last):
            weight = work.to_value[k] / below
            work.to_value[k] = weight * readings.is_used[k]
            _, to_own, to_x, to_beside = own_density(readings, k, position, work)
            own_weight = weight * readings.is_inside[k] + readings.is_outside[k]
            work.to_own[k] += own_weight * to_own
            work.to_beside[k] += own_weight * to_beside
            if readings.anchor[k] >= 0:
                gradient[readings.anchor_at[readings.anchor[k]]] += own_weight * to_x
        first = last
    return result
