"""Decomposable graphs of dependence between 3, 4 or 5 lists: 8, 61 and 822 of them.

Lists without an edge between them are independent given all others. A graph is decomposable if it is chordal; then it
has an order of elimination in which the remaining neighbours of each list are all joined (Lauritzen 1996, *Graphical
Models*, section 2.1), and probabilities of patterns are products over its cliques, divided by those of its separators.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from undercount.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Index = NDArray[np.int64]

FEWEST_LISTS, MOST_LISTS = 3, 5


@dataclass(frozen=True)
class Graph:
    """A decomposable graph; sets of lists are bitmasks, with bit j for list j."""

    lists: int
    cliques: tuple[int, ...]
    """Lists that are dependent, the largest sets first, then in the order of the lists."""
    separators: tuple[int, ...]
    """What neighbouring cliques share, one fewer than cliques; 0 where they share nothing."""

    @property
    def is_saturated(self) -> bool:
        """Whether all lists depend on each other: then the data say nothing about those who are on none."""
        return len(self.cliques) == 1

    def name(self, names: Sequence[str]) -> str:
        """Generating class of the graph, as log-linear models are named.

        Parameters
        ----------
        names : sequence of str
            Names of the lists, in their order.

        Examples
        --------
        >>> graph_of(4, [(0, 1, 2), (0, 3)]).name(["EXH", "ABA", "OSCE", "HRW"])
        '[EXH*ABA*OSCE, EXH*HRW]'
        """
        return f"[{', '.join('*'.join(names[j] for j in _members(clique)) for clique in self.cliques)}]"


class Family(NamedTuple):
    """Graphs as arrays: row g holds as many cliques as separators, the first of which is the empty set."""

    cliques: Index
    separators: Index
    sizes: Index
    """How many of each row are in use, shape (G,); both arrays have shape (G, lists)."""


def decomposable_graphs(lists: int, *, saturated: bool = False) -> tuple[Graph, ...]:
    """Every decomposable graph on some lists.

    Parameters
    ----------
    lists : int
        3, 4 or 5.
    saturated : bool
        Whether to give the complete graph, too. It is left out by default: it says nothing about victims on no list,
        so that their number would be what the prior says it is.

    Returns
    -------
    tuple of Graph
        In the order of their edges; the graph without edges is the first, the complete one the last.

    Raises
    ------
    ModelError
        If there are fewer than 3 lists or more than 5.

    Examples
    --------
    >>> [len(decomposable_graphs(lists, saturated=True)) for lists in (3, 4, 5)]
    [8, 61, 822]
    """
    check_lists(lists)
    graphs = _enumerated(lists)
    return graphs if saturated else graphs[:-1]


def graph_of(lists: int, cliques: Iterable[Iterable[int]]) -> Graph:
    """Give the decomposable graph with these cliques.

    Parameters
    ----------
    lists : int
        3, 4 or 5.
    cliques : iterable of iterables of int
        Numbers of the lists that depend on each other; each list in at least one clique.

    Raises
    ------
    ModelError
        If there is no such decomposable graph.

    Examples
    --------
    >>> graph_of(3, [(0, 1), (1, 2)]).separators
    (2,)
    """
    check_lists(lists)
    wanted = frozenset(sum(1 << j for j in set(clique)) for clique in cliques)
    found = [graph for graph in _enumerated(lists) if frozenset(graph.cliques) == wanted]
    if not found:
        raise ModelError(
            f"{sorted(map(_members, wanted))} are not the cliques of a decomposable graph on {lists} lists",
            code="model-graph-unknown",
            where="graphs",
            hint="put each list, by its number from 0, into a clique; none within another, and no cycle among them",
        )
    return found[0]


def check_lists(lists: int) -> None:
    """Refuse a number of lists whose graphs are not enumerated."""
    many = "merge lists that were made by similar means, leave the smallest ones out, or use another estimator"
    few = "two lists say nothing about how they depend on each other: find a third one, or take a lower bound"
    if not FEWEST_LISTS <= lists <= MOST_LISTS:
        raise ModelError(
            f"the average over decomposable graphs needs {FEWEST_LISTS} to {MOST_LISTS} lists, not {lists}",
            code="overlap-lists",
            where="lists",
            hint=few if lists < FEWEST_LISTS else many,
        )


@cache
def family_of(graphs: tuple[Graph, ...]) -> Family:
    """Arrays of some graphs on the same lists."""
    shape = len(graphs), graphs[0].lists
    cliques, separators = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    for g, graph in enumerate(graphs):
        cliques[g, : len(graph.cliques)] = graph.cliques
        separators[g, 1 : len(graph.cliques)] = graph.separators
    sizes = np.array([len(graph.cliques) for graph in graphs])
    for array in (cliques, separators, sizes):
        array.flags.writeable = False
    return Family(cliques, separators, sizes)


@cache
def _enumerated(lists: int) -> tuple[Graph, ...]:
    edges = list(combinations(range(lists), 2))
    graphs = (
        _eliminated(lists, [edge for k, edge in enumerate(edges) if code >> k & 1]) for code in range(1 << len(edges))
    )
    return tuple(graph for graph in graphs if graph is not None)


def _eliminated(lists: int, edges: Sequence[tuple[int, int]]) -> Graph | None:
    """The graph, by eliminating lists whose neighbours are all joined; None if there comes to be no such list."""
    near = [0] * lists
    for i, j in edges:
        near[i] |= 1 << j
        near[j] |= 1 << i
    left, times = (1 << lists) - 1, Counter[int]()
    while left:
        simplicial = [j for j in _members(left) if _are_joined(near[j] & left, near)]
        if not simplicial:
            return None
        neighbours = near[simplicial[0]] & left
        times[neighbours | 1 << simplicial[0]] += 1
        times[neighbours] -= 1
        left &= ~(1 << simplicial[0])
    times[0] += 1  # of the list that is eliminated last
    cliques = sorted((s for s, count in times.items() if count > 0), key=lambda s: (-s.bit_count(), _members(s)))
    separators = sorted(s for s, count in times.items() for _ in range(-count))
    return Graph(lists, tuple(cliques), tuple(separators))


def _are_joined(members: int, near: Sequence[int]) -> bool:
    return all(members & ~(near[j] | 1 << j) == 0 for j in _members(members))


def _members(mask: int) -> tuple[int, ...]:
    return tuple(j for j in range(mask.bit_length()) if mask >> j & 1)
