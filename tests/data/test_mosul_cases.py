"""The two bundled Mosul cases: complete, clean, verbatim, and free of what must never be an input."""

from __future__ import annotations

import csv
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import undercount.data
from undercount.data import load_case

if TYPE_CHECKING:
    from undercount.data.evidence import Evidence
    from undercount.data.schema import Report

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
CASES = Path(undercount.data.__file__).parent / "cases"
NAMES = ("mosul-2017", "mosul-2017-extended")
CLAIMS_PER_ARTICLE = {"S000": 6, "S001": 4, "S002": 6, "S003": 4, "S004": 4}
USED_IN_BASE = {"S000-01", "S000-03", "S000-04", "S001-03", "S002-04", "S003-02", "S004-01"}
EXPOSURE = {"S000-05", "S000-06", "S003-04", "S004-03", "S004-04"}
UN_MONTHS = ("2016-11", "2016-12", "2017-01", "2017-02", "2017-03", "2017-04", "2017-05", "2017-06")

both = pytest.mark.parametrize("name", NAMES)


def claims(evidence: Evidence) -> dict[str, Report]:
    """The reports taken from the five articles."""
    return {r.report: r for r in evidence.reports if r.report[:4] in CLAIMS_PER_ARTICLE}


def by_name(evidence: Evidence) -> dict[str, Report]:
    return {r.report: r for r in evidence.reports}


def figures(report: Report) -> set[int]:
    return {n for n in (report.value, report.low, report.high) if n is not None}


def at_hand(*parts: str) -> Path:
    path = SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"{path} is not at hand")
    return path


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@both
def test_case_reads_and_is_clean(name: str) -> None:
    assert undercount.data.check_case(CASES / name) == []
    assert load_case(name).case.case == name


@both
def test_all_claims_of_the_articles_are_there(name: str) -> None:
    expected = {f"{article}-{i:02}" for article, n in CLAIMS_PER_ARTICLE.items() for i in range(1, n + 1)}
    assert len(expected) == 24
    assert claims(load_case(name)).keys() == expected


@both
def test_every_quote_stands_verbatim_in_its_article(name: str) -> None:
    articles = at_hand("seeds")
    for report in claims(load_case(name)).values():
        assert report.quote
        assert report.quote.encode() in (articles / report.document).read_bytes(), report.report


def test_claims_are_those_of_the_table() -> None:
    table = rows(at_hand("data", "mosul", "seed_claims.csv"))
    assert {(r["claim_id"], r["seed_file"], r["quote"]) for r in table} == {
        (r.report, r.document, r.quote) for r in claims(load_case("mosul-2017")).values()
    }


def test_the_two_cases_share_the_words_of_the_claims() -> None:
    base, extended = (claims(load_case(name)) for name in NAMES)
    for report, claim in base.items():
        other = extended[report]
        assert (claim.quote, claim.document, claim.published) == (other.quote, other.document, other.published)
        assert figures(claim) == figures(other)


@both
def test_a_report_that_is_not_used_says_why(name: str) -> None:
    assert [r.report for r in load_case(name).reports if not r.used and not r.reason] == []


def test_used_reports_of_the_base_case() -> None:
    assert {r.report for r in load_case("mosul-2017").reports if r.used} == USED_IN_BASE


@both
def test_the_two_figures_of_airwars_enter_as_one_range(name: str) -> None:
    reports = by_name(load_case(name))
    whole, lower_end = reports["S002-04"], reports["S001-01"]
    assert (whole.used, whole.qualifier, whole.low, whole.high) == (True, "range", 3706, 5805)
    assert whole.qualifier_printed == "at least"
    assert whole.qualifier_reason
    assert (lower_end.used, lower_end.derived_from) == (False, ("S002-04",))
    assert [r.report for r in reports.values() if r.used and r.source == "airwars"] == ["S002-04"]


@both
def test_twelve_a_day_is_the_theatre_and_not_used(name: str) -> None:
    reports = by_name(load_case(name))
    for report in ("S002-01", "S002-02"):
        assert not reports[report].used
        assert reports[report].areas == ("iraq-and-syria",)


