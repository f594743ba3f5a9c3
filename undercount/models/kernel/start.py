"""Points to start a chain from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from undercount.models.parameters import parameters

if TYPE_CHECKING:
    from undercount.models.design import Design
    from undercount.models.kernel.layout import Array

SPREAD = 0.5
"""Of a start around the middle of the prior, in scales of the prior: its far tails are flat or steep."""

BEGIN = {"log_revision": 0.0}
"""Where a start lies if not around the middle of its prior. Errors as large as the counts leave room for every course:
a chain that began with small ones would be caught between figures that exclude each other."""


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
