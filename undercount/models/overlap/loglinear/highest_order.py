"""How the number of victims depends on the one association that no table shows.

The saturated model has one parameter too many for the patterns that are seen: the association of all lists together.
Its odds ratio is

    ξ = ∏ μ_s^{(-1)^{K - |s|}} over all patterns s of |s| lists, that of no list among them,

for two lists the usual odds ratio, for three the ratio of that of the first two on the third list to that off it.
Every estimate from overlapping lists rests on some value of it, mostly 1 (Aleshin-Guendel, Sadinle and Wakefield 2024,
Biometrics 80; arXiv 2101.09304). Given ξ,

    ln μ₀ = (-1)^K ln ξ - ∑ (-1)^{|s|} ln μ_s over the patterns that are seen,

with their counts for μ: all other associations are left as they are found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from undercount.errors import ModelError
from undercount.models.overlap.loglinear.tables import check_counts, count_lists

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def highest_order_sweep(counts: ArrayLike, odds_ratios: ArrayLike) -> NDArray[np.float64]:
    """Estimate the number of victims for given odds ratios of the highest order, all else as it is found.

    Parameters
    ----------
    counts : array_like of int, shape (..., 2ᴷ)
        Victims of each capture pattern; entry 0 is 0.
    odds_ratios : array_like, shape (X,)
        Values of ξ; 1/4 to 4 is wide.

    Returns
    -------
    numpy.ndarray, shape (..., X)
        Victims, listed or not; infinite or as many as are listed where a pattern has no victims, and NaN where
        patterns of odd and of even numbers of lists have none.

    Raises
    ------
    ModelError
        If the counts make no sense, or an odds ratio is not positive.

    Examples
    --------
    >>> highest_order_sweep([0, 19048, 5104, 1929, 1469, 1173, 351, 197], [0.5, 1, 2]).round()
    array([100121.,  64696.,  46984.])
    """
    table = check_counts(counts)
    ratios = np.asarray(odds_ratios, dtype=float)
    if not ((ratios > 0.0) & np.isfinite(ratios)).all():
        raise ModelError(
            f"odds ratios are positive, not {ratios.min()}",
            code="model-bad-setting",
            where="odds_ratios",
            hint="1 is no association of all lists together",
        )
    lists = count_lists(table)
    signs = 1.0 - 2.0 * (np.bitwise_count(np.arange(1, table.shape[-1])) % 2)
    with np.errstate(divide="ignore", invalid="ignore"):  # empty patterns, as is said above
        found = -(np.log(table[..., 1:]) * signs).sum(axis=-1)
    unlisted = np.exp(found[..., None] + (-1.0) ** lists * np.log(ratios))
    listed = table.sum(axis=-1, dtype=np.float64)
    toll: NDArray[np.float64] = listed[..., None] + unlisted
    return toll
