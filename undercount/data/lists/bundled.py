"""Published tables of overlapping lists that come with the package."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from undercount.data.lists.reading import read_lists
from undercount.data.problems import shown, write_one_of
from undercount.errors import EvidenceError

if TYPE_CHECKING:
    from undercount.data.lists.collection import Lists

TABLE_FILE: Final = "table.toml"
PATTERN_FILE: Final = "patterns.csv"


def _folders() -> Path:
    return Path(str(files("undercount.data"))) / "list_tables"


def lists_names() -> tuple[str, ...]:
    """Give the names of the lists that come with the package, sorted.

    Examples
    --------
    >>> lists_names()
    ('gaza-2024', 'korea', 'kosovo-1999', 'spina-bifida', 'uk-2013')
    """
    return tuple(sorted(folder.name for folder in _folders().iterdir() if (folder / TABLE_FILE).is_file()))


def load_lists(name: str) -> Lists:
    """Read lists that come with the package.

    Parameters
    ----------
    name : str
        One of `lists_names`; for a file of your own use `read_lists`.

    Returns
    -------
    Lists
        With their source and caveats.

    Raises
    ------
    EvidenceError
        If there are no such lists.

    Examples
    --------
    >>> lists = load_lists("kosovo-1999")
    >>> lists.names
    ('ABA', 'EXH', 'HRW', 'OSCE')
    """
    names = lists_names()
    if name not in names:
        raise EvidenceError(
            f"{shown(str(name))} is not among the bundled lists",
            code="lists-unknown-name",
            where="lists",
            hint=f"{write_one_of(str(name), names)}; read a file of your own with read_lists",
        )
    folder = _folders() / name
    about = tomllib.loads((folder / TABLE_FILE).read_text(encoding="utf-8"))
    lists = read_lists(folder / PATTERN_FILE)
    return replace(
        lists,
        name=name,
        source="; ".join(about["citations"]),
        caveats=tuple(about["caveats"]),
        title=about["title"],
        unit=about.get("unit", "victims"),
    )
