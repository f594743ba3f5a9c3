"""The average taken apart: graph by graph, and under other priors."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from undercount.errors import ModelError
from undercount.models.overlap.graphs.average import average
from undercount.models.overlap.graphs.setting import Averaging

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from undercount.models.overlap.graphs.graph import Graph
    from undercount.models.overlap.graphs.posterior import GraphAverage
    from undercount.models.overlap.graphs.prior import TollPrior


class Single(NamedTuple):
    """What a graph says by itself."""

    graph: Graph
    probability: float
    """Of the graph, in the average."""
    posterior: GraphAverage
    """Of the toll, given the graph."""


class Effect(NamedTuple):
    """The average under a choice of priors."""

    delta: float | None
    prior: TollPrior | str
    found: GraphAverage | ModelError
    """The error where the posterior has no finite sum."""


def leading_graphs(
    counts: NDArray[np.int64], averaging: Averaging | None = None, *, least: float = 0.01
) -> tuple[Single, ...]:
    """Graphs that are at least so probable, and the toll under each of them.

    Parameters
    ----------
    counts, averaging
        As for `average`, with its errors.
    least : float
        Least posterior probability.

    Returns
    -------
    tuple of Single
        The most probable first.

    Examples
    --------
    >>> kosovo = np.array([0, 1131, 845, 177, 936, 228, 217, 181, 306, 106, 31, 18, 123, 42, 32, 27])
    >>> for graph, probability, posterior in leading_graphs(kosovo):
    ...     print(graph.name("EAOH"), round(probability, 3), posterior.median, posterior.interval())
    [E*A*O, E*O*H] 0.986 12623 (10156, 16560)
    [E*A*O, O*H] 0.011 8631 (7869, 9575)
    """
    averaging = averaging or Averaging()
    whole = average(counts, averaging)
    order = np.argsort(-whole.graph_probability, kind="stable")
    found = []
    for g in order[whole.graph_probability[order] >= least]:
        graph = whole.graphs[g]
        posterior = average(counts, replace(averaging, graphs=(graph,)))
        found.append(Single(graph, float(whole.graph_probability[g]), posterior))
    return tuple(found)


def effects(
    counts: NDArray[np.int64],
    averaging: Averaging | None = None,
    *,
    deltas: Sequence[float | None] = (None, 0.5, 1.0),
    priors: Sequence[TollPrior | str] = ("1/N", "uniform"),
) -> tuple[Effect, ...]:
    """Average under each weight δ and each prior on the toll.

    Parameters
    ----------
    counts, averaging
        As for `average`; δ and prior of `averaging` are not used.
    deltas : sequence of float or None
        None is 2⁻ᴷ.
    priors : sequence of TollPrior or str

    Returns
    -------
    tuple of Effect
        For each δ, each prior.

    Examples
    --------
    >>> kosovo = np.array([0, 1131, 845, 177, 936, 228, 217, 181, 306, 106, 31, 18, 123, 42, 32, 27])
    >>> [effect.found.median for effect in effects(kosovo, deltas=[0.0625, 1.0])]
    [12595, 12804, 9786, 10153]
    """
    averaging = averaging or Averaging()
    return tuple(
        Effect(delta, prior, _tried(counts, replace(averaging, delta=delta, prior=prior)))
        for delta in deltas
        for prior in priors
    )


def _tried(counts: NDArray[np.int64], averaging: Averaging) -> GraphAverage | ModelError:
    try:
        return average(counts, averaging)
    except ModelError as error:
        return error
