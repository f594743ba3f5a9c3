"""Points to start a chain from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from undercount.models.parameters import parameters

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from undercount.models.design import Design
    from undercount.models.kernel.layout import Array, Index
    from undercount.models.parameters import Parameter

SPREAD = 0.5
"""Of a start around the middle of the prior, in scales of the prior: its far tails are flat or steep."""

BEGIN = {"log_revision": 0.0}
"""Where a start lies if not around the middle of its prior. Errors as large as the counts leave room for every course:
a chain that began with small ones would be caught between figures that exclude each other."""

MANY_REPORTS = 10_000
"""From here on the mass is so narrow that a chain from the prior would not get there, and its courses so well seen that
all of their directions are told apart."""
HELD = frozenset({"log_smooth_shared", "log_smooth_own", "log_dispersion", "log_revision", "misread_x"})
"""Scales: what they scale is led to where it belongs, given them."""


def draw_start(design: Design, rng: np.random.Generator) -> Array:
    """Draw a start from the prior, drawn in towards its middle; flat parameters are standard normal.

    Returns
    -------
    ndarray, shape (D,)
    """
    found = parameters(design)
    middle = [BEGIN.get(p.name, p.location) for p in found]
    location, scale = (np.repeat(each, [p.size for p in found]) for each in (middle, [p.scale for p in found]))
    return np.asarray(location + SPREAD * scale * rng.standard_normal(scale.size))


def led(design: Design) -> NDArray[np.bool_] | None:
    """Parameters along which a start is led up the density; None where a chain finds the way by itself.

    Returns
    -------
    ndarray of bool, shape (D,), or None
    """
    if len(design.reports) < MANY_REPORTS:
        return None
    return np.concatenate([np.full(p.size, p.name not in HELD) for p in parameters(design)])


def blocks(design: Design) -> tuple[Index, ...]:
    """Parameters of the course of each stratum, and those of the common one, where many reports tell all of them.

    The level of a stratum is among them where it is its own.
    """
    if len(design.reports) < MANY_REPORTS:
        return ()
    found = parameters(design)
    places = {p.name: np.arange(p.size).reshape(p.shape) + end for p, end in zip(found, _ends(found), strict=True)}
    actors, _, _ = design.strata.shape
    levels = np.full(design.strata.count, -1)
    if actors == 1 and "log_daily_toll" in places:
        _, area, kind = design.strata.place
        unknown = np.cumsum(~design.has_population) - 1
        own = places["log_daily_toll"][np.maximum(unknown[area], 0), kind]
        levels = np.where(design.has_population[area], -1, own)
    strata = places.get("own_x", np.zeros((0, design.strata.count), dtype=np.int64)).T
    rows = [np.append(own, level[level >= 0]) for own, level in zip(strata, levels[:, None], strict=True)]
    return tuple(row for row in (*rows, places.get("shared_x", np.zeros(0, dtype=np.int64))) if row.size > 1)


def _ends(found: tuple[Parameter, ...]) -> Index:
    """First place of each parameter."""
    sizes = np.array([p.size for p in found], dtype=np.int64)
    return np.cumsum(sizes) - sizes
