"""Records as a case: the order of imports, halves and duplicates change nothing, and nothing counts twice."""

from __future__ import annotations

import csv
import json
from datetime import date
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.data.imports.imported import FIXTURES, fixture, split, written
from undercount.data.imports.casework import How, into_case
from undercount.data.imports.choosing import chosen, renamed
from undercount.data.imports.incidents import FIELDS, record_schema
from undercount.data.imports.registry import read_file
from undercount.data.imports.silences import NOTE
from undercount.data.reading import read_case
from undercount.data.schema import Attribution, Qualifier
from undercount.errors import EvidenceError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from undercount.data.evidence import Evidence
    from undercount.data.imports.incidents import Incidents

HOW = How(published=date(2031, 7, 1))


def case_of(incidents: Iterable[Incidents], folder: Path, how: How = HOW) -> Evidence:
    for one in incidents:
        into_case(one, folder, how)
    return read_case(folder)


@pytest.mark.parametrize("name", ["airwars.csv", "airwars_page.csv", "ged.csv", "acled.csv", "ibc.csv"])
@pytest.mark.parametrize("window", ["day", "week", "month", "all"])
def test_two_halves_are_the_whole(tmp_path: Path, name: str, window: str) -> None:
    how = How(window, date(2031, 7, 1))
    one, other = (read_file(path) for path in split(name, tmp_path))
    whole = case_of([fixture(name)], tmp_path / "whole" / "case", how)
    for order in ([one, other], [other, one], [one, other, one]):
        folder = tmp_path / "-".join(part.sha256[:4] for part in order) / "case"
        assert case_of(order, folder, how) == whole


def test_the_order_of_imports_does_not_matter(tmp_path: Path) -> None:
    files = [fixture(name) for name in ("airwars.csv", "ged.csv", "acled.csv", "ibc.csv", "monthly.csv")]
    there = case_of(files, tmp_path / "a" / "case")
    back = case_of(files[::-1], tmp_path / "b" / "case")
    assert there == back
    assert there.sha256 == back.sha256
    assert case_of(files[2:4], tmp_path / "a" / "case") == there


LINE = st.tuples(
    st.integers(1, 30), st.sampled_from(["Marun", "Sahla", ""]), st.sampled_from(["A", "B", "A;B", "Unknown"]),
    st.sampled_from(["Fair", "Contested", "Weak"]), st.integers(0, 5), st.integers(0, 4),
)  # fmt: skip


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(LINE, min_size=2, max_size=12), cut=st.integers(1, 11), window=st.sampled_from(["week", "month"]))
def test_any_file_in_two_parts_is_the_file(
    tmp_path_factory: pytest.TempPathFactory, lines: list[tuple[int, str, str, str, int, int]], cut: int, window: str
) -> None:
    folder = tmp_path_factory.mktemp("parts")
    header = "code,date,region,suspected_belligerents,grading,civilians_killed_min,civilians_killed_max"
    rows = [
        f"V{place},2031-03-{day:02d},{area},{who},{grade},{low + 1},{low + 1 + more}"
        for place, (day, area, who, grade, low, more) in enumerate(lines)
    ]
    cut = min(cut, len(rows) - 1)
    # The parts overlap by a row, which is in both.
    parts = [written(folder / "a.csv", header, rows[: cut + 1]), written(folder / "b.csv", header, rows[cut:])]
    how = How(window, date(2031, 7, 1))
    whole = case_of([read_file(written(folder / "whole.csv", header, rows))], folder / "one" / "case", how)
    assert case_of(map(read_file, parts), folder / "two" / "case", how) == whole
    assert case_of(map(read_file, parts[::-1]), folder / "three" / "case", how) == whole


def test_events_that_cite_only_airwars_add_nothing(tmp_path: Path) -> None:
    from undercount.models.claims import select_reports

    files = [fixture("airwars.csv"), fixture("ged.csv")]
    evidence = case_of(files, tmp_path / "case")
    derived = [report for report in evidence.reports if report.derived_from]
    assert [report.source for report in derived] == ["ucdp-ged"]
    assert {origin.partition("-")[0] for origin in derived[0].derived_from} == {"airwars"}
    _, left_out = select_reports(evidence)
    assert left_out.keys() == {derived[0].report}


