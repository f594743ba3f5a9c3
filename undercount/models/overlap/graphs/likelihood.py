"""The marginal likelihood of a table of patterns under a decomposable graph, given how many victims are on no list.

Under the hyper-Dirichlet law (Dawid and Lauritzen 1993, Ann. Statist. 21, 1272) each margin of the cell probabilities
over a clique or separator S is Dirichlet with a(S) = δ 2^(lists - |S|) per cell, and margins agree. With n observed
victims, m missing ones, A = δ 2^lists, B = n + A and b(S) = a(S) + (observed victims on no list of S),

    P(table, m) = (n + m)! / (m! Π y!) · Π_cliques f(S) / Π_separators f(S),
    f(S) = Γ(A) / Γ(B + m) · Γ(b(S) + m) / Γ(a(S)) · Π_{other cells of S} Γ(a(S) + y) / Γ(a(S))

(Madigan and York 1997, Biometrika 84, 19, section 3): only Γ(b(S) + m) / Γ(B + m) changes with m. Its logarithm is
taken without its leading term -(B - b(S)) ln(B + m), whose sum over cliques and separators is put together first, so
that nothing of the size of n ln n cancels.
"""

from __future__ import annotations

from math import lgamma, log, log1p
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from undercount.compiled import borrowed, compiled, inlined
from undercount.models.gamma import ASYMPTOTIC, stirling
from undercount.models.overlap.graphs.graph import Family, Graph, family_of

Array = NDArray[np.float64]
Counts = NDArray[np.int64]


class Table(NamedTuple):
    """What the likelihood needs of a table and of δ; sets of lists are indices."""

    observed: float
    """n"""
    whole: float
    """B"""
    zero: Array
    """b(S), shape (2ᴷ,); B for the empty set."""
    fall: Array
    """B - b(S), shape (2ᴷ,)"""
    fixed: Array
    """ln f(S) without what changes with m, shape (2ᴷ,); 0 for the empty set."""
    constant: float
    """-Σ ln y!"""


@compiled
def table_of(counts: Counts, delta: float) -> Table:
    """Prepare a table of counts, shape (2ᴷ,), entry 0 of which is not read."""
    cells = counts.size
    zero, fall, fixed = np.empty(cells), np.empty(cells), np.zeros(cells)
    margin = np.empty(cells, np.int64)
    observed = counts[1:].sum()
    weight = delta * cells
    constant = 0.0
    for cell in range(1, cells):
        constant -= lgamma(counts[cell] + 1.0)
    for lists in range(cells):
        margin[:] = 0
        weight_here = weight
        for cell in range(1, cells):
            margin[cell & lists] += counts[cell]
        for j in range(cells):
            if lists >> j & 1:
                weight_here *= 0.5
        zero[lists] = weight_here + margin[0]
        fall[lists] = (weight - weight_here) + (observed - margin[0])
        if lists:
            fixed[lists] = lgamma(weight) - lgamma(weight_here)
            for cell in range(1, cells):
                if margin[cell]:
                    fixed[lists] += lgamma(weight_here + margin[cell]) - lgamma(weight_here)
    return Table(float(observed), observed + weight, zero, fall, fixed, constant)


@compiled
def lifted(x: float, y: float, fall: float) -> float:
    """ln Γ(x) - ln Γ(y) + (y - x) ln y for y ≥ x > 0 or nearly so, given `fall` = y - x without rounding."""
    log_y = log(y)
    if y < ASYMPTOTIC:
        return lgamma(x) - lgamma(y) + fall * log_y
    near, product, steps = x, 1.0, 0.0
    while near < ASYMPTOTIC:
        product *= near
        near += 1.0
        steps += 1.0
    rest = fall - steps
    ratio = log1p(-rest / y) if 2.0 * rest < y else log(near / y)
    found = (near - 0.5) * ratio + rest + stirling(near) - stirling(y)
    return found - log(product) + steps * log_y if steps else found


@inlined
def set_terms(table: Table, missing: float, terms: Array) -> tuple[float, float]:
    """Write ln f(S), without its leading term, to `terms`; give ln((n + m)! / m!) without it, and ln(B + m)."""
    y = table.whole + missing
    for lists in range(1, terms.size):
        terms[lists] = table.fixed[lists] + lifted(table.zero[lists] + missing, y, table.fall[lists])
    terms[0] = 0.0
    weight = table.whole - table.observed
    above = lifted(table.observed + missing + 1.0, y, weight - 1.0)
    return above - lifted(missing + 1.0, y, table.whole - 1.0) + table.constant, log(y)


@inlined
def decay_of(table: Table, family: Family, g: int) -> float:
    """The power of 1/m that the likelihood of a graph falls with, far out."""
    found = -table.observed
    for k in range(family.sizes[g]):
        found += table.fall[family.cliques[g, k]] - table.fall[family.separators[g, k]]
    return found


@compiled
def decays(table: Table, family: Family) -> Array:
    """That of each graph, shape (G,)."""
    found = np.empty(family.sizes.size)
    for g in range(found.size):
        found[g] = decay_of(table, family, g)
    return found


@inlined
def log_likelihoods(table: Table, family: Family, decay: Array, missing: float, terms: Array, out: Array) -> None:
    """Write ln P(table, m) under each graph to `out`, given their `decays`; `terms` is room for 2ᴷ numbers."""
    shared, log_whole = set_terms(table, missing, terms)
    for g in range(out.size):
        found = shared - decay[g] * log_whole
        for k in range(family.sizes[g]):
            found += terms[family.cliques[g, k]] - terms[family.separators[g, k]]
        out[g] = found


@compiled
def over_missing(table: Table, family: Family, missing: Array) -> Array:
    """`log_likelihoods` at each number of missing victims, shape (M, G)."""
    table, family = borrowed(table), borrowed(family)
    found, terms, decay = np.empty((missing.size, family.sizes.size)), np.empty(table.zero.size), decays(table, family)
    for i in range(missing.size):
        log_likelihoods(table, family, decay, missing[i], terms, found[i])
    return found


def log_marginal_likelihood(counts: Counts, missing: Array, delta: float, graphs: tuple[Graph, ...]) -> Array:
    """ln P(table, m) under each graph.

    Parameters
    ----------
    counts : array of int, shape (2ᴷ,)
        Victims of each pattern; entry 0 is not read.
    missing : array of float, shape (M,)
        Numbers m of victims on no list.
    delta : float
        Weight of the hyper-Dirichlet prior per cell of the full table, above 0.
    graphs : tuple of Graph
        G graphs on K lists.

    Returns
    -------
    array of float, shape (G, M)
    """
    return over_missing(table_of(counts, delta), family_of(graphs), missing).T
