"""Whether counts and matched lists agree: what each of them says of the toll alone, beside what both say together.

The conflict is the tail that the difference of the two leaves on its smaller side, doubled: the p-value of a node split
(Presanis, Ohlssen, Spiegelhalter and De Angelis 2013, Statistical Science 28, 376-397).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from undercount.estimators.quantity import CI_KIND, CI_PROB, Quantity

if TYPE_CHECKING:
    from undercount.estimators.draws import Draws
    from undercount.models.design import Design

Array = NDArray[np.float64]
COLUMNS: Final = ("table", "evidence", "median", "lower", "upper", "conflict", "ci_prob", "ci_kind")
FINE: Final = 4000
"""Points of a curve."""
SLOWEST: Final = -1.0
"""Power of Λ from which on the mass that a curve leaves beyond its end is negligible."""


def conflict_rows(arrays: Design, together: Draws, counts: Draws) -> list[dict[str, Any]]:
    """Compare the tolls of the scope of each table.

    Parameters
    ----------
    arrays : Design
        With the lists.
    together, counts : Draws
        Of the fit with the lists, and without them.

    Returns
    -------
    list of dict
        Rows of `COLUMNS`. Lists alone have a prior that is even on the log scale; there is no figure where they leave
        the toll without a limit.
    """
    rows = []
    for s, label in enumerate(arrays.overlap.labels):
        alone = _deaths(arrays, counts, s)
        toll, share = _law(arrays, s)
        lower, median, upper = np.interp([(1 - CI_PROB) / 2, 0.5, (1 + CI_PROB) / 2], share, toll)
        below = float(np.interp(alone.draws, toll, share).mean())
        both = _deaths(arrays, together, s)
        figures = {
            "counts and lists": (both.median, *both.interval, np.nan),
            "counts alone": (alone.median, *alone.interval, np.nan),
            "lists alone": (median, lower, upper, 2.0 * min(below, 1.0 - below)),
        }
        for evidence, each in figures.items():
            rows.append(dict(zip(COLUMNS, (label, evidence, *map(float, each), CI_PROB, CI_KIND), strict=True)))
    return rows


def _deaths(arrays: Design, draws: Draws, s: int) -> Quantity:
    """Deaths in the scope of a table."""
    overlap, deaths = arrays.overlap, draws["posterior"].values("deaths")
    inside = deaths.reshape(*deaths.shape[:3], -1)[:, :, overlap.start[s] : overlap.end[s]][..., overlap.strata[s]]
    return Quantity(inside.sum(axis=(2, 3), dtype=np.int64).astype(float))


def _law(arrays: Design, s: int) -> tuple[Array, Array]:
    """Expected tolls, and the share of the posterior of the lists alone below each; NaN where there is none."""
    overlap = arrays.overlap
    toll = np.exp(np.linspace(overlap.knot[s, 0], overlap.knot[s, -1], FINE))
    if overlap.slope[s, -1] > SLOWEST:
        return toll, np.full(FINE, np.nan)
    density = np.exp(overlap.log_density(np, np.repeat(toll[:, None], overlap.count, axis=1))[:, s])
    share = np.concatenate([[0.0], np.cumsum(0.5 * (density[1:] + density[:-1]))])
    return toll, share / share[-1]
