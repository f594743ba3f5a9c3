"""Evidence: one order, one hash, every way in and out gives the same, and subsets still hang together."""

from __future__ import annotations

import os
import pickle
import random
import subprocess
import sys
import tempfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import (
    INCIDENT,
    case_fields,
    make_case,
    make_evidence,
    make_report,
    make_reports,
    make_source,
    make_sources,
)
from tests.data.folders import good_folder, read_rows, write_rows
from undercount.data import Evidence, InvalidEvidenceError, read_case
from undercount.data.cells import as_cells
from undercount.data.schema import REPORT_COLUMNS, Attribution, Kind, Lag, Qualifier, Speakers
from undercount.errors import EvidenceError

few = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@few
@given(st.integers(0, 2**32))
def test_order_of_rows_columns_and_tables_does_not_matter(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    fields = case_fields()
    for key in ("population", "incidents"):
        fields[key] = tuple(chance.sample(fields[key], len(fields[key])))
    levels = list(fields["dimensions"]["actor"]["levels"].items())
    fields["dimensions"] = {
        "area": fields["dimensions"]["area"],
        "actor": fields["dimensions"]["actor"] | {"levels": dict(chance.sample(levels, len(levels)))},
    }
    folder = make_evidence(case=make_case(**dict(chance.sample(list(fields.items()), len(fields))))).write(
        Path(tempfile.mkdtemp(dir=tmp_path))
    )
    for file in ("reports.csv", "sources.csv"):
        rows = read_rows(folder / file)
        columns = chance.sample(list(rows[0]), len(rows[0]))
        write_rows(folder / file, [{name: row[name] for name in columns} for row in chance.sample(rows, len(rows))])

    assert read_case(folder).sha256 == make_evidence().sha256


def test_order_of_rows_is_canonical() -> None:
    backward = make_evidence(reversed(make_reports()), sources=reversed(make_sources()))
    assert backward == make_evidence()
    assert hash(backward) == hash(make_evidence())
    assert [report.report for report in backward.reports] == sorted(report.report for report in make_reports())
    case = make_case(population=case_fields()["population"][::-1], incidents=case_fields()["incidents"])
    assert list(make_evidence(case=case).case.dimensions["actor"].levels) == ["blue", "red"]
    assert make_evidence(case=case).case == make_evidence().case


CELL_CHANGES: dict[str, Any] = {
    "report": "un-first", "source": "press", "relay": "wire", "quote": "q", "document": "d", "published": "2020-04-30",
    "published_basis": "b", "quantity": "hurt", "victims": "people", "value": "101", "low": "1", "high": "9999",
    "qualifier": "about", "qualifier_printed": "p", "qualifier_reason": "r", "actors": "blue",
    "attribution": "contested",
    "areas": "north;south", "window_start": "2020-01-02", "window_end": "2020-02-01", "window_basis": "w",
    "window_uncertainty_days": "1", "incident": INCIDENT, "within": "un-jan", "derived_from": "red-own",
    "disputed_by": "somebody", "used": "no", "reason": "r", "note": "n",
}  # fmt: skip


def wide_evidence() -> Evidence:
    """Evidence in which any cell of "z" can change and stay valid."""
    dimensions = case_fields()["dimensions"] | {
        "victims": {"levels": {"civilians": "", "people": ""}},
        "quantity": {"levels": {"killed": "", "hurt": ""}},
    }
    case = make_case(dimensions=dimensions)
    return make_evidence([*make_reports(), make_report(report="z", published=date(2020, 4, 7), reason="x")], case=case)


@pytest.mark.parametrize("column", REPORT_COLUMNS)
def test_any_change_of_a_report_changes_the_hash(column: str) -> None:
    evidence = wide_evidence()
    rows = [as_cells(report) for report in evidence.reports]
    assert rows[-1]["report"] == "z"
    rows[-1][column] = CELL_CHANGES[column]
    assert evidence.with_reports(rows).sha256 != evidence.sha256


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Another"},
        {"description": "x"},
        {"timezone": "UTC"},
        {"case": "other"},
        {"priors": {"rate": {"location": 0.0, "scale": 1.0, "reason": "x"}}},
        {"population": case_fields()["population"][:1]},
    ],
)
def test_any_change_of_the_case_changes_the_hash(change: dict[str, Any]) -> None:
    assert make_evidence(case=make_case(**change)).sha256 != make_evidence().sha256


