"""Drawn linkages as overlapping lists of incidents: which sources saw how many of them together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from undercount.data.lists import Lists, Table
from undercount.data.lists.places import COLUMNS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from undercount.data.matching.linkages import Linkages

CAVEATS: Final = (
    "Which records are one incident was drawn from probabilities: the replicates differ by that.",
    "A source that repeats what another reports is on its list, though it did not see it for itself.",
)


def overlap_lists(linkages: Linkages, name: str = "matched", unit: str = "incidents") -> Lists:
    """Count the patterns of each drawn linkage.

    Parameters
    ----------
    linkages : Linkages
    name : str
        Of the lists, in messages and reports.
    unit : str
        What the records are about.

    Returns
    -------
    Lists
        One list for each source, and a replicate for each linkage; estimators join these by the rules of Rubin. A
        source whose name no list can have (count, stratum, replicate) has an underscore after it.
    """
    names = tuple(f"{name}_" if name in COLUMNS else name for name in linkages.sources)
    tables = [
        Table("", number, names, pattern_counts(labels, linkages.source, len(names)))
        for number, labels in enumerate(linkages.labels)
    ]
    return Lists(name, tuple(tables), caveats=CAVEATS, unit=unit)


def pattern_counts(labels: NDArray[np.int64], source: NDArray[np.int64], sources: int) -> NDArray[np.int64]:
    """Count the clusters that have each pattern of sources.

    Parameters
    ----------
    labels : ndarray of int64, shape (records,)
        Cluster of each record.
    source : ndarray of int64, shape (records,)
        Place of the source of each record.
    sources : int
        How many sources there are.

    Returns
    -------
    ndarray of int64, shape (2**sources,)
        Bit j of an index says whether source j has a record of the cluster.
    """
    seen = np.zeros((int(labels.max(initial=-1)) + 1, sources), dtype=np.int64)
    seen[labels, source] = 1
    return np.bincount(seen @ (1 << np.arange(sources)), minlength=2**sources)
