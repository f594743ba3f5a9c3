"""L of three to five lists, averaged over decomposable graphs of how they may depend on each other.

Under a graph G and its hyper-Dirichlet law (`models.overlap.graphs.likelihood`), p(D | N, G) holds a prior of the
coverages of all lists, p(n_1, ..., n_K | N, G), of which Π_s p(n_s | N) is only the part without ties: lists of one
clique tend to have much or little of the dead together. Far out, where coverages are small, the two differ by a power,

    p(n_1, ..., n_K | N, G) / Π_s p(n_s | N) ~ N^c(G),
    c(G) = A (K / 2 - Σ_cliques (1 - 2^-|S|) + Σ_separators (1 - 2^-|S|)),    A = δ 2^K,

which is taken out too, as (N / n)^c(G): a graph that says nothing of who is on no list would otherwise raise the toll.
What is left, for two lists and A = 1, changes by less than a factor of two from N = n on (tested), and is a weight of
the graph that does not depend on N further out. Graphs are equally probable beforehand; the complete one, under which
lists say nothing of those who are on none, is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from undercount.models.joint.factorials import log_gamma_ratio
from undercount.models.overlap.graphs.graph import Graph, decomposable_graphs, family_of
from undercount.models.overlap.graphs.likelihood import over_missing, table_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from undercount.models.joint.factorials import Array
    from undercount.models.overlap.graphs.graph import Family
    from undercount.models.overlap.graphs.likelihood import Table

WEIGHT = 1.0
"""A, what the prior counts as much as: δ is 2^-K per cell."""
NEGLIGIBLE = 15.0
"""What the log likelihood of a graph that is not computed lacks wherever it is looked at."""
CHUNK = 1 << 14
"""Tolls that are looked at under all graphs at once."""
LOOKED_AT = np.geomspace(1.0, 1e6, 60)
"""Tolls, over what is observed."""


@dataclass(frozen=True)
class Dependent:
    """L of lists that may depend on each other."""

    observed: int
    sizes: tuple[int, ...]
    table: Table
    family: Family
    tie: Array
    """(G,) c of each graph."""

    @classmethod
    def of(cls, counts: NDArray[np.int64]) -> Dependent:
        """Average over the graphs that are not improbable at every toll.

        Parameters
        ----------
        counts : ndarray of int64, shape (2ᴷ,)
            Victims of each pattern on K lists, 3 to 5.

        Raises
        ------
        ModelError
            If there are more than five lists.
        """
        graphs = decomposable_graphs(counts.size.bit_length() - 1)
        whole = cls.under(counts, graphs)
        each = whole.by_graph(whole.observed * LOOKED_AT)
        is_kept = ((each.max(axis=1, keepdims=True) - each) < NEGLIGIBLE).any(axis=0)
        return cls.under(counts, tuple(graph for graph, kept in zip(graphs, is_kept, strict=True) if kept))

    @classmethod
    def under(cls, counts: NDArray[np.int64], graphs: tuple[Graph, ...]) -> Dependent:
        """Average over these graphs."""
        lists = counts.size.bit_length() - 1
        on = (np.arange(counts.size)[:, None] >> np.arange(lists)) & 1
        sizes = tuple(int(size) for size in counts @ on)
        table = table_of(counts, WEIGHT / counts.size)
        tie = np.array([tie_of(graph) for graph in graphs])
        return cls(int(counts.sum()), sizes, table, family_of(graphs), tie)

    @property
    def listed(self) -> int:
        """Sum of the sizes of the lists."""
        return sum(self.sizes)

    def by_graph(self, toll: Array) -> Array:
        """Log of p(D | N, G) less its tie, shape (N, G), for tolls of shape (N,)."""
        each = over_missing(self.table, self.family, toll - self.observed)
        return np.asarray(each - self.tie * np.log(toll / self.observed)[:, None])

    def _mixed(self, toll: Array) -> Array:
        each = self.by_graph(toll)
        top = each.max(axis=1)
        return np.asarray(top + np.log(np.exp(each - top[:, None]).sum(axis=1)))

    def log_likelihood(self, toll: Array) -> Array:
        """Log L at tolls that are not below `observed`, up to a constant."""
        flat = np.ravel(toll)
        parts = [self._mixed(flat[first : first + CHUNK]) for first in range(0, flat.size, CHUNK)]
        return np.asarray(np.concatenate([np.zeros(0), *parts]).reshape(np.shape(toll)) + self.less_sizes(toll))

    def less_sizes(self, toll: Array) -> Array:
        """Log of what takes the sizes of the lists out, 1 / Π_s p(n_s | N)."""
        found = np.zeros(np.shape(toll))
        for size in self.sizes:
            missed = toll - size
            found = found - log_gamma_ratio(toll + 1.0, missed + 1.0)
            found = found + log_gamma_ratio(toll + WEIGHT, missed + 0.5 * WEIGHT)
        return found


def tie_of(graph: Graph) -> float:
    """c of a graph.

    Examples
    --------
    >>> [tie_of(graph) for graph in decomposable_graphs(3, saturated=True)]
    [0.0, 0.25, 0.25, 0.5, 0.25, 0.5, 0.5, 0.625]
    """

    def known(lists: int) -> float:
        return float(1.0 - 0.5 ** lists.bit_count())

    apart = 0.5 * graph.lists
    return WEIGHT * (apart - sum(map(known, graph.cliques)) + sum(map(known, graph.separators)))