def test_events_that_cite_airwars_stand_where_it_has_nothing(tmp_path: Path) -> None:
    evidence = case_of([chosen(fixture("airwars.csv"), since=date(2031, 3, 2), until=date(2031, 3, 2)),
                        chosen(fixture("ged.csv"), until=date(2031, 3, 31))], tmp_path / "near")  # fmt: skip
    assert [report.source for report in evidence.reports if report.derived_from] == ["ucdp-ged"]
    alone = case_of([fixture("ged.csv")], tmp_path / "alone")
    assert not [report for report in alone.reports if report.derived_from]
    later = written(tmp_path / "later.csv", "code,date,region,grading,civilians_killed_min,civilians_killed_max",
                    ["VA9,2031-06-02,Marun,Fair,1,1"])  # fmt: skip
    apart = case_of([fixture("ged.csv"), read_file(later)], tmp_path / "apart")
    assert not [report for report in apart.reports if report.derived_from]
    assert {report.report for report in alone.reports} < {report.report for report in apart.reports}


def test_only_reports_of_the_same_days_are_repeated(tmp_path: Path) -> None:
    header = "code,date,date_end,region,grading,civilians_killed_min,civilians_killed_max"
    lines = [
        "V1,2031-01-06,2031-03-01,Marun,Fair,1,1",
        "V2,2031-01-07,,Marun,Fair,1,1",
        "V3,2031-03-05,,Marun,Fair,1,1",
    ]
    files = [read_file(written(tmp_path / "a.csv", header, lines)), fixture("ged.csv")]
    evidence = case_of(files, tmp_path / "case")
    (derived,) = (report for report in evidence.reports if report.derived_from)
    assert (derived.window_start, derived.window_end) == (date(2031, 2, 24), date(2031, 4, 6))
    repeated = [report for report in evidence.reports if report.report in derived.derived_from]
    assert sorted(report.window_start for report in repeated) == [date(2031, 1, 6), date(2031, 3, 3)]


@pytest.mark.parametrize(
    ("area", "repeated"),
    [("Sahla", {"sahla"}), ("Kesh", {"marun", "sahla"}), ("", {"marun", "sahla"})],
    ids=["same", "other name", "any"],
)
def test_only_reports_of_the_same_areas_are_repeated(tmp_path: Path, area: str, repeated: set[str]) -> None:
    header = "code,date,region,grading,civilians_killed_min,civilians_killed_max"
    lines = ["V1,2031-01-07,Marun,Fair,1,1", "V2,2031-01-08,Sahla,Fair,1,1"]
    ged = "id,date_start,date_end,country,adm_1,source_office,best,low,high,deaths_civilians,deaths_a,deaths_b"
    event = f"1,2031-01-07,2031-01-07,Varenia,{area},Airwars,2,2,2,2,0,0,0"
    files = [written(tmp_path / "a.csv", header, lines), written(tmp_path / "g.csv", f"{ged},deaths_unknown", [event])]
    evidence = case_of(map(read_file, files), tmp_path / "case")
    areas = {report.report: report.areas for report in evidence.reports}
    (derived,) = (report for report in evidence.reports if report.derived_from)
    assert {name for origin in derived.derived_from for name in areas[origin]} == repeated


def test_what_a_source_took_and_what_it_counted_itself_are_no_contradiction(tmp_path: Path) -> None:
    airwars = "code,date,region,grading,civilians_killed_min,civilians_killed_max"
    ged = "id,date_start,date_end,country,adm_1,source_office,best,low,high,deaths_civilians,deaths_a,deaths_b"
    events = [
        f"{number},2031-01-0{number},2031-01-0{number},Varenia,Marun,{office},{dead},{dead},{dead},{dead},0,0,0"
        for number, office, dead in ((6, "Airwars", 2), (7, "AFP", 3))
    ]
    files = [
        written(tmp_path / "a.csv", airwars, ["V1,2031-01-07,Marun,Fair,1,1"]),
        written(tmp_path / "g.csv", f"{ged},deaths_unknown", events),
    ]
    evidence = case_of(map(read_file, files), tmp_path / "case")
    found = {(report.value, bool(report.derived_from)) for report in evidence.reports if report.source == "ucdp-ged"}
    assert found == {(2, True), (3, False)}


@pytest.mark.parametrize("spelt", [("MARUN", "Marun"), ("Marun", "MARUN")])
def test_of_two_spellings_one_is_kept_whatever_comes_first(tmp_path: Path, spelt: tuple[str, str]) -> None:
    header = "code,date,region,grading,civilians_killed_min,civilians_killed_max"
    lines = [f"V{place},2031-03-0{place + 1},{name},Fair,1,1" for place, name in enumerate(spelt)]
    parts = [written(tmp_path / f"{place}.csv", header, [line]) for place, line in enumerate(lines)]
    for name, files in (("one", [written(tmp_path / "one.csv", header, lines)]), ("two", parts)):
        evidence = case_of(map(read_file, files), tmp_path / name)
        assert evidence.case.dimensions["area"].levels == {"marun": "MARUN"}


