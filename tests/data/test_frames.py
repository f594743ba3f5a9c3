"""Frames of three libraries enter by the way of the csv, and leave as they came."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from tests.builders import case_fields, make_case, make_evidence, make_report
from tests.data.folders import good_folder
from undercount.data import REPORT_COLUMNS, SOURCE_COLUMNS, Evidence, InvalidEvidenceError, Report
from undercount.data.cells import CellFault, as_cells
from undercount.data.frames import cell_text

GOOD = make_evidence()


def test_columns_are_those_of_the_csv() -> None:
    assert tuple(GOOD.to_frame().columns) == REPORT_COLUMNS
    assert tuple(GOOD.sources_frame().columns) == SOURCE_COLUMNS
    assert GOOD.to_frame().loc[1, "low"] == 100
    assert GOOD.to_frame()["value"].isna().sum() == 1


def as_floats(frame: pd.DataFrame) -> pd.DataFrame:
    """What pandas makes of whole numbers with gaps."""
    return frame.astype({str(name): float for name, kind in frame.dtypes.items() if kind == "Int64"})


def variants(frame: pd.DataFrame) -> dict[str, Any]:
    rows = [dict(row) for row in frame.astype(object).where(frame.notna(), None).to_dict("records")]
    return {
        "pandas": frame,
        "shuffled": frame.sample(frac=1, random_state=1)[list(frame.columns[::-1])],
        "objects": frame.astype(object),
        "floats": as_floats(frame),
        "polars": pl.DataFrame(rows, infer_schema_length=None),
        "pyarrow": pa.Table.from_pylist(rows),
        "mappings": rows,
    }


@pytest.mark.parametrize("kind", ["pandas", "shuffled", "objects", "floats", "polars", "pyarrow", "mappings"])
def test_every_frame_gives_the_same_evidence(kind: str) -> None:
    reports, sources = variants(GOOD.to_frame())[kind], variants(GOOD.sources_frame())[kind]
    assert GOOD.with_reports(reports).sha256 == GOOD.sha256
    assert GOOD.with_sources(sources).sha256 == GOOD.sha256
    assert Evidence.from_frame(reports, sources=sources, case=GOOD.case).sha256 == GOOD.sha256


def test_priors_of_sources_survive() -> None:
    frame = GOOD.sources_frame()
    frame.loc[0, "prior_median"] = 0.123456789012345
    frame.loc[0, "prior_scale"] = 3
    frame.loc[0, "prior_reason"] = "known from elsewhere"
    evidence = GOOD.with_sources(frame)
    assert evidence.sources[0].prior_median == 0.123456789012345
    assert evidence.with_sources(evidence.sources_frame()) == evidence


def test_a_frame_read_from_csv_by_pandas(tmp_path: Any) -> None:
    folder = good_folder(tmp_path)
    frame = pd.read_csv(folder / "reports.csv")
    assert frame["low"].dtype == float
    assert GOOD.with_reports(frame) == GOOD


def test_dates_booleans_and_lists_are_taken() -> None:
    frame = GOOD.to_frame()
    for column in ("published", "window_start", "window_end"):
        frame[column] = pd.to_datetime(frame[column])
    frame["used"] = frame["used"] == "yes"
    frame["areas"] = frame["areas"].str.split(";")
    assert GOOD.with_reports(frame) == GOOD
    assert GOOD.with_reports(pl.from_pandas(frame)) == GOOD


def test_columns_that_may_be_empty_may_be_left_out_of_a_frame() -> None:
    frame = GOOD.to_frame()
    needed = [name for name in frame if name in {"value", "low", "high", "actors", "areas", "reason"}]
    needed += [name for name, field in Report.model_fields.items() if field.is_required()]
    sources = [{"source": s.source, "name": s.name, "kind": s.kind, "side": s.side} for s in GOOD.sources]
    evidence = Evidence.from_frame(frame[needed], sources=sources, case=case_fields())
    assert [report.value for report in evidence.reports] == [report.value for report in GOOD.reports]


def test_the_case_may_be_a_path(tmp_path: Any) -> None:
    folder = good_folder(tmp_path)
    for case in (folder, str(folder / "case.toml"), make_case()):
        assert Evidence.from_frame(GOOD.to_frame(), sources=GOOD.sources_frame(), case=case) == GOOD
    with pytest.raises(InvalidEvidenceError, match="evidence-no-file"):
        Evidence.from_frame(GOOD.to_frame(), sources=GOOD.sources_frame(), case=folder / "other.toml")
    with pytest.raises(InvalidEvidenceError, match="evidence-missing"):
        Evidence.from_frame(GOOD.to_frame(), sources=GOOD.sources_frame(), case={"case": "x"})


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("value", True, "wrong-type"),
        ("value", 1.5, "not-an-integer"),
        ("value", float("inf"), "not-an-integer"),
        ("value", -3, "negative"),
        ("value", 10**9, "more-deaths-than-people"),
        ("value", 10**30, "count-too-large"),
        ("value", datetime(2020, 1, 1), "not-an-integer"),  # noqa: DTZ001 - as frames have it
        ("published", datetime(2020, 4, 5, 1), "bad-date"),  # noqa: DTZ001 - as frames have it
        ("published", datetime(2020, 4, 5, tzinfo=UTC), "bad-date"),
        ("published", None, "missing"),
        ("published", 20200405, "wrong-type"),
        ("used", 1, "wrong-type"),
        ("used", None, "missing"),
        ("quote", b"bytes", "wrong-type"),
        ("quote", {"a": 1}, "wrong-type"),
        ("quote", 1.5, "wrong-type"),
        ("quote", False, "wrong-type"),
        ("quote", "lone \ud800", "control-character"),
        ("actors", [1], "bad-list"),
        ("actors", ["red;blue"], "bad-list"),
        ("actors", "reed", "unknown-actor"),
    ],
)
def test_bad_values_are_named_by_row_of_the_frame(column: str, value: object, code: str) -> None:
    rows: list[dict[str, object]] = [dict(as_cells(report)) for report in GOOD.reports]
    rows[4][column] = value
    with pytest.raises(InvalidEvidenceError) as caught:
        GOOD.with_reports(rows)
    (problem,) = caught.value.problems
    assert (problem.code, problem.row, problem.report, problem.field) == (f"evidence-{code}", 4, "un-jan", column)
    assert "reports frame, row 4 (counted from 0)" in str(problem)


@pytest.mark.parametrize(
    ("value", "field", "text"),
    [
        (3.0, "value", "3"),
        (np.int64(3), "value", "3"),
        (np.float64(3), "low", "3"),
        (Decimal("3.00"), "value", "3"),
        (Decimal("NaN"), "value", ""),
        (float("nan"), "quote", ""),
        (pd.NA, "value", ""),
        (pd.NaT, "published", ""),
        (np.datetime64("2020-01-01", "D"), "published", "2020-01-01"),
        (pd.Timestamp("2020-01-01"), "published", "2020-01-01"),
        (date(2020, 1, 1), "published", "2020-01-01"),
        (np.array(["a", "b"]), "actors", "a;b"),
        (np.True_, "used", "yes"),
        (False, "used", "no"),
        (2017, "note", "2017"),
        (0.25, "prior_median", "0.25"),
        (1e23, "value", "1e+23"),
        (Decimal("1e999999999"), "value", "1E+999999999"),
    ],
)
def test_cells_of_frames(value: object, field: str, text: str) -> None:
    assert cell_text(value, field) == text


def test_a_cell_may_not_be_a_set() -> None:
    with pytest.raises(CellFault, match="set"):
        cell_text({"red"}, "actors")


@pytest.mark.parametrize(
    "frame",
    [3, "reports.csv", pl.DataFrame({"a": [1]}).lazy(), pd.DataFrame([[1, 2]], columns=["a", "a"]), None],
    ids=["number", "path", "lazy", "twice", "none"],
)
def test_what_is_not_a_table_is_refused(frame: object) -> None:
    with pytest.raises(InvalidEvidenceError, match="evidence-bad-frame"):
        GOOD.with_reports(frame)


@pytest.mark.parametrize(
    "frame", [[], pd.DataFrame(), pd.DataFrame({"report": ["a"]})], ids=["list", "empty", "narrow"]
)
def test_columns_without_a_default_are_needed(frame: object) -> None:
    with pytest.raises(InvalidEvidenceError, match="evidence-missing-column"):
        GOOD.with_reports(frame)


def test_a_frame_without_rows_has_nothing_usable() -> None:
    with pytest.raises(InvalidEvidenceError, match="evidence-none-usable"):
        GOOD.with_reports(GOOD.to_frame()[:0])


def test_an_unknown_column_is_refused() -> None:
    with pytest.raises(InvalidEvidenceError, match="evidence-unknown-column"):
        GOOD.with_reports(GOOD.to_frame().assign(deaths=1))


def test_validation_stays_and_sources_stay() -> None:
    evidence = make_evidence(validation=[{"who": "x"}])
    changed = evidence.with_reports([as_cells(make_report(value=5))])
    assert changed.validation == evidence.validation
    assert changed.sources == evidence.sources
    assert [report.value for report in changed.reports] == [5]
