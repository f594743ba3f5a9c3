"""What matching leaves in a case: pairs, clusters, pairs in doubt, and the overlap of the drawn linkages."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from undercount.data.matching.review import KEYS, safe, write_review
from undercount.data.matching.training import levels_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from undercount.data.lists import Lists
    from undercount.data.matching.matches import Matches

MATCHES: Final = "matches.csv"
CLUSTERS: Final = "clusters.csv"
REVIEW: Final = "review.csv"
OVERLAP: Final = "overlap.csv"
SHOWN: Final = ("start", "end", "low", "high", "actors", "area", "place", "latitude", "longitude")
LEAST: Final = 0.001
"""Pairs less likely than this are not written."""


def write_all(folder: Path, matches: Matches, lists: Lists) -> int:
    """Write the files into a folder.

    Returns
    -------
    int
        How many pairs are in doubt.
    """
    names = [one.name for one in matches.model.comparisons]
    _write(folder / MATCHES, [*KEYS, "probability", *names], _pairs(matches))
    _write(folder / CLUSTERS, ["cluster", "source", "record", *SHOWN], _clusters(matches))
    lists.to_frame().to_csv(folder / OVERLAP, index=False, lineterminator="\n")
    return write_review(folder / REVIEW, matches)


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def _pairs(matches: Matches) -> Iterator[list[Any]]:
    levels = levels_of(matches.facts, matches.model.comparisons)
    source, record = (list(map(safe, matches.units.records[name].to_pylist())) for name in ("source", "record"))
    for number in np.flatnonzero(matches.probability >= LEAST).tolist():
        one, other = matches.pairs[number].tolist()
        alike = [
            comparison.levels[level].name if level >= 0 else ""
            for comparison, level in zip(matches.model.comparisons, levels[number].tolist(), strict=True)
        ]
        keys = (source[one], record[one], source[other], record[other])
        yield [*keys, f"{matches.probability[number]:.4f}", *alike]


def _clusters(matches: Matches) -> Iterator[list[Any]]:
    rows = matches.units.records.select(["source", "record", *SHOWN]).to_pylist()
    for place in np.argsort(matches.clusters, kind="stable").tolist():
        yield [int(matches.clusters[place]) + 1, *map(safe, rows[place].values())]
