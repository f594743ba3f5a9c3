"""The sweep over the odds ratio of the highest order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.models.overlap.loglinear import slow_twin
from tests.models.overlap.loglinear.tables import DIABETES, GAZA, KOREA, KOSOVO
from undercount.errors import ModelError
from undercount.models.overlap.loglinear.fit import fit_model
from undercount.models.overlap.loglinear.hierarchy import hierarchical_models
from undercount.models.overlap.loglinear.highest_order import highest_order_sweep

if TYPE_CHECKING:
    from undercount.models.overlap.loglinear.tables import Whole


def odds_ratio(counts: Whole, toll: float) -> float:
    """ξ of the table completed to a toll, as odds ratios of odds ratios, list by list."""
    cells = counts.astype(float)
    cells[0] = toll - counts.sum()
    while cells.size > 1:
        cells = cells[1::2] / cells[::2]  # with the first of the lists that are left, over without
    return float(cells[0])


@pytest.mark.parametrize("counts", [GAZA, KOSOVO, DIABETES])
@pytest.mark.parametrize("ratio", [0.25, 0.7, 1.0, 4.0])
def test_the_completed_table_has_the_odds_ratio(counts: Whole, ratio: float) -> None:
    (toll,) = highest_order_sweep(counts, [ratio])
    assert odds_ratio(counts, float(toll)) == pytest.approx(ratio, rel=1e-8)


@pytest.mark.parametrize("counts", [GAZA, KOSOVO])
def test_without_association_it_is_the_largest_model(counts: Whole) -> None:
    largest = int(hierarchical_models(counts.size.bit_length() - 1)[-1])
    assert highest_order_sweep(counts, [1.0])[0] == pytest.approx(fit_model(counts, largest).toll, rel=1e-10)


def test_more_association_is_fewer_victims_for_three_lists_and_more_for_four() -> None:
    ratios = np.geomspace(0.25, 4.0, 9)
    assert np.all(np.diff(highest_order_sweep(GAZA, ratios)) < 0)
    assert np.all(np.diff(highest_order_sweep(KOSOVO, ratios)) > 0)


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(4)), st.integers(2, 50))
def test_order_and_scale(order: list[int], factor: int) -> None:
    ratios = [0.3, 1.0, 2.0]
    once = highest_order_sweep(KOSOVO, ratios)
    assert highest_order_sweep(slow_twin.permuted(KOSOVO, order), ratios) == pytest.approx(once, rel=1e-10)
    # One pattern more on one side of the fraction for K = 4: seven and eight patterns.
    assert highest_order_sweep(factor * KOSOVO, ratios) == pytest.approx(factor * once, rel=1e-10)


def test_many_tables_at_once() -> None:
    tables = np.stack([[GAZA, GAZA + (GAZA > 0)], [2 * GAZA, GAZA]])
    found = highest_order_sweep(tables, [0.5, 1.0, 2.0])
    assert found.shape == (2, 2, 3)
    assert found[0, 1] == pytest.approx(highest_order_sweep(tables[0, 1], [0.5, 1.0, 2.0]))


def test_empty_patterns_leave_no_finite_number() -> None:
    assert highest_order_sweep(KOREA, [0.5, 2.0]).tolist() == [np.inf, np.inf]
    assert highest_order_sweep([0, 0, 3, 4, 5, 6, 7, 8], [1.0]).tolist() == [33.0]
    assert np.isnan(highest_order_sweep([0, 0, 3, 0, 5, 6, 7, 8], [1.0])).all()


@pytest.mark.parametrize("ratios", [[0.0, 1.0], [-1.0], [np.inf], [np.nan]])
def test_odds_ratios_that_cannot_be_are_refused(ratios: list[float]) -> None:
    with pytest.raises(ModelError) as refusal:
        highest_order_sweep(GAZA, ratios)
    assert refusal.value.code == "model-bad-setting"
