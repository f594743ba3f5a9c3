"""Small tables for tests, and a way to draw any."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from undercount.data.lists import Lists, Table

MADIGAN_YORK_3 = (0, 60, 49, 4, 247, 112, 142, 12)
"""Spina bifida in upstate New York: Madigan and York (1997), Biometrika 84, 19-31, three-list example, as in the R
package dga. The last list is bit 0."""

ARTIFICIAL = {(1, 0, 0): 40, (0, 1, 0): 30, (0, 0, 1): 20, (1, 1, 0): 6}
"""Of which the maximum-likelihood estimate does not exist: Chan, Silverman, Vincent (2021), JASA 116, 1297-1306,
Table 2. List C overlaps with no other."""

NAMES = ("b", "a", "d", "c")


def frame(rows: dict[Any, int], names: tuple[str, ...] = ("A", "B", "C")) -> pd.DataFrame:
    """A pattern table as a frame."""
    return pd.DataFrame([[*pattern, count] for pattern, count in rows.items()], columns=[*names, "count"])


def good() -> pd.DataFrame:
    """A pattern table of three lists, all well."""
    return frame({(1, 0, 0): 5, (0, 1, 0): 4, (0, 0, 1): 3, (1, 1, 0): 2, (1, 0, 1): 2, (0, 1, 1): 1})


def records(lists: Lists) -> pd.DataFrame:
    """Every victim of a `Lists` as a row."""
    patterns = lists.to_frame()
    return patterns.loc[np.repeat(patterns.index, patterns["count"])].drop(columns="count").reset_index(drop=True)


@st.composite
def some_lists(draw: st.DrawFn, least: int = 0) -> Lists:
    """Any `Lists`, of strata, replicates and counts of at least `least` for one pattern of each."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=2, max_size=4, unique=True))
    strata = draw(st.lists(st.sampled_from(["", "north", "south", "2003"]), min_size=1, max_size=3, unique=True))
    if len(strata) > 1:
        strata = [stratum for stratum in strata if stratum] or [""]
    replicates = draw(st.integers(1, 2))
    size = 2 ** len(names)
    tables = []
    for stratum in strata:
        for replicate in range(replicates):
            counts = draw(st.lists(st.integers(0, 9), min_size=size, max_size=size))
            counts[0], counts[1] = 0, max(counts[1], least)
            tables.append(Table(stratum, replicate, tuple(names), np.array(counts)))
    return Lists("drawn", tuple(tables))


def roles(lists: Lists) -> dict[str, Any]:
    """The arguments by which `from_frame` reads what `to_frame` gave."""
    found = {}
    if lists.strata != ("",):
        found["stratum"] = "stratum"
    if lists.replicates > 1:
        found["replicate"] = "replicate"
    return found
