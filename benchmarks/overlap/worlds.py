"""Simulated lists whose toll is known: independent, dependent, of victims who differ, sparse.

In every world the victims are drawn independently of each other from one law of patterns. With x(j) = 1 for a victim on
list j, it is a mixture over classes c and, where persons differ within a class, over z ~ Normal(0, 1), of

    P(x) ∝ exp(Σ_j x(j) (a(c, j) + spread · z) + Σ_pairs x(i) x(j) ln(odds ratio)),

where 1 / (1 + exp(-a(c, j))) is the chance to be on list j of one who is on no other list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final
from zlib import crc32

import numpy as np
from scipy.special import expit, logit

from undercount.data.lists import Lists, Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

_NODES: Final = 64
"""Of the quadrature over z."""
_NAMES: Final = "ABCDE"


@dataclass(frozen=True)
class Class:
    """Victims who are found alike."""

    share: float
    """Of the toll."""
    coverage: tuple[float, ...]
    """For each list the chance that it has a victim who is on no other."""

    def easier(self, by: float, share: float) -> Class:
        """A class whose odds to be on a list are exp(`by`) times as large."""
        return Class(share, tuple(float(expit(logit(chance) + by)) for chance in self.coverage))


@dataclass(frozen=True)
class Pair:
    """Two lists that depend on each other."""

    first: int
    second: int
    odds_ratio: float
    """Above 1 they attract each other's victims, below they avoid them."""


@dataclass(frozen=True)
class World:
    """A law of patterns, and how many victims there are."""

    kind: str
    toll: int
    classes: tuple[Class, ...]
    pairs: tuple[Pair, ...] = ()
    spread: float = 0.0
    """Standard deviation of what each person's log-odds to be on a list have of their own."""

    @property
    def lists(self) -> int:
        """How many lists there are."""
        return len(self.classes[0].coverage)

    @property
    def name(self) -> str:
        """Kind and size."""
        return f"{self.kind}, {self.lists} lists, {self.toll:,} victims"

    @cached_property
    def probabilities(self) -> Array:
        """Of each pattern, shape (2ᴷ,); bit j of an index says whether a victim is on list j."""
        marks = (np.arange(1 << self.lists)[:, None] >> np.arange(self.lists)) & 1
        together = sum(
            (np.log(pair.odds_ratio) * marks[:, pair.first] * marks[:, pair.second] for pair in self.pairs),
            start=np.zeros(len(marks)),
        )
        points, weights = self._persons()
        found: Array = np.zeros(len(marks))
        for each in self.classes:
            chances = logit(np.array(each.coverage)) + points[:, None]
            laws = np.exp(chances @ marks.T + together)
            found += each.share * (weights @ (laws / laws.sum(axis=1, keepdims=True)))
        return found

    def _persons(self) -> tuple[Array, Array]:
        if not self.spread:
            return np.zeros(1), np.ones(1)
        points, weights = np.polynomial.hermite_e.hermegauss(_NODES)
        return self.spread * points, weights / weights.sum()

    @property
    def seen(self) -> float:
        """Share of the toll that is on any list, in expectation."""
        return float(1.0 - self.probabilities[0])

    def draw(self, seed: int) -> tuple[Lists, int]:
        """Draw lists; gives them and the toll. The same seed and world give the same lists."""
        rng = np.random.default_rng([seed, crc32(self.name.encode())])
        counts = rng.multinomial(self.toll, self.probabilities)
        counts[0] = 0
        return Lists("simulated", (Table("", 0, tuple(_NAMES[: self.lists]), counts),)), self.toll


ALIKE: Final[Sequence[World]] = tuple(
    World("independent", toll, (Class(1.0, coverage),))
    for toll, coverage in (
        (1_000, (0.3, 0.4, 0.25)),
        (200, (0.45, 0.35, 0.4, 0.25)),
        (5_000, (0.2, 0.12, 0.25, 0.08)),
        (20_000, (0.12, 0.06, 0.1, 0.04, 0.02)),
    )
)
"""Sizes that every kind but the sparse one has, and their coverage before anything is added."""
SPARSE: Final[Sequence[World]] = tuple(
    World("sparse", toll, (Class(1.0, coverage),))
    for toll, coverage in (
        (200, (0.1, 0.15, 0.08)),
        (400, (0.05, 0.08, 0.1, 0.04)),
        (1_000, (0.03, 0.06, 0.04, 0.02)),
        (3_000, (0.03, 0.04, 0.02, 0.03, 0.015)),
    )
)
ATTRACTS: Final = Pair(0, 1, 3.0)
AVOIDS: Final = Pair(1, 2, 1 / 3)


def _two(alike: Class) -> tuple[Class, ...]:
    """Half of the victims are found easily, half not."""
    return alike.easier(0.7, 0.5), alike.easier(-1.2, 0.5)


def _hidden(alike: Class) -> tuple[Class, ...]:
    """A quarter of the victims is hardly listed at all."""
    return alike.easier(0.7, 0.4), alike.easier(-0.5, 0.35), alike.easier(-3.5, 0.25)


WORLDS: Final[Mapping[str, Sequence[World]]] = {
    kind: tuple(worlds)
    for kind, worlds in {
        "independent": ALIKE,
        "a pair attracts": [replace(w, kind="a pair attracts", pairs=(ATTRACTS,)) for w in ALIKE],
        "a pair avoids": [replace(w, kind="a pair avoids", pairs=(AVOIDS,)) for w in ALIKE],
        "two pairs": [replace(w, kind="two pairs", pairs=(ATTRACTS, AVOIDS)) for w in ALIKE],
        "two classes": [replace(w, kind="two classes", classes=_two(w.classes[0])) for w in ALIKE],
        "a hidden class": [replace(w, kind="a hidden class", classes=_hidden(w.classes[0])) for w in ALIKE],
        "classes and pairs": [
            replace(w, kind="classes and pairs", classes=_two(w.classes[0]), pairs=(ATTRACTS, AVOIDS)) for w in ALIKE
        ],
        "persons differ": [replace(w, kind="persons differ", spread=1.0) for w in ALIKE],
        "sparse": SPARSE,
    }.items()
}
"""Four worlds of each kind, from 200 to 20,000 victims on 3 to 5 lists."""
