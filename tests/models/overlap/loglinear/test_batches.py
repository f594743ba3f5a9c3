"""Intervals of many tables at once."""

from __future__ import annotations

import numpy as np
import pytest

from tests.models.overlap.loglinear.tables import ARTIFICIAL, GAZA, KOREA
from undercount.models.overlap.loglinear.batches import bootstrap_each
from undercount.models.overlap.loglinear.resampling import bootstrap
from undercount.models.overlap.loglinear.selected import select_model
from undercount.models.overlap.loglinear.selection import Selection

POOR = np.array([0, 5, 4, 0, 3, 0, 0, 0])
"""No victim is on two lists."""
LUCKY = np.array([0, 40, 30, 1, 20, 0, 0, 0])
"""One victim is: without this one there is no estimate."""
TABLES = np.stack([GAZA, POOR, KOREA, np.zeros(8, dtype=np.int64), LUCKY, ARTIFICIAL])


@pytest.mark.parametrize("threads", [1, 3])
def test_each_table_has_the_interval_that_it_has_alone(threads: int) -> None:
    found = bootstrap_each(TABLES, Selection(order=1), seed=11, replicates=150, threads=threads)
    streams = np.random.SeedSequence(11).spawn(len(TABLES))
    for place in (0, 2, 5):
        selected = select_model(TABLES[place], Selection(order=1))
        expected = bootstrap(selected, streams[place], replicates=150).interval()
        assert (found.low[place], found.high[place]) == expected
        assert found.tolls[place] == selected.fit.toll
        assert found.models[place] == selected.fit.model
        assert found.errors[place] is None


def test_what_is_wrong_with_one_table_stays_with_it() -> None:
    found = bootstrap_each(TABLES, Selection(order=1), seed=11, replicates=150, probability=0.9)
    codes = [error.code if error else None for error in found.errors]
    assert codes == [None, "overlap-unbounded", None, "overlap-counts", "overlap-no-interval", None]
    assert np.isnan(found.tolls).tolist() == [False, True, False, True, False, False]
    assert np.isnan(found.low).tolist() == [False, True, False, True, True, False]
    assert found.models[1] == found.models[3] == -1
