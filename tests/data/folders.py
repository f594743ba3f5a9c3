"""A case folder on disk, good but for what a test changes."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from tests.builders import make_evidence

if TYPE_CHECKING:
    from pathlib import Path


def good_folder(place: Path) -> Path:
    """Write the valid evidence of testland."""
    return make_evidence().write(place / "testland")


def read_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def write_rows(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def edit(folder: Path, file: str, name: str, /, **cells: str) -> int:
    """Change cells of the row of that identifier; give the line on which it stands."""
    rows = read_rows(folder / file)
    key = next(iter(rows[0]))
    number = next(number for number, row in enumerate(rows) if row[key] == name)
    rows[number] |= cells
    write_rows(folder / file, rows)
    return number + 2


def replace_in_case(folder: Path, old: str, new: str) -> None:
    path = folder / "case.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
