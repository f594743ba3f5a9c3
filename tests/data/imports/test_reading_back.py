"""Whatever is written as a table reads back as the same cells, by either reader."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from tests.data.imports.broken_workbooks import workbook
from undercount.data.imports import delimited, survey
from undercount.data.imports.opening import Raw, open_table

_LATIN = "abcXYZ éàüñ"
_ARABIC = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"
_SIGNS = " ,;|\t\"'\n.-/:()0123456789"
_CODECS = {
    "utf-8": _LATIN + _ARABIC + "🕊ŁЖ漢",
    "utf-8-sig": _LATIN + _ARABIC + "🕊ŁЖ漢",
    "utf-16": _LATIN + _ARABIC + "🕊ŁЖ漢",
    "cp1256": _ARABIC,
    "cp1252": "abcXYZ",
}
_WORD = {"cp1256": "القتلى", "cp1252": "tués à Mossoul"}


@st.composite
def tables(draw: st.DrawFn, codec: str) -> list[list[str]]:
    width = draw(st.integers(1, 5))
    letters = st.text(alphabet=_CODECS[codec] + _SIGNS, max_size=12)
    if codec == "cp1252":
        letters |= st.sampled_from(["été", "à l'est de Müller", "señor", "«trois»"])
    rows = draw(st.lists(st.lists(letters, min_size=width, max_size=width), min_size=1, max_size=12))
    # The end of a table is known by a row that is not empty, and what is before it is told apart by its words.
    header = [f"{_WORD.get(codec, 'name')} {chr(ord('a') + place)}" for place in range(width)]
    return [header, *rows, ["end"] * width]


def _written(rows: list[list[str]], delimiter: str, quoting: int, end: str) -> str:
    held = io.StringIO()
    csv.writer(held, delimiter=delimiter, quoting=quoting, lineterminator=end).writerows(rows)  # type: ignore[arg-type] # one of the constants
    return held.getvalue()


def _opened(data: bytes, **asked: str) -> Raw:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_bytes(data)
        return open_table(path, **asked)


@pytest.mark.parametrize("codec", _CODECS)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_csv_reads_back(codec: str, data: st.DataObject) -> None:
    rows = data.draw(tables(codec))
    delimiter = data.draw(st.sampled_from(",;\t|"))
    quoting = data.draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    end = data.draw(st.sampled_from(["\n", "\r\n"]))
    text = _written(rows, delimiter, quoting, end)
    # A few rows of odd texts are no evidence for a separator; more is in the tests of separators.
    raw = _opened(text.encode(codec), delimiter=delimiter)
    assert list(raw.columns) == rows[0]
    expected = [[cell or None for cell in row] for row in rows[1:]]
    assert [list(row.values()) for row in raw.table.to_pylist()] == expected
    lines = np.cumsum([1, *(1 + sum(cell.count("\n") for cell in row) for row in rows)])
    assert raw.rows.to_pylist() == lines[1:-1].tolist()


@settings(max_examples=40, deadline=None)
@given(rows=tables("utf-8"), end=st.sampled_from(["\n", "\r\n"]), piece=st.integers(1, 40))
def test_both_readers_agree(rows: list[list[str]], end: str, piece: int) -> None:
    data = _written(rows, ",", csv.QUOTE_MINIMAL, end).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "_thoroughly", None)
        patch.setattr(survey, "_PIECE", piece)
        quick = _opened(data, delimiter=",")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "_surveyed", lambda *_: None)
        thorough = _opened(data, delimiter=",")
    assert quick == thorough


@settings(max_examples=100, deadline=None)
@given(text=st.text(alphabet='ab,\n"\r', max_size=40))
def test_both_readers_refuse_alike(text: str) -> None:
    data = ("x,y\n" + text + "\nend,end\n").encode()

    def outcome() -> object:
        try:
            return _opened(data, delimiter=",")
        except Exception as error:  # noqa: BLE001 - compared, whatever it is
            return type(error), str(error)

    quick = outcome()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "_surveyed", lambda *_: None)
        assert outcome() == quick


@settings(max_examples=15, deadline=None)
@given(rows=st.lists(st.lists(st.text(alphabet="abc 123,\nالموصل", max_size=8), min_size=2, max_size=2), max_size=8))
def test_csv_and_workbook_agree(rows: list[list[str]]) -> None:
    table = [["name a", "name b"], *rows, ["end", "end"]]
    as_text = _opened(_written(table, ",", csv.QUOTE_MINIMAL, "\n").encode(), delimiter=",")
    as_sheet = _opened(workbook(*(tuple(cell or None for cell in row) for row in table)))
    assert as_text.table == as_sheet.table
