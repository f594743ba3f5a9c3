"""One table: its order, what is derived from it, and what cannot be one."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from tests.data.lists.tables import MADIGAN_YORK_3, some_lists
from undercount.data.lists import Lists, Table
from undercount.errors import EvidenceError

SPINA = Table("", 0, ("rehabilitation", "death", "birth"), np.array(MADIGAN_YORK_3))


def test_names_are_sorted_and_the_counts_with_them() -> None:
    assert SPINA.names == ("birth", "death", "rehabilitation")
    assert SPINA.counts.tolist() == [0, 247, 49, 142, 60, 112, 4, 12]
    assert Table("", 0, ("birth", "death", "rehabilitation"), SPINA.counts) == SPINA


def test_sizes_and_overlaps() -> None:
    """Hook, Albright, Cross (1980), as three-list example of Madigan and York (1997): 626 children."""
    assert SPINA.observed == 626
    assert SPINA.list_sizes.tolist() == [513, 207, 188]
    assert SPINA.pairs.tolist() == [[513, 154, 124], [154, 207, 16], [124, 16, 188]]
    assert SPINA.usable == SPINA.names


@settings(max_examples=25, deadline=None)
@given(some_lists())
def test_sizes_and_overlaps_are_those_of_the_victims(lists: Lists) -> None:
    for table in lists.tables:
        victims = [index for index, count in enumerate(table.counts.tolist()) for _ in range(count)]
        assert table.observed == len(victims)
        for i in range(len(table.names)):
            for j in range(len(table.names)):
                assert table.pairs[i, j] == sum(index >> i & index >> j & 1 for index in victims)


def test_lists_of_nobody_and_everybody_cannot_be_used() -> None:
    table = Table("", 0, ("all", "none", "some"), np.array([0, 3, 0, 0, 0, 4, 0, 0]))
    assert table.usable == ("some",)


def test_counts_cannot_be_changed() -> None:
    for counts in (SPINA.counts, SPINA.pairs, SPINA.list_sizes, pickle.loads(pickle.dumps(SPINA)).counts):
        with pytest.raises(ValueError, match="read-only"):
            counts[1] = 1


def test_the_array_that_it_was_made_of_may_change() -> None:
    counts = np.array([0, 1, 2, 3])
    table = Table("", 0, ("a", "b"), counts)
    counts[1] = 9
    assert table.counts.tolist() == [0, 1, 2, 3]


def test_copies_are_equal() -> None:
    table = Table("north", 2, ("a", "b"), np.array([0, 1, 2, 3]))
    for again in (pickle.loads(pickle.dumps(table)), copy.deepcopy(table)):
        assert again == table
        assert hash(again) == hash(table)
    assert table != Table("north", 1, ("a", "b"), table.counts)
    assert table != Table("south", 2, ("a", "b"), table.counts)
    assert table != Table("north", 2, ("a", "c"), table.counts)
    assert table != Table("north", 2, ("a", "b"), np.array([0, 1, 2, 4]))
    assert table != "north"


def test_without_a_list() -> None:
    left = SPINA.without("birth")
    assert left.names == ("death", "rehabilitation")
    assert left.observed == 626 - 247
    assert left.counts.tolist() == [0, 191, 172, 16]
    assert SPINA.without("birth", "death").counts.tolist() == [0, 188]
    assert SPINA.without() == SPINA


def test_without_an_unknown_list_is_refused() -> None:
    with pytest.raises(EvidenceError, match="did you mean birth") as caught:
        SPINA.without("births")
    assert caught.value.code == "lists-unknown-list"


@pytest.mark.parametrize(
    ("names", "counts", "message"),
    [
        (("a", "a"), [0, 1, 1, 1], "two lists have one name"),
        (("a", ""), [0, 1, 1, 1], "empty"),
        (("a", " b"), [0, 1, 1, 1], "space"),
        (("a", "b\u202e"), [0, 1, 1, 1], "invisible"),
        (("a", "count"), [0, 1, 1, 1], "count, stratum and replicate are no names of lists"),
        (("a", "stratum"), [0, 1, 1, 1], "no names of lists"),
        (("a", "replicate"), [0, 1, 1, 1], "no names of lists"),
        (("a", "b" * 101), [0, 1, 1, 1], "longer"),
        ("ab", [0, 1, 1, 1], "not texts"),
        (("a", 1), [0, 1, 1, 1], "not texts"),
        (("a", "b"), [0, 1, 1], r"shape \(3,\)"),
        (("a", "b"), [0, 1.0, 1.0, 1.0], "float64"),
        (("a", "b"), [False, True, True, True], "bool"),
        (("a", "b"), [5, 1, 1, 1], "entry 0 is 5"),
        (("a", "b"), [0, -1, 1, 1], "negative"),
        (("a", "b"), [0, 2**53, 2**53, 1], "too large"),
        (tuple(f"l{k:02}" for k in range(17)), [0] * 2**17, "17 lists"),
    ],
)
def test_what_cannot_be_a_table(names: Any, counts: list[Any], message: str) -> None:
    with pytest.raises(EvidenceError, match=message) as caught:
        Table("", 0, names, np.array(counts))
    assert caught.value.code == "lists-bad-table"


def test_what_cannot_be_a_stratum() -> None:
    with pytest.raises(EvidenceError, match="space"):
        Table(" north", 0, ("a", "b"), np.array([0, 1, 1, 1]))


def test_sixteen_lists_can_be_held() -> None:
    counts = np.zeros(2**16, dtype=np.int64)
    counts[-1] = 3
    table = Table("", 0, tuple(f"l{k:02}" for k in range(16)), counts)
    assert table.pairs.shape == (16, 16)
    assert (table.pairs == 3).all()
