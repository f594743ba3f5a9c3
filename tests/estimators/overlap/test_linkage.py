"""False links lower the toll, missed links raise it, and undoing them brings it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.estimators.overlap.made import independent
from tests.models.overlap.linked import linked_at_random
from undercount.data.lists import Lists, Table, load_lists
from undercount.errors import ModelError
from undercount.estimators.overlap import (
    DecomposableGraphs,
    LowerBound,
    linkage_sensitivity,
    mislinked,
    relinked,
)

if TYPE_CHECKING:
    from undercount.estimators.overlap.front import OverlapEstimator

SHARES = (0.0, 0.02, 0.05, 0.1, 0.15)
ESTIMATORS = [LowerBound(), DecomposableGraphs(draws=10)]
TOLL = 3000


def expected_table(toll: float, coverage: tuple[float, ...]) -> Table:
    """What independent lists hold in expectation."""
    marks = (np.arange(1 << len(coverage))[:, None] >> np.arange(len(coverage))) & 1
    counts = np.rint(toll * np.where(marks == 1, coverage, 1 - np.array(coverage)).prod(axis=1)).astype(np.int64)
    counts[0] = 0
    return Table("", 0, tuple("ABCDEFGH"[: len(coverage)]), counts)


EXPECTED = Lists("expected", (expected_table(TOLL, (0.3, 0.4, 0.25, 0.2)),))


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=repr)
@pytest.mark.parametrize("lists", [EXPECTED, load_lists("kosovo-1999")], ids=lambda lists: str(lists.name))
def test_missed_links_raise_and_false_links_lower_the_toll(estimator: OverlapEstimator, lists: Lists) -> None:
    missed = [estimator.fit(mislinked(lists, missed=share)).toll().median for share in SHARES]
    false = [estimator.fit(mislinked(lists, false=share)).toll().median for share in SHARES]
    assert (np.diff(missed) > 0).all()
    assert (np.diff(false) < 0).all()


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=repr)
def test_to_assume_missed_links_lowers_and_false_links_raises_the_toll(estimator: OverlapEstimator) -> None:
    found = linkage_sensitivity(estimator, EXPECTED, missed=SHARES, false=(0.0, 0.05, 0.1))
    frame = found.frame().pivot_table(index="missed", columns="false", values="median")
    assert (np.diff(frame.to_numpy(), axis=0) < 0).all()
    assert (np.diff(frame.to_numpy(), axis=1) > 0).all()
    assert frame.to_numpy()[0, 0] == estimator.fit(EXPECTED).toll().median
    assert found.interval == (found.frame()["lower"].min(), found.frame()["upper"].max())
    assert found.passed


@pytest.mark.parametrize(("missed", "false"), [(0.2, 0.0), (0.0, 0.15), (0.15, 0.1)])
def test_undoing_the_errors_of_random_linkages_finds_the_toll(missed: float, false: float) -> None:
    """With 40 tables of independent lists, for which the bound of Chao is an estimate."""
    rng = np.random.default_rng(5)
    with_errors, without = [], []
    for _ in range(40):
        table = independent(rng, TOLL, (0.3, 0.4, 0.25))
        linked = Lists("linked", (Table("", 0, table.names, linked_at_random(table.counts, missed, false, rng)),))
        with_errors.append(LowerBound(draws=1).fit(linked).toll().median)
        without.append(LowerBound(draws=1).fit(relinked(linked, missed=missed, false=false)).toll().median)
    error = np.std(without, ddof=1) / np.sqrt(len(without))
    assert abs(np.mean(without) - TOLL) < 3.5 * error
    assert abs(np.mean(with_errors) - TOLL) > 3.5 * error


def test_every_stratum_and_replicate_is_relinked() -> None:
    rng = np.random.default_rng(1)
    tables = [independent(rng, 800, (0.3, 0.4, 0.25), name, i) for name in ("north", "south") for i in range(2)]
    lists = Lists("made", tuple(tables), source="made for this test")
    found = relinked(lists, missed=0.1)
    assert found.source == lists.source
    assert [(t.stratum, t.replicate) for t in found.tables] == [(t.stratum, t.replicate) for t in lists.tables]
    for before, after in zip(lists.tables, found.tables, strict=True):
        assert after.list_sizes.tolist() == before.list_sizes.tolist()
        assert after.observed < before.observed


def test_lists_that_cannot_have_come_about_so_are_refused_by_stratum() -> None:
    table = Table("north", 0, ("A", "B", "C"), np.array([0, 2, 2, 90, 2, 90, 90, 30]))
    with pytest.raises(ModelError, match="alone") as caught:
        relinked(Lists("tight", (table,)), missed=0.4)
    assert caught.value.code == "model-linkage"
    assert "north" in caught.value.where
    assert caught.value.where.endswith("list A")


@pytest.mark.parametrize(("missed", "false"), [((), (0.0,)), ((0.0,), ()), ((0.0, 1.0), (0.0,)), ((0.0,), (-0.1,))])
def test_shares_that_make_no_sense_are_refused(missed: tuple[float, ...], false: tuple[float, ...]) -> None:
    with pytest.raises(ModelError) as caught:
        linkage_sensitivity(LowerBound(), EXPECTED, missed=missed, false=false)
    assert caught.value.code == "model-bad-setting"


def test_the_result_says_what_it_is() -> None:
    found = linkage_sensitivity(LowerBound(), load_lists("kosovo-1999"))
    low, high = found.interval
    assert repr(found) == (
        f"LinkageSensitivity(LowerBound, gates passed; missed 0% to 10%, false 0% to 5%: {low:,.0f} - {high:,.0f})"
    )
    unit = linkage_sensitivity(LowerBound(), load_lists("kosovo-1999"), missed=[0.0], false=[0.0])
    assert unit.interval == LowerBound().fit(load_lists("kosovo-1999")).toll().interval
