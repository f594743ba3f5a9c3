"""Tables of losses in the form of Radford et al. (2023): every rule of the mapping, and every refusal."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import undercount
from undercount.data import Evidence, InvalidEvidenceError, Kind, Qualifier, Window, read_loss_table
from undercount.data.loss_table import COLUMNS
from undercount.data.schema import Speakers
from undercount.models.design import design

if TYPE_CHECKING:
    from collections.abc import Sequence

    from undercount.data import Report

TABLE = Path(__file__).resolve().parents[3] / "shared" / "data" / "radford" / "replication-data-pnas.csv"
START = date(2022, 2, 24)
Cells = dict[str, str]


def loss(days: int = 10, count: int | str = 100, **changes: str) -> Cells:
    """A cumulative figure of a Ukrainian source on Russian military deaths, with cells replaced."""
    cells = {
        "days": str(days),
        "loss_count": str(count),
        "claim_source": "UA Source",
        "time_frame": "Cumulative",
        "loss_country": "Russia",
        "minimum": "0",
        "maximum": "0",
        "category": "Military Deaths",
    } | changes
    joined = {
        "loss_type": f"{cells['category']}-{cells['loss_country']}",
        "source_target": f"{cells['claim_source']}-{cells['loss_country']}",
    }
    return joined | cells


def write(path: Path, rows: Sequence[Cells], columns: Sequence[str] = COLUMNS) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return tmp_path / "losses.csv"


def read(table: Path, *rows: Cells) -> tuple[Report, ...]:
    return read_loss_table(write(table, rows)).reports


def figure(report: Report) -> tuple[str, int | None, int | None, int | None, bool]:
    return report.qualifier.value, report.value, report.low, report.high, report.used


def test_it_is_part_of_the_public_face() -> None:
    assert undercount.read_loss_table is read_loss_table


def test_a_cumulative_figure_runs_from_day_1_and_a_daily_one_is_of_its_day(table: Path) -> None:
    whole, day = read(table, loss(364), loss(364, time_frame="Day"))
    assert (whole.window_start, whole.window_end) == (START, date(2023, 2, 22))
    assert (day.window_start, day.window_end) == (date(2023, 2, 22), date(2023, 2, 22))
    assert whole.published == day.published == date(2023, 2, 22)
    assert whole.published_basis == day.published_basis != ""


def test_day_1_may_be_another_date(table: Path) -> None:
    evidence = read_loss_table(write(table, [loss(3)]), start=date(2020, 2, 28))
    assert evidence.case.timeline == Window(start=date(2020, 2, 28), end=date(2020, 3, 1))


@pytest.mark.parametrize(
    ("category", "country", "victims", "quantity"),
    [
        ("Military Deaths", "Russia", "russian-military", "killed"),
        ("Military Injuries", "Ukraine", "ukrainian-military", "wounded"),
        ("Military Casualties", "Russia", "russian-military", "casualties"),
        ("Military Captured", "Russia", "russian-military", "captured"),
        ("Civilian Deaths", "Ukraine", "ukrainian-civilians", "killed"),
        ("Civilian Casualties", "Ukraine", "ukrainian-civilians", "casualties"),
        ("Tanks", "Ukraine", "ukrainian-military", "tanks"),
        ("Vehicles & Fuel Tanks", "Russia", "russian-military", "vehicles-and-fuel-tanks"),
        ("Aircraft (unspecified)", "Russia", "russian-military", "aircraft-unspecified"),
        ("MLRS", "Russia", "russian-military", "mlrs"),
    ],
)
def test_category_and_country_are_victims_and_quantity(
    table: Path, category: str, country: str, victims: str, quantity: str
) -> None:
    evidence = read_loss_table(write(table, [loss(category=category, loss_country=country)]))
    assert [(report.victims, report.quantity) for report in evidence.used] == [(victims, quantity)]
    assert set(evidence.case.dimensions["victims"].levels) == {"russian-military", victims}
    assert set(evidence.case.dimensions["quantity"].levels) == {"killed", quantity}


@pytest.mark.parametrize(
    ("minimum", "maximum", "qualifier"),
    [
        ("0", "0", Qualifier.EXACT),
        ("1", "0", Qualifier.AT_LEAST),
        ("0", "1", Qualifier.UP_TO),
        ("1", "1", Qualifier.EXACT),
    ],
)
def test_the_flags_are_qualifiers(table: Path, minimum: str, maximum: str, qualifier: Qualifier) -> None:
    (report,) = read(table, loss(minimum=minimum, maximum=maximum))
    assert figure(report) == (qualifier, 100, None, None, True)


def test_sources_keep_their_names_and_only_one_tallies_cases(table: Path) -> None:
    names = ["UA Source", "RU Source", "OSI", "United Nations", "Other", "FR Source"]
    evidence = read_loss_table(write(table, [loss(day, claim_source=name) for day, name in enumerate(names, 1)]))
    assert {s.source: (s.name, s.kind) for s in evidence.sources} == {
        "ua-source": ("UA Source", Kind.CLAIMANT),
        "ru-source": ("RU Source", Kind.CLAIMANT),
        "osi": ("OSI", Kind.CLAIMANT),
        "united-nations": ("United Nations", Kind.RECORDER),
        "other": ("Other", Kind.CLAIMANT),
        "fr-source": ("FR Source", Kind.CLAIMANT),
    }


def test_case_and_estimand(table: Path) -> None:
    case = read_loss_table(write(table, [loss(7), loss(365)])).case
    assert case.timeline == case.estimand.window == Window(start=START, end=date(2023, 2, 23))
    assert (case.estimand.victims, case.estimand.quantity) == ("russian-military", "killed")
    assert list(case.dimensions["actor"].levels) == ["war"]
    assert list(case.dimensions["area"].levels) == ["ukraine"]
    assert case.population == ()


def test_a_report_names_its_row_and_quotes_it(table: Path) -> None:
    reports = read(table, loss(1), loss(2, 104))
    assert [report.report for report in reports] == ["row-00001", "row-00002"]
    assert (
        reports[1].quote
        == "2,104,Military Deaths-Russia,UA Source,Cumulative,Russia,0,0,Military Deaths,UA Source-Russia"
    )
    assert reports[1].document.startswith("losses.csv, line 3;")
    assert "e2307372120" in reports[1].document


def test_the_order_of_columns_does_not_matter(table: Path) -> None:
    rows = [loss(1), loss(2, 104)]
    first = read_loss_table(write(table, rows))
    assert read_loss_table(write(table, rows, COLUMNS[::-1])) == first


@pytest.mark.parametrize(("text", "count"), [("1e+05", 100_000), ("2.5e+05", 250_000), ("0", 0), ("399570", 399_570)])
def test_counts_as_r_writes_them(table: Path, text: str, count: int) -> None:
    (report,) = read(table, loss(count=text))
    assert report.value == count


def test_every_row_is_used_whatever_the_others_say(table: Path) -> None:
    rows = [loss(81, 30), loss(82, 30), loss(81, 27400), loss(81, 26900), loss(81, 5, claim_source="OSI"),
            loss(9, 1000, minimum="1"), loss(9, 700), loss(9, 2000, maximum="1"), loss(9, 1500), loss(9, 1500),
            loss(1, 4, time_frame="Day"), loss(1, 5)]  # fmt: skip
    assert [figure(report) for report in read(table, *rows)] == [
        ("exact", 30, None, None, True),
        ("exact", 30, None, None, True),
        ("exact", 27400, None, None, True),
        ("exact", 26900, None, None, True),
        ("exact", 5, None, None, True),
        ("at_least", 1000, None, None, True),
        ("exact", 700, None, None, True),
        ("up_to", 2000, None, None, True),
        ("exact", 1500, None, None, True),
        ("exact", 1500, None, None, True),
        ("exact", 4, None, None, True),
        ("exact", 5, None, None, True),
    ]


def test_each_source_is_a_circle_of_speakers(table: Path) -> None:
    evidence = read_loss_table(write(table, [loss(2), loss(3, claim_source="OSI")]))
    assert [source.speakers for source in evidence.sources] == [Speakers.SEVERAL, Speakers.SEVERAL]
    assert not any(source.verifies for source in evidence.sources)


def test_figures_that_exclude_each_other_are_read_with_errors(table: Path) -> None:
    rows = [loss(9, 1013), loss(9, 2027), loss(12, 1511), loss(12, 1511)]
    arrays = design(read_loss_table(write(table, rows)))
    assert dict(arrays.dropped) == {}
    (tally,) = arrays.terms.gaussian
    assert tally.is_revised
    assert tally.low.tolist() == tally.high.tolist() == [1013, 2027, 1511, 1511]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("days", "0", "out-of-range"),
        ("days", "-3", "negative"),
        ("days", "36601", "out-of-range"),
        ("days", "1.5", "not-an-integer"),
        ("days", "", "missing"),
        ("loss_count", "-1", "negative"),
        ("loss_count", "10.5", "not-an-integer"),
        ("loss_count", "1.05e+01", "not-an-integer"),
        ("loss_count", "1e+99", "count-too-large"),
        ("loss_count", "NA", "not-an-integer"),
        ("loss_count", "", "missing"),
        ("time_frame", "Weekly", "unknown-choice"),
        ("time_frame", "day", "unknown-choice"),
        ("minimum", "TRUE", "not-a-flag"),
        ("maximum", "2", "not-a-flag"),
        ("loss_country", "Belarus", "unknown-choice"),
        ("category", "танки", "bad-identifier"),
        ("category", "", "missing"),
        ("claim_source", "x" * 81, "bad-identifier"),
        ("claim_source", "UA\x07Source", "control-character"),
        ("loss_type", "Tanks-Russia", "inconsistent"),
        ("source_target", "UA Source-Ukraine", "inconsistent"),
    ],
)
def test_a_bad_cell_is_refused_with_its_line(table: Path, field: str, value: str, code: str) -> None:
    write(table, [loss(1), loss(2), loss(3) | {field: value}])
    with pytest.raises(InvalidEvidenceError) as caught:
        read_loss_table(table)
    problem = caught.value.problems[0]
    assert (problem.file, problem.row, problem.field) == ("losses.csv", 4, field)
    assert problem.code == f"evidence-{code}"
    assert problem.rule
    assert problem.hint
    assert len(caught.value.problems) == 1


def test_every_problem_is_listed(table: Path) -> None:
    rows = [loss(0), loss(1, "many", minimum="?"), loss(2), loss(3, time_frame="Month")]
    with pytest.raises(InvalidEvidenceError) as caught:
        read_loss_table(write(table, rows))
    assert [(problem.row, problem.field) for problem in caught.value.problems] == [
        (2, "days"),
        (3, "loss_count"),
        (3, "minimum"),
        (5, "time_frame"),
    ]


def test_two_spellings_of_a_name_are_refused(table: Path) -> None:
    rows = [loss(1), loss(2, claim_source="UA  source", category="Military deaths")]
    with pytest.raises(InvalidEvidenceError, match="two-spellings") as caught:
        read_loss_table(write(table, rows))
    assert [(problem.row, problem.field) for problem in caught.value.problems] == [(3, "claim_source"), (3, "category")]


def test_a_file_that_is_faulty_throughout_is_not_read_to_its_end(table: Path) -> None:
    with pytest.raises(InvalidEvidenceError) as caught:
        read_loss_table(write(table, [loss(0)] * 1200))
    assert len(caught.value.problems) == 1000


@pytest.mark.parametrize("missing", COLUMNS)
def test_a_missing_column_is_refused(table: Path, missing: str) -> None:
    write(table, [loss()], [name for name in COLUMNS if name != missing])
    with pytest.raises(InvalidEvidenceError, match="evidence-missing-column") as caught:
        read_loss_table(table)
    assert [problem.field for problem in caught.value.problems] == [missing]


def test_an_unknown_column_a_short_row_and_no_row_are_refused(table: Path) -> None:
    with pytest.raises(InvalidEvidenceError, match="evidence-unknown-column"):
        read_loss_table(write(table, [loss() | {"place": "x"}], [*COLUMNS, "place"]))
    table.write_text(",".join(COLUMNS) + "\n1,2\n", encoding="utf-8")
    with pytest.raises(InvalidEvidenceError, match="evidence-too-few-cells"):
        read_loss_table(table)
    with pytest.raises(InvalidEvidenceError, match="evidence-none-usable"):
        read_loss_table(write(table, []))
    with pytest.raises(InvalidEvidenceError, match="evidence-no-file"):
        read_loss_table(table.with_name("other.csv"))


def test_days_beyond_the_calendar_are_refused(table: Path) -> None:
    with pytest.raises(InvalidEvidenceError, match="up to 31"):
        read_loss_table(write(table, [loss(32)]), start=date(9999, 12, 1))


FIGURES = st.tuples(
    st.integers(1, 400),
    st.integers(0, 10**9),
    st.sampled_from(["UA Source", "RU Source", "OSI", "Other"]),
    st.sampled_from(["Day", "Cumulative"]),
    st.sampled_from(["Military Deaths", "Tanks", "Civilian Injuries"]),
    st.sampled_from(["0", "1"]),
    st.sampled_from(["0", "1"]),
)


@given(figures=st.lists(FIGURES, min_size=1, max_size=40))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_count_and_window_survives(table: Path, figures: list[tuple[int, int, str, str, str, str, str]]) -> None:
    rows = [
        loss(day, count, claim_source=source, time_frame=frame, category=category, minimum=low, maximum=high)
        for day, count, source, frame, category, low, high in figures
    ]
    evidence = read_loss_table(write(table, rows))
    assert len(evidence.reports) == len(figures)
    for report, (day, count, _, frame, *_) in zip(evidence.reports, figures, strict=True):
        assert report.window_end == START + timedelta(days=day - 1)
        assert report.window_start == (report.window_end if frame == "Day" else START)
        low, high = (report.low, report.high) if report.value is None else (report.value, report.value)
        assert low is not None
        assert high is not None
        assert low <= count <= high
        assert report.used or report.reason
    scopes = {(r.source, r.victims, r.quantity, r.window_start, r.window_end) for r in evidence.reports}
    assert scopes == {(r.source, r.victims, r.quantity, r.window_start, r.window_end) for r in evidence.used}
    assert Evidence.from_frame(evidence.to_frame(), sources=evidence.sources_frame(), case=evidence.case) == evidence


def test_the_published_table() -> None:
    if not TABLE.exists():
        pytest.skip(f"{TABLE} is not at hand")
    evidence = read_loss_table(TABLE)
    assert len(evidence.reports) == 4609
    assert evidence.case.timeline == Window(start=START, end=date(2023, 2, 23))
    by_source = Counter(report.source for report in evidence.reports)
    assert by_source == {
        "ua-source": 3858, "ru-source": 247, "osi": 169, "other": 154, "united-nations": 78, "us-source": 71,
        "gb-source": 32,
    }  # fmt: skip
    by_stratum = Counter((report.victims, report.quantity) for report in evidence.reports)
    assert len(by_stratum) == 30
    assert {stratum: n for stratum, n in by_stratum.items() if stratum[1] in {"killed", "wounded", "casualties"}} == {
        ("russian-military", "killed"): 523,
        ("russian-military", "casualties"): 130,
        ("russian-military", "wounded"): 44,
        ("ukrainian-military", "killed"): 67,
        ("ukrainian-military", "casualties"): 16,
        ("ukrainian-military", "wounded"): 8,
        ("ukrainian-civilians", "killed"): 46,
        ("ukrainian-civilians", "casualties"): 21,
        ("ukrainian-civilians", "wounded"): 26,
    }
    assert sum(by_stratum[side, "tanks"] for side in ("russian-military", "ukrainian-military")) == 534
    daily = [report for report in evidence.reports if report.window_basis.startswith("Day")]
    assert len(daily) == 162
    assert Counter(report.qualifier_printed for report in evidence.reports) == {"": 4385, "minimum": 173, "maximum": 51}
    assert Counter(report.qualifier.value for report in evidence.used) == {
        "exact": 4385, "at_least": 173, "up_to": 51,
    }  # fmt: skip
    (last,) = (
        r for r in evidence.used if (r.source, r.published) == ("ua-source", date(2023, 2, 22)) and r.value == 145_060
    )
    assert (last.victims, last.quantity) == ("russian-military", "killed")
