"""What a source counted in a scope: its records there, and those that may lie there or elsewhere.

Records are added up by what is known of them, and what is known of two may overlap: nobody is named for one, and an
actor for the other; or the days of one cross two windows. A report is about all that its source counted in its scope.
So it is at least the sum of the records that surely lie in it, and at most that of those that may.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


@dataclass(frozen=True, slots=True)
class Group:
    """Records of one source, one class of victims and one quantity that are alike in all else.

    Parameters
    ----------
    first, last : int
        Days.
    area : str
        Empty: any.
    actors : frozenset of str
        Empty: anybody.
    is_sure : bool
        Whether the actors are not contested.
    low : int
    high : int or None
        None where the end is open.
    records : int
    """

    first: int
    last: int
    area: str
    actors: frozenset[str]
    is_sure: bool
    low: int
    high: int | None
    records: int

    def may_share(self, other: Group) -> bool:
        """Whether records of another one may lie in the scope of this, if the areas meet."""
        if self.last < other.first or other.last < self.first:
            return False
        surely = self.is_sure and other.is_sure and bool(self.actors) and bool(other.actors)
        return not surely or bool(self.actors & other.actors)

    def holds(self, other: Group) -> bool:
        """Whether all records of another one surely lie in the scope of this."""
        if not (self.first <= other.first and other.last <= self.last and self.area in ("", other.area)):
            return False
        return not self.actors or (other.is_sure and bool(other.actors) and other.actors <= self.actors)


@dataclass(frozen=True, slots=True)
class Counted:
    """What a source counted in the scope of a group."""

    low: int
    high: int | None
    more: int
    """Records that may lie in the scope or not."""


def counted(groups: Sequence[Group]) -> list[Counted]:
    """Give what a source counted in the scope of each group.

    Parameters
    ----------
    groups : sequence of Group
        All of one source, one class of victims and one quantity.

    Returns
    -------
    list of Counted
        In the order of the groups.

    Examples
    --------
    >>> someone = Group(0, 6, "north", frozenset({"a"}), True, 10, 10, 4)
    >>> anybody = Group(0, 6, "north", frozenset(), True, 5, 5, 2)
    >>> counted([someone, anybody])
    [Counted(low=10, high=15, more=2), Counted(low=15, high=15, more=0)]
    """
    low = [group.low for group in groups]
    high = [group.high for group in groups]
    more = [0] * len(groups)
    for one, other in _pairs(groups):
        for own, beside in ((one, other), (other, one)):
            scope, records = groups[own], groups[beside]
            if not scope.may_share(records):
                continue
            total = high[own]
            high[own] = None if total is None or records.high is None else total + records.high
            if scope.holds(records):
                low[own] += records.low
            else:
                more[own] += records.records
    return [Counted(*each) for each in zip(low, high, more, strict=True)]


def _pairs(groups: Sequence[Group]) -> Iterator[tuple[int, int]]:
    """Places of two groups whose days and areas meet, each pair once."""
    by_area: dict[str, list[int]] = {}
    for place, group in enumerate(groups):
        by_area.setdefault(group.area, []).append(place)
    anywhere = by_area.get("", [])
    for area, own in by_area.items():
        beside = anywhere if area else []
        for one, other in _meeting(groups, [*own, *beside]):
            if groups[one].area == area or groups[other].area == area:
                yield one, other


def _meeting(groups: Sequence[Group], places: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Places of two groups whose days meet."""
    open_: list[int] = []
    for place in sorted(places, key=lambda place: (groups[place].first, place)):
        open_ = [other for other in open_ if groups[other].last >= groups[place].first]
        yield from ((other, place) for other in open_)
        open_.append(place)
