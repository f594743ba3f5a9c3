"""Levels of the areas where no population is known.

Of n such areas and K kinds (classes of victims and quantities), x[a, k] is the log of the deaths per day in area a of
kind k. What the areas have together is a priori the same however many they are:

    T[k] = log Σ_a exp x[a, k]
    mean of T ~ Normal(daily_toll)
    T[k] - mean of T ~ Normal(0, class_effect²), on the vectors that sum to zero
    x[a, k] - mean of x[·, k] ~ Normal(0, area_share²), the same for each kind

Were each x independent, their mean would be known to a scale over √(n K), and many areas would decide how many people
were killed. x itself is sampled; the map to T and to orthonormal coordinates of the departures has a constant slope.
"""

from __future__ import annotations

from math import log, pi
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from undercount.models.intensity import contrasts

if TYPE_CHECKING:
    from undercount.models.design import Design
    from undercount.models.intensity import Values


Array = NDArray[np.float64]


def level_shape(design: Design) -> tuple[int, int]:
    """Areas without a known population, and kinds."""
    return int((~design.has_population).sum()), design.strata.shape[2]


def level_constants(design: Design) -> tuple[float, float, float]:
    """Log densities in the middle of `daily_toll`, of `class_effect` and of `area_share`, with the slope of the map."""
    (areas, kinds), priors = level_shape(design), design.priors
    counts = {"daily_toll": 1, "class_effect": kinds - 1, "area_share": (areas - 1) * kinds}
    first, second, third = (-n * (log(2 * pi) / 2 + log(priors[name].scale)) for name, n in counts.items())
    return first - log(kinds) / 2, second, third - kinds * log(areas) / 2


def level_log_densities(xp: Any, design: Design, values: Values) -> dict[str, Any]:
    """Log prior density of the levels by row of the prior table, each of shape (...); none without such areas."""
    if "log_daily_toll" not in values:
        return {}
    x, (areas, kinds) = values["log_daily_toll"], level_shape(design)
    row, class_effect, area_share = (design.priors[name] for name in ("daily_toll", "class_effect", "area_share"))
    together = xp.log(xp.exp(x).sum(axis=-2))
    middle = together.mean(axis=-1)
    of_kinds = (together - middle[..., None]) / class_effect.scale
    of_areas = (x - x.mean(axis=-2)[..., None, :]) / area_share.scale
    constants = level_constants(design)
    found = {"daily_toll": constants[0] - ((middle - row.location) / row.scale) ** 2 / 2}
    if kinds > 1:
        found["class_effect"] = constants[1] - (of_kinds**2).sum(axis=-1) / 2
    if areas > 1:
        found["area_share"] = constants[2] - (of_areas**2).sum(axis=(-2, -1)) / 2
    return found


def draw_levels(design: Design, rng: np.random.Generator, count: int) -> Array:
    """Prior draws, shape (count, areas, kinds)."""
    (areas, kinds), priors = level_shape(design), design.priors
    middle = priors["daily_toll"].location + priors["daily_toll"].scale * rng.standard_normal((count, 1, 1))
    of_kind = priors["class_effect"].scale * (rng.standard_normal((count, 1, kinds - 1)) @ contrasts(kinds).T)
    weight = priors["area_share"].scale * (contrasts(areas) @ rng.standard_normal((count, areas - 1, kinds)))
    return np.asarray(middle + of_kind + weight - np.log(np.exp(weight).sum(axis=-2, keepdims=True)))
