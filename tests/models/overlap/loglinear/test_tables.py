"""Checks of tables, and sums over subsets and supersets."""

from __future__ import annotations

import numpy as np
import pytest

from tests.models.overlap.loglinear.tables import KOSOVO
from undercount.errors import ModelError
from undercount.models.overlap.loglinear.tables import (
    cells_above,
    check_counts,
    count_lists,
    list_members,
    sum_subsets,
    sum_supersets,
    tabulate,
)


@pytest.mark.parametrize("lists", [3, 4, 5, 6])
def test_sums_over_subsets_and_supersets(lists: int) -> None:
    values = np.random.default_rng(lists).normal(size=2**lists)
    below, above = values.copy(), values.copy()
    sum_subsets(below)
    sum_supersets(above)
    sets = range(2**lists)
    assert below == pytest.approx([sum(values[t] for t in sets if t & s == t) for s in sets], rel=1e-12, abs=1e-12)
    assert above == pytest.approx([sum(values[t] for t in sets if t & s == s) for s in sets], rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("lists", [3, 4, 5, 6])
def test_the_cells_above_a_set_of_lists(lists: int) -> None:
    above = cells_above(lists)
    held = np.zeros(2**lists, dtype=np.int64)
    for s in range(2**lists):
        count = list_members(above[s], held)
        assert held[:count].tolist() == [cell for cell in range(1, 2**lists) if cell & s == s]


def test_a_table_knows_its_margins() -> None:
    found = tabulate(KOSOVO.astype(float))
    assert found.victims == 4400
    assert found.margins[0b0011] == 177 + 181 + 18 + 27
    assert found.support == 2**16 - 2
    assert found.entropy == pytest.approx(sum(y * np.log(y) for y in KOSOVO if y))


def test_counts_come_back_as_they_are() -> None:
    stacked = np.stack([KOSOVO, KOSOVO])
    assert check_counts(KOSOVO.tolist()).tolist() == KOSOVO.tolist()
    assert check_counts(stacked).shape == (2, 16)
    assert count_lists(check_counts(stacked)) == 4
    assert check_counts(np.zeros((2, 8)), may_be_empty=True).dtype == np.int64


@pytest.mark.parametrize(
    ("counts", "code"),
    [
        (np.ones(4), "overlap-lists"),
        (np.ones(128), "overlap-lists"),
        (np.ones(9), "overlap-lists"),
        (3, "overlap-lists"),
        ([0, 1, 2, 3, 4, 5, 6, -7], "overlap-counts"),
        ([0, 1, 2, 3, 4, 5, 6, 0.5], "overlap-counts"),
        ([2, 1, 2, 3, 4, 5, 6, 7], "overlap-counts"),
        (np.zeros(8), "overlap-counts"),
        ([[0, 1, 2, 3, 4, 5, 6, 7], [0] * 8], "overlap-counts"),
    ],
)
def test_counts_that_make_no_sense_are_refused(counts: object, code: str) -> None:
    with pytest.raises(ModelError) as refusal:
        check_counts(counts)  # type: ignore[arg-type]
    assert refusal.value.code == code
    assert refusal.value.where == "counts"
    assert refusal.value.hint
