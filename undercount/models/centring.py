"""How far the cosines of the courses are sampled centred: as far as the counts show them.

A weight β = e^s z with z ~ Normal(0, 1) and an unknown log scale s is sampled as

    x = e^(λ (s - s₀)) z,    β = e^(s - λ (s - s₀)) x,

with s₀ where s is thought to be (`models.scales`). Counts that say much about β leave a curved ridge in s
and z, and counts that say nothing a funnel in s and β. λ = 1 - (posterior variance of z) lies between the
two (Papaspiliopoulos, Roberts and Sköld 2007, *Statistical Science* 22, section 4). That variance comes from
a Gaussian sketch of the model (`models.sketch`).

Of a shown stratum, whose whole course μ + δ the counts tell better than its departure δ from the common one,
δ + λ μ is sampled in place of δ, with λ of the whole course, given the common one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from undercount.models.parameters import middle_level
from undercount.models.scales import told_scales
from undercount.models.sketch import Columns, Course, windows_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from undercount.models.priors import PriorTable
    from undercount.models.sketch import Windows
    from undercount.models.strata import Index, Strata
    from undercount.models.terms import Terms

Array = NDArray[np.float64]

SHOWN_FROM = 4
"""Windows for each cosine of its own from which on a stratum's course is shown as a whole."""


@dataclass(frozen=True)
class Centring:
    """λ of each cosine, and the log scales that they are of."""

    shared: Array
    """(K,) of the common course."""
    own: Array
    """(K', C) of the departures of the strata."""
    pull: Array
    """(K', C) λ in shown strata, else zero."""
    shown: Index
    """Strata whose course so many windows show that they tell it as a whole."""
    log_shared: float
    log_own: float

    @classmethod
    def of(
        cls,
        terms: Terms,
        strata: Strata,
        *,
        shared: Array,
        own: Array,
        log_exposure: Array,
        has_population: NDArray[np.bool_],
        priors: PriorTable,
    ) -> Centring:
        """Sketch the posterior of the weights.

        Parameters
        ----------
        terms : Terms
        strata : Strata
        shared, own : ndarray, shape (T, K) and (T, K')
            Cosines of the common course and of the departures from it.
        log_exposure : ndarray, shape (T, areas)
        has_population : ndarray of bool, shape (areas,)
        priors : PriorTable
        """
        middle = {name: priors[name].location for name in ("smooth_shared", "smooth_own", "dispersion")}
        modes, count = own.shape[1], strata.count
        shown = _shown(terms, count, modes)
        is_shown = np.isin(np.arange(count), shown)
        windows = tuple(windows_of(terms, float(np.exp(middle["dispersion"]))))
        if not (shared.shape[1] and windows):
            nothing = np.zeros(shared.shape[1]), np.zeros((modes, count)), np.zeros((modes, count))
            return cls(*nothing, shown, middle["smooth_shared"], middle["smooth_own"])
        area = strata.place[1]
        level = np.where(has_population, priors["rate"].location, middle_level(priors, has_population))
        course = Course.of(np.exp(log_exposure + level)[:, area], shared, own)
        log_shared, log_own = told_scales(windows, course, priors)
        variance, cross = _left(windows, course, (float(np.exp(log_shared)), float(np.exp(log_own))))
        of_common, of_own = variance[: shared.shape[1]], variance[shared.shape[1] :].reshape(modes, count)
        ratio = np.exp(log_shared - log_own)
        of_whole = of_own + ratio**2 * of_common[:modes, None] + 2.0 * ratio * cross
        own_left = np.where(is_shown, of_whole, of_own)
        centred, of_common = (np.clip(1.0 - x, 0.0, 1.0) for x in (own_left, of_common))
        return cls(of_common, centred, centred * is_shown, shown, log_shared, log_own)


def _shown(terms: Terms, strata: int, modes: int) -> Index:
    pieces = terms.pieces
    windows = np.unique(np.stack([pieces.cell_stratum, pieces.cell_start, pieces.cell_end]), axis=1)[0]
    is_shown = np.bincount(windows, minlength=strata) >= SHOWN_FROM * modes
    return np.flatnonzero(is_shown & (modes > 0))


def _left(windows: Sequence[Windows], course: Course, scales: tuple[float, float]) -> tuple[Array, Array]:
    """Posterior variances of the cosines, and covariances of those of a stratum with the same of the common course.

    Windows touch few strata each: their share in the precision is added up over the columns that they touch.

    Returns
    -------
    tuple of ndarray, shapes (K + K' C,) and (K', C)
    """
    columns = Columns(course, np.unique(np.concatenate([each.stream for each in windows])))
    ends, modes, count = columns.ends, course.own.shape[1], course.deaths.shape[1]
    precision = np.eye(ends[-1])
    for each in windows:
        slope, places = columns.rows(each, scales)
        precision[np.ix_(places, places)] += slope.T @ slope
    left = np.linalg.inv(precision)
    cross = left[:modes, ends[1] : ends[2]].reshape(modes, modes, count)
    return np.diag(left)[: ends[2]], cross[np.arange(modes), np.arange(modes)]
