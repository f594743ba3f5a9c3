"""Growth: the grown cases are of the size and kind that is asked for, and every row comes out on tiny ones."""

from __future__ import annotations

from collections import Counter

import pytest

from benchmarks import growth
from benchmarks.growing import EXTENTS, Extent, totals_case, windows_case
from benchmarks.growth import Batch, batch_rows, report_rows, slope, slope_rows, small_cases
from undercount.data.schema import Speakers
from undercount.models.design import design

pytestmark = pytest.mark.checkout


@pytest.mark.parametrize("size", EXTENTS)
def test_an_extent_has_its_number_of_reports(size: int) -> None:
    extent = EXTENTS[size]
    assert extent.sources * extent.groups * extent.windows == size


def test_windows_share_no_day_and_have_incidents_contested_and_uncertain_ones() -> None:
    evidence = windows_case(EXTENTS[1_000])
    arrays = design(evidence)
    assert len(evidence.reports) == 1_000 + len(evidence.case.incidents)
    assert not arrays.terms.gaussian
    assert arrays.uncertain_reports.size > 0
    kinds = Counter(report.attribution.value for report in evidence.reports)
    assert set(kinds) == {"contested", "stated", "unattributed"}
    assert arrays.terms.is_split.any()
    assert (
        windows_case(EXTENTS[100]).sha256 == windows_case(EXTENTS[100]).sha256 != windows_case(EXTENTS[100], 2).sha256
    )


def test_totals_are_running_tallies_that_fall_at_times() -> None:
    evidence = totals_case(EXTENTS[100])
    arrays = design(evidence)
    assert {source.speakers for source in evidence.sources} == {Speakers.SEVERAL}
    assert len(arrays.terms.gaussian) == len(arrays.streams) == 4
    assert all(term.is_revised and term.reports.size == 25 for term in arrays.terms.gaussian)
    values = [report.value or 0 for report in evidence.reports[:25]]
    assert values != sorted(values)


def test_slopes_of_straight_lines() -> None:
    assert slope([10, 100, 1_000], [3.0, 30.0, 300.0]) == pytest.approx(1.0)
    assert slope([10, 100], [1.0, 100.0]) == pytest.approx(2.0)
    whole, last = slope_rows("any", "reports", {10: 1.0, 100: 10.0, 1_000: 1_000.0})
    assert whole.value == pytest.approx(1.5)
    assert last.value == pytest.approx(2.0)
    assert whole.met is last.met is False
    assert "1,000" in last.what


def test_rows_of_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growth, "LEAST_SECONDS", 0.0)
    monkeypatch.setattr(growth.cpu_seconds, "__defaults__", (1e-9,))
    rows = list(report_rows({4: Extent(2, 1, 2), 8: Extent(2, 2, 2)}))
    parts = ("evidence", "design", "gradient", "summaries", "outside of the sampler")
    for family in growth.FAMILIES:
        for part in parts:
            mine = [row for row in rows if row.what.startswith(f"{family}: {part}")]
            assert [row.goal for row in mine] == ["<= 1.1"] * 2
            assert all(row.met is (row.value <= growth.STEEPEST) for row in mine)
    assert len(rows) == 2 * len(growth.FAMILIES) * len(parts) + 1


def test_rows_of_batches() -> None:
    *slopes, memory = batch_rows({10: Batch(2.0, 250.0), 100: Batch(11.0, 251.0), 1_000: Batch(101.0, 350.0)})
    assert [row.met for row in slopes] == [True, True]
    assert (memory.value, memory.met) == (100.0, False)


def test_cases_of_a_batch_are_made_when_their_turn_comes() -> None:
    names = [evidence.case.case for evidence in small_cases(3)]
    assert len(set(names)) == 3
