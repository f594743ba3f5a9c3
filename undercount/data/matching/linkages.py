"""Clusterings drawn from what is known of the pairs: the uncertainty of matching, carried on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from undercount.data.matching.chain import Chain, fixed_weights
from undercount.data.matching.clustering import renumbered
from undercount.data.matching.redrawing import redrawn
from undercount.data.matching.settings import check_matching
from undercount.data.matching.training import weights_of

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


def draw_linkages(
    matches: Matches | VictimMatches, count: int = 20, seed: int | None = None, *, fixed_model: bool = False
) -> Linkages:
    """Draw clusterings, each with a model of pairs that is drawn as well.

    Parameters
    ----------
    matches : Matches or VictimMatches
    count : int
        How many.
    seed : int, optional
        By default that of the settings.
    fixed_model : bool
        Whether all are drawn with the model that was learnt, as if it were known: pairs are then together as often as
        their probabilities say.

    Returns
    -------
    Linkages
        The same for the same matches, count and seed.

    Raises
    ------
    EvidenceError
        If fewer than one is asked for.
    """
    check_matching("draw_linkages", "count", count, count >= 1, "how many linkages to draw, at least one")
    rng = np.random.default_rng([matches.settings.seed if seed is None else seed, 1])
    chain = Chain(matches.pairs, matches.source, one_per_source=matches.settings.one_per_source)
    told, model = matches.scored, matches.model
    drawn = []
    for draw in range(count):
        if draw == 0 or not fixed_model:
            chain.weigh(fixed_weights(weights_of(told.levels, model), matches.decided), model.share)
        for _ in range(TURNS if draw else FIRST):
            chain.turn(rng)
        drawn.append(renumbered(chain.labels))
        if not fixed_model and len(matches):
            start = replace(told.start, basis=model.basis)
            model = redrawn(chain, matches.pairs, told.levels, start, rng)
    return Linkages(np.stack(drawn), matches.sources, matches.source)
