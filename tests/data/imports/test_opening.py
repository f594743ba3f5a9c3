"""Good files of every kind: what is read, where each row is, and what is told of it."""

from __future__ import annotations

import gzip
import hashlib
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from tests.data.imports.broken_archives import zipped
from tests.data.imports.broken_parquets import parquet
from tests.data.imports.broken_workbooks import workbook
from undercount.data.imports import delimited
from undercount.data.imports.opening import Raw, open_table
from undercount.errors import EvidenceError


def opened(folder: Path, data: bytes | str, name: str = "incidents.csv", **asked: str) -> Raw:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return open_table(path, **asked)


def cells(raw: Raw) -> list[list[str | None]]:
    return [list(row.values()) for row in raw.table.to_pylist()]


def test_a_plain_file(tmp_path: Path) -> None:
    raw = opened(tmp_path, "date,killed\n2017-03-17,12\n2017-03-18,\n")
    assert (raw.file, raw.kind, raw.columns, raw.notes) == ("incidents.csv", "csv", ("date", "killed"), ())
    assert cells(raw) == [["2017-03-17", "12"], ["2017-03-18", None]]
    assert raw.table.schema.types == [pa.string(), pa.string()]
    assert raw.rows.to_pylist() == [2, 3]
    assert raw.sha256 == hashlib.sha256((tmp_path / "incidents.csv").read_bytes()).hexdigest()


@pytest.mark.parametrize("way", ["quick", "thorough"])
def test_lines_are_those_that_an_editor_shows(tmp_path: Path, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if way == "thorough":
        monkeypatch.setattr(delimited, "_surveyed", lambda *_: None)
    text = 'place,note\nMosul,"two\nlines ""quoted"""\n\nTal Afar,\n"","x"\nTotal,3\n\n\n,\n'
    raw = opened(tmp_path, text)
    assert cells(raw) == [
        ["Mosul", 'two\nlines "quoted"'],
        [None, None],
        ["Tal Afar", None],
        [None, "x"],
        ["Total", "3"],
    ]
    assert raw.rows.to_pylist() == [2, 4, 5, 6, 7]
    assert raw.notes == ("3 empty rows at the end were left out",)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_ends_of_lines(tmp_path: Path, end: str) -> None:
    raw = opened(tmp_path, end.join(["a,b", '1,"x"', "", "2,y"]))
    assert cells(raw) == [["1", "x"], [None, None], ["2", "y"]]
    assert raw.rows.to_pylist() == [2, 3, 4]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("date;killed\n2017;1,5\n2018;2,5\n", "columns are separated by ';'"),
        ("date\tkilled\n2017\t1,5\n2018\t2,5\n", "columns are separated by tabs"),
        ("date|killed\n2017|1,5\n2018|2,5\n", "columns are separated by '|'"),
        ('date,killed\n2017,"1,5"\n2018,"2,5"\n', None),
    ],
    ids=["semicolon", "tab", "bar", "comma"],
)
def test_separators_by_content(tmp_path: Path, text: str, told: str | None) -> None:
    raw = opened(tmp_path, text)
    assert cells(raw) == [["2017", "1,5"], ["2018", "2,5"]]
    assert raw.notes == ((told,) if told else ())


def test_a_separator_that_is_asked_for(tmp_path: Path) -> None:
    assert cells(opened(tmp_path, "a^b\n1^2\n", delimiter="^")) == [["1", "2"]]
    with pytest.raises(EvidenceError, match="separated by ','") as caught:
        opened(tmp_path, "a,b\n1,2\n", delimiter=";")
    assert caught.value.code == "import-wrong-separator"
    with pytest.raises(EvidenceError, match="is no separator"):
        opened(tmp_path, "a,b\n1,2\n", delimiter='"')


def test_one_column(tmp_path: Path) -> None:
    raw = opened(tmp_path, "place\nMosul, west\nTal Afar\nKirkuk\nErbil\n")
    assert raw.columns == ("place",)
    assert cells(raw) == [["Mosul, west"], ["Tal Afar"], ["Kirkuk"], ["Erbil"]]


