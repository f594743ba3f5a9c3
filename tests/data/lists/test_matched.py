"""Matched lists beside a case: what they are about, what they keep, and every refusal by its code."""

from __future__ import annotations

import json
import pickle
from datetime import date
from typing import Any

import numpy as np
import pytest

from tests.builders import case_fields, make_case, make_evidence, make_source, make_sources
from undercount.data import Evidence, InvalidEvidenceError
from undercount.data.lists import Lists, MatchedLists, Table
from undercount.data.schema import Window
from undercount.errors import EvidenceError

NGO = make_source(source="ngo", name="Second recorder")


def evidence(**changes: Any) -> Evidence:
    return make_evidence(case=make_case(**changes), sources=(*make_sources(), NGO))


def table(stratum: str = "", names: tuple[str, ...] = ("un", "ngo"), counts: tuple[int, ...] = (0, 9, 7, 5)) -> Table:
    return Table(stratum, 0, names, np.array(counts))


def lists(*tables: Table) -> Lists:
    return Lists("matched", tables or (table(),))


def refusal(matched: MatchedLists, against: Evidence | None = None) -> InvalidEvidenceError:
    with pytest.raises(InvalidEvidenceError) as caught:
        matched.listed(evidence() if against is None else against)
    return caught.value


def test_without_strata_they_are_about_the_estimand() -> None:
    case = evidence()
    (listed,) = MatchedLists(lists()).listed(case)
    assert listed.scope == case.case.estimand
    assert listed.table == table()


@pytest.mark.parametrize(
    ("strata", "by", "field"),
    [(("red", "blue"), None, "actors"), (("south",), None, "areas"), (("north", "south"), "area", "areas")],
)
def test_strata_are_levels_of_one_dimension(strata: tuple[str, ...], by: str | None, field: str) -> None:
    found = MatchedLists(lists(*map(table, strata)), by=by).listed(evidence())
    assert [getattr(listed.scope, field) for listed in found] == [(stratum,) for stratum in sorted(strata)]
    other = "areas" if field == "actors" else "actors"
    assert all(getattr(listed.scope, other) == () for listed in found)


def test_they_may_cover_other_days() -> None:
    days = ("2020-01-05", date(2020, 2, 3))
    matched = MatchedLists(lists(), window=days)
    (listed,) = matched.listed(evidence())
    assert listed.scope.window == matched.window == Window(start=date(2020, 1, 5), end=date(2020, 2, 3))


def test_their_content_is_plain_and_makes_them_again() -> None:
    two = lists(table("red"), table("blue", ("ngo", "un", "press"), (0, 1, 2, 0, 4, 0, 0, 3)))
    matched = MatchedLists(two, "actor", ("2020-01-05", "2020-02-03"), "2020-06-01")
    text = json.dumps(matched.content, allow_nan=False)
    again = MatchedLists.of_content(json.loads(text))
    assert again == matched
    assert again.lists.tables == two.tables
    assert again.sha256 == matched.sha256
    assert matched.content["sha256"] == two.sha256
    assert matched.content["tables"][1] == {
        "stratum": "red",
        "names": ["ngo", "un"],
        "counts": [[1, 7], [2, 9], [3, 5]],
    }
    assert pickle.loads(pickle.dumps(matched)) == matched


def test_the_hash_is_that_of_all_that_they_say() -> None:
    base = MatchedLists(lists())
    others = [
        MatchedLists(lists(table(counts=(0, 9, 7, 6)))), MatchedLists(lists(), window=("2020-01-05", "2020-02-03")),
        MatchedLists(lists(), published="2020-06-01"), MatchedLists(lists(), by="area"),
    ]  # fmt: skip
    assert len({base.sha256, *(other.sha256 for other in others)}) == 5
    assert MatchedLists(Lists("another name", (table(),))).sha256 == base.sha256


def test_unknown_sources_are_refused_with_the_nearest_name() -> None:
    error = refusal(MatchedLists(lists(table(names=("un", "ngos")))))
    assert error.code == "lists-unknown-source"
    assert str(error).startswith("matched, list ngos: it is no source of case testland")
    assert "did you mean ngo? write one of: ngo, un" in error.hint


