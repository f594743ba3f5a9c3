"""Pairs above a threshold as clusters, each with one record of a source at most.

Records that hang together by such pairs are a group. A group in which every two records may be one is a cluster. In any
other, such as one where a source stands twice, the sources come one after another, the one with the most records first;
each is assigned to the clusters so far, all records at once, at the highest sum of log Bayes factors, against the log
odds of the threshold as the price of each record that joins. Of two sources that is the best clustering there is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    type Whole = NDArray[np.int64]
    type Weights = Mapping[tuple[int, int], float]

MOST_ODDS: Final = 30.0
_NEVER: Final = -1e6
"""Of a pair that cannot be one."""


def log_odds(probability: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log odds of probabilities, from -30 to 30, shape as given."""
    with np.errstate(divide="ignore"):
        found = np.log(probability) - np.log1p(-probability)
    return np.asarray(np.clip(found, -MOST_ODDS, MOST_ODDS))


def groups_of(pairs: Whole, count: int) -> Whole:
    """Number the groups of records that hang together, shape (count,); by their first record, from 0."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(pairs), dtype=np.int8), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    return renumbered(connected_components(graph, directed=False)[1].astype(np.int64))


def renumbered(labels: Whole) -> Whole:
    """Number groups by their first record, from 0."""
    _, first, places = np.unique(labels, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[places].astype(np.int64)


class Candidates(NamedTuple):
    """Pairs of records that can be one.

    Attributes
    ----------
    pairs : ndarray of int64, shape (pairs, 2)
        The first below the second.
    probability : ndarray, shape (pairs,)
        0 where it was decided that they are not.
    share : float
        Of the candidates that are true.
    """

    pairs: Whole
    probability: NDArray[np.float64]
    share: float


def clusters_of(source: Whole, found: Candidates, threshold: float, *, one_per_source: bool = True) -> Whole:
    """Put records together.

    Parameters
    ----------
    source : ndarray of int64, shape (records,)
        Whose they are.
    found : Candidates
    threshold : float
        Probability from which a pair is one.
    one_per_source : bool
        Whether a cluster holds one record of a source at most; else all that hangs together is one.

    Returns
    -------
    ndarray of int64, shape (records,)
        Number of the cluster of each record, by its first record, from 0.
    """
    pairs, probability = found.pairs, found.probability
    labels = groups_of(pairs[probability >= threshold], source.size)
    if not one_per_source:
        return labels
    inner = (labels[pairs[:, 0]] == labels[pairs[:, 1]]) & (probability > 0)
    crowded = _crowded(labels, labels[pairs[inner, 0]])
    chosen = inner & np.isin(labels[pairs[:, 0]], crowded)
    prior, price = (float(np.log(one) - np.log1p(-one)) for one in (found.share, threshold))
    weights = log_odds(probability[chosen]) - prior
    odds = dict(zip(map(tuple, pairs[chosen].tolist()), weights.tolist(), strict=True))
    groups = _members(labels)
    following = int(labels.max(initial=0)) + 1
    for group in crowded.tolist():
        for cluster in _assigned(groups[group].tolist(), source, odds, prior - price):
            labels[cluster] = following
            following += 1
    return renumbered(labels)


def _members(labels: Whole) -> list[Whole]:
    order = np.argsort(labels, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(labels[order])) + 1)


def _crowded(labels: Whole, inner: Whole) -> Whole:
    """Groups in which some two records cannot be one: they have fewer pairs than their size asks for."""
    sizes = np.bincount(labels)
    return np.flatnonzero(np.bincount(inner, minlength=sizes.size) < sizes * (sizes - 1) // 2)


def _assigned(group: Sequence[int], source: Whole, odds: Weights, joining: float) -> list[list[int]]:
    from scipy.optimize import linear_sum_assignment

    members: dict[int, list[int]] = {}
    for record in group:
        members.setdefault(int(source[record]), []).append(record)
    clusters: list[list[int]] = []
    for name in sorted(members, key=lambda one: (-len(members[one]), one)):
        records = members[name]
        gains = np.array([[joining + _gain(record, cluster, odds) for cluster in clusters] for record in records])
        # A record may as well begin a cluster of its own, at no gain.
        options = np.hstack([gains.reshape(len(records), len(clusters)), np.zeros((len(records), len(records)))])
        before = len(clusters)
        for row, column in zip(*linear_sum_assignment(options, maximize=True), strict=True):
            if column < before and gains[row, column] > 0:
                clusters[column] = [*clusters[column], records[row]]
            else:
                clusters.append([records[row]])
    return clusters


def _gain(record: int, cluster: Sequence[int], odds: Weights) -> float:
    return sum(odds.get((min(record, one), max(record, one)), _NEVER) for one in cluster)
