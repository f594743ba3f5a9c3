"""Estimates to export: of counts with matched lists, and of lists with small counts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.estimators.overlap.made import strata
from tests.report.synthetic import make_estimate
from undercount.data import load_case
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
    found = make_estimate(load_case("mosul-2017"))
    table = Table("", 0, ("ohchr", "airwars"), [0, 312, 6, 41])  # type: ignore[arg-type]
    content = MatchedLists(Lists("canary", (table,), "a source")).content
    return replace(found, configuration={**found.configuration, "lists": content})


@pytest.fixture(scope="session")
def small() -> OverlapEstimate:
    """Of lists with small counts, one stratum of which has five persons in all."""
    few = Table("few", 0, ("A", "B", "C"), [0, 1, 1, 1, 1, 0, 1, 0])  # type: ignore[arg-type]
    some = Table("some", 0, ("A", "B", "C"), list(COUNTS))  # type: ignore[arg-type]
    return LowerBound(draws=50).fit(Lists("=small", (few, some)))


@pytest.fixture(scope="session")
def large() -> OverlapEstimate:
    """Of lists without small counts."""
    return LowerBound(draws=50).fit(strata({"east": 9000, "north": 15000}))
