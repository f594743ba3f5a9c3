"""What share of a toll one list holds: a meta-analysis over lists and conflicts, and what it says of a new recorder.

List l of conflict c holds n[c, l] of its N[c] victims, all lists together n[c]. With N[c] known by its posterior,
log N[c] ± s[c], the shares are read as

    log(n[c, l] / N[c])        = m + u[c] + v[c, l] + e[c],            u ~ N(0, τ_conflict²), v ~ N(0, τ_list²),
    log(-log(1 - n[c] / N[c])) = m + d + u[c] + w[c] + h[c] e[c],      w ~ N(0, τ_together²), e ~ N(0, s[c]²),

so that lists of one conflict have two things in common: how well its dead were recorded, and the error of its toll.
The second line is what independent lists of small rates ρ give, 1 - n / N = ∏ (1 - ρ): exp(d) is the number of
independent lists that all lists of a conflict are worth. A plain logarithm would take shares that cannot pass one
for conflicts that are alike. h is the derivative of its left side by -log N (to first order in e; 1 for a small share).

m and d are normal and are integrated analytically; the three spreads are half-normal and are integrated on a product
of Gauss-Legendre nodes. This is the normal random-effects model of meta-analysis (Higgins, Thompson and Spiegelhalter
2009, J. R. Stat. Soc. A 172, 137) with one more level.

A new recorder in a new conflict has the log rate m + u + v, which mixes normals over the nodes. The prior of the
fusion model is one normal with the mean and variance of this mixture (the normal that is nearest to it, in
Kullback-Leibler divergence from it), in two parts: v, of the recorder alone, and m + u, of all recorders of a conflict.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from undercount.data.coverage import TOGETHER
from undercount.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from undercount.data.coverage import Coverage

Array = NDArray[np.float64]

NODES: Final = 48
"""Of each spread; twice as many change no figure in its fifth digit."""
REACH: Final = 6.0
"""Scales of a spread's prior up to which it is integrated; 2e-9 lies beyond."""


class Hyperprior(NamedTuple):
    """A row of the prior table of this model: normal for a level, half-normal (location 0) for a spread."""

    name: str
    location: float
    scale: float
    unit: str
    reason: str


LEVELS: Final = (
    Hyperprior("list", log(0.2), 1.5, "log share of the toll on one list", "0.01 to 3.8: next to nothing is said"),
    Hyperprior("together", log(4.0), 0.7, "log number of independent lists that all lists are worth", "1 to 16"),
)
SPREADS: Final = (
    Hyperprior("between_conflicts", 0.0, 0.5, "log share", "conflicts differ by a factor of up to 2.7 (95 %)"),
    Hyperprior("between_lists", 0.0, 1.0, "log share", "lists of one conflict differ by a factor of up to 7 (95 %)"),
    Hyperprior(
        "of_together", 0.0, 0.5, "log number of lists", "there are more or fewer, by a factor of up to 2.7 (95 %)"
    ),
)


@dataclass(frozen=True)
class Posterior:
    """Posterior of the two levels and three spreads, as a mixture of G normals."""

    weight: Array
    """(G,) of the nodes; they add up to one."""
    spread: Array
    """(3, G) the nodes: between conflicts, between lists, of all lists together."""
    mean: Array
    """(2, G) of the levels m and d."""
    covariance: Array
    """(2, 2, G)"""
    log_evidence: float

    def average(self, values: Array) -> Array:
        """Posterior mean of what has the values at the nodes, shape (..., G)."""
        return np.asarray((values * self.weight).sum(axis=-1))

    @property
    def summary(self) -> dict[str, tuple[float, float]]:
        """Mean and standard deviation of levels and spreads, by name."""
        levels = zip(LEVELS, self.mean, self.covariance.diagonal().T, strict=True)
        spreads = zip(SPREADS, self.spread, np.zeros_like(self.spread), strict=True)
        found = {}
        for row, mean, variance in (*levels, *spreads):
            middle = float(self.average(mean))
            found[row.name] = middle, float(np.sqrt(self.average(variance + (mean - middle) ** 2)))
        return found

    @property
    def location(self) -> float:
        """Mean of the log rate of a new recorder."""
        return float(self.average(self.mean[0]))

    @property
    def own_scale(self) -> float:
        """Standard deviation of what is particular to the new recorder."""
        return float(np.sqrt(self.average(self.spread[1] ** 2)))

    @property
    def common_scale(self) -> float:
        """Standard deviation of what it shares with other recorders of its conflict, the uncertainty of m included."""
        common = self.spread[0] ** 2 + self.covariance[0, 0] + (self.mean[0] - self.location) ** 2
        return float(np.sqrt(self.average(common)))

    def probability_below(self, rate: float) -> float:
        """Predictive probability that a new recorder's reporting rate is below a rate."""
        from scipy.special import ndtr

        scale = np.sqrt(self.covariance[0, 0] + self.spread[0] ** 2 + self.spread[1] ** 2)
        return float(self.average(ndtr((log(rate) - self.mean[0]) / scale)))

    def quantile(self, probability: float) -> float:
        """Predictive quantile of a new recorder's reporting rate."""
        from scipy.optimize import brentq

        reach = 20.0 * float(np.hypot(self.own_scale, self.common_scale))
        ends = self.location - reach, self.location + reach
        return float(np.exp(brentq(lambda x: self.probability_below(np.exp(x)) - probability, *ends, xtol=1e-12)))


