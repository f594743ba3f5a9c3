"""Tables that hypothesis makes up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st

if TYPE_CHECKING:
    from numpy.typing import NDArray


def small_tables(lists: int, most: int = 40) -> st.SearchStrategy[NDArray[np.int64]]:
    """Tables with somebody on some list."""
    size = 2**lists - 1
    cells = st.lists(st.integers(0, most), min_size=size, max_size=size)
    return cells.filter(any).map(lambda some: np.array([0, *some], np.int64))
