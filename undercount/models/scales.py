"""Where the log scales of the courses are thought to be, before they are sampled.

Of few windows, in the middle of their priors. Of many, at their mode in the Gaussian sketch (`models.sketch`), with
all cosines, levels and rates integrated out: with A the precision that the counts give to these, b = Xᵀ Λ y of the log
counts y over what the sketch expects, and D the diagonal of their scales,

    log p(y | s) = ½ bᵀ D (I + D A D)⁻¹ D b - ½ log |I + D A D| + constant.

Hundreds of counts that hardly vary have a course of nearly nothing. Coordinates that were chosen in the middle of the
prior leave a funnel there, in which the energy of a chain hardly changes from draw to draw.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from undercount.models.sketch import Columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from undercount.models.priors import PriorTable
    from undercount.models.sketch import Array, Course, Windows

TOLD_FROM = 200
"""Windows with a count of their own, from which on they tell the scales."""
STEPS = 60
"""Of the search at most, which ends as near to the mode as"""
NEAR = 0.05


def told_scales(windows: Sequence[Windows], course: Course, priors: PriorTable) -> tuple[float, float]:
    """Log scales of the common course and of the departures from it.

    Parameters
    ----------
    windows : sequence of Windows
    course : Course
    priors : PriorTable
    """
    rows = priors["smooth_shared"], priors["smooth_own"]
    middle, scale = (np.array([getattr(row, name) for row in rows]) for name in ("location", "scale"))
    told = [each for each in windows if each.runs is None]
    if sum(np.count_nonzero(each.information) for each in told) < TOLD_FROM:
        return float(middle[0]), float(middle[1])
    from scipy.optimize import minimize  # half a second to load, and few cases need it

    precision, moment, sizes = _moments(told, course)

    def energy(log_scales: Array) -> float:
        prior = (((log_scales - middle) / scale) ** 2).sum() / 2
        return float(prior - _log_evidence(precision, moment, np.repeat([*np.exp(log_scales), 1.0], sizes)))

    options: Any = {"maxiter": STEPS, "xatol": NEAR, "fatol": NEAR}
    found = minimize(energy, middle, method="Nelder-Mead", options=options).x
    # What is further along than the search can tell is no part of the coordinates.
    return float(np.round(found[0], 1)), float(np.round(found[1], 1))


def _moments(windows: Sequence[Windows], course: Course) -> tuple[Array, Array, list[int]]:
    """A and b for scales of one, and how many columns are of the common course, of the departures, and others."""
    columns = Columns(course, np.unique(np.concatenate([each.stream for each in windows])))
    ends = columns.ends
    precision, moment = np.zeros((ends[-1], ends[-1])), np.zeros(ends[-1])
    for each in windows:
        slope, places = columns.rows(each, (1.0, 1.0))
        precision[np.ix_(places, places)] += slope.T @ slope
        moment[places] += slope.T @ (np.sqrt(each.information) * each.beyond(course))
    return precision, moment, [int(ends[1]), int(ends[2] - ends[1]), int(ends[-1] - ends[2])]


def _log_evidence(precision: Array, moment: Array, scale: Array) -> float:
    root = np.linalg.cholesky(np.eye(scale.size) + scale[:, None] * precision * scale)
    half = np.linalg.solve(root, scale * moment)
    return float(half @ half / 2 - np.log(np.diag(root)).sum())
