"""Every rule between rows fires on a minimal bad case, names row, field and value, and lets the good case pass."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.builders import (
    FIRST,
    INCIDENT,
    LAST,
    case_fields,
    make_case,
    make_evidence,
    make_report,
    make_reports,
    make_source,
    make_sources,
)
from tests.data.folders import edit, good_folder, replace_in_case
from undercount.data import InvalidEvidenceError, check_case, read_case
from undercount.data.rules_figures import LONGEST_TIMELINE
from undercount.data.rules_links import cycles
from undercount.data.schema import Attribution, Kind, Qualifier, Speakers

if TYPE_CHECKING:
    from pathlib import Path

# The report that is changed, its new cells, and what must be said: the end of the code, the field, the value shown.
BAD_REPORTS = [
    ("un-jan", {"report": "un-copy"}, "duplicate-report", "report", "un-copy"),
    ("un-jan", {"source": "um"}, "unknown-source", "source", "um"),
    ("un-jan", {"relay": "wirre"}, "unknown-relay", "relay", "wirre"),
    ("un-copy", {"source": "wire"}, "relay-as-source", "source", "wire"),
    ("un-jan", {"actors": "reed"}, "unknown-actor", "actors", "reed"),
    ("un-jan", {"actors": "green"}, "outside-actor", "actors", "green"),
    ("un-jan", {"areas": "nort"}, "unknown-area", "areas", "nort"),
    ("press-all", {"areas": "north;abroad"}, "outside-area", "areas", "abroad"),
    ("un-jan", {"victims": "people"}, "unknown-victims", "victims", "people"),
    ("un-jan", {"quantity": "wounded"}, "unknown-quantity", "quantity", "wounded"),
    ("un-jan", {"actors": ""}, "no-actors", "actors", None),
    ("press-all", {"areas": ""}, "no-areas", "areas", None),
    ("press-words", {"reason": ""}, "no-reason", "reason", None),
    ("un-jan", {"value": ""}, "no-figure", "value", None),
    ("press-words", {"used": "yes", "low": ""}, "no-figure", "low", None),
    ("press-words", {"used": "yes", "high": "", "qualifier": "range"}, "no-figure", "high", None),
    ("un-jan", {"low": "101", "high": "200"}, "value-outside-limits", "value", "100"),
    ("un-jan", {"high": "99"}, "value-outside-limits", "value", "100"),
    ("press-words", {"low": "1001"}, "low-above-high", "low", "1001"),
    ("press-words", {"window_end": "2019-12-31"}, "window-reversed", "window_end", "2019-12-31"),
    ("press-all", {"window_end": "2020-04-01"}, "window-outside-timeline", "window_end", "2020-04-01"),
    ("press-all", {"window_start": "2019-12-31"}, "window-outside-timeline", "window_start", "2019-12-31"),
    ("press-words", {"published": "2019-12-31"}, "published-before-window", "published", "2019-12-31"),
    ("un-jan", {"value": "100001"}, "more-deaths-than-people", "value", "100001"),
    ("press-all", {"value": "200001"}, "more-deaths-than-people", "value", "200001"),
    ("un-jan", {"value": "1000000000"}, "more-deaths-than-people", "value", "1000000000"),
    ("un-jan", {"value": "3226", "qualifier": "per_day"}, "more-deaths-than-people", "value", "3226"),
    ("press-words", {"used": "yes", "low": "100001", "high": "200000"}, "more-deaths-than-people", "low", "100001"),
    ("un-jan", {"qualifier_printed": "At least"}, "qualifier-changed-silently", "qualifier", "exact"),
    ("un-market", {"incident": "market-2020-01-16"}, "unknown-incident", "incident", "market-2020-01-16"),
    ("red-own", {"incident": INCIDENT, "window_start": "2020-01-16"}, "incident-outside-window", "incident", INCIDENT),
    ("red-own", {"incident": INCIDENT, "areas": "south"}, "incident-outside-areas", "incident", INCIDENT),
    ("un-market", {"within": "un-jam"}, "unknown-report", "within", "un-jam"),
    ("un-market", {"within": "un-market"}, "within-itself", "within", "un-market"),
    ("un-market", {"within": "press-all"}, "within-another-source", "within", "press-all"),
    ("un-market", {"window_end": "2020-02-01"}, "not-within", "within", "un-jan"),
    ("un-market", {"areas": "north;south"}, "not-within", "within", "un-jan"),
    ("un-copy", {"derived_from": "un-feb"}, "unknown-report", "derived_from", "un-feb"),
    ("un-copy", {"derived_from": "un-copy"}, "derived-from-itself", "derived_from", "un-copy"),
    ("un-jan", {"derived_from": "un-copy"}, "circular-derived-from", "derived_from", "un-jan"),
    ("un-jan", {"within": "un-market", "window_start": "2020-01-15", "window_end": "2020-01-15"}, "circular-within",
     "within", "un-market"),
    ("un-copy", {"value": "90", "published": "2020-04-05"}, "contradictory", "value", "100"),
]  # fmt: skip


def test_the_good_case_is_clean(tmp_path: Path) -> None:
    assert check_case(good_folder(tmp_path)) == []


@pytest.mark.parametrize(("name", "cells", "code", "field", "value"), BAD_REPORTS)
def test_report_rules(
    tmp_path: Path, name: str, cells: dict[str, str], code: str, field: str, value: str | None
) -> None:
    folder = good_folder(tmp_path)
    line = edit(folder, "reports.csv", name, **cells)

    problems = check_case(folder)

    found = [problem for problem in problems if problem.code == f"evidence-{code}" and problem.field == field]
    assert len(found) == 1, problems
    (problem,) = found
    text = str(problem)
    assert problem.file == "reports.csv"
    # The second of two rows is the one at fault, and a circle is told at its first report.
    if code not in {"duplicate-report", "contradictory", "circular-derived-from"}:
        assert f"row {line}, report {name}" in text
    assert f"field {field}" in text
    assert (repr(value) in text) if value else (problem.value == "")
    assert problem.hint
    with pytest.raises(InvalidEvidenceError) as caught:
        read_case(folder)
    assert problem in caught.value.problems


def test_what_a_source_repeats_of_another_does_not_contradict_its_own_figure(tmp_path: Path) -> None:
    """A copy of the same source does."""
    folder = good_folder(tmp_path)
    edit(folder, "reports.csv", "un-copy", value="90", published="2020-04-05", derived_from="press-all")
    assert check_case(folder) == []


BAD_SOURCES = [
    ("un", {"source": "wire"}, "duplicate-source", "source", "wire"),
    ("red-army", {"side": "reds"}, "unknown-side", "side", "reds"),
    ("red-army", {"side": ""}, "missing-side", "", ""),
    ("un", {"kind": "recoder"}, "unknown-choice", "kind", "recoder"),
    ("un", {"name": ""}, "missing", "name", ""),
    ("un", {"prior_median": "0.5"}, "incomplete-prior", "", ""),
    ("un", {"prior_median": "half"}, "not-a-number", "prior_median", "half"),
    ("un", {"prior_median": "0", "prior_scale": "1", "prior_reason": "x"}, "out-of-range", "prior_median", "0"),
]


@pytest.mark.parametrize(("name", "cells", "code", "field", "value"), BAD_SOURCES)
def test_source_rules(tmp_path: Path, name: str, cells: dict[str, str], code: str, field: str, value: str) -> None:
    folder = good_folder(tmp_path)
    line = edit(folder, "sources.csv", name, **cells)

    found = [problem for problem in check_case(folder) if problem.code == f"evidence-{code}"]

    assert len(found) == 1
    assert (found[0].file, found[0].field, found[0].value) == ("sources.csv", field, value)
    assert code == "duplicate-source" or f"sources.csv, row {line}, source {name}" in str(found[0])


BAD_CASES = [
    ('"Asia/Baghdad"', '"Asia/Bagdad"', "unknown-timezone", "timezone", "Asia/Bagdad"),
    ("start = 2020-01-01\nend", "start = 2020-04-01\nend", "window-reversed", "timeline", ""),
    ("end = 2020-03-31\n\n", "end = 2020-03-30\n\n", "window-outside-timeline", "estimand.window",
     "2020-01-01 to 2020-03-31"),
    ("start = 2020-01-01\nend", "start = 1020-01-01\nend", "timeline-too-long", "timeline", "1020-01-01 to 2020-03-31"),
    ("actor = {", "side = {", "unknown-dimension", "dimensions", "side"),
    ("actor = {", "side = {", "missing-dimension", "dimensions", ""),
    ("green =", "red =", "level-inside-and-outside", "dimensions.actor.outside", "red"),
    ("[estimand]", '[estimand]\nactors = ["green"]', "unknown-actor", "estimand.actors", "green"),
    ("[estimand]", '[estimand]\nareas = ["nort"]', "unknown-area", "estimand.areas", "nort"),
    ("[estimand]", '[estimand]\nquantity = "hurt"', "unknown-quantity", "quantity", "killed"),
    ('area = "south"', 'area = "souht"', "unknown-area", "population.area", "souht"),
    ('area = "south"', 'area = "north"', "duplicate-population", "population.date", "2020-01-01"),
    ("people = 100000", "people = 0", "out-of-range", "population.0.people", "0"),
    ("people = 100000", "people = true", "not-an-integer", "population.0.people", "True"),
    ("people = 100000", "people = 1e5", "not-an-integer", "population.0.people", "100000.0"),
    ('basis = "census"', 'basis = "census"\nreports = ["un-jam"]', "unknown-report", "population.reports", "un-jam"),
    ("date = 2020-01-15", "date = 2020-04-15", "incident-outside-timeline", f"incidents.{INCIDENT}.date", "2020-04-15"),
    ("date = 2020-01-15", "date = 2020-01-15T10:00:00", "bad-date", "incidents.0.date", "2020-01-15 10:00:00"),
    ("date = 2020-01-15\narea = \"north\"", "date = 2020-01-15\narea = \"abroad\"", "unknown-area",
     f"incidents.{INCIDENT}.area", "abroad"),
    ("actors = {red = 1.0}", "actors = {green = 1.0}", "unknown-actor", f"incidents.{INCIDENT}.actors", "green"),
    ("actors = {red = 1.0}", "actors = {red = 0.9}", "bad-shares", "incidents.0", ""),
    ("actors = {red = 1.0}", "actors = {red = nan}", "not-a-number", "incidents.0.actors.red", "nan"),
    ("[estimand]", '[contested]\nun-jam = 0.5\n[estimand]', "unknown-report", "contested", "un-jam"),
    ("[estimand]", '[contested]\nun-jan = 0.5\n[estimand]', "not-contested", "contested", "un-jan"),
    ("title =", "tittle =", "unknown-field", "tittle", ""),
    ("people = 100000", "people = 100000\npeple = 1", "unknown-field", "population.0.peple", ""),
    ('{north = "North", south = "South"}', "{}", "missing", "dimensions.area.levels", ""),
    ("title =", "tittle =", "missing", "title", ""),
    ('red = "Red army"', '"r\\u202Eed" = "Red army"', "bad-identifier", "dimensions.actor.levels.r\u202eed",
     "r\u202eed"),
    ('"Red army"', '"Red\\u0000army"', "control-character", "dimensions.actor.levels", ""),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "code", "field", "value"), BAD_CASES)
def test_case_rules(tmp_path: Path, old: str, new: str, code: str, field: str, value: str) -> None:
    folder = good_folder(tmp_path)
    replace_in_case(folder, old, new)

    found = [problem for problem in check_case(folder) if problem.code == f"evidence-{code}"]

    assert (field, value) in {(problem.field, problem.value) for problem in found}
    assert all("pydantic" not in str(problem) and "\u202e" not in str(problem) for problem in found)


def test_incident_twice_is_refused() -> None:
    incidents = case_fields()["incidents"] * 2
    with pytest.raises(InvalidEvidenceError, match="evidence-duplicate-incident"):
        make_evidence(case=make_case(incidents=incidents))


def test_nothing_used_is_refused() -> None:
    reports = [report.model_copy(update={"used": False, "reason": "a test"}) for report in make_reports()]
    with pytest.raises(InvalidEvidenceError, match="evidence-none-usable"):
        make_evidence(reports)


def test_an_area_that_nothing_is_known_of_is_refused() -> None:
    alone = [make_report()]
    make_evidence(alone)  # the people of the south are known
    fields = case_fields() | {"population": case_fields()["population"][:1]}
    with pytest.raises(InvalidEvidenceError, match="evidence-area-untold") as caught:
        make_evidence(alone, case=make_case(**fields))
    (problem,) = caught.value.problems
    assert (problem.file, problem.field, problem.value) == ("case.toml", "estimand.areas", "south")
    make_evidence([make_report(areas=("north", "south"))], case=make_case(**fields))
    make_evidence(alone, case=make_case(**fields | {"estimand": fields["estimand"] | {"areas": ("north",)}}))
    unused = make_report(report="south", areas=("south",), used=False, reason="a test")
    with pytest.raises(InvalidEvidenceError, match="evidence-area-untold"):
        make_evidence([*alone, unused], case=make_case(**fields))


def test_up_to_claims_no_death_and_may_exceed_the_population() -> None:
    make_evidence([make_report(value=10**9, qualifier=Qualifier.UP_TO)])


def test_deaths_are_held_against_people_only_where_all_areas_have_people() -> None:
    case = make_case(population=case_fields()["population"][:1])
    report = make_report(value=200_000, areas=("north", "south"))
    make_evidence([report], case=case)


def test_another_quantity_is_not_held_against_people() -> None:
    dimensions = case_fields()["dimensions"] | {"quantity": {"levels": {"killed": "Killed", "displaced": "Displaced"}}}
    make_evidence([make_report(value=10**6, quantity="displaced")], case=make_case(dimensions=dimensions))


def test_uncertain_window_may_miss_its_incident_by_as_much() -> None:
    near = make_report(incident=INCIDENT, window_start=date(2020, 1, 18), window_uncertainty_days=3)
    make_evidence([near])
    with pytest.raises(InvalidEvidenceError, match="evidence-incident-outside-window"):
        make_evidence([near.model_copy(update={"window_uncertainty_days": 2})])


def test_a_contested_probability_needs_a_contested_report() -> None:
    report = make_report(attribution=Attribution.CONTESTED)
    assert make_evidence([report], case=make_case(contested={"r1": 0.6})).case.contested == {"r1": 0.6}


def test_printed_qualifier_may_differ_with_a_reason_or_in_free_words() -> None:
    reason = make_report(qualifier_printed="at least", qualifier_reason="the original says exactly")
    make_evidence([reason, make_report(report="r2", qualifier_printed="some")])


def test_one_source_may_state_two_figures_on_two_days() -> None:
    make_evidence([make_report(), make_report(report="r2", value=99, published=date(2020, 4, 6))])


def test_exactly_the_whole_timeline_is_inside_it() -> None:
    make_evidence([make_report(window_start=FIRST, window_end=LAST)])


def test_a_belligerent_may_not_be_of_a_side_outside() -> None:
    sources = [*make_sources(), make_source(source="guard", name="Guard", kind=Kind.BELLIGERENT, side="green")]
    with pytest.raises(InvalidEvidenceError, match="evidence-unknown-side"):
        make_evidence(sources=sources)


def test_the_longest_timeline_is_a_hundred_years() -> None:
    assert 36_525 < LONGEST_TIMELINE < 36_890


def test_a_circle_is_named_whole() -> None:
    reports = [make_report(report=name, derived_from=(origin,)) for name, origin in ("ab", "bc", "ca")]
    with pytest.raises(InvalidEvidenceError, match="circular: a -> b -> c -> a") as caught:
        make_evidence(reports)
    assert len(caught.value.problems) == 1


@pytest.mark.parametrize(
    ("graph", "expected"),
    [
        ({"a": []}, []),
        ({"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": []}, []),
        ({"a": ["b"], "b": ["a"]}, [("a", "b")]),
        ({"a": ["b"], "b": ["c"], "c": ["b"]}, [("b", "c")]),
        ({"a": ["a"]}, [("a",)]),
    ],
)
def test_cycles(graph: dict[str, list[str]], expected: list[tuple[str, ...]]) -> None:
    assert cycles(graph) == expected


def test_a_chain_longer_than_the_stack_is_no_circle() -> None:
    graph = {str(node): [str(node + 1)] for node in range(20_000)} | {"20000": []}
    assert cycles(graph) == []


def test_names_of_rows_that_cannot_be_read_count_as_known(tmp_path: Path) -> None:
    folder = good_folder(tmp_path)
    edit(folder, "reports.csv", "un-jan", value="1.0")
    assert [problem.code for problem in check_case(folder)] == ["evidence-not-an-integer"]


def test_all_problems_of_all_files_come_at_once(tmp_path: Path) -> None:
    folder = good_folder(tmp_path)
    edit(folder, "reports.csv", "un-jan", value="-1", published="5 April")
    edit(folder, "reports.csv", "un-copy", derived_from="nobody")
    edit(folder, "sources.csv", "red-army", side="purple")
    codes = {problem.code for problem in check_case(folder)}
    assert codes == {"evidence-negative", "evidence-bad-date", "evidence-unknown-report", "evidence-unknown-side"}


def test_a_source_with_several_speakers_may_contradict_itself() -> None:
    figures = [make_report(), make_report(report="r2", value=90)]
    with pytest.raises(InvalidEvidenceError, match="contradicts report r1"):
        make_evidence(figures)
    circle = [make_source(speakers=Speakers.SEVERAL), *make_sources()[1:]]
    assert len(make_evidence(figures, sources=circle).used) == 2
