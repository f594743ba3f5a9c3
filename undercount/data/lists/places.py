"""Problems of lists: a column of a frame or file, or a list of one stratum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from undercount.data.problems import Problem, plain


@dataclass(frozen=True, slots=True)
class ColumnProblem(Problem):
    """A fault of a column, or of one of its cells; its value is never text that a victim may be known by."""

    FIELD: ClassVar[str] = "column"


@dataclass(frozen=True, slots=True)
class ListProblem(Problem):
    """A fault of a table, or of one of its lists."""

    FIELD: ClassVar[str] = "list"


def place(lists: str, stratum: str, replicate: int | None) -> str:
    """Say which table is meant.

    Examples
    --------
    >>> place("kosovo-1999", "north", 2)
    'kosovo-1999, stratum north, replicate 2'
    >>> place("kosovo-1999", "", None)
    'kosovo-1999'
    """
    parts = [plain(lists)]
    if stratum:
        parts.append(f"stratum {plain(stratum)}")
    if replicate is not None:
        parts.append(f"replicate {replicate}")
    return ", ".join(parts)


COLUMNS: Final = ("stratum", "replicate", "count")
"""Names that a list cannot have: those of the other columns."""
LONGEST_NAME: Final = 100


def list_name_fault(name: str) -> str:
    """Say why a name cannot be that of a list; empty where it can."""
    return "count, stratum and replicate are no names of lists" if name in COLUMNS else name_fault(name)


def name_fault(name: str) -> str:
    """Say why a name cannot be that of a list or a stratum; empty where it can."""
    if not name.strip():
        return "a name cannot be empty"
    if len(name) > LONGEST_NAME:
        return f"a name cannot be longer than {LONGEST_NAME} characters"
    if not name.isprintable():
        return "a name cannot hold invisible characters"
    return "a name cannot begin or end with a space" if name != name.strip() else ""
