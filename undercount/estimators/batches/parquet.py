"""Rows to Parquet and back, so that a flipped bit is found."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from undercount.errors import StoreError, reason_of
from undercount.estimators.batches.columns import Row, schema

if TYPE_CHECKING:
    import pyarrow as pa

_OPTIONS: Final[dict[str, Any]] = {"compression": "zstd", "write_page_checksum": True}
"""The checksums are for those who read the file with other tools."""


def table_of(rows: Sequence[Row]) -> pa.Table:
    """Rows as a table; what a row does not say is null."""
    import pyarrow as pa

    return pa.Table.from_pylist(list(rows), schema=schema())


def packed(rows: Sequence[Row]) -> bytes:
    """Rows as the content of a Parquet file."""
    import pyarrow as pa
    from pyarrow import parquet

    stream = pa.BufferOutputStream()
    parquet.write_table(table_of(rows), stream, **_OPTIONS)
    return bytes(stream.getvalue())


def write(tables: Iterable[pa.Table], path: Path) -> str:
    """Write tables one after the other into a Parquet file; gives its SHA-256."""
    from pyarrow import parquet

    with parquet.ParquetWriter(path, schema(), **_OPTIONS) as writer:
        for table in tables:
            writer.write_table(table)
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read(path: Path, sha256: str, columns: Sequence[str] | None = None) -> pa.Table:
    """Read a Parquet file whose hash is known.

    Raises
    ------
    StoreError
        If it is not there, or not as it was written.
    """
    import pyarrow as pa
    from pyarrow import parquet

    try:
        content = path.read_bytes()
    except OSError as error:
        raise StoreError(
            f"a file of the batch cannot be read: {reason_of(error)}",
            code="store-not-read",
            where=str(path),
            hint="bring it back, or call fit_many again with the same `out`: it makes what is missing",
        ) from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise StoreError(
            "the file is damaged: it is not as it was written",
            code="store-damaged",
            where=str(path),
            hint="restore it from a copy; or remove it and call fit_many again: the same seed gives the same rows",
        )
    return parquet.read_table(
        pa.BufferReader(content), columns=None if columns is None else list(columns), page_checksum_verification=True
    )
