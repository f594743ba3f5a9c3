"""Estimates to export: of counts with matched lists, and of lists with small counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.builders import make_evidence, make_source, make_sources
from tests.estimators.overlap.made import strata
from tests.estimators.synthetic import make_estimate
from undercount.data.lists import Lists, MatchedLists, Table
from undercount.estimators.overlap import LowerBound

if TYPE_CHECKING:
    from undercount.estimators import Estimate
    from undercount.estimators.overlap import OverlapEstimate

COUNTS = (0, 61, 43, 4, 58, 7, 33, 3)
"""Of the patterns of three lists; three of them are small."""


@pytest.fixture(scope="session")
def matched() -> Estimate:
    """An estimate with matched lists, whose counts its configuration holds."""
    evidence = make_evidence(sources=(*make_sources(), make_source(source="ngo", name="Second recorder")))
    tables = (
        Table("red", 0, ("ngo", "un"), np.array([0, 811, 722, 633])),
        Table("blue", 0, ("ngo", "un"), np.array([0, 12, 6, 4])),
    )
    lists = MatchedLists(Lists("matched", tables, "a place"), window=("2020-01-01", "2020-02-10"))
    return make_estimate(evidence, lists=lists)


@pytest.fixture(scope="session")
def small() -> OverlapEstimate:
    """Of lists with small counts, one stratum of which has five persons in all."""
    few = Table("few", 0, ("A", "B", "C"), np.array([0, 1, 1, 1, 1, 0, 1, 0]))
    some = Table("some", 0, ("A", "B", "C"), np.array(COUNTS))
    return LowerBound(draws=50).fit(Lists("=small", (few, some)))


@pytest.fixture(scope="session")
def large() -> OverlapEstimate:
    """Of lists without small counts."""
    return LowerBound(draws=50).fit(strata({"east": 9000, "north": 15000}))
