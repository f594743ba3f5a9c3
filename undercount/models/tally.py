"""The latent tally: counts of overlapping reports, jointly Gaussian, on the graph of the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Mapping

    from undercount.models.design import Design
    from undercount.models.terms import GaussianTerm

Array = NDArray[np.float64]

HALF_COUNT = 0.5
"""A count stands for the reals that round to it."""


def tally_order(term: GaussianTerm) -> NDArray[np.int64]:
    """Order of a tally's reports: points first, since an interval is best read knowing them."""
    return np.argsort(term.low < term.high, kind="stable")


def tally_log_density(design: Design, term: GaussianTerm, mean: Any, theta: Any, values: Mapping[str, Any]) -> Any:
    """Log density of a tally as a PyTensor scalar.

    The reports' counts are y = A μ + L z with L the Cholesky factor of their covariance. A point report
    fixes its z; an interval contributes the probability of it, given the reports before, and its z
    follows from its score (`models.truncated`).

    Parameters
    ----------
    design : Design
    term : GaussianTerm
        With R reports over Q pieces.
    mean, theta : tensor, shape (P,)
        Expected count and dispersion of each piece.
    values : mapping
        Parameters: the scores.
    """
    import pytensor.tensor as pt

    from undercount.models.truncated_op import truncated

    order = tally_order(term)
    cover, low, high = term.cover[order], term.low[order], term.high[order]
    own = mean[term.pieces]
    variance = (1.0 + theta[term.pieces]) * own
    factor = pt.linalg.cholesky((cover * variance) @ cover.T + HALF_COUNT**2 * np.eye(order.size))
    centre = cover @ own
    total: Any = 0.0
    z: list[Any] = []
    for i, report in enumerate(term.reports[order]):
        middle = centre[i] + sum(factor[i, j] * z[j] for j in range(i))
        if low[i] == high[i]:
            z.append((low[i] - middle) / factor[i, i])
            total = total - 0.5 * z[i] ** 2 - pt.log(factor[i, i]) - 0.5 * np.log(2 * np.pi)
        else:
            score = values["tally_z"][int(np.searchsorted(design.scored_reports, report))]
            ends = [
                (end - middle) / factor[i, i] if np.isfinite(end) else end
                for end in (low[i] - HALF_COUNT, high[i] + HALF_COUNT)
            ]
            mass, place = truncated(ends[0], ends[1], score)
            z.append(place)
            total = total + mass
    return total
