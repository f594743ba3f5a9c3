"""How much there is of lists."""

from __future__ import annotations

import re

import pandas as pd

from tests.data.lists.tables import good
from undercount.data.lists import Lists, load_lists
from undercount.data.lists.extent import extent


def test_lists_without_strata() -> None:
    assert extent(load_lists("kosovo-1999")) == "4,400 victims, 4 lists"


def test_strata_are_added_up_in_one_replicate() -> None:
    frame = pd.concat([good().assign(area=area, draw=draw) for area in "xy" for draw in (0, 1)])
    lists = Lists.from_frame(frame, stratum="area", replicate="draw")
    assert extent(lists) == "34 victims, 3 lists, 2 strata, 2 replicates"
    html = lists._repr_html_()
    assert re.search("<bdi>A</bdi></td><td [^<]*><bdi>18</bdi>", html)
