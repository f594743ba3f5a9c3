"""Decomposable graphs against all graphs, looked at by brute force."""

from __future__ import annotations

from itertools import combinations

import pytest

from tests.models.overlap.graphs import slow_average as slow
from tests.models.overlap.tables import KOSOVO_LISTS
from undercount.errors import ModelError
from undercount.models.overlap.graphs.graph import Graph, decomposable_graphs, family_of, graph_of


def edges_of(graph: Graph) -> slow.Edges:
    return frozenset(pair for clique in graph.cliques for pair in combinations(slow.members_of(clique), 2))


@pytest.mark.parametrize(("lists", "count"), [(3, 8), (4, 61), (5, 822)])
def test_every_chordal_graph_is_found_once_with_its_cliques(lists: int, count: int) -> None:
    pairs = list(combinations(range(lists), 2))
    every = (frozenset(some) for size in range(len(pairs) + 1) for some in combinations(pairs, size))
    expected = {edges: slow.maximal_cliques(lists, edges) for edges in every if slow.is_chordal(lists, edges)}
    found = decomposable_graphs(lists, saturated=True)
    assert len(found) == len(expected) == count
    assert {edges_of(graph): set(graph.cliques) for graph in found} == expected


@pytest.mark.parametrize("lists", [3, 4, 5])
def test_separators_are_those_of_a_junction_tree(lists: int) -> None:
    for graph in decomposable_graphs(lists, saturated=True):
        assert len(graph.separators) == len(graph.cliques) - 1
        for some in range(1 << lists):
            holding = [sum(mask & some == some for mask in masks) for masks in (graph.cliques, graph.separators)]
            assert holding[0] - holding[1] == (1 if holding[0] else 0)


@pytest.mark.parametrize("lists", [3, 4, 5])
def test_the_complete_graph_is_left_out_unless_asked_for(lists: int) -> None:
    some, every = decomposable_graphs(lists), decomposable_graphs(lists, saturated=True)
    assert every[:-1] == some
    assert every[-1].is_saturated
    assert not any(graph.is_saturated for graph in some)


@pytest.mark.parametrize("lists", [2, 6])
def test_graphs_on_fewer_or_more_lists_are_refused(lists: int) -> None:
    with pytest.raises(ModelError, match=f"not {lists}") as caught:
        decomposable_graphs(lists)
    assert caught.value.code == "overlap-lists"


def test_a_graph_is_named_as_a_log_linear_model() -> None:
    assert graph_of(4, [(0, 3), (2,), (1, 3)]).name(KOSOVO_LISTS) == "[EXH*HRW, ABA*HRW, OSCE]"
    assert decomposable_graphs(4)[0].name(KOSOVO_LISTS) == "[EXH, ABA, OSCE, HRW]"
    assert decomposable_graphs(4, saturated=True)[-1].name(KOSOVO_LISTS) == "[EXH*ABA*OSCE*HRW]"


@pytest.mark.parametrize(
    "cliques",
    [
        [(0, 1), (1, 2), (2, 3), (0, 3)],  # a cycle
        [(0, 1), (2,)],  # list 3 is nowhere
        [(0, 1, 2), (1, 2), (3,)],  # one within another
        [(0, 1), (1, 2), (0, 2), (3,)],  # cliques of a larger one
    ],
)
def test_what_are_no_cliques_of_a_decomposable_graph_is_refused(cliques: list[tuple[int, ...]]) -> None:
    with pytest.raises(ModelError) as caught:
        graph_of(4, cliques)
    assert caught.value.code == "model-graph-unknown"


def test_a_graph_is_found_by_its_cliques() -> None:
    for graph in decomposable_graphs(4, saturated=True):
        assert graph_of(4, [slow.members_of(clique) for clique in graph.cliques]) is graph


def test_arrays_hold_each_clique_and_separator() -> None:
    graphs = decomposable_graphs(5)
    family = family_of(graphs)
    for g, graph in enumerate(graphs):
        size = family.sizes[g]
        assert tuple(family.cliques[g, :size]) == graph.cliques
        assert tuple(family.separators[g, :size]) == (0, *graph.separators)
        assert not family.cliques[g, size:].any()
