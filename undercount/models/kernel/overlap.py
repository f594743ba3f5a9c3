"""What matched lists say of the tolls of their scopes: cubic splines of the log tolls, linear beyond their ends."""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING

from undercount.compiled import inlined

if TYPE_CHECKING:
    from undercount.models.kernel.layout import Array, Overlaps, Work


@inlined
def spline(knot: Array, value: Array, slope: Array, x: float) -> tuple[float, float]:
    """Value and derivative at x."""
    last = knot.size - 1
    if x <= knot[0]:
        return value[0] + slope[0] * (x - knot[0]), slope[0]
    if x >= knot[last]:
        return value[last] + slope[last] * (x - knot[last]), slope[last]
    left, right = 0, last
    while right - left > 1:
        middle = (left + right) // 2
        if x >= knot[middle]:
            left = middle
        else:
            right = middle
    width = knot[right] - knot[left]
    t, rise = (x - knot[left]) / width, value[right] - value[left]
    begun, ended = slope[left] * width - rise, slope[right] * width - rise
    inner = (1.0 - t) * begun - t * ended
    by_t = rise + (1.0 - 2.0 * t) * inner - t * (1.0 - t) * (begun + ended)
    return value[left] + t * (rise + (1.0 - t) * inner), by_t / width


@inlined
def log_density(overlaps: Overlaps, days: int, work: Work) -> float:
    """Log likelihood of all tables; adds its derivatives to `work.to_total` and `work.to_dead`."""
    found, tables = 0.0, overlaps.start.size
    for s in range(tables):
        start, end, toll = overlaps.start[s], overlaps.end[s], 0.0
        for j in range(overlaps.first_stratum[s], overlaps.first_stratum[s + 1]):
            first = overlaps.stratum[j] * (days + 1)
            toll += work.total[first + end] - work.total[first + start]
        for j in range(overlaps.first_event[s], overlaps.first_event[s + 1]):
            toll += work.dead[overlaps.event_cell[j]]
        knots = overlaps.knot.size // tables
        here = slice(s * knots, (s + 1) * knots)
        value, by_log = spline(overlaps.knot[here], overlaps.value[here], overlaps.slope[here], log(toll))
        found += value
        to_dead = by_log / toll
        for j in range(overlaps.first_stratum[s], overlaps.first_stratum[s + 1]):
            first = overlaps.stratum[j] * (days + 1)
            work.to_total[first + start] += to_dead
            work.to_total[first + end] -= to_dead
        for j in range(overlaps.first_event[s], overlaps.first_event[s + 1]):
            work.to_dead[overlaps.event_cell[j]] += to_dead
    return found
