"""Lower bounds of the toll from victims on exactly one list and on exactly two.

Let a person be on list j with odds θ φ(j), independently of other lists, where θ differs between persons in any way.
With e(k) the elementary symmetric functions of the φ(j), the expected numbers on no, one and two lists are
E f0 = Σ q, E f1 = e(1) Σ q θ and E f2 = e(2) Σ q θ², q being a person's probability to be on none; by the inequality of
Cauchy and Schwarz

    E f0 ≥ (E f1 / e(1))² e(2) / E f2,

with equality where all persons are alike (Chao 1987, Biometrics 43, 783). Hence two bounds:

- **equal lists**, all φ(j) the same: f0 ≥ (K - 1)/K · f1² / (2 f2) (Chao 1987; Chao and Colwell 2017, SORT 41, 3).
  Where lists differ in size this is too large, by Maclaurin's inequality e(1)² (K - 1)/K ≥ 2 e(2): then it is *not* a
  lower bound.
- **unequal lists**: the victims z(j) on list j alone have expectations proportional to φ(j), so that
  f0 ≥ (f1² - Σ z(j)²) / (2 f2) (Chao 1989, Biometrics 45, 427, for lists whose sizes differ). With two lists it is the
  estimate of Lincoln and Petersen.

Both are bounds as long as what differs between persons makes all lists find them more, or less, easily. They fail where
lists exclude each other: where persons on one list are *less* probable to be on another. Zelterman's estimate (1988,
J. Statist. Plann. Inference 18, 225) reads the rate of those found rarely off f2/f1, and applies it to all; under
differences between persons it is a bound neither from below nor from above (Böhning 2010, Scand. J. Statist. 37, 221).

Where f2 is 0 the bounds are infinite. Their bias-corrected forms, which are the default, have f1 (f1 - 1) for f1²,
and f2 + 1 for f2 (Chao 1989); Σ_{i≠j} z(i) z(j) needs no correction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from undercount.errors import ModelError
from undercount.models.overlap.pattern_counts import Counts, checked_counts, places

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Bound:
    """A bound, or estimate, for each table; all fields but the last have the shape of the batch."""

    observed: Counts
    """Victims on any list."""
    toll: Array
    """Observed victims and the least expected number of missing ones."""
    sd: Array
    low: Array
    high: Array
    """Ends of the two-sided interval. `high` is an upper end of the *bound*, not of the toll."""
    least: Array
    """One-sided limit: with the given confidence the toll is at least this."""
    probability: float
    """Of both intervals, each by itself."""


class Missing(NamedTuple):
    """A number of missing victims, and its derivatives by all counts, shape (..., 2ᴷ)."""

    value: Array
    slope: Array


def chao(
    counts: Counts,
    *,
    lists: Literal["unequal", "equal"] = "unequal",
    is_corrected: bool = True,
    probability: float = 0.95,
) -> Bound:
    """Chao's lower bound.

    Parameters
    ----------
    counts : array of int, shape (..., 2ᴷ)
        Victims of each pattern on K ≥ 2 lists; bit j of an index says whether they are on list j. Entry 0 is 0.
    lists : {"unequal", "equal"}
        Whether lists may differ in how many victims they catch. See above: the bound for equal lists is too large
        where they do not catch equally many.
    is_corrected : bool
        Whether to take the bias-corrected form, which is finite without victims on exactly two lists.
    probability : float
        Of the intervals.

    Returns
    -------
    Bound
        The variance is that of the delta method for multinomial counts with an unknown total, which for the forms
        without correction is the published one (Chao 1987, p. 786; with (K - 1)/K, Chao and Colwell 2017, eq. 5). The
        number of missing victims is log-normal in the intervals (Chao 1987, p. 787), so that they begin above the
        observed number. Where nobody is estimated to be missing, they are that number itself: it is no evidence
        that nobody is.

    Raises
    ------
    ModelError
        If the counts make no sense, or, without correction, some table has nobody on exactly two lists.

    Examples
    --------
    >>> kosovo = np.array([0, 1131, 845, 177, 936, 228, 217, 181, 306, 106, 31, 18, 123, 42, 32, 27])
    >>> bound = chao(kosovo)
    >>> print(f"{bound.toll:.0f} [{bound.low:.0f}, {bound.high:.0f}], at least {bound.least:.0f}")
    8586 [8186, 9028], at least 8248
    """
    counts = checked_counts(counts)
    weights = _Patterns.of(counts)
    if not is_corrected:
        _need_pairs(weights.twice(counts), "take the corrected form")
    extra = 1.0 if is_corrected else 0.0
    missing = _unequal(counts, weights, extra) if lists == "unequal" else _equal(counts, weights, extra)
    return bounded(counts, missing, probability)


def zelterman(counts: Counts, *, probability: float = 0.95) -> Bound:
    """Zelterman's estimate, for lists that catch equally many; no bound (see above).

    With K lists the odds of a person to be on a list are 2 f2 / ((K - 1) f1), and the toll is
    n / (1 - (1 + odds)^-K); for many lists this is n / (1 - exp(-2 f2 / f1)).

    Parameters
    ----------
    counts, probability
        As for `chao`.

    Returns
    -------
    Bound
        Variance by the delta method, as in Böhning 2008 (Statist. Methodol. 5, 410).

    Raises
    ------
    ModelError
        If the counts make no sense, or some table has nobody on exactly two lists, or on exactly one.
    """
    counts = checked_counts(counts)
    weights = _Patterns.of(counts)
    once, twice = weights.once(counts), weights.twice(counts)
    _need_pairs(np.minimum(once, twice), "take Chao's bound")
    lists = weights.lists
    odds = 2.0 * twice / ((lists - 1.0) * once)
    observed = counts.sum(-1)
    growth = (1.0 + odds) ** lists - 1.0
    by_odds = -observed * lists * (1.0 + odds) ** (lists - 1.0) / growth**2
    slope = 1.0 / growth[..., None] + (by_odds * odds)[..., None] * (
        weights.is_twice / twice[..., None] - weights.is_once / once[..., None]
    )
    return bounded(counts, Missing(observed / growth, slope), probability)


class _Patterns(NamedTuple):
    """Which patterns are on one list, and on two."""

    lists: int
    is_once: Array
    is_twice: Array

    @classmethod
    def of(cls, counts: Counts) -> _Patterns:
        lists = counts.shape[-1].bit_length() - 1
        sizes = np.bitwise_count(np.arange(counts.shape[-1]))
        return cls(lists, (sizes == 1).astype(np.float64), (sizes == 2).astype(np.float64))

    def once(self, counts: Counts) -> Array:
        return counts @ self.is_once

    def twice(self, counts: Counts) -> Array:
        return counts @ self.is_twice


def _equal(counts: Counts, weights: _Patterns, extra: float) -> Missing:
    """(K - 1)/K · f1 (f1 - extra) / (2 (f2 + extra))."""
    factor = (weights.lists - 1.0) / weights.lists
    once, twice = weights.once(counts), weights.twice(counts) + extra
    value = factor * once * (once - extra) / (2.0 * twice)
    by_once = factor * (2.0 * once - extra) / (2.0 * twice)
    return Missing(value, by_once[..., None] * weights.is_once - (value / twice)[..., None] * weights.is_twice)


def _unequal(counts: Counts, weights: _Patterns, extra: float) -> Missing:
    """(f1² - Σ z²) / (2 (f2 + extra))."""
    alone = counts * weights.is_once
    once, twice = alone.sum(-1), weights.twice(counts) + extra
    value = (once**2 - (alone**2).sum(-1)) / (2.0 * twice)
    by_alone = (once[..., None] - alone) / twice[..., None]
    return Missing(value, by_alone * weights.is_once - (value / twice)[..., None] * weights.is_twice)


def bounded(counts: Counts, missing: Missing, probability: float) -> Bound:
    """Give a bound with its variance.

    With F the missing and a = Σ y ∂F/∂y, the delta method gives Σ y (1 + ∂F/∂y)² - (n + a)² / (n + F), which is
    F + Σ y (∂F/∂y)² - (a - F)² / (n + F).
    """
    observed, value = counts.sum(-1), missing.value
    gap = (counts * missing.slope).sum(-1) - value
    variance = value + (counts * missing.slope**2).sum(-1) - gap**2 / (observed + value)
    return with_interval(observed, value, variance, probability)


def with_interval(observed: Counts, missing: Array, variance: Array, probability: float) -> Bound:
    """Give a bound with intervals in which the number missing is log-normal (Chao 1987, p. 787)."""
    if not 0.0 < probability < 1.0:
        raise ModelError(
            f"the probability of an interval is {probability}",
            code="overlap-probability",
            where="probability",
            hint="write a number between 0 and 1, such as 0.95",
        )
    width = np.sqrt(np.log1p(variance / np.where(missing > 0.0, missing, np.inf) ** 2))
    two_sided, one_sided = norm.ppf(0.5 + 0.5 * probability), norm.ppf(probability)
    low, high, least = (observed + missing * np.exp(way * width) for way in (-two_sided, two_sided, -one_sided))
    return Bound(observed, observed + missing, np.sqrt(np.maximum(variance, 0.0)), low, high, least, probability)


def _need_pairs(least: Array, hint: str) -> None:
    none = np.argwhere(least == 0.0)
    if len(none):
        raise ModelError(
            f"nobody is on exactly two lists, or on exactly one{places(none)}",
            code="model-bound-pairs",
            where="counts",
            hint=hint,
        )