def test_a_case_without_release_limits_has_the_hash_that_it_had_before_there_were_any() -> None:
    assert "release" not in make_case().model_dump(mode="json")
    limits = [{}, {"silent_days": 30}, {"silent_days": 31}, {"model_share": 0.05}]
    hashes = {make_evidence(case=make_case(release=limit)).sha256 for limit in limits}
    assert len(hashes | {make_evidence().sha256}) == 5


def test_release_limits_survive_writing_and_reading(tmp_path: Path) -> None:
    evidence = make_evidence(case=make_case(release={"silent_days": 30, "misfit_chance": 0.01}))
    assert read_case(evidence.write(tmp_path / "case")) == evidence


def test_any_change_of_a_source_changes_the_hash() -> None:
    for change in (
        {"name": "Other"},
        {"kind": Kind.CLAIMANT},
        {"note": "x"},
        {"side": "red"},
        {"speakers": Speakers.SEVERAL},
        {"lag": Lag.FITTED},
    ):
        sources = [make_source(**change), *make_sources()[1:]]
        assert make_evidence(sources=sources).sha256 != make_evidence().sha256


def test_the_hash_is_this_one() -> None:
    # Stored estimates name the hash: it may change only with a new format name.
    assert make_evidence().sha256 == "9f876f35319774fe86ad9ee5761628eb731896f74c84d66ddd70c886e0b1d9e0"


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "America/Los_Angeles"])
def test_time_zone_and_hash_seed_of_the_machine_do_not_matter(tmp_path: Path, zone: str) -> None:
    folder = good_folder(tmp_path)
    code = f"from undercount.data import read_case; print(read_case({str(folder)!r}).sha256)"
    environment = os.environ | {"TZ": zone, "PYTHONHASHSEED": str(len(zone))}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == make_evidence().sha256


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=30)
multiline = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], include_characters="\n\t"), max_size=30
)


@few
@given(texts, multiline, texts, st.integers(0, 50_000) | st.none(), st.lists(texts, max_size=2))
def test_any_text_survives_every_way(
    tmp_path: Path, title: str, quote: str, document: str, low: int | None, disputed: list[str]
) -> None:
    by = tuple(dict.fromkeys(name.strip().replace(";", ",") for name in disputed if name.strip()))
    report = make_report(quote=quote, document=document, note=quote, low=low, value=60_000, disputed_by=by)
    case = make_case(title=title, description=quote)
    evidence = make_evidence([report], case=case)
    assert read_case(evidence.write(tempfile.mkdtemp(dir=tmp_path))) == evidence
    assert evidence.with_reports(evidence.to_frame()) == evidence


def test_case_with_everything_reads_back(tmp_path: Path) -> None:
    case = make_case(
        description='Quotes " and \\ and\nlines, \u202b, ü, 𝄞',
        contested={"un-jan": 0.1},
        priors={"rate.east side": {"location": -1e-12, "scale": 1e22, "reason": "a reason"}},
    )
    reports = [make_report(report="un-jan", attribution=Attribution.CONTESTED), *make_reports()[1:]]
    evidence = make_evidence(reports, case=case, validation=[{"who": "morgue", "n": "1,2"}])
    assert read_case(evidence.write(tmp_path / "all")) == evidence


def test_write_refuses_a_folder_with_anything_in_it(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    make_evidence().write(tmp_path / "here")
    before = sorted((tmp_path / "here").iterdir())
    with pytest.raises(EvidenceError, match="evidence-folder-exists"):
        make_evidence().write(tmp_path / "here")
    assert sorted((tmp_path / "here").iterdir()) == before
    with pytest.raises(EvidenceError, match="evidence-folder"):
        make_evidence().write(tmp_path / "here" / "case.toml" / "below")
    with pytest.raises(EvidenceError, match="evidence-folder-not-written"):
        make_evidence().write("nul\0byte")


def test_evidence_cannot_be_changed_and_pickles() -> None:
    evidence = make_evidence()
    with pytest.raises(AttributeError):
        evidence.reports = ()  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(evidence)) == evidence


