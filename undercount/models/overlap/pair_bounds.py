"""What each pair of lists says about the toll by itself, as if the other lists did not exist.

If two lists are independent, the share of one that the other knows is the share of all that it knows (Lincoln and
Petersen); Chapman's form (n(i) + 1)(n(j) + 1) / (n(ij) + 1) - 1 has nearly no bias and is always finite (Seber 1982,
*The Estimation of Animal Abundance*, p. 60). If those on one list are more probable to be on the other, it is a lower
bound; if they are less probable, an upper one. Pairs that disagree by more than their intervals are evidence that
some lists depend on each other.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from undercount.models.overlap.lower_bound import Bound, with_interval
from undercount.models.overlap.pattern_counts import Counts, checked_counts


def pair_bounds(counts: Counts, *, probability: float = 0.95) -> tuple[tuple[tuple[int, int], ...], Bound]:
    """Chapman's estimate from each pair of lists.

    Parameters
    ----------
    counts : array of int, shape (..., 2ᴷ)
        Victims of each pattern on K ≥ 2 lists; bit j of an index says whether they are on list j. Entry 0 is 0.
    probability : float
        Of the intervals.

    Returns
    -------
    pairs : tuple of (int, int)
        Numbers of the lists, in their order.
    bound : Bound
        Of shape (..., pairs). Its `observed` are victims on either list of a pair; its variance is Seber's, and
        the number missing is log-normal in its intervals (Chao 1987, Biometrics 43, 787).

    Raises
    ------
    ModelError
        If the counts make no sense.

    Examples
    --------
    >>> kosovo = np.array([0, 1131, 845, 177, 936, 228, 217, 181, 306, 106, 31, 18, 123, 42, 32, 27])
    >>> pairs, bound = pair_bounds(kosovo)
    >>> dict(zip(pairs, bound.toll.round().astype(int).tolist()))
    {(0, 1): 7231, (0, 2): 7128, (0, 3): 6756, (1, 2): 5965, (1, 3): 9622, (2, 3): 5447}
    """
    counts = checked_counts(counts)
    patterns = np.arange(counts.shape[-1])
    pairs = tuple(combinations(range(counts.shape[-1].bit_length() - 1), 2))
    first = np.stack([patterns >> i & 1 for i, _ in pairs], axis=-1)
    second = np.stack([patterns >> j & 1 for _, j in pairs], axis=-1)
    one, other, both = counts @ first, counts @ second, counts @ (first & second)
    toll = (one + 1.0) * (other + 1.0) / (both + 1.0) - 1.0
    variance = (one + 1.0) * (other + 1.0) * (one - both) * (other - both) / ((both + 1.0) ** 2 * (both + 2.0))
    observed = one + other - both
    return pairs, with_interval(observed, toll - observed, variance, probability)
