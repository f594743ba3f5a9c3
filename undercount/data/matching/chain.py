"""Clusterings of records, moved about in proportion to their probability.

A clustering has a probability in proportion to a product over its clusters: the Bayes factors of the pairs inside,
each to the power √(2/s) in a cluster of s records, and the prior odds of a pair to the power s - 1. The s(s - 1)/2
pairs of a cluster share the errors of s records, of which s - 1 findings are left: the power makes of them the
geometric mean of the two numbers, with which probabilities are calibrated in simulated worlds (`tests/data/matching`);
to the powers 1 and 2/s they are too sure and not sure enough. Two records that are no candidates are never together,
so that no cluster holds two records of a source. A pair by itself is together exactly as often as its Bayes factor
and the prior odds say, and records that compete for one share it out.

In a turn every record in its order is moved to another cluster, or to one of its own (Gibbs), and may change places
with a record of its source that competes with it (Metropolis).
"""

from __future__ import annotations

from math import exp, sqrt
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    type Whole = NDArray[np.int64]
    type Near = list[tuple[int, float, int]]

LEAST: Final = 1e-3
"""Pairs that are by themselves less likely than this are taken for different, for speed."""
SURE: Final = 1000.0
"""Log Bayes factor of what was decided."""
_MOST: Final = 600.0
"""Of what `exp` can take."""


def fixed_weights(weights: NDArray[np.float64], decided: Whole | None) -> NDArray[np.float64]:
    """The log Bayes factors of pairs, of which some were decided (1, -1, or 0 for nothing)."""
    if decided is None:
        return weights
    return np.where(decided == 0, weights, SURE * decided)


