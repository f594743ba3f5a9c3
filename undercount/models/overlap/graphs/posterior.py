"""The posterior of the toll on a grid, averaged over graphs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import inf, sqrt
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from undercount.models.overlap.graphs.graph import Graph
    from undercount.models.overlap.graphs.setting import Averaging

Array = NDArray[np.float64]
Index = NDArray[np.int64]

HEAVIEST_WITH_MEAN, HEAVIEST_WITH_SD = 2.0, 3.0
"""Powers of a tail at and below which its first and second moments are infinite."""


class Grid(NamedTuple):
    """Cells of tolls: each toll by itself first, then ranges of them."""

    observed: int
    """The first toll, with nobody missing."""
    single: int
    """How many tolls stand by themselves."""
    edges: Index
    """First number missing of each range, and one beyond the last; the first of them is `single`."""

    @property
    def last(self) -> int:
        """The largest toll."""
        return self.observed + int(self.edges[-1]) - 1


@dataclass(frozen=True, eq=False)
class GraphAverage:
    """Posterior of the toll N and of the graph."""

    averaging: Averaging
    """What was averaged over; its δ is a number."""
    graphs: tuple[Graph, ...]
    grid: Grid
    mass: Array
    """Probability of each cell of the grid, shape (cells,); its sum is 1."""
    graph_probability: Array
    """Shape (G,); its sum is 1."""
    decay: Array
    """Beyond all grids the probability of N falls as N to the power of minus this, shape (G,); infinite if it ends."""
    tail_mass: float
    """Share of the posterior on tolls beyond the grid, at most; 1 if it has no finite sum, 0 if none are possible."""
    quadrature_error: float
    """Estimate of the error of the mass of all ranges, as a share of the whole."""
    is_cut: bool
    """Whether the grid was ended by hand, so that this is the posterior given that the toll lies on it."""

    @property
    def observed(self) -> int:
        """Victims on any list."""
        return self.grid.observed

    @cached_property
    def first(self) -> Index:
        """The smallest toll of each cell, shape (cells,)."""
        return self.grid.observed + np.concatenate([np.arange(self.grid.single), self.grid.edges[:-1]])

    @cached_property
    def last(self) -> Index:
        """The largest toll of each cell, shape (cells,); that of `first` where a toll stands by itself."""
        return self.grid.observed + np.concatenate([np.arange(self.grid.single), self.grid.edges[1:] - 1])

    @cached_property
    def cumulative(self) -> Array:
        """Probability of a toll up to the end of each cell, shape (cells,)."""
        found: Array = np.cumsum(self.mass)
        found /= found[-1]
        return found

    def quantiles(self, probabilities: ArrayLike) -> Index:
        """Smallest tolls that are not exceeded with at least these probabilities.

        Exact where tolls stand by themselves; within a range, which is narrower than 0.4 % of it, each toll counts
        as equally probable.

        Parameters
        ----------
        probabilities : array_like
            Between 0 and 1, of any shape.

        Returns
        -------
        array of int
            Of the same shape.
        """
        wanted = np.asarray(probabilities, np.float64)
        cell = np.minimum(np.searchsorted(self.cumulative, wanted), self.mass.size - 1)
        found: Index = self.first[cell]
        width = self.last[cell] - found + 1
        mass = self.mass[cell]
        share = (wanted - (self.cumulative[cell] - mass)) / np.where(mass > 0.0, mass, 1.0)
        return found + np.clip(np.ceil(share * width).astype(np.int64) - 1, 0, width - 1)

    def interval(self, probability: float = 0.95) -> tuple[int, int]:
        """The interval with equal probabilities on both sides."""
        low, high = self.quantiles([0.5 - 0.5 * probability, 0.5 + 0.5 * probability])
        return int(low), int(high)

    @property
    def median(self) -> int:
        """The median toll."""
        return int(self.quantiles(0.5))

    @property
    def mode(self) -> int:
        """The most probable toll."""
        best = int(np.argmax(self.mass / (self.last - self.first + 1)))
        return int(self.first[best] + self.last[best]) // 2

    @property
    def heaviest(self) -> float:
        """The power that the tail of the average falls with: that of the graph with the heaviest tail."""
        return inf if self.is_cut else float(self.decay.min())

    @property
    def without_mean(self) -> float:
        """Probability of the graphs under which the toll has no finite mean: what is nearly not identified."""
        return float(self.graph_probability[self.decay <= HEAVIEST_WITH_MEAN].sum())

    @cached_property
    def mean(self) -> float:
        """The mean toll; infinite if the tail is that heavy, however small its mass."""
        return inf if self.heaviest <= HEAVIEST_WITH_MEAN else float(self.mass @ self._middle)

    @cached_property
    def sd(self) -> float:
        """The standard deviation of the toll; infinite if the tail is that heavy."""
        if self.heaviest <= HEAVIEST_WITH_SD:
            return inf
        within = ((self.last - self.first + 1.0) ** 2 - 1.0) / 12.0
        return sqrt(float(self.mass @ ((self._middle - self.mean) ** 2 + within)))

    @cached_property
    def least_relative_loss(self) -> float:
        """The toll of least expected loss (1 - estimate/N)²: E[1/N] / E[1/N²]; finite whatever the tail.

        The point estimate of Madigan and York 1997.
        """
        inverse = 1.0 / self._middle
        return float((self.mass @ inverse) / (self.mass @ inverse**2))

    def draws(self, count: int) -> Index:
        """Tolls that are equally probable: the quantiles at (i + ½) / count, in their order."""
        return self.quantiles((np.arange(count) + 0.5) / count)

    def sample(self, rng: np.random.Generator, count: int) -> Index:
        """Independent draws of the toll.

        Parameters
        ----------
        rng : numpy.random.Generator
        count : int
        """
        return self.quantiles(1.0 - rng.random(count))

    @cached_property
    def _middle(self) -> Array:
        return (self.first + self.last).astype(np.float64) / 2.0