def test_lists_of_others_than_recorders_are_refused() -> None:
    error = refusal(MatchedLists(lists(table(names=("un", "press")))))
    assert error.code == "lists-not-a-recorder"
    assert error.message == "its source is a claimant, and lists are kept by recorders"


def test_unknown_strata_are_refused_with_the_nearest_name() -> None:
    error = refusal(MatchedLists(lists(table("nort"), table("south"))))
    assert error.code == "lists-unknown-level"
    assert "its stratum 'nort' is no actor or area of case testland" in str(error)
    assert "did you mean north?" in error.hint
    assert refusal(MatchedLists(lists(), by="area")).code == "lists-unknown-level"
    assert "no actor of case" in str(refusal(MatchedLists(lists(table("north")), by="actor")))


def test_strata_of_two_dimensions_are_refused() -> None:
    error = refusal(MatchedLists(lists(table("north"), table("red"))))
    assert error.code == "lists-which-dimension"
    assert "the strata north, red are not all of one dimension" in error.message
    dimensions = case_fields()["dimensions"]
    dimensions["actor"] = {"levels": {"north": "North army", "red": "Red army"}}
    both = evidence(dimensions=dimensions)
    assert refusal(MatchedLists(lists(table("north"))), both).code == "lists-which-dimension"
    assert MatchedLists(lists(table("north")), by="actor").listed(both)[0].scope.actors == ("north",)


def test_replicates_are_refused() -> None:
    two = Lists("matched", (table(), Table("", 1, ("un", "ngo"), np.array([0, 1, 2, 3]))))
    error = refusal(MatchedLists(two))
    assert error.code == "lists-replicates"
    assert MatchedLists(two.select(replicate=1)).listed(evidence())


def test_copies_are_refused_unless_it_may_be_chance() -> None:
    error = refusal(MatchedLists(lists(table("red", counts=(0, 0, 0, 6)), table("blue", counts=(0, 0, 0, 4)))))
    assert error.code == "lists-duplicate-list"
    assert "the same 10 victims are on ngo" in str(error)
    for few in (table("red", counts=(0, 0, 0, 3)), table("red", counts=(0, 0, 0, 5))):
        assert MatchedLists(lists(few, table("blue", counts=(0, 0, 0, 4)))).listed(evidence())
    nearly = lists(table("red", counts=(0, 0, 0, 10)), table("blue", counts=(0, 0, 1, 4)))
    assert MatchedLists(nearly).listed(evidence())


def test_days_outside_the_timeline_are_refused() -> None:
    error = refusal(MatchedLists(lists(), window=("2019-12-31", "2020-01-05")))
    assert error.code == "lists-outside-timeline"
    assert "they cover 2019-12-31 to 2020-01-05" in error.message


def test_more_victims_than_people_are_refused() -> None:
    error = refusal(MatchedLists(lists(table("north", counts=(0, 60_000, 60_000, 0)))))
    assert error.code == "lists-more-than-people"
    assert error.message == "120,000 victims are on the lists, and 100,000 people lived there"
    assert MatchedLists(lists(table(counts=(0, 60_000, 60_000, 0)))).listed(evidence())
    assert MatchedLists(lists(table("north", counts=(0, 60_000, 60_000, 0)))).listed(evidence(population=()))


def test_every_problem_is_told() -> None:
    error = refusal(MatchedLists(lists(table("nort", ("press", "ngos"))), window=("2019-12-31", "2020-01-05")))
    assert [problem.code for problem in error.problems] == [
        "lists-unknown-source", "lists-not-a-recorder", "lists-unknown-level", "lists-outside-timeline",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"lists": "un.csv"}, "lists is 'un.csv'"),
        ({"by": "victims"}, "by is 'victims'"),
        ({"window": "2020-01-05"}, "window is '2020-01-05'"),
        ({"window": ("2020-01-05",)}, "window is "),
        ({"window": ("2020-01-05", "2020-01-04")}, "window is "),
        ({"window": ("2020-01-05", 6)}, "window is '6'"),
        ({"published": "June 2020"}, "published is 'June 2020'"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(EvidenceError, match=message) as caught:
        MatchedLists(**{"lists": lists(), **changes})
    assert caught.value.code == "lists-bad-setting"
