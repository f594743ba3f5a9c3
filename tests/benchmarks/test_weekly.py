"""The large case: of the size that it says, with the truth inside, and fitted with every gate passed."""

from __future__ import annotations

from collections import Counter

import pytest

from benchmarks import weekly
from benchmarks.weekly import LARGE, SMALL, Size, rows, weekly_case
from undercount.models.design import design

pytestmark = pytest.mark.checkout


def test_a_case_has_a_count_of_each_source_week_and_stratum() -> None:
    evidence, toll = weekly_case(SMALL)
    each = Counter(report.source for report in evidence.reports)
    assert each == {"archive": 1560, "events": 1560}
    assert toll > 0
    assert weekly_case(SMALL)[0].sha256 == evidence.sha256 != weekly_case(SMALL, seed=2)[0].sha256
    assert not design(evidence).terms.gaussian
    assert LARGE.weeks * LARGE.areas * LARGE.sources * len(weekly.VICTIMS) == 106_080


@pytest.mark.slow
def test_more_than_ten_thousand_counts_are_fitted_with_every_gate_passed() -> None:
    found = {row.what: row for row in rows(Size(weeks=104, areas=17, sources=2))}
    assert any(what.startswith("10,608 weekly counts") for what in found)
    assert [what for what, row in found.items() if row.met is False] == []