class Chain:
    """The clusters of all records, from each by itself.

    Parameters
    ----------
    pairs : ndarray of int64, shape (pairs, 2)
        Candidates, the first below the second.
    source : ndarray of int64, shape (records,)
    one_per_source : bool
        Whether a cluster holds one record of a source at most.
    """

    def __init__(self, pairs: Whole, source: Whole, *, one_per_source: bool = True) -> None:
        self._pairs = pairs
        self._source: list[int] = source.tolist()
        self._one_per_source = one_per_source
        self._cluster = list(range(source.size))
        self._size = [1] * source.size
        self._sum = [0.0] * source.size
        self._free: list[int] = []
        self._prior = 0.0
        self._near: list[Near] = [[] for _ in self._cluster]
        self._rivals: list[list[int]] = [[] for _ in self._cluster]
        self._records: list[int] = []

    def weigh(self, weights: NDArray[np.float64], share: float) -> None:
        """Set the log Bayes factors of the pairs, shape (pairs,), and the share of the candidates that are one."""
        self._prior = float(np.log(share) - np.log1p(-share))
        least = np.log(LEAST) - np.log1p(-LEAST)
        kept = np.flatnonzero(weights + self._prior >= least)
        self._near = [[] for _ in self._cluster]
        for number, (one, other), weight in zip(
            kept.tolist(), self._pairs[kept].tolist(), weights[kept].tolist(), strict=True
        ):
            self._near[one].append((other, weight, number))
            self._near[other].append((one, weight, number))
        self._records = [
            record for record, near in enumerate(self._near) if near or self._size[self._cluster[record]] > 1
        ]
        for record in self._records:
            around = {one for other, _, _ in self._near[record] for one, _, _ in self._near[other]}
            self._rivals[record] = sorted(one for one in around if self._is_rival(one, record))
        self._sum = [0.0] * len(self._cluster)
        for one, near in enumerate(self._near):
            for other, weight, _ in near:
                if one < other and self._cluster[one] == self._cluster[other]:
                    self._sum[self._cluster[one]] += weight

    def _is_rival(self, one: int, record: int) -> bool:
        return one != record and self._source[one] == self._source[record]

    @property
    def labels(self) -> Whole:
        """Cluster of each record, shape (records,)."""
        return np.array(self._cluster, dtype=np.int64)

    @property
    def pairs(self) -> int:
        """How many candidates there are."""
        return len(self._pairs)

    @property
    def places(self) -> Whole:
        """How many clusters each record could join, as they stand; shape (records,)."""
        labels, source = self.labels, np.array(self._source, dtype=np.int64)
        sources = int(source.max(initial=0)) + 1
        mine, theirs = (np.concatenate([self._pairs[:, side], self._pairs[:, 1 - side]]) for side in (0, 1))
        held = np.bincount(labels * sources + source, minlength=labels.size * sources)
        # A cluster that holds another record of the same source is closed.
        others = held[labels[theirs] * sources + source[mine]] - (labels[theirs] == labels[mine])
        keys = np.unique((mine * labels.size + labels[theirs])[others == 0])
        return np.bincount(keys // labels.size, minlength=labels.size)

    def turn(self, rng: np.random.Generator, chances: NDArray[np.float64] | None = None) -> float:
        """Move every record.

        Parameters
        ----------
        rng : Generator
        chances : ndarray, shape (pairs,), optional
            The chance that each pair is together, given all others, is added to it, from either side.

        Returns
        -------
        float
            How many records were expected to join others.
        """
        joined = 0.0
        drawn = rng.random((3, len(self._records))).tolist()
        for record, move, rival, exchange in zip(self._records, *drawn, strict=True):
            joined += self._move(record, move, chances)
            rivals = self._rivals[record]
            # Half of the time only: exchanges that always succeed would undo each other turn by turn.
            if rivals and rival < 0.5:
                self._exchange(record, rivals[int(2 * rival * len(rivals))], exchange)
        return joined

    def _move(self, record: int, chance: float, chances: NDArray[np.float64] | None) -> float:
        linked = self._linked(record)
        self._leave(record, linked)
        options = {
            place: self._gain(place, total)
            for place, (total, count) in linked.items()
            if self._fits(record, place, count)
        }
        whole = 1.0 + sum(options.values())
        if chances is not None:
            for other, _, number in self._near[record]:
                chances[number] += options.get(self._cluster[other], 0.0) / whole
        left = chance * whole - 1.0
        target = -1
        for place, weight in options.items():
            if left < 0:
                break
            target, left = place, left - weight
        self._join(record, target, linked)
        return 1 - 1 / whole

    def _linked(self, record: int) -> dict[int, tuple[float, int]]:
        """Clusters of the candidates of a record: the sum of their weights, and how many they are."""
        found: dict[int, tuple[float, int]] = {}
        for other, weight, _ in self._near[record]:
            place = self._cluster[other]
            total, count = found.get(place, (0.0, 0))
            found[place] = (total + weight, count + 1)
        return found

    def _gain(self, place: int, total: float) -> float:
        """Weight of a record in a cluster, against one by itself."""
        size, inner = self._size[place], self._sum[place]
        return exp(min(self._prior + _power(size + 1) * (inner + total) - _power(size) * inner, _MOST))

    def _fits(self, record: int, place: int, count: int) -> bool:
        """Whether a record is a candidate with all of a cluster, in which it has so many."""
        missing = self._size[place] - count
        if missing == 0 or self._one_per_source:
            return missing == 0
        return missing == sum(self._cluster[one] == place for one in self._rivals[record])

    def _leave(self, record: int, linked: dict[int, tuple[float, int]]) -> None:
        place = self._cluster[record]
        self._size[place] -= 1
        self._sum[place] -= linked.get(place, (0.0, 0))[0]
        self._cluster[record] = -1
        if self._size[place] == 0:
            self._sum[place] = 0.0
            self._free.append(place)

    def _join(self, record: int, place: int, linked: dict[int, tuple[float, int]]) -> None:
        if place < 0:
            place = self._free.pop()
        self._size[place] += 1
        self._sum[place] += linked.get(place, (0.0, 0))[0] if self._size[place] > 1 else 0.0
        self._cluster[record] = place

    def _exchange(self, one: int, other: int, chance: float) -> None:
        """Let two records of one source change places, by the rule of Metropolis."""
        here, there = self._cluster[one], self._cluster[other]
        if here == there:
            return
        mine, theirs = self._linked(one), self._linked(other)
        none = (0.0, 0)
        (stay, known), (go, reach) = mine.get(here, none), mine.get(there, none)
        (leave, held), (come, met) = theirs.get(there, none), theirs.get(here, none)
        if (known, held, reach, met) != (
            self._size[here] - 1,
            self._size[there] - 1,
            self._size[there] - 1,
            self._size[here] - 1,
        ):
            return
        gain = _power(self._size[here]) * (come - stay) + _power(self._size[there]) * (go - leave)
        if gain >= 0 or chance < exp(gain):
            self._cluster[one], self._cluster[other] = there, here
            self._sum[here] += come - stay
            self._sum[there] += go - leave


def _power(size: int) -> float:
    """Of the Bayes factors in a cluster."""
    return sqrt(2 / size)
