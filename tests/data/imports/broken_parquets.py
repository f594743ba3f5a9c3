"""Parquet files that are damaged or mean harm: how each is made, and the code of its refusal."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyarrow import parquet as pq

from tests.data.imports.broken_texts import text

if TYPE_CHECKING:
    from tests.data.imports.broken_texts import Maker


def parquet(columns: dict[str, Any], **options: Any) -> bytes:
    held = io.BytesIO()
    pq.write_table(pa.table(columns), held, **options)
    return held.getvalue()


_GOOD = parquet({"date": ["2017-03-17"] * 1000, "killed": list(range(1000))}, write_page_checksum=True)
_FOOTER = int.from_bytes(_GOOD[-8:-4], "little")


def _flipped(place: int) -> bytes:
    data = bytearray(_GOOD)
    data[place] ^= 0x10
    return bytes(data)


def _footer_length(length: int) -> bytes:
    return _GOOD[:-8] + length.to_bytes(4, "little") + b"PAR1"


def _lying_rows() -> bytes:
    """A footer that promises more rows than there are."""
    footer = _GOOD[-8 - _FOOTER : -8]
    # The varint of 1,000 rows, zigzag: 2,000 is d0 0f; 2,400 is e0 12.
    assert footer.count(b"\xd0\x0f") >= 2
    return _GOOD[: -8 - _FOOTER] + footer.replace(b"\xd0\x0f", b"\xe0\x12") + _GOOD[-8:]


def _made(data: bytes) -> Maker:
    return text(data, "incidents.parquet")


def _repeated() -> bytes:
    words = pa.DictionaryArray.from_arrays(pa.array([0] * 200_000, pa.int32()), pa.array(["x" * 2**19]))
    return parquet({"a": words})


PARQUETS: dict[str, tuple[Maker, str]] = {
    "Parquet cut off": (_made(_GOOD[:-100]), "damaged-parquet"),
    "Parquet with its sign only": (_made(b"PAR1"), "damaged-parquet"),
    "Parquet with a huge footer": (_made(_footer_length(2**31 - 1)), "damaged-parquet"),
    "Parquet with a footer beyond its beginning": (_made(_footer_length(len(_GOOD) + 50)), "damaged-parquet"),
    "Parquet with a flipped bit": (_made(_flipped(60)), "damaged-parquet"),
    "Parquet with a broken footer": (_made(_GOOD[: -8 - _FOOTER] + b"\xff" * _FOOTER + _GOOD[-8:]), "damaged-parquet"),
    "Parquet that promises more rows": (_made(_lying_rows()), "damaged-parquet"),
    "encrypted Parquet": (_made(_GOOD[:-4] + b"PARE"), "damaged-parquet"),
    "Parquet bomb of zeros": (_made(parquet({"a": pa.nulls(15_000_000, pa.int64())})), "archive-too-large"),
    "Parquet bomb of one text": (_made(_repeated()), "archive-too-large"),
    "Parquet bomb of compression": (
        _made(parquet({"a": ["x" * 2**20] * 64}, compression="zstd", use_dictionary=False)),
        "archive-too-large",
    ),
    "Parquet with a huge cell": (_made(parquet({"a": ["x" * (2**20 + 1)]})), "cell-too-long"),
    "Parquet with many columns": (_made(parquet({f"c{place}": [1] for place in range(2001)})), "too-many-columns"),
    "Parquet with lists": (_made(parquet({"a": [[1, 2], [3]]})), "nested-column"),
    "Parquet with records": (_made(parquet({"a": [{"b": 1}]})), "nested-column"),
    "Parquet with bytes": (_made(parquet({"a": [b"\x80\x04"]})), "nested-column"),
    "Parquet with NUL": (_made(parquet({"a": ["x\0y"]})), "nul-byte"),
    "Parquet without rows": (_made(parquet({"a": pa.array([], pa.string())})), "no-rows"),
    "Parquet with a column twice": (
        _made(parquet({"killed": [1], " killed": [2]})),
        "duplicate-columns",
    ),
}
