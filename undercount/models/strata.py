"""The cells that the toll is divided into: actor, area, victim class and quantity."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

    from undercount.data.evidence import Evidence
    from undercount.data.schema import Report

Index = NDArray[np.int64]


@dataclass(frozen=True)
class Strata:
    """Every actor × area × (victims, quantity) that the estimand or a used report is about.

    Stratum number = (actor · areas + area) · kinds + kind, in the sorted order of each.
    """

    actors: tuple[str, ...]
    areas: tuple[str, ...]
    kinds: tuple[tuple[str, str], ...]
    """(victims, quantity)."""

    @classmethod
    def of(cls, evidence: Evidence, reports: Sequence[Report]) -> Strata:
        """Strata of a case, in canonical order."""
        dimensions, estimand = evidence.case.dimensions, evidence.case.estimand
        kinds = {(estimand.victims, estimand.quantity)} | {(r.victims, r.quantity) for r in reports}
        return cls(
            tuple(sorted(dimensions["actor"].levels)), tuple(sorted(dimensions["area"].levels)), tuple(sorted(kinds))
        )

    @property
    def shape(self) -> tuple[int, int, int]:
        """Actors, areas, kinds."""
        return len(self.actors), len(self.areas), len(self.kinds)

    @property
    def count(self) -> int:
        """Number of strata."""
        return len(self.actors) * len(self.areas) * len(self.kinds)

    @cached_property
    def place(self) -> tuple[Index, Index, Index]:
        """Actor, area and kind of each stratum."""
        actor, area, kind = np.unravel_index(np.arange(self.count), self.shape)
        return actor, area, kind

    @cached_property
    def group(self) -> Index:
        """Area and kind of each stratum as one number; its actors' shares add up to one."""
        _, area, kind = self.place
        return area * len(self.kinds) + kind

    def select(
        self, actors: Sequence[str], areas: Sequence[str], victims: str | None = None, quantity: str | None = None
    ) -> frozenset[int]:
        """Strata of these actors and areas; none named means all."""
        asked = tuple(actors), tuple(areas), victims, quantity
        if asked not in self._selected:
            self._selected[asked] = frozenset(
                (a * len(self.areas) + b) * len(self.kinds) + k
                for a, actor in enumerate(self.actors)
                if not actors or actor in actors
                for b, area in enumerate(self.areas)
                if not areas or area in areas
                for k, (who, what) in enumerate(self.kinds)
                if victims in (None, who) and quantity in (None, what)
            )
        return self._selected[asked]

    @cached_property
    def _selected(self) -> dict[tuple[object, ...], frozenset[int]]:
        """What was asked for before: many reports are about the same strata."""
        return {}
