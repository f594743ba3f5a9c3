"""Log prior density of the levels of areas where no population is known, as `models.levels` states it."""

from __future__ import annotations

from math import exp, log
from typing import TYPE_CHECKING

import numpy as np

from undercount.compiled import inlined

if TYPE_CHECKING:
    from undercount.models.kernel.layout import Array, Levels


@inlined
def log_density(levels: Levels, position: Array, gradient: Array, room: Array) -> float:
    """Log density of the levels; adds its gradient. `room` holds a number for each kind, twice."""
    first, areas, kinds = levels.size
    if not areas:
        return 0.0
    location, scale, class_scale, area_scale, constant = levels.prior
    value: float = constant
    top, together = room[:kinds], room[kinds : 2 * kinds]
    middle = 0.0
    for k in range(kinds):
        top[k] = -np.inf
        for a in range(areas):
            top[k] = max(top[k], position[first + a * kinds + k])
        sum_of_areas = 0.0
        for a in range(areas):
            sum_of_areas += exp(position[first + a * kinds + k] - top[k])
        together[k] = top[k] + log(sum_of_areas)
        middle += together[k] / kinds
    z = (middle - location) / scale
    value -= 0.5 * z * z
    for k in range(kinds):
        departure = (together[k] - middle) / class_scale
        value -= 0.5 * departure * departure
        to_together = -z / (scale * kinds) - departure / class_scale
        mean = 0.0
        for a in range(areas):
            mean += position[first + a * kinds + k] / areas
        for a in range(areas):
            i = first + a * kinds + k
            effect = (position[i] - mean) / area_scale
            value -= 0.5 * effect * effect
            gradient[i] += to_together * exp(position[i] - together[k]) - effect / area_scale
    return value
