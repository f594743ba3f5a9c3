"""What must hold of lists beside a case: whose they are, which deaths they are about, and that these can be so many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Final

import numpy as np

from undercount.data.lists.places import ListProblem
from undercount.data.problems import plain, shown, write_one_of
from undercount.data.schema import Kind

if TYPE_CHECKING:
    from undercount.data.evidence import Evidence
    from undercount.data.lists.collection import Lists
    from undercount.data.lists.matched import Listed, MatchedLists
    from undercount.data.lists.table import Table
    from undercount.data.problems import Problem
    from undercount.data.schema import Case

DIVIDED_BY: Final = ("actor", "area")
FEW_SHARED: Final = 10
"""Victims on two lists and on no others, below which chance can have it so."""


def dimension(matched: MatchedLists, case: Case) -> str | None:
    """The dimension whose levels the strata are; None where there are no strata, or it cannot be told."""
    strata = set(matched.lists.strata)
    if strata == {""} and matched.by is None:
        return None
    fit = [name for name in DIVIDED_BY if matched.by in (None, name) and strata <= set(case.dimension(name).levels)]
    return fit[0] if len(fit) == 1 else None


def matching_problems(matched: MatchedLists, evidence: Evidence) -> Iterator[Problem]:
    """Find what stands against fitting the lists with the counts of a case."""
    yield from not_recorders(matched.lists, evidence)
    yield from _strata(matched, evidence.case)
    yield from _copies(matched.lists)
    yield from _days(matched, evidence.case)


def _problem(place: str, name: str, rule: str, hint: str, code: str) -> Problem:
    return ListProblem(place, None, None, name, "", rule, hint, code)


def not_recorders(lists: Lists, evidence: Evidence) -> Iterator[Problem]:
    """Find the lists that are none of a recorder of the case."""
    kinds = {source.source: source.kind for source in evidence.sources}
    recorders = [name for name, kind in kinds.items() if kind is Kind.RECORDER]
    for name in lists.names:
        if name not in kinds:
            rule = f"it is no source of case {plain(evidence.case.case)}"
            hint = f"a list bears the identifier of the recorder that kept it; {write_one_of(name, recorders)}"
            yield _problem(lists.name, name, rule, hint, "lists-unknown-source")
        elif kinds[name] is not Kind.RECORDER:
            rule = f"its source is a {kinds[name].value}, and lists are kept by recorders"
            yield _problem(lists.name, name, rule, "leave it out with .without(...)", "lists-not-a-recorder")


def _strata(matched: MatchedLists, case: Case) -> Iterator[Problem]:
    lists, strata = matched.lists, matched.lists.strata
    if lists.replicates > 1:
        rule = f"there are {lists.replicates} replicates, and one is fitted with the counts"
        hint = "take one with .select(replicate=0), and compare with fits of the others"
        yield _problem(lists.name, "", rule, hint, "lists-replicates")
    if dimension(matched, case) or (strata == ("",) and matched.by is None):
        return
    dimensions = DIVIDED_BY if matched.by is None else (matched.by,)
    levels = sorted({level for name in dimensions for level in case.dimension(name).levels})
    unknown = [stratum for stratum in strata if stratum not in levels]
    for stratum in unknown:
        rule = f"its stratum {shown(stratum)} is no {' or '.join(dimensions)} of case {plain(case.case)}"
        yield _problem(lists.name, "", rule, write_one_of(stratum, levels), "lists-unknown-level")
    if not unknown:
        rule = f"the strata {', '.join(map(plain, strata))} are not all of one dimension, or are levels of both"
        hint = f"divide the lists by one dimension, and name it: by={' or by='.join(map(repr, DIVIDED_BY))}"
        yield _problem(lists.name, "", rule, hint, "lists-which-dimension")


def _copies(lists: Lists) -> Iterator[Problem]:
    """Lists that name the same victims in all tables together: in one alone it may be chance."""
    for one, other in combinations(lists.names, 2):
        sizes, shared = np.zeros(2, dtype=np.int64), 0
        for table in lists.tables:
            places = [table.names.index(name) if name in table.names else -1 for name in (one, other)]
            sizes += [0 if place < 0 else table.list_sizes[place] for place in places]
            shared += 0 if min(places) < 0 else int(table.pairs[places[0], places[1]])
        if FEW_SHARED <= shared == sizes[0] == sizes[1]:
            rule = f"the same {shared:,} victims are on {plain(one)}: two copies of one list"
            hint = "leave one of the two out with .without(...): the overlap of copies is no evidence"
            yield _problem(lists.name, other, rule, hint, "lists-duplicate-list")


def _days(matched: MatchedLists, case: Case) -> Iterator[Problem]:
    window, timeline = matched.days, case.timeline
    if window is not None and not timeline.contains(window):
        inside = f"{timeline.start} to {timeline.end}"
        rule = f"they cover {window.start} to {window.end}, which is not inside the timeline of the case, {inside}"
        hint = "count the victims of days inside the timeline, and give their first and last day as window="
        yield _problem(matched.lists.name, "", rule, hint, "lists-outside-timeline")


def too_many(lists: Lists, found: Sequence[Listed[Table]], case: Case) -> Iterator[Problem]:
    """Tables of more victims than there were people at risk, where these are known."""
    for table, scope in found:
        areas = scope.areas or tuple(case.dimension("area").levels)
        most = [max((p.people for p in case.population if p.area == area), default=0) for area in areas]
        if all(most) and table.observed > sum(most):
            rule = f"{table.observed:,} victims are on the lists, and {sum(most):,} people lived there"
            hint = "check the counts, the areas, and the people in case.toml"
            yield _problem(lists.place(table), "", rule, hint, "lists-more-than-people")
