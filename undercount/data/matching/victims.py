"""Lists of victims by name -> lists of counts. Names are compared in memory, and never leave this module.

Of a name nothing is kept but how alike it is to others: no result, file, log or error holds one. A record is known by a
key, a hash with a salt that is new in every run, or given by whoever wants to find the same keys again.
"""

from __future__ import annotations

import csv
import hashlib
import secrets
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from undercount.data.matching.chain import Chain
from undercount.data.matching.clustering import Candidates, clusters_of
from undercount.data.matching.comparisons import VICTIMS, of_sources
from undercount.data.matching.engine import needed
from undercount.data.matching.facts import source_pairs
from undercount.data.matching.persons import persons_of
from undercount.data.matching.refining import Scored, scored
from undercount.data.matching.resemblance import resembling
from undercount.data.matching.settings import check_matching
from undercount.data.matching.training import levels_of, trained

if TYPE_CHECKING:
    import os

    from numpy.typing import NDArray

    from undercount.data.matching.training import PairModel

LEAST_SALT: Final = 16
"""Bytes."""


@dataclass(frozen=True)
class VictimSettings:
    """How lists of victims are linked.

    Parameters
    ----------
    threshold : float
        Probability from which two records are one victim in the clusters; drawn linkages need none.
    one_per_source : bool
        Whether a list has each victim once.
    seed : int
    salt : bytes, optional
        Of the keys, at least 16 bytes; by default new in every run.

    Raises
    ------
    EvidenceError
        If a setting makes no sense.
    """

    threshold: float = 0.9
    one_per_source: bool = True
    seed: int = 2017
    salt: bytes | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        check_matching(
            "VictimSettings", "threshold", self.threshold, 0 < self.threshold < 1, "a number between 0 and 1"
        )
        is_long = self.salt is None or len(self.salt) >= LEAST_SALT
        check_matching("VictimSettings", "salt", "too short", is_long, f"at least {LEAST_SALT} random bytes, or none")


@dataclass(frozen=True, eq=False)
class VictimMatches:
    """Which records of several lists may be of one victim; nobody's name.

    Parameters
    ----------
    sources : tuple of str
        The lists, sorted.
    source : ndarray of int64, shape (records,)
        Place of the list of each record.
    keys : tuple of str
        Salted hash of each record.
    pairs : ndarray of int64, shape (pairs, 2)
        Candidates, the first below the second, sorted.
    scored : Scored
        The model, and what it says of the pairs.
    settings : VictimSettings
        Without its salt.
    """

    sources: tuple[str, ...]
    source: NDArray[np.int64]
    keys: tuple[str, ...]
    pairs: NDArray[np.int64]
    scored: Scored
    settings: VictimSettings

    @property
    def probability(self) -> NDArray[np.float64]:
        """That the two records of each pair are one victim, shape (pairs,)."""
        return self.scored.probability

    @property
    def model(self) -> PairModel:
        """The shares of the levels, of true pairs and of false ones."""
        return self.scored.model

    @property
    def decided(self) -> None:
        """Nobody looks at pairs: that would show names."""
        return

    @cached_property
    def clusters(self) -> NDArray[np.int64]:
        """Number of the cluster of each record, shape (records,), at the threshold of the settings."""
        found = Candidates(self.pairs, self.probability, self.model.share)
        return clusters_of(self.source, found, self.settings.threshold, one_per_source=self.settings.one_per_source)

    def __len__(self) -> int:
        return len(self.pairs)

    def __repr__(self) -> str:
        return (
            f"<VictimMatches: {self.source.size:,} records of {len(self.sources)} lists, {len(self):,} candidate pairs>"
        )


def link_victims(path: str | os.PathLike[str], settings: VictimSettings | None = None) -> VictimMatches:
    """Link the records of several lists of victims.

    Parameters
    ----------
    path : path
        A csv file (UTF-8, separated by commas, with a header): `name` and `list` are needed, `age`, `sex`, `date`
        (YYYY-MM-DD) and `place` help. An empty cell is not known.
    settings : VictimSettings, optional

    Returns
    -------
    VictimMatches

    Raises
    ------
    EvidenceError
        If splink is not installed, or the file cannot be used; the message holds no cell of it.
    """
    import pyarrow as pa

    needed("splink")
    asked = settings or VictimSettings()
    salt = asked.salt or secrets.token_bytes(32)
    persons = persons_of(Path(path))
    pairs, facts = resembling(persons)
    named, sides = source_pairs(persons.source, persons.sources, pairs)
    comparisons = (*VICTIMS, *([of_sources(named)] if len(named) > 1 else []))
    table = facts.append_column("sources", pa.array(sides))
    start = trained(table, comparisons)
    chain = Chain(pairs, persons.source, one_per_source=asked.one_per_source)
    found = scored(chain, levels_of(table, comparisons), start, asked.seed)
    kept = VictimSettings(asked.threshold, asked.one_per_source, asked.seed)
    keys = tuple(hashlib.blake2b(told, key=salt[:64], digest_size=12).hexdigest() for told in persons.told)
    return VictimMatches(persons.sources, persons.source, keys, pairs, found, kept)


def write_clusters(path: Path, matches: VictimMatches) -> None:
    """Write which records are one victim: cluster, list and key."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["cluster", "list", "key"])
        for place in np.argsort(matches.clusters, kind="stable").tolist():
            writer.writerow(
                [int(matches.clusters[place]) + 1, matches.sources[matches.source[place]], matches.keys[place]]
            )