def test_error_pickles_with_its_problems() -> None:
    with pytest.raises(InvalidEvidenceError) as caught:
        make_evidence([make_report(actors=("reed",))])
    back = pickle.loads(pickle.dumps(caught.value))
    assert back.problems == caught.value.problems
    assert str(back) == str(caught.value)


def test_used_and_shown() -> None:
    evidence = make_evidence()
    assert len(evidence.used) == 5
    assert repr(evidence) == f"<Evidence 'testland': 6 reports (5 used), 4 sources, sha256 {evidence.sha256[:12]}>"


def test_tags_survive_as_text_and_are_escaped_when_shown(tmp_path: Path) -> None:
    tag = "<script>alert('x')</script>"
    evidence = make_evidence(
        [make_report(quote=tag)], case=make_case(title=tag), sources=[make_source(name=tag), *make_sources()[1:]]
    )
    back = read_case(evidence.write(tmp_path / "tags"))
    assert back.reports[0].quote == tag
    assert "<script" not in back._repr_html_()
    assert "&lt;script&gt;" in back._repr_html_()


def test_as_of_keeps_what_was_published() -> None:
    early = make_evidence().as_of("2020-04-05")
    assert [report.report for report in early.reports] == ["red-own", "un-jan", "un-market"]
    assert early.as_of(date(2020, 4, 5)) == early
    assert make_evidence().as_of("2030-01-01") == make_evidence()


def test_evidence_published_later_changes_nothing() -> None:
    late = make_report(report="late", published=date(2021, 1, 1), attribution=Attribution.CONTESTED)
    case = make_case(
        contested={"late": 0.4}, population=tuple(p | {"reports": ("late",)} for p in case_fields()["population"])
    )
    more = make_evidence([*make_reports(), late], case=case)
    assert more.sha256 != make_evidence().sha256
    assert more.as_of("2020-12-31").sha256 == make_evidence().sha256


def test_as_of_links_to_what_is_left() -> None:
    day = date(2020, 5, 1)
    reports = [
        make_report(report="whole", value=500, window_end=date(2020, 3, 31)),
        make_report(report="middle", value=300, window_end=date(2020, 2, 28), within="whole", published=day),
        make_report(report="part", value=99, within="middle"),
        make_report(report="copy", value=99, derived_from=("part", "lost"), published=day),
        make_report(report="copy2", value=99, derived_from=("copy", "part")),
        make_report(report="lost", value=7, qualifier=Qualifier.ABOUT, published=day),
    ]
    left = {report.report: report for report in make_evidence(reports).as_of("2020-04-30").reports}
    assert left.keys() == {"whole", "part", "copy2"}
    assert left["part"].within == "whole"
    assert left["copy2"].derived_from == ("part",)
    alone = make_evidence(
        [*reports[1:3], make_report(report="whole", value=500, window_end=date(2020, 3, 31), published=day)]
    )
    assert alone.as_of("2020-04-30").reports[0].within is None


@pytest.mark.parametrize("when", ["yesterday", "2020-4-5", datetime(2020, 4, 5), 20200405])  # noqa: DTZ001 - no day
def test_as_of_needs_a_day(when: Any) -> None:
    with pytest.raises(EvidenceError, match="evidence-bad-date"):
        make_evidence().as_of(when)


def test_as_of_before_everything_is_refused() -> None:
    with pytest.raises(EvidenceError, match="evidence-none-usable"):
        make_evidence().as_of("2020-01-01")


def test_without_source_takes_its_copies_along() -> None:
    copy = make_report(report="press-copy", source="press", derived_from=("un-copy",))
    left = make_evidence([*make_reports(), copy]).without_source("un")
    assert [report.report for report in left.reports] == ["press-all", "press-words", "red-own"]
    assert [source.source for source in left.sources] == ["press", "red-army", "wire"]


def test_without_source_keeps_one_that_relays() -> None:
    reports = [*make_reports()[:2], make_report(report="p", source="press", relay="un")]
    left = make_evidence(reports).without_source("un")
    assert "un" in {source.source for source in left.sources}
    assert [report.report for report in left.reports] == ["p"]


def test_without_an_unknown_source() -> None:
    with pytest.raises(EvidenceError, match=r"did you mean red-army\?"):
        make_evidence().without_source("red-arm")
