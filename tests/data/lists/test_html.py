"""Lists in a notebook."""

from __future__ import annotations

import dataclasses

import pandas as pd

from tests.data.lists.tables import good
from undercount.data.lists import Lists, load_lists

TAG = "<script>alert(1)</script>"


def test_nothing_that_the_lists_brought_along_is_a_tag() -> None:
    frame = pd.concat([good().rename(columns={"A": TAG}).assign(area=area) for area in (TAG, "x")])
    lists = dataclasses.replace(Lists.from_frame(frame, stratum="area", name=TAG), source=TAG, caveats=(TAG,))
    html = lists._repr_html_()
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 4


def test_sizes_are_shown() -> None:
    html = load_lists("kosovo-1999")._repr_html_()
    assert "<strong>kosovo-1999</strong>: 4,400 victims, 4 lists<br>" in html
    assert "<tr><td>EXH</td><td>1,910</td></tr>" in html
    assert "report to the International Criminal Tribunal" in html
    assert "<li>The lists were matched" in html


def test_strata_are_added_up_in_one_replicate() -> None:
    frame = pd.concat([good().assign(area=area, draw=draw) for area in "xy" for draw in (0, 1)])
    html = Lists.from_frame(frame, stratum="area", replicate="draw")._repr_html_()
    assert "34 victims, 3 lists, 2 strata, 2 replicates" in html
    assert "<tr><td>A</td><td>18</td></tr>" in html
