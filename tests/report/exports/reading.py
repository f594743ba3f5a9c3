"""Exported tables, read back."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from undercount.report.exports.tables import Filled


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a csv file."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, strict=True))


def table_of(tables: tuple[Filled, ...], name: str) -> list[dict[str, object]]:
    """The rows of one of several tables."""
    (found,) = (table for table in tables if table.layout.name == name)
    return [dict(zip(found.layout.names, row, strict=True)) for row in found.rows]