@pytest.mark.parametrize(
    ("codec", "told"),
    [
        ("utf-8", ()),
        ("utf-8-sig", ()),
        ("utf-16", ("read as UTF-16-LE",)),
        ("cp1256", ("read as Windows-1256: not UTF-8, and 5 of 5 words beyond ASCII are Arabic script",)),
    ],
)
def test_arabic_by_content(tmp_path: Path, codec: str, told: tuple[str, ...]) -> None:
    raw = opened(tmp_path, "التاريخ,المكان\n2017,الموصل القديمة\n2018,بغداد\n".encode(codec))
    assert raw.columns == ("التاريخ", "المكان")
    assert cells(raw) == [["2017", "الموصل القديمة"], ["2018", "بغداد"]]
    assert raw.notes == told


def test_latin_by_content(tmp_path: Path) -> None:
    raw = opened(tmp_path, "date,tués\n2017,trois à Mossoul – région de Ninive\n".encode("cp1252"))
    assert cells(raw) == [["2017", "trois à Mossoul – région de Ninive"]]
    assert raw.notes[0].startswith("read as Windows-1252")


def test_an_encoding_that_is_asked_for(tmp_path: Path) -> None:
    data = "дата,убито\nКиев,3\n".encode("cp1251")
    assert cells(opened(tmp_path, data, encoding="windows-1251")) == [["Киев", "3"]]
    with pytest.raises(EvidenceError, match="not UTF-8 text") as caught:
        opened(tmp_path, data, encoding="utf-8")
    assert caught.value.code == "import-not-text"
    for name in ("nonsense", "base64", "unicode_escape", "utf-7", "idna"):
        with pytest.raises(EvidenceError, match="no encoding of text"):
            opened(tmp_path, data, encoding=name)
    wide = "a,b\n1,2\n".encode("utf-16-le")
    assert cells(opened(tmp_path, wide, encoding="utf-16-le")) == [["1", "2"]]


@pytest.mark.parametrize("name", ["incidents.csv", "export.bin"])
def test_a_table_in_an_archive(tmp_path: Path, name: str) -> None:
    data = b"a,b\n1,2\n"
    raw = opened(tmp_path, zipped(("folder/data.csv", data), ("readme.txt", b"x"), ("__MACOSX/._data.csv", b"y")), name)
    assert (raw.kind, cells(raw)) == ("csv", [["1", "2"]])
    assert raw.notes == ("the file is folder/data.csv inside the archive",)
    assert raw.sha256 == hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()
    assert cells(opened(tmp_path, gzip.compress(data), name)) == [["1", "2"]]
    inner = opened(tmp_path, zipped(("data.xlsx", workbook(("a", "b"), (1, 2)))), name)
    assert (inner.kind, cells(inner)) == ("xlsx", [["1", "2"]])
    inner = opened(tmp_path, gzip.compress(parquet({"a": [1], "b": ["2"]})), name)
    assert (inner.kind, cells(inner)) == ("parquet", [["1", "2"]])


def test_what_a_kind_has_not_is_not_asked_of_it(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="a text has no sheet"):
        opened(tmp_path, "a,b\n1,2\n", sheet="Data")
    with pytest.raises(EvidenceError, match="xlsx has no delimiter"):
        opened(tmp_path, workbook(), delimiter=";")


def test_messages_hold_no_cells(tmp_path: Path) -> None:
    for text in ("name,age\nSara Canary,3,4\n", 'name,age\nSara Canary,"3\n', "name,age\nSara Canary,\0\n"):
        with pytest.raises(EvidenceError) as caught:
            opened(tmp_path, text)
        assert "Canary" not in str(caught.value)


def test_opening_loads_no_heavy_library() -> None:
    import subprocess

    code = "import undercount.data.imports.opening, undercount.data.imports.texts, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"pandas", "pyarrow", "openpyxl", "pymc", "arviz", "numba", "babel", "hijridate"} & set(loaded)
