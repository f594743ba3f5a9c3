"""`match`: records of several sources -> pairs with probabilities -> clusters."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from undercount.data.matching.candidates import candidates_of
from undercount.data.matching.chain import Chain
from undercount.data.matching.clustering import Candidates, clusters_of
from undercount.data.matching.comparisons import INCIDENTS, of_sources
from undercount.data.matching.engine import needed
from undercount.data.matching.facts import facts_of, source_pairs
from undercount.data.matching.false_pairs import false_facts
from undercount.data.matching.refining import Scored, scored
from undercount.data.matching.settings import MatchSettings
from undercount.data.matching.training import PairModel, levels_of, trained
from undercount.data.matching.units import Units, units_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from undercount.data.schema import Source


@dataclass(frozen=True, eq=False)
class Matches:
    """Which records of several sources may be about one incident.

    Parameters
    ----------
    units : Units
        The records that were compared.
    pairs : ndarray of int64, shape (pairs, 2)
        Candidates: places of units, the first below the second, sorted.
    facts : pyarrow.Table
        (pairs,) rows; what was compared.
    scored : Scored
        The model, and what it says of the pairs.
    settings : MatchSettings
    decided : ndarray of int64, shape (pairs,), optional
        What somebody decided of a pair: 1 that it is one, -1 that it is not, 0 nothing.
    """

    units: Units
    pairs: NDArray[np.int64]
    facts: pa.Table
    scored: Scored
    settings: MatchSettings
    decided: NDArray[np.int64] | None = None

    @property
    def probability(self) -> NDArray[np.float64]:
        """That the two records of each pair are one incident, shape (pairs,)."""
        return self.scored.probability

    @property
    def model(self) -> PairModel:
        """The shares of the levels, of true pairs and of false ones."""
        return self.scored.model

    @property
    def sources(self) -> tuple[str, ...]:
        """Identifiers of the sources, sorted."""
        return self.units.sources

    @property
    def source(self) -> NDArray[np.int64]:
        """Place of the source of each unit, shape (units,)."""
        return self.units.source

    @cached_property
    def clusters(self) -> NDArray[np.int64]:
        """Number of the cluster of each unit, shape (units,), at the threshold of the settings."""
        asked = self.settings
        found = Candidates(self.pairs, self.probability, self.model.share)
        return clusters_of(self.source, found, asked.threshold, one_per_source=asked.one_per_source)

    def with_threshold(self, threshold: float) -> Matches:
        """The same pairs, clustered at another threshold."""
        return replace(self, settings=replace(self.settings, threshold=threshold))

    def __len__(self) -> int:
        return len(self.pairs)

    def __repr__(self) -> str:
        return (
            f"<Matches: {len(self.units):,} records of {len(self.sources)} sources, {len(self):,} candidate pairs, "
            f"{int(np.sum(self.probability >= self.settings.threshold)):,} at {self.settings.threshold:g} or more>"
        )


def match(records: pa.Table, settings: MatchSettings | None = None, sources: Sequence[Source] = ()) -> Matches:
    """Find the records of different sources that are about one incident.

    Parameters
    ----------
    records : pyarrow.Table
        Canonical records, see `undercount.data.imports.incidents.FIELDS`.
    settings : MatchSettings, optional
    sources : sequence of Source
        Whose names records may cite.

    Returns
    -------
    Matches
        The same for the same records, in whatever order they come, and on any number of processors.

    Raises
    ------
    EvidenceError
        If splink is not installed, or the records cannot be matched.
    """
    needed("splink")
    asked = settings or MatchSettings()
    units = units_of(records, asked, sources)
    pairs = candidates_of(units, asked)
    facts = facts_of(units, pairs)
    named = source_pairs(units.source, units.sources, pairs)[0]
    comparisons = (*INCIDENTS, *([of_sources(named)] if len(named) > 1 else []))
    start = trained(facts, comparisons, false_facts(units, asked, named))
    levels = levels_of(facts, comparisons)
    chain = Chain(pairs, units.source, one_per_source=asked.one_per_source)
    found = scored(chain, levels, start, asked.seed)
    return Matches(units, pairs, facts, found, asked)
