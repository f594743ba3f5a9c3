"""An export as Parquet: one file a table, with checksums on its pages and its provenance in its schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from undercount.report.exports.about import about, dictionary
from undercount.report.exports.tables import LONGEST
from undercount.report.text import visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from undercount.report.exports.about import Exported
    from undercount.report.exports.tables import Filled

_OPTIONS: Final[dict[str, Any]] = {"compression": "zstd", "write_page_checksum": True}


def parquet_files(estimate: Exported, tables: Sequence[Filled]) -> dict[str, bytes]:
    """Write tables as Parquet.

    Parameters
    ----------
    estimate : Estimate or OverlapEstimate
    tables : sequence of Filled

    Returns
    -------
    dict of str to bytes
        Contents by file name. What `about` says stands in the metadata of each schema, unit and meaning in those of
        each column.
    """
    told = {name: visible(words, LONGEST) for name, words in about(estimate).items()}
    return {f"{table.layout.name}.parquet": packed(table, told) for table in (*tables, dictionary(tables))}


def packed(table: Filled, told: Mapping[str, str]) -> bytes:
    """Write one table, with what is said of the export."""
    import pyarrow as pa
    from pyarrow import parquet

    schema = _schema(table, told)
    columns = list(zip(*table.rows, strict=True)) or [()] * len(schema)
    arrays = [pa.array(_texts(values), type=field.type) for values, field in zip(columns, schema, strict=True)]
    stream = pa.BufferOutputStream()
    parquet.write_table(pa.Table.from_arrays(arrays, schema=schema), stream, **_OPTIONS)
    return bytes(stream.getvalue())


def _schema(table: Filled, told: Mapping[str, str]) -> pa.Schema:
    import pyarrow as pa

    kinds = {"text": pa.string(), "day": pa.date32(), "whole": pa.int64(), "number": pa.float64(), "flag": pa.bool_()}
    fields = [
        pa.field(column.name, kinds[column.kind], metadata={"unit": column.unit, "meaning": column.meaning})
        for column in table.layout.columns
    ]
    return pa.schema(fields, metadata={"table": table.layout.about, **told})


def _texts(values: Sequence[Any]) -> list[Any]:
    return [visible(value, LONGEST) if isinstance(value, str) else value for value in values]
