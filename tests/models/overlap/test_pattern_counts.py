"""Tables of counts are checked before anything is computed from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from undercount.errors import ModelError
from undercount.models.overlap.pattern_counts import checked_counts

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@pytest.mark.parametrize("kind", [np.int32, np.uint8, np.int64])
def test_whole_numbers_of_any_kind_are_taken(kind: type[np.integer]) -> None:
    found = checked_counts(np.array([[0, 1, 2, 3], [0, 4, 5, 6]], kind))
    assert found.dtype == np.int64
    assert found.tolist() == [[0, 1, 2, 3], [0, 4, 5, 6]]


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ([0.0, 1.0, 2.0, 3.0], "float64"),
        ([False, True, True, False], "bool"),
        ([0, 1, 2], "3 entries"),
        ([0, 1], "2 entries"),
        ([0, 1, -2, 3], "least entry is -2"),
        ([9, 1, 2, 3], "entries 0 go up to 9"),
        ([0, 0, 0, 0], "no victim on any list\n"),
        ([[0, 1, 2, 3], [0, 0, 0, 0]], "no victim on any list, in table 1\n"),
    ],
)
def test_what_are_no_counts_is_refused(counts: ArrayLike, message: str) -> None:
    with pytest.raises(ModelError, match=message) as caught:
        checked_counts(counts)
    assert caught.value.code == "overlap-counts"


def test_a_batch_is_refused_where_one_table_is_asked_for() -> None:
    with pytest.raises(ModelError, match=r"shape \(2, 4\)"):
        checked_counts([[0, 1, 2, 3], [0, 4, 5, 6]], batch=False)
