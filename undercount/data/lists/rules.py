"""What must hold of a table before anything is estimated from it.

How many victims are on no list can only be learnt from how the lists overlap: from a list that overlaps with no
other, from one that nobody or everybody is on, or from one that is a copy of another, nothing can.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from undercount.data.lists.places import ListProblem
from undercount.data.problems import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from undercount.data.lists.table import Table
    from undercount.data.problems import Problem

_LEAVE_OUT = "leave the list out with .without(...), or get the records that its linkage missed"


def table_problems(table: Table, least: int, place: str) -> Iterator[Problem]:
    """Find what stands against an estimate.

    Parameters
    ----------
    table : Table
    least : int
        How many usable lists are needed.
    place : str
        The name that messages give to the table.

    Yields
    ------
    Problem
    """
    if table.observed == 0:
        hint = "leave this stratum out, or merge it with another"
        yield ListProblem(place, None, None, "", "", "no victim is on any list", hint, "lists-no-victim")
        return
    yield from _constant(table, place)
    yield from _too_few(table, least, place)
    yield from _copies(table, place)
    yield from _apart(table, place)


def _constant(table: Table, place: str) -> Iterator[Problem]:
    observed = table.observed
    hint = "leave it out with .usable() or .without(...)"
    for name, size in zip(table.names, table.list_sizes.tolist(), strict=True):
        if size == 0:
            rule = f"none of the {observed:,} victims is on this list"
            yield ListProblem(place, None, None, name, "", rule, hint, "lists-empty-list")
        elif size == observed:
            rule = f"all {observed:,} victims are on this list, so that nobody is seen whom it missed"
            yield ListProblem(place, None, None, name, "", rule, hint, "lists-full-list")


def _too_few(table: Table, least: int, place: str) -> Iterator[Problem]:
    usable = table.usable
    if len(usable) < least:
        rule = f"{len(usable)} of {len(table.names)} lists can be used{_named(usable)}, and {least} are needed"
        hint = "add a list, merge strata, or leave this one out"
        yield ListProblem(place, None, None, "", "", rule, hint, "lists-too-few")


def _named(names: Sequence[str]) -> str:
    return f" ({', '.join(map(plain, names))})" if names else ""


def _copies(table: Table, place: str) -> Iterator[Problem]:
    pairs, usable = table.pairs, set(table.usable)
    for i, j in combinations(range(len(table.names)), 2):
        if table.names[i] in usable and pairs[i, i] == pairs[i, j] == pairs[j, j]:
            rule = f"the same {pairs[i, i]:,} victims are on {plain(table.names[i])}: two copies of one list"
            hint = "leave one of the two out with .without(...): the overlap of copies is no evidence"
            yield ListProblem(place, None, None, table.names[j], "", rule, hint, "lists-duplicate-list")


def _apart(table: Table, place: str) -> Iterator[Problem]:
    parts = components(table)
    for part in parts:
        if len(part) == 1:
            rule = "it overlaps with no other usable list"
            yield ListProblem(place, None, None, part[0], "", rule, _LEAVE_OUT, "lists-no-overlap")
    joined = [part for part in parts if len(part) > 1]
    if len(joined) > 1:
        named = " | ".join(", ".join(map(plain, part)) for part in joined)
        rule = f"the lists fall into {len(joined)} groups that share no victim: {named}"
        hint = "leave out all groups but one with .without(...), or mend the linkage between them"
        yield ListProblem(place, None, None, "", "", rule, hint, "lists-disconnected")


def components(table: Table) -> list[tuple[str, ...]]:
    """Give the groups of usable lists that hang together by overlaps, each sorted, in the order of their first."""
    pairs = table.pairs
    waiting = [place for place, name in enumerate(table.names) if name in table.usable]
    found = []
    while waiting:
        group = _reached(waiting[0], waiting, lambda i, j: bool(pairs[i, j] > 0))
        waiting = [place for place in waiting if place not in group]
        found.append(tuple(table.names[place] for place in sorted(group)))
    return found


def _reached(start: int, among: Sequence[int], linked: Callable[[int, int], bool]) -> set[int]:
    group, border = {start}, [start]
    while border:
        here = border.pop()
        new = [place for place in among if place not in group and linked(here, place)]
        group.update(new)
        border += new
    return group