def test_a_source_counts_everything_in_the_scope_of_a_report(tmp_path: Path) -> None:
    evidence = case_of([fixture("airwars.csv")], tmp_path / "case")
    found = {
        (report.attribution, report.areas, report.window_start.day, report.window_end.day): (report.low, report.high)
        for report in evidence.reports
        if report.quantity == "killed" and report.areas == ("sahla",)
    }
    assert found == {
        (Attribution.CONTESTED, ("sahla",), 3, 9): (1000, 1205),
        (Attribution.UNATTRIBUTED, ("sahla",), 3, 9): (1002, 1205),
        (Attribution.STATED, ("sahla",), 3, 16): (1, 1207),
        (Attribution.UNATTRIBUTED, ("sahla",), 24, 2): (None, None),  # no record of these days
    }


def test_whoever_is_not_named_may_be_another(tmp_path: Path) -> None:
    evidence = case_of([fixture("airwars.csv")], tmp_path / "case")
    assert evidence.case.dimensions["actor"].levels == {
        "northern-alliance": "Northern Alliance", "southern-front": "Southern Front",
        "unknown": "others, or not known",
    }  # fmt: skip
    named = case_of([fixture("airwars_page.csv")], tmp_path / "named")
    assert "unknown" in named.case.dimensions["actor"].levels


def test_an_open_end_is_at_least(tmp_path: Path) -> None:
    evidence = case_of([fixture("mapped.csv", "mapped", mapping=FIXTURES / "mapped.toml")], tmp_path / "case")
    open_ = [report for report in evidence.reports if report.qualifier is Qualifier.AT_LEAST]
    assert [(report.value, report.attribution) for report in open_] == [(10, Attribution.CONTESTED)]


def test_every_row_keeps_its_trace(tmp_path: Path) -> None:
    folder = tmp_path / "case"
    first, second = fixture("airwars.csv"), fixture("ged.csv")
    how = How("all", date(2031, 7, 1))
    case_of([first, second], folder, how)
    everything = read_case(folder).reports
    reports = {report.report for report in everything if report.note != NOTE}
    assert [(one.source, one.areas, one.value) for one in everything if one.note == NOTE] == [
        ("airwars", ("sahla",), 0)
    ]
    records = pq.read_table(folder / "imports" / "records.parquet")
    assert set(records["report"].to_pylist()) == reports
    for incidents in (first, second):
        path = folder / "imports" / f"rows-{incidents.sha256[:12]}.csv"
        rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
        assert [int(row["row"]) for row in rows] == incidents.account.rows.tolist()
        for row in rows:
            named = set(filter(None, row["reports"].split(";")))
            assert named <= reports
            assert bool(named) == (row["read"] == "yes")
            assert row["reason"] or row["read"] == "yes"
    journal = json.loads((folder / "imports" / "imports.json").read_text(encoding="utf-8"))
    assert [one["file"] for one in journal["imports"]] == ["airwars.csv", "ged.csv"]


def test_records_that_changed_are_counted_and_the_later_stands(tmp_path: Path) -> None:
    header = "code,date,region,grading,civilians_killed_min,civilians_killed_max,published"
    old = written(tmp_path / "old.csv", header, ["V1,2031-03-02,Marun,Fair,1,2,2031-04-01"])
    new = written(tmp_path / "new.csv", header, ["V1,2031-03-02,Marun,Fair,3,3,2031-05-01"])
    for order in ((old, new), (new, old)):
        folder = tmp_path / order[0].stem
        into_case(read_file(order[0]), folder, HOW)
        found = into_case(read_file(order[1]), folder, HOW)
        assert (found.records, found.known, found.conflicts) == (1, 1, 1)
        assert [report.value for report in found.evidence.reports] == [3]


def test_the_future_is_no_evidence(tmp_path: Path) -> None:
    found = into_case(fixture("airwars.csv"), tmp_path / "case", How(published=date(2031, 3, 6)))
    assert found.account["dropped"]["it lies after 2031-03-06, the day of the export"] == 2
    assert max(report.window_start for report in found.evidence.reports) == date(2031, 3, 3)


def test_nothing_is_published_before_it_happened(tmp_path: Path) -> None:
    header = "code,date,region,grading,civilians_killed_min,civilians_killed_max,published"
    path = written(tmp_path / "a.csv", header, ["V1,2031-03-02,Marun,Fair,1,2,2030-04-01"])
    incidents = read_file(path)
    assert incidents.account.counts()["doubted"] == {"its day of publication is before its first day: left out": 1}
    assert into_case(incidents, tmp_path / "case", HOW).evidence.reports[0].published == date(2031, 7, 1)


