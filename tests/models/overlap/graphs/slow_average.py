"""The average over decomposable graphs as plainly as it can be written: explicit margins, one number at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import combinations, product
from math import log
from typing import Any

import mpmath as mp
import numpy as np
from scipy.special import gammaln

Edges = frozenset[tuple[int, int]]


def float_gamma(x: float) -> float:
    return float(gammaln(x))


def margin(counts: Sequence[int], missing: float, members: Sequence[int]) -> dict[tuple[int, ...], float]:
    """Counts of the marginal table of some lists, the missing victims among them."""
    found: dict[tuple[int, ...], float] = dict.fromkeys(product((0, 1), repeat=len(members)), 0)
    for pattern, count in enumerate(counts):
        cell = tuple(pattern >> j & 1 for j in members)
        found[cell] += missing if pattern == 0 else count
    return found


def members_of(mask: int) -> list[int]:
    return [j for j in range(mask.bit_length()) if mask >> j & 1]


def log_margin(
    counts: Sequence[int], missing: Any, mask: int, weights: tuple[Any, int], log_gamma: Callable[[Any], Any]
) -> Any:
    """Dirichlet-multinomial probability of a marginal table, without its multinomial coefficient."""
    delta, lists = weights
    members = members_of(mask)
    each = delta * 2 ** (lists - len(members))
    whole = delta * 2**lists
    total = missing + sum(counts[1:])
    found = log_gamma(whole) - log_gamma(whole + total)
    for count in margin(counts, missing, members).values():
        found += log_gamma(each + count) - log_gamma(each)
    return found


def log_likelihood(
    counts: Sequence[int],
    missing: Any,
    graph: tuple[Iterable[int], Iterable[int]],
    delta: Any,
    log_gamma: Callable[[Any], Any] = float_gamma,
) -> Any:
    """ln P(table, missing) under a graph of cliques and separators."""
    lists = (len(counts) - 1).bit_length()
    cliques, separators = graph
    found = log_gamma(missing + sum(counts[1:]) + 1) - log_gamma(missing + 1)
    found -= sum(log_gamma(count + 1) for count in counts[1:])
    for mask in cliques:
        found += log_margin(counts, missing, mask, (delta, lists), log_gamma)
    for mask in separators:
        found -= log_margin(counts, missing, mask, (delta, lists), log_gamma)
    return found


def in_50_digits(
    counts: Sequence[int], missing: float, graph: tuple[Iterable[int], Iterable[int]], delta: float
) -> Any:
    with mp.workdps(50):
        return log_likelihood(counts, mp.mpf(missing), graph, mp.mpf(delta), mp.loggamma)


def posterior(
    counts: Sequence[int], graphs: Sequence[tuple[Iterable[int], Iterable[int]]], delta: float, most: int, power: int
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Probability of each graph and each toll from n to n + most, prior N^-power; shape (G, most + 1)."""
    observed = sum(counts[1:])
    logs = np.array(
        [
            [log_likelihood(counts, m, graph, delta) - power * log(observed + m) for m in range(most + 1)]
            for graph in graphs
        ]
    )
    masses = np.exp(logs - logs.max())
    found: np.ndarray[Any, np.dtype[np.float64]] = masses / masses.sum()
    return found


def is_chordal(lists: int, edges: Edges) -> bool:
    """Whether no four or more vertices form a cycle without a chord."""
    for size in range(4, lists + 1):
        for some in combinations(range(lists), size):
            within = [edge for edge in edges if set(edge) <= set(some)]
            degrees = [sum(v in edge for edge in within) for v in some]
            if all(degree == 2 for degree in degrees) and is_connected(some, within):
                return False
    return True


def is_connected(vertices: Sequence[int], edges: Iterable[tuple[int, int]]) -> bool:
    reached = {vertices[0]}
    for _ in vertices:
        reached |= {v for edge in edges if reached & set(edge) for v in edge}
    return reached == set(vertices)


def maximal_cliques(lists: int, edges: Edges) -> set[int]:
    complete = [
        frozenset(some)
        for size in range(1, lists + 1)
        for some in combinations(range(lists), size)
        if all(pair in edges for pair in combinations(some, 2))
    ]
    largest = [one for one in complete if not any(one < other for other in complete)]
    return {sum(1 << j for j in one) for one in largest}
