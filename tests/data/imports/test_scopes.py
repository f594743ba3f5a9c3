"""What a source counted in a scope, against a world in which it is known where each record belongs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from undercount.data.imports.scopes import Counted, Group, counted

AREAS = ("north", "south")
ACTORS = ("a", "b", "c")
DAYS = range(6)


@st.composite
def groups(draw: st.DrawFn) -> Group:
    first, last = sorted((draw(st.sampled_from(DAYS)), draw(st.sampled_from(DAYS))))
    actors = draw(st.frozensets(st.sampled_from(ACTORS), max_size=2))
    low = draw(st.integers(0, 9))
    high = draw(st.none() | st.integers(low, 12))
    return Group(first, last, draw(st.sampled_from(("", *AREAS))), actors, draw(st.booleans()), low, high, 1)


def cells(group: Group) -> list[tuple[int, str, str]]:
    """Day, area and actor of which the records of a group may be."""
    areas = [group.area] if group.area else AREAS
    actors = group.actors if group.actors and group.is_sure else ACTORS
    return [(day, area, one) for day in range(group.first, group.last + 1) for area in areas for one in sorted(actors)]


def slow(groups_: list[Group]) -> list[Counted]:
    """Every pair, cell by cell."""
    found = []
    for place, group in enumerate(groups_):
        low, high, more = group.low, group.high, 0
        stated = {cell for cell in cells(group) if not group.actors or cell[2] in group.actors}
        for other in (one for there, one in enumerate(groups_) if there != place):
            if not {*cells(group)} & {*cells(other)}:
                continue
            high = None if high is None or other.high is None else high + other.high
            if {*cells(other)} <= stated and (other.is_sure or not group.actors) and (other.actors or not group.actors):
                low += other.low
            else:
                more += other.records
        found.append(Counted(low, high, more))
    return found


@given(st.lists(groups(), max_size=8))
def test_pairs_are_found_as_one_by_one(those: list[Group]) -> None:
    # An actor list of all actors is treated as a list, and an area is never "all areas": as in the slow way.
    assert [(one.low, one.high) for one in counted(those)] == [(one.low, one.high) for one in slow(those)]


@given(st.lists(groups(), max_size=8), st.data())
def test_what_was_counted_lies_between(those: list[Group], data: st.DataObject) -> None:
    """Put every record where it may be: what lies in the scope of a report is what the report allows."""
    truth = []
    for group in those:
        most = group.low + 3 if group.high is None else group.high
        truth.append((data.draw(st.sampled_from(cells(group))), data.draw(st.integers(group.low, most))))
    for place, (group, found) in enumerate(zip(those, counted(those), strict=True)):
        own = truth[place][0]
        is_theirs = not group.actors or own[2] in group.actors
        inside = sum(
            dead
            for (day, area, actor), dead in truth
            if group.first <= day <= group.last
            and group.area in ("", area)
            and (not group.actors or actor in group.actors or not is_theirs)
        )
        assert found.low <= inside
        assert found.high is None or inside <= found.high


def test_groups_apart_are_left_alone() -> None:
    those = [
        Group(0, 6, "north", frozenset({"a"}), True, 3, 4, 2),
        Group(0, 6, "north", frozenset({"b"}), True, 5, 5, 1),
        Group(7, 13, "north", frozenset({"a"}), True, 1, None, 1),
        Group(0, 6, "south", frozenset(), True, 9, 9, 1),
    ]
    assert counted(those) == [Counted(3, 4, 0), Counted(5, 5, 0), Counted(1, None, 0), Counted(9, 9, 0)]


def test_days_that_cross_two_windows_are_in_both_or_one() -> None:
    weeks = [Group(0, 6, "n", frozenset(), True, 3, 3, 1), Group(7, 13, "n", frozenset(), True, 4, 4, 2)]
    both = Group(0, 13, "n", frozenset(), True, 2, 2, 1)
    assert counted([*weeks, both]) == [Counted(3, 5, 1), Counted(4, 6, 1), Counted(9, 9, 0)]


def test_what_may_be_anywhere_is_in_no_area_for_sure() -> None:
    those = [Group(0, 6, "north", frozenset(), True, 3, 3, 1), Group(0, 6, "", frozenset(), True, 2, 2, 1)]
    assert counted(those) == [Counted(3, 5, 1), Counted(5, 5, 0)]


def test_a_contested_record_is_nobodys_for_sure() -> None:
    sure = Group(0, 6, "n", frozenset({"a"}), True, 3, 3, 1)
    contested = Group(0, 6, "n", frozenset({"a"}), False, 2, 2, 1)
    anybody = Group(0, 6, "n", frozenset(), True, 1, 1, 1)
    assert counted([sure, contested, anybody]) == [Counted(3, 6, 2), Counted(5, 6, 1), Counted(6, 6, 0)]