def test_areas_of_other_names_are_told(tmp_path: Path) -> None:
    into_case(fixture("airwars.csv"), tmp_path / "case", HOW)
    found = into_case(fixture("ged.csv"), tmp_path / "case", HOW)
    assert found.strangers == (("airwars", "ucdp-ged"),)
    same = (("area", "marun  Province", "Marun"), ("area", "Sahla province", "Sahla"))
    into_case(fixture("airwars.csv"), tmp_path / "other", HOW)
    found = into_case(renamed(fixture("ged.csv"), same), tmp_path / "other", HOW)
    assert found.strangers == ()
    assert found.evidence.case.dimensions["area"].levels == {"marun": "Marun", "sahla": "Sahla"}


def test_actors_are_renamed_too() -> None:
    found = renamed(fixture("airwars.csv"), [("actor", "Northern Alliance", "Southern Front")])
    assert set(found.records["actors"].to_pylist()) == {"southern-front", ""}
    with pytest.raises(EvidenceError, match="names no actor Nobody") as caught:
        renamed(fixture("airwars.csv"), [("actor", "Nobody", "x")])
    assert caught.value.code == "import-unknown-name"


def refused(incidents: Incidents, folder: Path, how: How = HOW) -> str:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(EvidenceError) as caught:
        into_case(incidents, folder, how)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    return caught.value.code


def test_what_is_refused_changes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "case"
    nothing = chosen(fixture("ibc.csv"), since=date(2040, 1, 1))
    assert refused(nothing, folder) == "import-nothing"
    assert not folder.exists()
    into_case(fixture("airwars.csv"), folder, HOW)
    assert refused(nothing, folder) == "import-nothing"
    assert refused(fixture("ged.csv"), folder, How("month", HOW.published)) == "import-other-window"
    assert refused(fixture("airwars.csv", children="apart"), folder) == "import-counted-twice"
    text = (folder / "reports.csv").read_text(encoding="utf-8")
    (folder / "reports.csv").write_text(text.replace("Sum of 1 record.", "Mine."), encoding="utf-8")
    assert refused(fixture("ged.csv"), folder) == "import-into-edited-case"


def test_more_reports_than_a_case_may_have_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "case"
    reports = into_case(fixture("airwars.csv"), folder, HOW).evidence.reports
    monkeypatch.setattr("undercount.data.imports.casework.MOST_ROWS", len(reports))
    assert refused(fixture("ged.csv"), folder) == "import-too-many-reports"
    assert into_case(fixture("airwars.csv"), folder, HOW).evidence.reports == reports


def test_what_an_import_gives_is_what_the_case_reads_as(tmp_path: Path) -> None:
    folder = tmp_path / "case"
    assert into_case(fixture("airwars.csv"), folder, HOW).evidence == read_case(folder)
    (folder / "validation.csv").write_text("toll\n5\n")
    assert into_case(fixture("ged.csv"), folder, HOW).evidence == read_case(folder)
    assert read_case(folder).validation == ({"toll": "5"},)


def test_texts_are_spelled_out_on_disk(tmp_path: Path) -> None:
    into_case(fixture("ged.csv"), tmp_path / "case", HOW)
    found = pq.read_schema(tmp_path / "case/imports/records.parquet")
    assert {name for name in FIELDS if str(found.field(name).type).startswith("dictionary")} == set()
    assert found.field("area").type == record_schema().field("area").type


def test_a_case_of_ones_own_is_left_alone(tmp_path: Path) -> None:
    from undercount.data.bundled import init_case

    init_case(tmp_path / "own")
    assert refused(fixture("ged.csv"), tmp_path / "own") == "import-into-own-case"


def test_window_title_and_time_zone_stay(tmp_path: Path) -> None:
    into_case(fixture("airwars.csv"), tmp_path / "case", How("month", date(2031, 7, 1), "Asia/Baghdad", "Varenia 2031"))
    case = into_case(fixture("ged.csv"), tmp_path / "case", HOW).evidence.case
    assert (case.title, case.timezone) == ("Varenia 2031", "Asia/Baghdad")


def test_other_files_of_the_case_stay(tmp_path: Path) -> None:
    into_case(fixture("airwars.csv"), tmp_path / "case", HOW)
    (tmp_path / "case" / "notes.txt").write_text("mine")
    into_case(fixture("ged.csv"), tmp_path / "case", HOW)
    assert (tmp_path / "case" / "notes.txt").read_text() == "mine"
