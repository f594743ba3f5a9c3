"""The latent tally: moments of a Gaussian block, and the counts of its interval reports.

Each function takes the array module to work with, as in `models.intensity`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from undercount.models.design import Design
    from undercount.models.terms import GaussianTerm

HALF_COUNT = 0.5
"""A count stands for the reals that round to it."""
REVISION_FLOOR = 1.0


def latent_counts(xp: Any, design: Design, values: Mapping[str, Any]) -> tuple[dict[int, Any], Any]:
    """Counts of the interval reports of latent tallies, by report, and the log Jacobian of their map.

    A count between two ends is a logistic function of the free variable, an open one exponential.
    """
    places, low, high = design.tally_rows
    if not places.size:
        return {}, 0.0
    bottom, is_open = low - HALF_COUNT, np.isinf(high)
    width = np.where(is_open, np.maximum(low, 10.0), high + HALF_COUNT - bottom)
    u = values["tally_u"]
    rise = 1.0 / (1.0 + xp.exp(-u))
    fraction = is_open * xp.exp(u * is_open) + ~is_open * rise
    slope = is_open * u - ~is_open * (abs(u) + 2.0 * xp.log1p(xp.exp(-abs(u))))
    counts = bottom + width * fraction
    return {int(place): counts[..., i] for i, place in enumerate(places)}, xp.sum(np.log(width) + slope, axis=-1)


def tally_moments(
    xp: Any,
    design: Design,
    term: GaussianTerm,
    mean: Any,
    theta: Any,
    counts: Mapping[int, Any],
    values: Mapping[str, Any],
) -> tuple[Any, Any, Any]:
    """Observed counts of a tally's reports, their mean and covariance.

    Parameters
    ----------
    xp : module
    design : Design
    term : GaussianTerm
        With R reports over Q pieces.
    mean, theta : array, shape (..., P)
        Expected count and dispersion of each piece.
    counts : mapping of int to array
        From `latent_counts`.
    values : mapping
        Parameters, for the error of revised tallies.

    Returns
    -------
    tuple of array, shapes (..., R), (..., R), (..., R, R)
    """
    own = mean[..., term.pieces]
    variance = (1.0 + theta[..., term.pieces]) * own
    rows = [
        counts[int(report)] if low < high else low + 0.0 * own[..., 0]
        for report, low, high in zip(term.reports, term.low, term.high, strict=True)
    ]
    y = xp.stack(rows, axis=-1)
    noise = HALF_COUNT**2 + 0.0 * y
    if term.is_revised:
        place = int(np.searchsorted(design.revised_sources, term.source))
        kappa = xp.exp(values["log_revision"])[..., place, None]
        noise = noise + (kappa * xp.maximum(y, REVISION_FLOOR)) ** 2
    covariance = (term.cover * variance[..., None, :]) @ term.cover.T + noise[..., :, None] * np.eye(len(rows))
    return y, own @ term.cover.T, covariance
