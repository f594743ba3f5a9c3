"""Posterior mass at every number of missing victims from 0 upward, summed over graphs.

The grid is cut into blocks of about 4 √m numbers. At their ends the likelihood is computed; in between it follows from
its ratio at successive numbers,

    P(m + 1) / P(m) = (n + 1 + m) / (1 + m) · Π_cliques (b(S) + m) / Π_separators (b(S) + m) / (B + m),

a few products without a logarithm, exact to about 1e-12 at the far end of a block. A graph is left out of a block
where it cannot matter: since each clique contains its separator, ln P(m) bends down by no more than
ψ'(1 + m) ≤ 1/(1 + m) + 1/(1 + m)², so that between the ends of a block of w numbers it stays below the higher end plus
w²/8 of this. What is left out is less than e⁻⁴⁵ of the highest value at each point.
"""

from __future__ import annotations

from math import exp, log
from typing import TYPE_CHECKING

import numpy as np

from undercount.compiled import borrowed, compiled, inlined
from undercount.models.overlap.graphs.likelihood import Array, Table, decays, log_likelihoods

if TYPE_CHECKING:
    from undercount.models.overlap.graphs.graph import Family, Index

LEAST_BLOCK, LARGEST_BLOCK = 16, 1024
ROOTS = 4.0
"""Length of a block, in square roots of its first number."""
LARGEST_RISE = 600.0
"""Of ln P within a block, so that what is far below at its start is still far below at its end."""
NEGLIGIBLE = 45.0


@compiled
def block_starts(observed: float, points: int) -> Index:
    """First number of each block, and `points`."""
    starts = np.empty(points // LEAST_BLOCK + 2, np.int64)
    count, start = 0, 0
    while start < points:
        starts[count] = start
        width = min(ROOTS * start**0.5, LARGEST_RISE / log(1.0 + observed / (1.0 + start)), LARGEST_BLOCK)
        start += max(int(width), LEAST_BLOCK)
        count += 1
    starts[count] = points
    return starts[: count + 1]


@compiled
def excess(first: int, last: int) -> float:
    """How far ln P may rise between two numbers above the higher one of their values."""
    x = 1.0 / (1.0 + first)
    return (last - first) ** 2 / 8.0 * (x + x * x)


@inlined
def ratios(table: Table, family: Family, g: int, first: int, common: Array, top: Array, low: Array) -> None:
    """Write P(m + 1) / P(m) of a graph to `top`, from m = `first`; `low` is room."""
    for i in range(common.size):
        top[i], low[i] = common[i], 1.0
    for k in range(family.sizes[g]):
        a = table.zero[family.cliques[g, k]] + first
        b = table.zero[family.separators[g, k]] + first
        for i in range(common.size):
            top[i] *= a + i
            low[i] *= b + i
    for i in range(common.size):
        top[i] /= low[i]


@inlined
def follow(value: float, ratio: Array, prior: Array, mass: Array) -> float:
    """Add a graph's likelihood times prior to `mass`, from its first value on; give their sum."""
    total = 0.0
    for i in range(ratio.size):
        weighed = value * prior[i]
        mass[i] += weighed
        total += weighed
        value *= ratio[i]
    return total


@inlined
def prior_of_block(log_prior: Array, highest: float, prior: Array) -> None:
    """Write the prior, relative to its highest value in a block."""
    for i in range(log_prior.size):
        prior[i] = exp(log_prior[i] - highest)


@inlined
def levels(ends: Array, highest: Array, log_prior: Array, starts: Index) -> tuple[float, float]:
    """What masses are relative to, and the highest value that was reached for certain; both logarithms."""
    scale, reached = -np.inf, -np.inf
    for block in range(highest.size):
        for g in range(ends.shape[1]):
            scale = max(scale, max(ends[block, g], ends[block + 1, g]) + highest[block])
            reached = max(reached, ends[block, g] + log_prior[starts[block]])
    return scale, reached


@compiled
def scan(table: Table, family: Family, log_prior: Array) -> tuple[float, Array, Array]:
    """Posterior mass at each of M numbers of missing victims, from 0.

    Parameters
    ----------
    table, family
        As of `likelihood`.
    log_prior : array of float, shape (M,)
        ln of the prior at n, n + 1, ...; -inf where it is zero.

    Returns
    -------
    scale : float
        ln of what the rest is relative to.
    mass : array of float, shape (M,)
        Summed over graphs.
    by_graph : array of float, shape (G,)
        Summed over numbers.
    """
    table, family = borrowed(table), borrowed(family)
    points, graphs = log_prior.size, family.sizes.size
    starts, decay = block_starts(table.observed, points), decays(table, family)
    blocks = starts.size - 1
    ends, highest, terms = np.empty((blocks + 1, graphs)), np.empty(blocks), np.empty(table.zero.size)
    for block in range(blocks + 1):
        log_likelihoods(table, family, decay, float(starts[block]), terms, ends[block])
    for block in range(blocks):
        highest[block] = log_prior[starts[block] : starts[block + 1]].max()
    scale, reached = levels(ends, highest, log_prior, starts)
    mass, by_graph = np.zeros(points), np.zeros(graphs)
    room = np.empty((4, LARGEST_BLOCK))
    for block in range(blocks):
        first, end = starts[block], starts[block + 1]
        width = end - first
        prior, common, top, low = room[0, :width], room[1, :width], room[2, :width], room[3, :width]
        least = reached - NEGLIGIBLE - highest[block] - excess(first, end)
        is_ready = False
        for g in range(graphs):
            if not max(ends[block, g], ends[block + 1, g]) >= least:
                continue
            if not is_ready:
                prior_of_block(log_prior[first:end], highest[block], prior)
                for i in range(width):
                    common[i] = (table.observed + 1.0 + (first + i)) / (1.0 + (first + i))
                is_ready = True
            ratios(table, family, g, first, common, top, low)
            start = exp(ends[block, g] + highest[block] - scale)
            by_graph[g] += follow(start, top, prior, mass[first:end])
    return scale, mass, by_graph
