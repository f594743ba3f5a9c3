"""Parquet files: flat columns as texts, page by page, and never more of them than the file could mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from undercount.data.files import LONGEST_FIELD
from undercount.data.imports import limits
from undercount.data.imports.contents import most_unpacked
from undercount.data.imports.headers import cleaned
from undercount.data.imports.limits import refusal
from undercount.data.imports.raw import Body
from undercount.data.problems import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa
    from pyarrow import parquet as pq

    from undercount.data.imports.contents import Content

_BATCH_CELLS: Final = 2**20
_INDEX: Final = "__index_level_"
_LARGEST_FOOTER: Final = 16 * 2**20


def read_parquet(content: Content) -> Body:
    """Read a Parquet file.

    Parameters
    ----------
    content : Content
        The file.

    Returns
    -------
    Body
        Its rows are counted from 1; dates are ISO texts, whole numbers have no point.

    Raises
    ------
    EvidenceError
        If it is damaged, passes a limit, or has nested or binary columns.
    """
    import pyarrow as pa

    try:
        return _body(content)
    except (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError, TypeError):
        message = "it cannot be read as Parquet: it is damaged or cut off"
        raise refusal(content.file, message, "download it again, or write it anew", "damaged-parquet") from None


def _body(content: Content) -> Body:
    import pyarrow as pa
    from pyarrow import parquet as pq

    with content.opened() as stream:
        _check_footer(content, stream)
        fields = _fields(content, pq.ParquetFile(stream, **_BOUNDS))
        texts = [
            field.name for field in fields if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)
        ]
        stream.seek(0)
        opened = pq.ParquetFile(stream, page_checksum_verification=True, read_dictionary=texts, **_BOUNDS)
        names = [field.name for field in fields]
        batches = [_texts(content, batch) for batch in _batches(content, opened, names)]
        schema = pa.schema([(str(place), pa.string()) for place in range(len(names))])
        table = pa.Table.from_batches(batches, schema)
    if len(table) != opened.metadata.num_rows:
        raise refusal(content.file, "it holds fewer rows than it says", "download it again", "damaged-parquet")
    left_out = opened.metadata.num_columns - len(names)
    notes = (f"{left_out} column of row numbers (pandas) was left out",) if left_out == 1 else ()
    columns = tuple(map(cleaned, names))
    unnamed = tuple(place for place, name in enumerate(columns) if not name)
    columns = tuple(name or f"(column {place + 1})" for place, name in enumerate(columns))
    _check_unique(content, columns)
    return Body(columns, unnamed, table, np.arange(1, len(table) + 1, dtype=np.int64), notes)


_BOUNDS: Final[dict[str, Any]] = {
    "thrift_string_size_limit": _LARGEST_FOOTER,
    "thrift_container_size_limit": 1_000_000,
    "memory_map": False,
}


def _check_footer(content: Content, stream: Any) -> None:
    stream.seek(-8, 2)
    end = stream.read(8)
    stream.seek(0)
    if end[4:] != b"PAR1" or int.from_bytes(end[:4], "little") > _LARGEST_FOOTER:
        message = "it ends as no Parquet file does: it is damaged or cut off"
        raise refusal(content.file, message, "download it again, or write it anew", "damaged-parquet")


def _fields(content: Content, opened: pq.ParquetFile) -> list[pa.Field]:
    import pyarrow as pa

    metadata, schema = opened.metadata, opened.schema_arrow
    if metadata.num_columns > limits.MOST_COLUMNS:
        message = f"more than {limits.MOST_COLUMNS:,} columns"
        raise refusal(content.file, message, "leave out columns that are not needed", "too-many-columns")
    if metadata.num_rows > limits.MOST_ROWS or metadata.num_rows * metadata.num_columns > limits.MOST_CELLS:
        message = f"more than {limits.MOST_ROWS:,} rows or {limits.MOST_CELLS:,} cells"
        raise refusal(content.file, message, "split it, and import one part after the other", "too-many-rows")
    _check_size(content, metadata)
    fields = [field for field in schema if not field.name.startswith(_INDEX)]
    for field in fields:
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        if (
            pa.types.is_nested(kind)
            or pa.types.is_binary(kind)
            or pa.types.is_large_binary(kind)
            or pa.types.is_fixed_size_binary(kind)
        ):
            message = f"column {plain(field.name)} holds {kind}, not one value in each cell"
            raise refusal(content.file, message, "write it as text, or leave it out", "nested-column")
    _check_unique(content, [field.name for field in fields])
    return fields


def _check_size(content: Content, metadata: pq.FileMetaData) -> None:
    groups = (metadata.row_group(place) for place in range(metadata.num_row_groups))
    unpacked = sum(
        max(0, group.column(place).total_uncompressed_size) for group in groups for place in range(group.num_columns)
    )
    # A null in every cell takes next to nothing in the file.
    cells = metadata.num_rows * metadata.num_columns * 4
    if max(unpacked, cells) > most_unpacked(content.size):
        raise _too_large(content)


def _too_large(content: Content) -> Exception:
    message = "it becomes far larger than the file when it is unpacked"
    return refusal(content.file, message, "if you trust it, write it as csv", "archive-too-large")


def _batches(content: Content, opened: pq.ParquetFile, names: list[str]) -> Iterator[pa.RecordBatch]:
    import pyarrow.compute as pc

    left = most_unpacked(content.size)
    size = max(1, _BATCH_CELLS // max(1, len(names)))
    for batch in opened.iter_batches(batch_size=size, columns=names, use_threads=False):
        # The same long text may stand in every row, and once in the file.
        for column in batch.columns:
            if hasattr(column, "dictionary"):
                lengths = pc.binary_length(column.dictionary).take(column.indices)
                if (pc.max(lengths).as_py() or 0) > LONGEST_FIELD:
                    message = f"a cell is longer than {LONGEST_FIELD:,} bytes"
                    raise refusal(content.file, message, "shorten it", "cell-too-long")
                left -= pc.sum(lengths).as_py() or 0
            left -= 4 * len(column)
        if left < 0:
            raise _too_large(content)
        yield batch


def _texts(content: Content, batch: pa.RecordBatch) -> pa.RecordBatch:
    import pyarrow as pa

    columns = [_text(content, column) for column in batch.columns]
    return pa.RecordBatch.from_arrays(columns, names=list(map(str, range(len(columns)))))


def _text(content: Content, column: pa.Array) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.dictionary_decode()
        kind = column.type
    if pa.types.is_timestamp(kind):
        texts = _instants(column)
    elif pa.types.is_floating(kind):
        texts = _decimals(column)
    elif pa.types.is_duration(kind):
        texts = pa.array([None if value is None else str(value) for value in column.to_pylist()], pa.string())
    else:
        texts = pc.cast(column, pa.string())
    if pc.any(pc.match_substring(texts, "\0")).as_py():
        raise refusal(content.file, "a cell holds a NUL byte", "write it anew, as text", "nul-byte")
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)


def _instants(column: pa.Array) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    zone = "Z" if column.type.tz else ""
    seconds = pc.cast(column, pa.timestamp("s", column.type.tz), safe=False)
    texts = pc.cast(pc.cast(seconds, pa.timestamp("s")), pa.string())
    days = pc.utf8_slice_codeunits(texts, 0, 10)
    times = pc.utf8_slice_codeunits(texts, 11, 19)
    full = pc.binary_join_element_wise(days, times, "T")
    full = pc.binary_join_element_wise(full, zone, "") if zone else full
    return pc.if_else(pc.equal(times, "00:00:00"), full if zone else days, full)


def _decimals(column: pa.Array) -> pa.Array:
    """Write floating numbers with the fewest digits that say them, and whole ones without a point."""
    import pyarrow as pa

    def text(value: float | None) -> str | None:
        if value is None or value != value:  # noqa: PLR0124 - NaN is how pandas writes that there is nothing
            return None
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)

    encoded = column.dictionary_encode()
    distinct = pa.array([text(value) for value in encoded.dictionary.to_pylist()], pa.string())
    return distinct.take(encoded.indices)


def _check_unique(content: Content, names: tuple[str, ...] | list[str]) -> None:
    from undercount.data.imports.headers import check_names

    check_names(content.file, names, 1)
