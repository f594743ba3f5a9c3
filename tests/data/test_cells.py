"""Cells are read strictly: what a spreadsheet may have made of them is refused with a way to mend it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import make_report, make_reports, make_sources
from tests.data.folders import edit, good_folder
from undercount.data import check_case, read_case
from undercount.data.cells import (
    REPORT_PARSERS,
    CellFault,
    as_cells,
    day,
    decimal,
    parse_reports,
    parse_sources,
    parts,
    whole_number,
)
from undercount.data.schema import MAX_COUNT
from undercount.data.tables import Row, Table

if TYPE_CHECKING:
    from pathlib import Path

BAD_CELLS = [
    ("value", "1.0", "not-an-integer", "write 1"),
    ("value", "1e3", "not-an-integer", "digits only"),
    ("value", "12,5", "not-an-integer", "digits only"),
    ("value", "1,200", "not-an-integer", "write 1200"),
    ("value", " 12", "not-an-integer", "write 12"),
    ("value", "007", "not-an-integer", "write 7"),
    ("value", "+7", "not-an-integer", "digits only"),
    ("value", "NaN", "not-an-integer", "leave the cell empty"),
    ("value", "inf", "not-an-integer", "digits only"),
    ("value", "True", "not-an-integer", "digits only"),
    ("value", "١٢", "not-an-integer", "digits only"),
    ("value", "1_000", "not-an-integer", "digits only"),
    ("value", "-5", "negative", "0 or more"),
    ("value", "9" * 5000, "count-too-large", "count of people"),
    ("value", "1000000001", "count-too-large", "count of people"),
    ("window_uncertainty_days", "3661", "out-of-range", "at most 3,660"),
    ("published", "5 April 2020", "bad-date", "YYYY-MM-DD"),
    ("published", "05/04/2020", "bad-date", "YYYY-MM-DD"),
    ("published", "2020-4-5", "bad-date", "YYYY-MM-DD"),
    ("published", "20200405", "bad-date", "YYYY-MM-DD"),
    ("published", "2020-02-30", "bad-date", "YYYY-MM-DD"),
    ("published", "2020-04-05T00:00", "bad-date", "YYYY-MM-DD"),
    ("published", "٢٠٢٠-٠٤-٠٥", "bad-date", "YYYY-MM-DD"),
    ("published", "", "missing", "fill it in"),
    ("quantity", "", "missing", "fill it in"),
    ("used", "", "missing", "fill it in"),
    ("used", "Yes", "not-yes-or-no", "write yes or no"),
    ("used", "True", "not-yes-or-no", "write yes or no"),
    ("used", "1", "not-yes-or-no", "write yes or no"),
    ("qualifier", "atleast", "unknown-choice", "did you mean at_least"),
    ("attribution", "Stated", "unknown-choice", "did you mean stated"),
    ("actors", "red;;blue", "bad-list", "one ';'"),
    ("actors", "red;", "bad-list", "one ';'"),
    ("actors", "red; red", "named-twice", "once"),
    ("actors", "r\u202eed", "bad-identifier", "short name"),
    ("actors", "r\u2066ed", "bad-identifier", "short name"),
    ("areas", "nor\u200bth", "bad-identifier", "short name"),
    ("areas", "norte\u0301", "bad-identifier", "short name"),
    ("source", "un ", "bad-identifier", "short name"),
    ("source", "u" * 121, "bad-identifier", "short name"),
    ("quote", "bell\x07", "control-character", "delete"),
    ("quote", "carriage\rreturn", "control-character", "delete"),
    ("document", "two\nlines", "control-character", "delete"),
    ("disputed_by", "the\x1barmy", "control-character", "delete"),
]


@pytest.mark.parametrize(("field", "text", "code", "hint"), BAD_CELLS)
def test_bad_cells_are_named_with_a_way_to_mend_them(
    tmp_path: Path, field: str, text: str, code: str, hint: str
) -> None:
    folder = good_folder(tmp_path)
    line = edit(folder, "reports.csv", "un-copy", **{field: text})

    problems = [problem for problem in check_case(folder) if problem.field == field]

    assert [problem.code for problem in problems] == [f"evidence-{code}"]
    message = str(problems[0])
    assert f"reports.csv, row {line}, report un-copy, field {field}" in message
    assert hint in problems[0].hint
    assert (repr(text[:100])[:-1] in message) == bool(text)
    assert "pydantic" not in message
    assert message.isprintable()


def test_lists_are_stripped_and_line_breaks_stay_in_quotes(tmp_path: Path) -> None:
    folder = good_folder(tmp_path)
    edit(
        folder,
        "reports.csv",
        "un-jan",
        actors=" red ; blue",
        quote="two\nlines, a\ttab and a \u202bmark\u202c",
        note="\n",
    )
    report = next(report for report in read_case(folder).reports if report.report == "un-jan")
    assert report.actors == ("red", "blue")
    assert report.quote == "two\nlines, a\ttab and a \u202bmark\u202c"


@given(st.integers(0, MAX_COUNT))
def test_whole_numbers_read_back(number: int) -> None:
    assert whole_number(str(number)) == number


@given(st.text(max_size=12))
def test_only_plain_digits_are_whole_numbers(text: str) -> None:
    try:
        number = whole_number(text)
    except CellFault:
        return
    assert str(number) == text


@given(st.dates())
def test_days_read_back(when: date) -> None:
    assert day(when.isoformat()) == when


@given(st.text("0123456789-T ", max_size=11))
def test_only_iso_days_are_days(text: str) -> None:
    try:
        when = day(text)
    except CellFault:
        return
    assert when.isoformat() == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_decimals_read_back(number: float) -> None:
    assert decimal(str(number)) == number


@given(st.lists(st.text("abc-", min_size=1), min_size=1))
def test_lists_read_back(names: list[str]) -> None:
    assert parts(";".join(names)) == tuple(names)


def test_every_record_reads_back_from_its_cells() -> None:
    reports = Table("reports.csv", tuple(Row(2, as_cells(report)) for report in make_reports()))
    assert parse_reports(reports).records == make_reports()
    sources = Table("sources.csv", tuple(Row(2, as_cells(source)) for source in make_sources()))
    assert parse_sources(sources).records == make_sources()


def test_every_parser_is_for_a_column() -> None:
    assert REPORT_PARSERS.keys() <= as_cells(make_report()).keys()


def test_reading_stops_after_a_thousand_problems() -> None:
    rows = tuple(Row(number, {"report": f"r{number}", "value": "x"}) for number in range(2, 5000))
    assert 1000 <= len(parse_reports(Table("reports.csv", rows)).problems) < 1020
