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


def draw_start(design: Design, rng: np.random.Generator) -> Array:
    """Draw a start from the prior, drawn in towards its middle; flat parameters are standard normal.

    Returns
    -------
    ndarray, shape (D,)
    """
    found = parameters(design)
    location, scale = (
        np.repeat([getattr(p, name) for p in found], [p.size for p in found]) for name in ("location", "scale")
    )
    return np.asarray(location + SPREAD * scale * rng.standard_normal(scale.size))
