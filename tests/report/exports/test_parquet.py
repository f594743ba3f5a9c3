"""Parquet: the tables with their types, provenance in the schema, and damage found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from pyarrow import parquet

from undercount.report.exports.front import tables_of

if TYPE_CHECKING:
    from pathlib import Path

    from undercount.estimators import Estimate


@pytest.fixture(scope="module")
def folder(attacked: Estimate, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("written") / "parquet"
    attacked.export(place, "parquet")
    return place


def test_tables_read_back(folder: Path, attacked: Estimate) -> None:
    for table in tables_of(attacked):
        found = parquet.read_table(folder / f"{table.layout.name}.parquet")
        assert tuple(found.column_names) == table.layout.names
        assert found.num_rows == len(table.rows)
    toll = parquet.read_table(folder / "toll.parquet")
    assert toll["median"][0].as_py() == attacked.toll().median
    assert toll.schema.field("window_start").type == pa.date32()
    assert toll.schema.field("gates_passed").type == pa.bool_()


def test_the_schema_tells_where_it_is_from(folder: Path, attacked: Estimate, failed: Estimate, tmp_path: Path) -> None:
    schema = parquet.read_schema(folder / "toll.parquet")
    assert schema.metadata[b"evidence sha256"].decode() == attacked.evidence.sha256
    assert schema.metadata[b"gates"] == b"all 9 passed"
    assert schema.field("median").metadata[b"unit"] == b"persons"
    failed.export(tmp_path, "parquet")
    assert parquet.read_schema(tmp_path / "draws.parquet").metadata[b"gates"].startswith(b"GATES FAILED: do not quote")


def test_a_flipped_bit_is_found(folder: Path, tmp_path: Path) -> None:
    content = bytearray((folder / "draws.parquet").read_bytes())
    footer = int.from_bytes(content[-8:-4], "little")
    places = range(40, len(content) - footer - 8, 401)
    right, found = parquet.read_table(folder / "draws.parquet"), 0
    for place in places:
        content[place] ^= 4
        (tmp_path / "x.parquet").write_bytes(content)
        try:
            same = parquet.read_table(tmp_path / "x.parquet", page_checksum_verification=True) == right
        except (OSError, pa.ArrowException):
            found += 1
        else:
            assert same, "a wrong value was read"
        content[place] ^= 4
    assert found > 20


def test_the_same_estimate_gives_the_same_bytes(folder: Path, attacked: Estimate, tmp_path: Path) -> None:
    for path in attacked.export(tmp_path, "parquet"):
        assert path.read_bytes() == (folder / path.name).read_bytes()