def posterior(
    coverages: Sequence[Coverage],
    *,
    levels: Sequence[Hyperprior] = LEVELS,
    spreads: Sequence[Hyperprior] = SPREADS,
    nodes: int = NODES,
) -> Posterior:
    """Fit the model.

    Parameters
    ----------
    coverages : sequence of Coverage
        One for each conflict.
    levels, spreads : sequence of Hyperprior
        As in `LEVELS` and `SPREADS`, with other numbers.
    nodes : int
        Gauss-Legendre nodes of each spread.

    Raises
    ------
    ModelError
        If a conflict is given twice.

    Examples
    --------
    >>> from undercount.data.coverage import Coverage
    >>> found = posterior([Coverage("here", {"a": 100, "b": 150}, log(1000), 0.1, "a survey")])
    >>> 0.1 < found.quantile(0.5) < 0.2
    True
    """
    names = [coverage.conflict for coverage in coverages]
    if len(set(names)) < len(names):
        raise ModelError(
            f"conflict {next(name for name in names if names.count(name) > 1)} is given twice",
            code="model-repeated-conflict",
            where="coverages",
            hint="give each conflict once, with all of its lists",
        )
    spread, log_weight = _nodes(spreads, nodes)
    precision = np.diag([level.scale**-2 for level in levels])[:, :, None] * np.ones(log_weight.size)
    score = np.array([[level.location / level.scale**2] for level in levels]) * np.ones(log_weight.size)
    square = sum((level.location / level.scale) ** 2 for level in levels) * np.ones(log_weight.size)
    for coverage in coverages:
        product, log_determinant = _conflict(coverage, spread)
        precision, score, square = precision + product[:2, :2], score + product[:2, 2], square + product[2, 2]
        log_weight = log_weight - 0.5 * log_determinant
    determinant = precision[0, 0] * precision[1, 1] - precision[0, 1] ** 2
    adjugate = np.array([[precision[1, 1], -precision[0, 1]], [-precision[0, 1], precision[0, 0]]])
    covariance = adjugate / determinant
    mean = np.einsum("ijg,jg->ig", covariance, score)
    prior_determinant = float(np.prod([level.scale**2 for level in levels]))
    log_weight = log_weight - 0.5 * (square - (mean * score).sum(axis=0) + np.log(determinant * prior_determinant))
    top = log_weight.max()
    weight = np.exp(log_weight - top)
    return Posterior(weight / weight.sum(), spread, mean, covariance, float(top + np.log(weight.sum())))


def _nodes(spreads: Sequence[Hyperprior], count: int) -> tuple[Array, Array]:
    """Nodes of the spreads, shape (3, G), and the log of their prior mass."""
    place, weight = np.polynomial.legendre.leggauss(count)
    at = 0.5 * REACH * (place + 1.0)
    mass = np.log(REACH * weight) - 0.5 * at**2 - 0.5 * np.log(2.0 * np.pi)
    grid = np.meshgrid(*(spread.scale * at for spread in spreads), indexing="ij")
    masses = np.meshgrid(*(mass for _ in spreads), indexing="ij")
    return np.array([axis.ravel() for axis in grid]), np.sum(masses, axis=0).ravel()


def _conflict(coverage: Coverage, spread: Array) -> tuple[Array, Array]:
    """Read the shares of a conflict.

    With V their covariance given the spreads, and columns [design of m, design of d, shares, h] of them: the
    products of all pairs of columns in V⁻¹, shape (4, 4, G), and log det V + log 2π for each share, shape (G,).
    """
    between, of_list, of_together = spread**2
    is_together = np.array([name == TOGETHER for name in coverage.sizes])
    share, slope = shares(coverage)
    columns = np.array([np.ones(share.size), is_together.astype(float), share, slope])
    trust = 1.0 / np.where(is_together[:, None], of_together, of_list)
    product = np.einsum("ik,jk,kg->ijg", columns, columns, trust)
    log_determinant = share.size * np.log(2.0 * np.pi) - np.log(trust).sum(axis=0)
    # Sherman and Morrison's formula, for what a conflict has in common and then for the error of its toll.
    for place, variance in ((0, between), (3, coverage.log_toll_sd**2)):
        column = product[place]
        log_determinant = log_determinant + np.log1p(variance * column[place])
        product = product - variance / (1.0 + variance * column[place]) * column[:, None] * column
    return product, log_determinant


def shares(coverage: Coverage) -> tuple[Array, Array]:
    """Give the left sides of the two lines, in the order of `coverage.sizes`, and their derivatives by -log N."""
    log_share = np.log(list(coverage.sizes.values())) - coverage.log_toll
    is_together = np.array([name == TOGETHER for name in coverage.sizes])
    missed = -np.expm1(np.where(is_together, log_share, -1.0))
    worth = -np.log(missed)
    slope = (1.0 - missed) / (missed * worth)
    return np.where(is_together, np.log(worth), log_share), np.where(is_together, slope, 1.0)


__all__ = ["LEVELS", "SPREADS", "Hyperprior", "Posterior", "posterior", "shares"]
