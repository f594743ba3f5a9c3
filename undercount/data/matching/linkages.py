"""Clusterings drawn from what is known of the pairs: the uncertainty of matching, carried on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from undercount.data.matching.chain import Chain
from undercount.data.matching.clustering import renumbered
from undercount.errors import EvidenceError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from undercount.data.matching.matches import Matches
    from undercount.data.matching.victims import VictimMatches

    type Whole = NDArray[np.int64]

FIRST: Final = 50
"""Turns of the chain before the first draw."""
TURNS: Final = 10
"""Turns between two draws."""


@dataclass(frozen=True, eq=False)
class Linkages:
    """Clusterings drawn from the probabilities of pairs.

    Parameters
    ----------
    labels : ndarray of int64, shape (draws, units)
        Number of the cluster of each unit, by its first unit, from 0.
    sources : tuple of str
    source : ndarray of int64, shape (units,)
        Place of the source of each unit.
    """

    labels: Whole
    sources: tuple[str, ...]
    source: Whole

    def __len__(self) -> int:
        return len(self.labels)

    def together(self, pairs: Whole) -> NDArray[np.float64]:
        """Share of the draws in which each pair is one, shape (pairs,)."""
        return np.asarray((self.labels[:, pairs[:, 0]] == self.labels[:, pairs[:, 1]]).mean(axis=0))


def draw_linkages(matches: Matches | VictimMatches, count: int = 20, seed: int | None = None) -> Linkages:
    """Draw clusterings.

    Parameters
    ----------
    matches : Matches or VictimMatches
    count : int
        How many.
    seed : int, optional
        By default that of the settings.

    Returns
    -------
    Linkages
        The same for the same matches, count and seed.

    Raises
    ------
    EvidenceError
        If fewer than one is asked for.
    """
    if count < 1:
        raise EvidenceError(
            f"{count} draws are asked for", code="import-bad-matching", where="draws", hint="draw at least one linkage"
        )
    rng = np.random.default_rng([matches.settings.seed if seed is None else seed, 1])
    chain = Chain(matches.pairs, matches.source, one_per_source=matches.settings.one_per_source)
    chain.weigh(matches.weights, matches.parameters.share)
    drawn = []
    for draw in range(count):
        for _ in range(TURNS if draw else FIRST):
            chain.turn(rng)
        drawn.append(renumbered(chain.labels))
    return Linkages(np.stack(drawn), matches.sources, matches.source)
