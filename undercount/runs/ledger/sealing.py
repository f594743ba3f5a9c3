"""Rows that know their own checksum: a flipped bit in a database is told, not read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from undercount.errors import StoreError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Insert, RowMapping


NOT_HALF_WRITTEN: Final = "make the folder writable, with room, and run again: nothing was half written"


def seal_of(values: Mapping[str, Any]) -> str:
    """SHA-256 of the values of a row, but for its number and its seal."""
    kept = {name: value for name, value in values.items() if name not in {"number", "seal"}}
    return sha256_of(canonical(kept))


def sealed(**values: Any) -> dict[str, Any]:
    """Values of a new row, with their seal."""
    return {**values, "seal": seal_of(values)}


def unsealed(row: RowMapping, table: str) -> dict[str, Any]:
    """Values of a row that was read.

    Raises
    ------
    StoreError
        If it is not as it was written; code ``"store-damaged"``.
    """
    values = {str(name): value for name, value in row.items()}
    if values["seal"] != seal_of(values):
        raise damaged(f"row {values.get('number')} of {table}")
    return values


def number_of(connection: Connection, statement: Insert) -> int:
    """Insert a row; gives its number."""
    key = connection.execute(statement).inserted_primary_key
    if key is None:  # pragma: no cover - both databases give it
        raise damaged("a new row", "it has no number")
    return int(key[0])


def chained(before: str, *parts: str | int) -> str:
    """Checksum of an entry with all that stand before it."""
    return sha256_of(canonical([before, *parts]))


def canonical(content: Any) -> str:
    """JSON, one text for one content."""
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def sha256_of(text: str | bytes) -> str:
    """Hash of a text or of bytes, in hexadecimal digits."""
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()


def damaged(what: str, why: str = "it does not match its checksum") -> StoreError:
    """Say that something in the store is not as it was written."""
    return StoreError(
        f"the store is damaged: {why}",
        code="store-damaged",
        where=what,
        hint="see `undercount verify`; bring the last backup back with `undercount restore`, and run again",
    )
