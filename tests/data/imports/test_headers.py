"""Headers where exports put them: below titles, in two rows, above tags, with columns that have no name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.data.imports.test_opening import cells, opened

if TYPE_CHECKING:
    from pathlib import Path


def test_titles_above_the_header(tmp_path: Path) -> None:
    titles = "Civilian casualties in Iraq\nSource: UNAMI,2017\n\n"
    raw = opened(tmp_path, titles + "month,place,killed,injured\n2017-03,Nineveh,548,567\nTotal,,548,567\n")
    assert raw.columns == ("month", "place", "killed", "injured")
    assert cells(raw) == [["2017-03", "Nineveh", "548", "567"], ["Total", None, "548", "567"]]
    assert raw.rows.to_pylist() == [5, 6]
    assert raw.notes == ("3 rows above the header were skipped", "the header is in row 4")


@pytest.mark.parametrize(
    "first",
    ["Governorate,Killed,,Injured,\n,Men,Women,Men,Women\n", ",Killed,,Injured,\nGovernorate,Men,Women,Men,Women\n"],
)
def test_a_header_in_two_rows(tmp_path: Path, first: str) -> None:
    raw = opened(tmp_path, "A title\n" + first + "Nineveh,1,2,3,4\nAnbar,5,6,7,8\n")
    names = ("Governorate", "Killed / Men", "Killed / Women", "Injured / Men", "Injured / Women")
    assert raw.columns == names
    assert raw.rows.to_pylist() == [4, 5]
    assert raw.notes == ("1 row above the header was skipped", "the header is in rows 2 and 3")


@pytest.mark.parametrize(
    "text",
    [
        ",place,killed\n0,Mosul,3\n1,Erbil,4\n",
        "place,killed,,note\nMosul,n/a,x,y\nErbil,3,x,y\n",
        "place,killed,,note\nMosul,many,x,y\nErbil,few,x,y\n",
        "place,2014,2015\nMosul,3,4\n",
    ],
    ids=["index", "nothing known", "words only", "years"],
)
def test_data_are_never_taken_for_a_header(tmp_path: Path, text: str) -> None:
    assert len(opened(tmp_path, text).table) == text.count("\n") - 1


def test_tags_below_the_header(tmp_path: Path) -> None:
    raw = opened(tmp_path, "date,place,killed\n#date,#adm1+name,#affected+killed\n2017-03-17,Mosul,3\n")
    assert cells(raw) == [["2017-03-17", "Mosul", "3"]]
    assert raw.notes == ("row 2 holds tags (HXL) and is no data",)


def test_columns_without_a_name(tmp_path: Path) -> None:
    raw = opened(tmp_path, ",date,place,killed,,,\n1,d,Mosul,3,,,\n2,d,Erbil,4,,x,\n")
    assert raw.columns == ("(column 1)", "date", "place", "killed", "(column 6)")
    assert cells(raw) == [["1", "d", "Mosul", "3", None], ["2", "d", "Erbil", "4", "x"]]
    assert raw.notes == (
        "2 columns without name and cells were left out",
        "column 1 has no name; it is called (column 1)",
        "column 6 has no name; it is called (column 6)",
    )


def test_names_are_one_line_in_one_form(tmp_path: Path) -> None:
    raw = opened(tmp_path, '"killed\n (min)", \ufeffde\u0301ce\u0300s\u200f ,x\n1,2,3\n')
    assert raw.columns == ("killed (min)", "décès", "x")
    assert raw.rows.to_pylist() == [3]
