"""Clusterings drawn from what is known of the pairs: the uncertainty of matching, carried on.

A clustering has a probability in proportion to the product, over the pairs inside its clusters, of their Bayes factors,
and over its clusters of size s, of the prior odds to the power s - 1; none holds two records of a source. A pair by
itself is then together exactly as often as its probability says, and records that compete for one share it out.

Groups of two records are drawn outright. In larger ones records are moved one after another to another cluster, or to
one of their own, in proportion to these (Gibbs), and two records of one source that compete change places
(Metropolis). Each draw of a group starts from the last, ten turns before.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from typing import TYPE_CHECKING, Final

import numpy as np

from undercount.data.matching.clustering import groups_of, log_odds, renumbered
from undercount.errors import EvidenceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from undercount.data.matching.matches import Matches

    type Whole = NDArray[np.int64]

LEAST: Final = 1e-3
"""Pairs less likely than this are taken for different."""
FIRST: Final = 50
"""Turns before the first draw of a group."""
TURNS: Final = 10


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


def draw_linkages(matches: Matches, count: int = 20, seed: int | None = None) -> Linkages:
    """Draw clusterings.

    Parameters
    ----------
    matches : Matches
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
    seed = matches.settings.seed if seed is None else seed
    kept = matches.probability >= LEAST
    pairs, odds = matches.pairs[kept], log_odds(matches.probability[kept])
    labels = np.tile(np.arange(matches.source.size), (count, 1))
    group = groups_of(pairs, matches.source.size)[pairs[:, 0]]
    order = np.argsort(group, kind="stable")
    edges = np.split(order, np.flatnonzero(np.diff(group[order])) + 1) if order.size else []
    alone = np.array([one[0] for one in edges if one.size == 1], dtype=np.int64)
    _draw_alone(labels, pairs[alone], odds[alone], np.random.default_rng([seed, 0]))
    prior = np.log(matches.parameters.share) - np.log1p(-matches.parameters.share)
    for one in edges:
        if one.size > 1:
            first = int(pairs[one].min())
            chain = Chain(pairs[one], odds[one], matches.source, prior, one_per_source=matches.settings.one_per_source)
            chain.draw(labels, np.random.default_rng([seed, 1, first]))
    return Linkages(np.stack([renumbered(one) for one in labels]), matches.sources, matches.source)


def _draw_alone(labels: Whole, pairs: Whole, odds: NDArray[np.float64], rng: np.random.Generator) -> None:
    chance = 1 / (1 + np.exp(-odds))
    linked = rng.random((len(labels), len(pairs))) < chance
    labels[:, pairs[:, 1]] = np.where(linked, pairs[:, 0], pairs[:, 1])


class Chain:
    """The clusters of one group of records, moved about.

    Parameters
    ----------
    pairs : ndarray of int64, shape (pairs, 2)
        Of the group.
    odds : ndarray, shape (pairs,)
        Their log odds.
    source : ndarray of int64, shape (units,)
    prior : float
        Log odds of a pair before anything is compared.
    one_per_source : bool
        Whether a cluster holds one record of a source at most.
    """

    def __init__(
        self, pairs: Whole, odds: NDArray[np.float64], source: Whole, prior: float, *, one_per_source: bool
    ) -> None:
        self.records: list[int] = np.unique(pairs).tolist()
        self.prior = prior
        self.one_per_source = one_per_source
        self.source = {record: int(source[record]) for record in self.records}
        self.weights: dict[int, dict[int, float]] = {record: {} for record in self.records}
        for (one, other), value in zip(pairs.tolist(), odds.tolist(), strict=True):
            self.weights[one][other] = self.weights[other][one] = value - prior
        self.rivals = {record: self._rivals(record) for record in self.records}
        self.cluster = {record: record for record in self.records}
        self.members: dict[int, set[int]] = {record: {record} for record in self.records}

    def _rivals(self, record: int) -> list[int]:
        """Records of one source that may be together with the same record."""
        near = {one for other in self.weights[record] for one in self.weights[other]}
        return sorted(one for one in near if one != record and self.source[one] == self.source[record])

    def draw(self, labels: Whole, rng: np.random.Generator) -> None:
        """Write the clusters of each draw into (draws, units) labels."""
        for row in range(len(labels)):
            for _ in range(TURNS if row else FIRST):
                self.turn(rng)
            for members in self.members.values():
                labels[row, list(members)] = min(members)

    def turn(self, rng: np.random.Generator) -> None:
        """Move every record once, and let as many change places."""
        chances = rng.random((2, len(self.records)))
        for place, record in enumerate(self.records):
            self._move(record, chances[0, place])
            if self.rivals[record]:
                rival = self.rivals[record][int(rng.integers(len(self.rivals[record])))]
                self._exchange(record, rival, chances[1, place])

    def _move(self, record: int, chance: float) -> None:
        self._leave(record)
        places = list(self._choices(record))
        total = 1.0 + sum(weight for _, weight in places)
        left = chance * total - 1.0
        target = -1
        for place, weight in places:
            if left < 0:
                break
            target, left = place, left - weight
        self._join(record, target)

    def _choices(self, record: int) -> Iterator[tuple[int, float]]:
        """Clusters that a record can join, each with its weight against one of its own."""
        for place in dict.fromkeys(self.cluster[one] for one in self.weights[record] if one in self.cluster):
            weight = self._weight(record, self.members[place])
            if weight is not None:
                yield place, exp(min(weight + self.prior, 600.0))

    def _weight(self, record: int, members: set[int]) -> float | None:
        """Log Bayes factor of a record with a cluster; none where a pair of them cannot be one."""
        mine, total = self.weights[record], 0.0
        for one in sorted(members):
            if one in mine:
                total += mine[one]
            elif self.one_per_source or self.source[one] != self.source[record]:
                return None
        return total

    def _exchange(self, one: int, other: int, chance: float) -> None:
        """Let two records of one source change places, by the rule of Metropolis."""
        if self.cluster[one] == self.cluster[other]:
            return
        mine, theirs = self.members[self.cluster[one]] - {one}, self.members[self.cluster[other]] - {other}
        if not mine and not theirs:
            return
        moved = (self._weight(one, theirs), self._weight(other, mine))
        stays = (self._weight(one, mine), self._weight(other, theirs))
        if None in moved or None in stays:
            return
        gain = sum(moved) - sum(stays)  # type: ignore[arg-type]
        if gain >= 0 or chance < exp(gain):
            places = self.cluster[one], self.cluster[other]
            for record, target in zip((one, other), places[::-1], strict=True):
                self._leave_to(record, target)

    def _leave_to(self, record: int, target: int) -> None:
        self.members[self.cluster[record]].discard(record)
        self.members[target].add(record)
        self.cluster[record] = target

    def _leave(self, record: int) -> None:
        place = self.cluster.pop(record)
        self.members[place].discard(record)
        if not self.members[place]:
            del self.members[place]

    def _join(self, record: int, place: int) -> None:
        if place < 0:
            place = record if record not in self.members else self._free()
        self.members.setdefault(place, set()).add(record)
        self.cluster[record] = place

    def _free(self) -> int:
        return next(one for one in self.records if one not in self.members)
