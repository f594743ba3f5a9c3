"""Arrays of patterns, against loops over victims."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from undercount.data.lists import patterns


def lists_of(index: int, lists: int) -> set[int]:
    return {place for place in range(lists) if index >> place & 1}


@pytest.mark.parametrize("lists", [0, 1, 2, 3, 5])
def test_incidence_is_the_bits(lists: int) -> None:
    marks = patterns.incidence(lists)
    assert marks.shape == (2**lists, lists)
    for index in range(2**lists):
        assert set(np.flatnonzero(marks[index])) == lists_of(index, lists)


@pytest.mark.parametrize("order", [*permutations(range(3))])
def test_reordered_moves_every_list(order: tuple[int, ...]) -> None:
    counts = np.arange(8)
    moved = patterns.reordered(counts, order)
    for index in range(8):
        before = sum(1 << order[place] for place in lists_of(index, 3))
        assert moved[index] == counts[before]


@pytest.mark.parametrize("gone", [(), (0,), (2,), (0, 3), (1, 2, 3), (0, 1, 2, 3)])
def test_without_adds_up_and_forgets_who_is_on_none(gone: tuple[int, ...]) -> None:
    counts = np.random.default_rng(3).integers(0, 9, 16)
    kept = [place for place in range(4) if place not in gone]
    expected = np.zeros(2 ** len(kept), dtype=int)
    for index in range(16):
        here = sum(1 << new for new, old in enumerate(kept) if index >> old & 1)
        expected[here] += counts[index] if here else 0
    assert patterns.without(counts, 4, gone).tolist() == expected.tolist()