@both
def test_people_at_risk_come_from_the_exposure_figures(name: str) -> None:
    evidence = load_case(name)
    reports = by_name(evidence)
    assert {r for point in evidence.case.population for r in point.reports} == EXPOSURE
    assert not any(reports[r].used for r in EXPOSURE)
    assert {reports[r].quantity for r in EXPOSURE} == {"population", "displaced"}
    west = {p.date.isoformat(): p.people for p in evidence.case.population if p.area == "west-mosul"}
    assert west.items() >= {("2017-02-19", 600_000), ("2017-03-28", 400_000), ("2017-06-02", 200_000)}


@both
def test_nobody_is_counted_twice_in_the_incident(name: str) -> None:
    evidence = load_case(name)
    reports = by_name(evidence)
    united_nations = reports["S000-04"]
    assert (united_nations.value, united_nations.incident) == (140, "al-jadida-2017-03-17")
    parent = reports[united_nations.within or ""]
    assert parent.used
    assert parent.source == united_nations.source
    assert parent.value is not None
    assert parent.value >= 140


@both
def test_disputes_are_recorded(name: str) -> None:
    reports = by_name(load_case(name))
    said = " ".join(reports["S002-04"].disputed_by)
    assert all(who in said for who in ("Townsend", "Jones", "Croft", "al-Abadi"))
    assert "Milley" in " ".join(reports["S000-01"].disputed_by)
    assert reports["S003-02"].attribution == "contested"


@both
def test_incidents_and_contested_attributions_name_used_reports(name: str) -> None:
    evidence = load_case(name)
    reports = by_name(evidence)
    for incident in evidence.case.incidents:
        assert {r.report for r in evidence.reports if r.incident == incident.incident} == set(incident.reports)
    for report in evidence.case.contested:
        assert reports[report].used
        assert reports[report].attribution == "contested"


@both
def test_nothing_rests_on_memory(name: str) -> None:
    for path in (CASES / name).iterdir():
        text = path.read_text(encoding="utf-8").lower()
        assert "from memory" not in text, path.name


@both
def test_validation_totals_are_never_an_input(name: str) -> None:
    table = rows(CASES / name / "validation.csv")
    held_out = {int(row[end]) for row in table for end in ("low", "high") if row[end]}
    assert {9000, 11000, 9606, 1642, 15515, 5480, 3634, 628} <= held_out
    evidence = load_case(name)
    assert not {row["id"] for row in table} & {r.report for r in evidence.reports}
    assert not held_out & {n for r in evidence.reports for n in figures(r)}


def test_validation_table_is_complete_but_for_what_was_never_read() -> None:
    source = rows(at_hand("data", "mosul", "validation_only.csv"))
    read = {row["id"] for row in source if "FROM MEMORY" not in " ".join(row.values())}
    for name in NAMES:
        assert {row["id"] for row in rows(CASES / name / "validation.csv")} == read


def test_every_later_report_is_in_the_extended_case() -> None:
    reports = by_name(load_case("mosul-2017-extended"))
    for row in rows(at_hand("data", "mosul", "later_reports.csv")):
        report = reports[row["id"]]
        assert report.document
        given = {int(row[end]) for end in ("low", "high") if row[end].isdigit()}
        assert given == figures(report), row["id"]


def test_every_monthly_figure_is_in_the_extended_case() -> None:
    reports = by_name(load_case("mosul-2017-extended"))
    for row in rows(at_hand("data", "mosul", "unami_ninewa_monthly.csv")):
        if row["ninewa_killed"]:
            assert reports[f"UNAMI_{row['month']}"].value == int(row["ninewa_killed"])
        else:
            assert f"UNAMI_{row['month']}" not in reports


def test_united_nations_figures_of_the_time_do_not_overlap() -> None:
    evidence = load_case("mosul-2017-extended")
    used = [r for r in evidence.reports if r.used and r.source in ("ohchr", "unami-monthly")]
    top = sorted((r for r in used if r.within is None), key=lambda r: r.window_start)
    assert [r.report for r in top] == [f"UNAMI_{month}" for month in UN_MONTHS]
    assert all(a.window_end < b.window_start for a, b in pairwise(top))
    assert {r.report: r.within for r in used if r.within} == {
        "S000-04": "UNAMI_2017-03",
        "UN_163": "UNAMI_2017-06",
    }


def test_the_outlier_is_kept() -> None:
    outlier = by_name(load_case("mosul-2017-extended"))["KURD_INTEL"]
    assert (outlier.used, outlier.value, outlier.qualifier) == (True, 40_000, "more_than")
