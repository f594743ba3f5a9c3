"""Posterior mass far out, where the tolls are gathered into cells that grow with them.

A cell holds w numbers of missing victims, about 1/256 of the smallest of them, or another power of ½. Their masses are
added by Gauss's rule for sums: with the discrete uniform law's moments (w² - 1)/12 and (w² - 1)(3 w² - 7)/240, the
points c and c ± √((3 w² - 7)/20) around its middle c, weighted, give the sum of any polynomial of degree 5 exactly, and
any sum of up to three terms. The error is w⁷ / 2,016,000 times a sixth derivative, as that of Gauss-Legendre
quadrature with three points (Abramowitz and Stegun 1964, 25.4.30). For a mass that falls as the power s of m this is
Π_{k < 6} (s + k) w/m / 2,016,000 of it; s is read off each graph in each cell.
"""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING

import numpy as np

from undercount.compiled import borrowed, compiled
from undercount.models.overlap.graphs.likelihood import Array, Table, decays, log_likelihoods

if TYPE_CHECKING:
    from undercount.models.overlap.graphs.graph import Family, Index

COARSE, FINE, FINEST = 3, 8, 14
"""A cell is 2⁻⁸ as wide as its first number is large, 2⁻³ where that is good enough, to 2⁻¹⁴ where it is not."""
ERROR_OF_SIXTH_DERIVATIVE = 1.0 / 2_016_000.0
RISE = 40.0
"""By how much values may exceed what they are relative to before that is moved."""
NEGLIGIBLE = 45.0


@compiled
def cell_edges(first: int, last: int, fineness: int) -> Index:
    """First number of each cell from `first` on, and one beyond the last, which is `last`."""
    count, edge = 1, first
    while edge <= last:
        edge += max(1, edge >> fineness)
        count += 1
    edges = np.empty(count, np.int64)
    edges[0] = first
    for i in range(1, count):
        edges[i] = min(edges[i - 1] + max(1, edges[i - 1] >> fineness), last + 1)
    return edges


def nodes_of(edges: Index) -> tuple[Array, Array]:
    """Points and weights of the rule for each cell, both of shape (cells, 3)."""
    width = np.diff(edges).astype(np.float64)
    middle = 0.5 * (edges[:-1] + (edges[1:] - 1))
    square = np.maximum(3.0 * width**2 - 7.0, 0.0) / 20.0
    side = np.where(square > 0.0, (width**2 - 1.0) / np.where(square > 0.0, 24.0 * square, 1.0), 0.0)
    away = np.sqrt(square)
    points = np.stack([middle - away, middle, middle + away], axis=1)
    return points, width[:, None] * np.stack([side, 1.0 - 2.0 * side, side], axis=1)


@compiled
def gather(
    table: Table, family: Family, points: Array, weights: Array, log_prior: Array
) -> tuple[float, Array, Array, float]:
    """Posterior mass of each cell.

    Parameters
    ----------
    table, family
        As of `likelihood`.
    points, weights : array of float, shape (cells, 3)
        Of `nodes_of`.
    log_prior : array of float, shape (cells, 3)
        At the points.

    Returns
    -------
    scale : float
        ln of what the rest is relative to.
    mass : array of float, shape (cells,)
        Summed over graphs.
    by_graph : array of float, shape (G,)
        Summed over cells.
    error : float
        Estimate of the error of the sum of all.
    """
    table, family = borrowed(table), borrowed(family)
    cells, graphs = points.shape[0], family.sizes.size
    mass, by_graph = np.zeros(cells), np.zeros(graphs)
    values, terms = np.empty((3, graphs)), np.empty(table.zero.size)
    decay, scale, error = decays(table, family), -np.inf, 0.0
    for cell in range(cells):
        highest = -np.inf
        for k in range(3):
            log_likelihoods(table, family, decay, points[cell, k], terms, values[k])
            highest = max(highest, values[k].max() + log_prior[cell, k])
        if highest > scale + RISE:
            shrink = exp(scale - highest)
            mass[:cell] *= shrink
            by_graph *= shrink
            error *= shrink
            scale = highest
        least = scale - NEGLIGIBLE - log_prior[cell].max()
        for g in range(graphs):
            if not max(values[0, g], values[2, g]) >= least:
                continue
            here = 0.0
            for k in range(3):
                if weights[cell, k] > 0.0:
                    here += weights[cell, k] * exp(values[k, g] + log_prior[cell, k] - scale)
            mass[cell] += here
            by_graph[g] += here
            if weights[cell, 0] > 1.0:
                width = weights[cell].sum()
                change = values[2, g] - values[0, g] + log_prior[cell, 2] - log_prior[cell, 0]
                change = abs(change) / (points[cell, 2] - points[cell, 0]) * width
                for k in range(6):
                    here *= change + k * width / points[cell, 1]
                error += here * ERROR_OF_SIXTH_DERIVATIVE
    return scale, mass, by_graph, error
