"""A smooth course in time on few cosines: the eigenbasis of the Gaussian random walk.

A walk with standard deviation σ per square root of a day, less its mean over T days, has the
Karhunen-Loève expansion

    f(t) = σ Σ_k z_k √(2T) / (π k) · cos(π k (t + ½) / T),    z_k ~ Normal(0, 1).

Its mean over the days is zero, so that the level of the intensity is the mean log rate, which the
data see, and not the value on the first day (Karhunen 1947; Solin and Särkkä 2020 for low-rank use).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def walk_basis(days: int, modes: int) -> NDArray[np.float64]:
    """Columns of the expansion for σ = 1.

    Parameters
    ----------
    days, modes : int
        Length of the timeline and number of cosines, 0 ≤ modes < days.

    Returns
    -------
    ndarray, shape (days, modes)

    Examples
    --------
    >>> basis = walk_basis(100, 5)
    >>> bool(abs(basis.sum(axis=0)).max() < 1e-9)
    True
    """
    k = np.arange(1, modes + 1)
    t = np.arange(days)[:, None] + 0.5
    basis: NDArray[np.float64] = np.cos(np.pi * k * t / days) * np.sqrt(2.0 * days) / (np.pi * k)
    return basis


def mode_count(days: int, shortest: float, most: int) -> int:
    """Cosines down to half-waves of `shortest` days, at most `most` and fewer than the days."""
    return max(0, min(most, int(days / shortest), days - 1))
