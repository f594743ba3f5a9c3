"""`match`: records of several sources -> pairs with probabilities -> clusters."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from undercount.data.matching.candidates import candidates_of
from undercount.data.matching.clustering import Candidates, clusters_of
from undercount.data.matching.comparisons import INCIDENTS, of_sources
from undercount.data.matching.engine import needed
from undercount.data.matching.facts import facts_of, source_pairs
from undercount.data.matching.refining import How, scored
from undercount.data.matching.settings import MatchSettings
from undercount.data.matching.training import Parameters, levels_of, trained
from undercount.data.matching.units import Units, units_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from undercount.data.schema import Source

_WEEK: Final = 7


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
    weights : ndarray, shape (pairs,)
        Log Bayes factor of each pair by itself.
    probability : ndarray, shape (pairs,)
        That the two are one incident.
    parameters : Parameters
        The model.
    settings : MatchSettings
    decided : ndarray of bool, shape (pairs,)
        Pairs that somebody decided: their probability is 0 or 1.
    """

    units: Units
    pairs: NDArray[np.int64]
    facts: pa.Table
    weights: NDArray[np.float64]
    probability: NDArray[np.float64]
    parameters: Parameters
    settings: MatchSettings
    decided: NDArray[np.bool_]

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
        found = Candidates(self.pairs, self.probability, self.parameters.share)
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
    start = trained(facts, comparisons, _false(units, asked, named))
    levels = levels_of(facts, comparisons)
    found = scored(pairs, units.source, levels, start, How(asked.one_per_source, asked.seed, knows_false=True))
    decided = np.zeros(len(pairs), dtype=bool)
    return Matches(units, pairs, facts, found.weights, found.probability, found.parameters, asked, decided)


def _false(units: Units, settings: MatchSettings, named: Sequence[str]) -> pa.Table:
    """Facts of pairs that cannot be one incident, and are like those that could: one source is moved in time.

    Each source is moved by its place among the sources, once forward and once backward, so that no two of its records
    that are one incident stay candidates.
    """
    import pyarrow as pa

    step = _WEEK * -(-(2 * settings.days + settings.longest) // _WEEK)
    tables = []
    for sign in (-1, 1):
        moved = sign * step * units.source
        shifted = replace(units, first=units.first + moved, last=units.last + moved)
        pairs = candidates_of(shifted, settings)
        found, places = source_pairs(units.source, units.sources, pairs)
        known = np.array([named.index(name) if name in named else -1 for name in found], dtype=np.int64)[places]
        facts = facts_of(shifted, pairs)
        facts = facts.set_column(facts.column_names.index("sources"), "sources", pa.array(known))
        tables.append(facts.filter(pa.array(known >= 0)))
    return pa.concat_tables(tables)
