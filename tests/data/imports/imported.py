"""What the tests of formats share: fixtures read into records."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from undercount.data.imports.contract import Asked
from undercount.data.imports.registry import read_file

if TYPE_CHECKING:
    from collections.abc import Iterable

    from undercount.data.imports.incidents import Incidents

FIXTURES: Final = Path(__file__).parent / "fixtures"


def fixture(name: str, called: str = "auto", **options: Any) -> Incidents:
    """Records of a fixture."""
    return read_file(FIXTURES / name, called, Asked(options))


def records(incidents: Incidents, *fields: str) -> list[tuple[Any, ...]]:
    """Some fields of every record; days as texts."""
    rows = incidents.records.select(list(fields)).to_pylist()
    return [tuple(str(cell) if hasattr(cell, "year") else cell for cell in row.values()) for row in rows]


def dropped(incidents: Incidents) -> dict[str, list[int]]:
    """Reason -> rows."""
    return {reason: rows.tolist() for reason, rows in incidents.account.dropped.items()}


def doubted(incidents: Incidents) -> dict[str, list[int]]:
    """Reason -> rows."""
    return {reason: rows.tolist() for reason, rows in incidents.account.doubted.items()}


def written(path: Path, header: str, lines: Iterable[str]) -> Path:
    """A csv with a header and some lines."""
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def split(name: str, into: Path) -> tuple[Path, Path]:
    """A fixture as two files: every other row in each."""
    header, *lines = (FIXTURES / name).read_text(encoding="utf-8").splitlines()
    return written(into / "one.csv", header, lines[::2]), written(into / "other.csv", header, lines[1::2])
