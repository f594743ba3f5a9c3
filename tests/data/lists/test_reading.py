"""Files: csv and Parquet give what the frame would; what is wrong is named by line, and no cell is repeated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.data.lists.tables import good
from undercount.data.lists import Lists, read_lists, reading
from undercount.data.problems import InvalidEvidenceError

if TYPE_CHECKING:
    from pathlib import Path

CANARY = "Layla Haddad"


def many() -> pd.DataFrame:
    return pd.concat([good().assign(area=area, draw=draw) for area in ("007", "north") for draw in (0, 1)])


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".pq", ".PARQUET"])
def test_a_file_gives_what_its_frame_gives(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"mine{suffix}"
    frame = many().assign(victim=CANARY)
    frame.to_csv(path, index=False) if suffix == ".csv" else frame.to_parquet(path)
    lists = read_lists(path, stratum="area", replicate="draw", lists=["A", "B", "C"])
    assert lists == Lists.from_frame(many(), stratum="area", replicate="draw")
    assert lists.name == "mine"
    assert lists.strata == ("007", "north")
    with pytest.raises(InvalidEvidenceError) as caught:
        read_lists(path, stratum="area", replicate="draw")
    assert [(problem.code, problem.field) for problem in caught.value.problems] == [("lists-unknown-column", "victim")]


def refusal(path: Path, **arguments: Any) -> InvalidEvidenceError:
    with pytest.raises(InvalidEvidenceError) as caught:
        read_lists(path, **arguments)
    assert CANARY not in str(caught.value)
    assert CANARY.split(maxsplit=1)[0] not in repr(caught.value.problems)
    assert caught.value.__context__ is None
    return caught.value


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_marks_may_be_words_and_decimals(tmp_path: Path) -> None:
    lists = read_lists(written(tmp_path, "a,b,c,count\nTRUE,FALSE,0,3\n1.0,1,0.0,2\nfalse,true,1,4\n"))
    assert lists.tables[0].counts.tolist() == [0, 3, 0, 2, 0, 0, 4, 0]


def test_records_without_a_count(tmp_path: Path) -> None:
    lists = read_lists(written(tmp_path, "a,b\n1,0\n1,1\n1,1\n"))
    assert lists.tables[0].counts.tolist() == [0, 1, 0, 2]


@pytest.mark.parametrize(
    ("cells", "where", "code"),
    [
        ("2,0,3", "mine.csv, row 3, column a", "lists-bad-mark"),
        (",0,3", "mine.csv, row 3, column a", "lists-missing-mark"),
        ("NA,0,3", "mine.csv, row 3, column a", "lists-missing-mark"),
        (f"{CANARY},0,3", "mine.csv, row 3, column a", "lists-text-mark"),
        ("1,0,-3", "mine.csv, row 3, column count", "lists-bad-count"),
        ("1,0,2.5", "mine.csv, row 3, column count", "lists-bad-count"),
        ("1,0,", "mine.csv, row 3, column count", "lists-bad-count"),
        ('1,0,"1,200"', "mine.csv, row 3, column count", "lists-bad-count"),
        ("1,0,1e3", "mine.csv, row 3, column count", "lists-bad-count"),
        ("0,0,3", "mine.csv, row 3", "lists-unlisted"),
        ("0,1,3", "mine.csv, row 3", "lists-duplicate-pattern"),
    ],
    ids=str,
)
def test_a_bad_row_is_named_by_its_line(tmp_path: Path, cells: str, where: str, code: str) -> None:
    error = refusal(written(tmp_path, f"a,b,count\n0,1,5\n{cells}\n"))
    assert [(problem.where, problem.code) for problem in error.problems] == [(where, code)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "evidence-empty-file"),
        ("a,b,count\n", "lists-no-rows"),
        (f"a,b,count\n{CANARY},1,0,3\n", "evidence-too-many-cells"),
        (f"a,b,count\n{CANARY},1\n", "evidence-too-few-cells"),
        (f'a,b,victim\n1,1,"{CANARY}\n', "evidence-bad-csv"),
        (f"a;b;victim\n1;1;{CANARY}\n", "evidence-bad-separator"),
        (f"a,b,victim\n1,1,{CANARY}\0\n", "evidence-nul-byte"),
        (f"{CANARY},1,0,5\n{CANARY},0,1,5\n", "lists-no-header"),
        (f"{CANARY},1,1,5\n{CANARY},0,1,5\n", "lists-no-header"),
        (f"a,a,victim\n1,1,{CANARY}\n", "evidence-duplicate-column"),
    ],
    ids=["empty", "no-rows", "long", "short", "quote", "separator", "nul", "no-header", "no-header-twice", "twice"],
)
def test_a_bad_file_is_refused_without_a_cell(tmp_path: Path, text: str, code: str) -> None:
    assert refusal(written(tmp_path, text)).problems[0].code == code


def test_files_that_are_not_there(tmp_path: Path) -> None:
    assert refusal(tmp_path / "no.csv").code == "evidence-no-file"
    assert refusal(tmp_path / "no.parquet").code == "evidence-no-file"
    assert refusal(tmp_path).code == "evidence-not-a-file"


def test_text_that_is_not_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_bytes(b"a,b\n\xff\xfe,1\n")
    assert refusal(path).code == "evidence-not-text"


def test_too_many_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_CSV_ROWS", 2)
    monkeypatch.setattr(reading, "MOST_ROWS", 2)
    assert refusal(written(tmp_path, "a,b\n1,0\n1,1\n1,1\n")).code == "evidence-too-many-rows"
    good().to_parquet(tmp_path / "mine.parquet")
    assert refusal(tmp_path / "mine.parquet").code == "evidence-too-many-rows"


def test_too_large_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good().to_parquet(tmp_path / "mine.parquet")
    monkeypatch.setattr(reading, "LARGEST_FILE", 100)
    assert refusal(tmp_path / "mine.parquet").code == "evidence-file-too-large"


@pytest.mark.parametrize("content", [b"a,b\n1,0\n", b"", b"PAR1", b"PAR1" + bytes(60) + b"PAR1"], ids=len)
def test_what_is_no_parquet(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mine.parquet"
    path.write_bytes(content)
    assert refusal(path).code == "evidence-unreadable-file"


def test_no_flipped_bit_and_no_lost_end_passes(tmp_path: Path) -> None:
    path = tmp_path / "mine.parquet"
    pq.write_table(
        pa.Table.from_pandas(good().assign(victim=CANARY)), path, write_page_checksum=True, compression="none"
    )
    content = path.read_bytes()
    broken = [
        content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :] for place in range(0, len(content), 31)
    ]
    for bad in [*broken, content[:-1], content[:-20], content[20:]]:
        path.write_bytes(bad)
        try:
            found = read_lists(path, lists=["A", "B", "C"])
        except InvalidEvidenceError:
            continue
        assert found == Lists.from_frame(good())


def test_columns_of_parquet_that_are_no_lists_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good().assign(victim=CANARY).to_parquet(tmp_path / "mine.parquet")
    read: list[str] = []
    real = pq.read_table

    def listening(path: Path, columns: list[str], **arguments: Any) -> Any:
        read.extend(columns)
        return real(path, columns=columns, **arguments)

    monkeypatch.setattr(pq, "read_table", listening)
    read_lists(tmp_path / "mine.parquet", lists=["A", "B", "C"])
    assert sorted(read) == ["A", "B", "C", "count"]


def test_rows_of_parquet_are_counted_from_zero(tmp_path: Path) -> None:
    good().assign(A=[1, 0, 0, 1, 1, 2]).to_parquet(tmp_path / "mine.parquet")
    assert (
        refusal(tmp_path / "mine.parquet").problems[0].where
        == "mine.parquet as a frame, row 5 (counted from 0), column A"
    )
