"""The average over decomposable graphs of what lists say about the toll.

With a prior π(N) and all graphs equally probable beforehand, the posterior of graph and toll is proportional to
π(n + m) P(table, m | graph) (Madigan and York 1997). It is computed at every toll from n on, until a bound on the mass
beyond is below the share that may be left out. Where this takes more than 32,768 tolls, those beyond which a
hundredth of the mass lies are gathered into narrow ranges.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from math import exp, inf, log
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from undercount.errors import ModelError
from undercount.models.overlap.graphs.cells import COARSE, FINE, FINEST, cell_edges, gather, nodes_of
from undercount.models.overlap.graphs.likelihood import Array, decays, over_missing
from undercount.models.overlap.graphs.posterior import GraphAverage, Grid, Index
from undercount.models.overlap.graphs.reach import MOST_POWER, POINTS, ends_needed
from undercount.models.overlap.graphs.scan import scan
from undercount.models.overlap.graphs.setting import Averaging, Setting, impossible, setting_of, too_heavy
from undercount.models.overlap.graphs.tail import bounded_mass, spread_beyond

if TYPE_CHECKING:
    from numpy.typing import NDArray

SINGLE, LEAST_SINGLE, MOST_SINGLE = 1 << 15, 1 << 12, 1 << 22
"""Tolls that stand by themselves: all of so many; at least, if there are more; and at most."""
IN_RANGES = 1e-2
"""Share of the posterior that may lie on ranges of tolls."""
LARGEST_ERROR, ROUGH_ERROR = 1e-9, 1e-3
"""Of the sum over ranges, as a share of the whole: on the grid, and beyond one that was given."""


class _Part(NamedTuple):
    """Masses of a stretch of the grid, relative to exp(scale)."""

    scale: float
    mass: Array
    by_graph: Array
    error: float


def average(counts: NDArray[np.int64], averaging: Averaging | None = None) -> GraphAverage:
    """Average over graphs.

    Parameters
    ----------
    counts : array of int, shape (2ᴷ,)
        Victims of each pattern on K lists, 3 ≤ K ≤ 5; bit j of an index says whether they are on list j. Entry 0 is 0.
    averaging : Averaging, optional

    Returns
    -------
    GraphAverage

    Raises
    ------
    ModelError
        If the lists are too few or too many; if a count, δ, the prior or the graphs make no sense; if the posterior
        has no finite sum, or more than the share `tail` of it lies beyond 2⁴⁰ missing victims.

    Examples
    --------
    >>> kosovo = np.array([0, 1131, 845, 177, 936, 228, 217, 181, 306, 106, 31, 18, 123, 42, 32, 27])
    >>> found = average(kosovo)
    >>> found.median, found.interval()
    (12595, (9827, 16544))
    >>> found.graphs[found.graph_probability.argmax()].name(["EXH", "ABA", "OSCE", "HRW"])
    '[EXH*ABA*OSCE, EXH*OSCE*HRW]'
    """
    setting = setting_of(counts, averaging or Averaging())
    decay = decays(setting.table, setting.family) + setting.prior.decay
    if setting.most is None:
        return _as_far_as_needed(setting, decay)
    return _to_an_end(setting, decay, setting.most)


def average_many(
    tables: NDArray[np.int64], averaging: Averaging | None = None, *, threads: int = 1
) -> tuple[GraphAverage | ModelError, ...]:
    """Average over graphs, table by table.

    Parameters
    ----------
    tables : array of int, shape (S, 2ᴷ)
        As for `average`.
    averaging : Averaging, optional
        With `most_missing`, all grids are equally long.
    threads : int
        The results do not depend on it.

    Returns
    -------
    tuple of GraphAverage or ModelError, length S
        The error in the place of a table that was refused.

    Raises
    ------
    ModelError
        If it is no such array.

    Examples
    --------
    >>> uniform = Averaging(prior="uniform")
    >>> good, refused = average_many(np.array([[0, 9, 9, 4, 9, 4, 4, 2], [0, 9, 9, 0, 9, 0, 0, 2]]), uniform)
    >>> good.median, refused.code
    (61, 'model-graph-improper')
    """
    if np.ndim(tables) != 2:
        raise ModelError(
            f"the tables have {np.ndim(tables)} dimensions",
            code="overlap-counts",
            where="tables",
            hint="give one row for each table, of the shape (S, 2ᴷ)",
        )
    size = max(-(-len(tables) // max(threads, 1)), 1)
    parts = [tables[start : start + size] for start in range(0, len(tables), size)]
    if len(parts) < 2:
        return tuple(_each(tables, averaging))
    with ThreadPoolExecutor(len(parts)) as pool:
        return tuple(one for part in pool.map(lambda part: _each(part, averaging), parts) for one in part)


def _each(tables: NDArray[np.int64], averaging: Averaging | None) -> list[GraphAverage | ModelError]:
    found: list[GraphAverage | ModelError] = []
    for counts in tables:
        try:
            found.append(average(counts, averaging))
        except ModelError as error:
            found.append(error)
    return found


def _as_far_as_needed(setting: Setting, decay: Array) -> GraphAverage:
    """The posterior on a grid beyond which there is no more than the share that may be left out."""
    ends = _ends(setting, decay)
    if ends is None:
        raise too_heavy(setting, decay)
    early, last = ends
    single = SINGLE if last < SINGLE else min(max(early + 1, LEAST_SINGLE), MOST_SINGLE)
    while last < 1 << MOST_POWER:
        parts, edges = _parts(setting, last, single)
        beyond = _bound_beyond(setting, last, _whole(parts))
        if beyond < setting.averaging.tail:
            return _posterior(setting, parts, edges, decay, beyond)
        last = 2 * last + 1
    raise too_heavy(setting, decay)


def _ends(setting: Setting, decay: Array) -> tuple[int, int] | None:
    if decay.min() <= 1.0:
        return None
    tail = setting.averaging.tail
    return ends_needed(setting.table, setting.family, setting.prior, (max(IN_RANGES, tail), tail))


def _to_an_end(setting: Setting, decay: Array, most: int) -> GraphAverage:
    """The posterior on a grid that was given, or ends with the prior, and how much lies beyond."""
    parts, edges = _parts(setting, most, MOST_SINGLE)
    whole = _whole(parts)
    if whole == -inf:
        raise impossible(setting)
    if not setting.is_cut:
        return _posterior(setting, parts, edges, np.full_like(decay, inf), 0.0)
    return _posterior(setting, parts, edges, decay, _share_beyond(setting, decay, most, whole))


def _share_beyond(setting: Setting, decay: Array, most: int, whole: float) -> float:
    """Share of the posterior beyond a grid that cuts it off."""
    if setting.prior.last is not None:
        parts, _ = _parts(setting, setting.prior.last - int(setting.table.observed), MOST_SINGLE)
        return max(1.0 - exp(whole - _whole(parts)), 0.0)
    tail = setting.averaging.tail
    bound = _bound_beyond(setting, most, whole)
    if bound < tail:
        return bound / (1.0 + bound)
    ends = _ends(setting, decay)
    if ends is None:
        return 1.0
    needed = max(ends[1], most)
    rest = -inf
    if needed > most:
        for fineness in (COARSE, FINE):
            part = _ranges(setting, cell_edges(most + 1, needed, fineness))
            rest = _whole([part])
            if part.error * exp(part.scale - float(np.logaddexp(whole, rest))) < ROUGH_ERROR:
                break
    every = float(np.logaddexp(whole, rest))
    beyond = _bound_beyond(setting, needed, every)
    return (exp(rest - every) + beyond) / (1.0 + beyond) if beyond < inf else 1.0


def _parts(setting: Setting, last: int, most_single: int) -> tuple[list[_Part], Index]:
    """Masses of single tolls, then of ranges, up to a number missing; edges of the ranges."""
    single = min(last + 1, most_single)
    log_prior = setting.prior.at(setting.table.observed + np.arange(single, dtype=np.float64))
    parts = [_Part(*scan(setting.table, setting.family, log_prior), 0.0)]
    if last < single:
        return parts, np.array([single])
    for fineness in range(FINE, FINEST + 1, 2):
        edges = cell_edges(single, last, fineness)
        both = [*parts, _ranges(setting, edges)]
        if _error(both) <= LARGEST_ERROR:
            break
    return both, edges


def _ranges(setting: Setting, edges: Index) -> _Part:
    points, weights = nodes_of(edges)
    log_prior = setting.prior.at(setting.table.observed + points)
    return _Part(*gather(setting.table, setting.family, points, weights, log_prior))


def _whole(parts: list[_Part]) -> float:
    """ln of the sum of all masses."""
    sums = [part.mass.sum() for part in parts]
    return float(
        np.logaddexp.reduce([part.scale + log(x) if x > 0.0 else -inf for part, x in zip(parts, sums, strict=True)])
    )


def _error(parts: list[_Part]) -> float:
    """Estimate of the error of the sum over ranges, as a share of the whole."""
    whole = _whole(parts)
    return sum(part.error * exp(part.scale - whole) for part in parts if part.error > 0.0)


def _bound_beyond(setting: Setting, last: int, whole: float) -> float:
    """An upper bound of the mass beyond a number missing, as a share of what is known; infinite if the prior rises."""
    tolls = setting.table.observed + np.append(float(last), POINTS[last < POINTS])
    log_prior, of_prior = setting.prior.at(tolls), float(setting.prior.spread_at(tolls[:1])[0])
    if log_prior.max() > log_prior[0]:
        return inf
    spread = spread_beyond(setting.table, setting.family, float(last), setting.prior.power, of_prior)
    value = over_missing(setting.table, setting.family, np.array([last], np.float64))[0]
    return float(bounded_mass(spread, np.exp(value + log_prior[0] - whole)))


def _posterior(setting: Setting, parts: list[_Part], edges: Index, decay: Array, tail_mass: float) -> GraphAverage:
    whole = _whole(parts)
    shares = [exp(part.scale - whole) for part in parts]
    grid = Grid(int(setting.table.observed), parts[0].mass.size, edges)
    mass = np.concatenate([part.mass * share for part, share in zip(parts, shares, strict=True)])
    by_graph = np.sum([part.by_graph * share for part, share in zip(parts, shares, strict=True)], axis=0)
    mass /= mass.sum()
    by_graph /= by_graph.sum()
    mass.flags.writeable = by_graph.flags.writeable = False
    return GraphAverage(
        setting.averaging,
        setting.graphs,
        grid,
        mass,
        by_graph,
        decay,
        tail_mass,
        _error(parts),
        setting.is_cut,
    )
