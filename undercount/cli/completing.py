"""What a shell can complete: commands, cases, lists, runs, codes. Nothing here loads evidence or a database library."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import click

    type Items = list[CompletionItem[str]]

_DATA: Final = Path(__file__).parents[1] / "data"
_CASE_FILE: Final = "case.toml"
_LEDGER: Final = Path("ledger", "ledger.sqlite")
MOST_RUNS: Final = 30
"""The latest runs of a case."""


def complete_case(_: click.Context, __: click.Parameter, incomplete: str) -> Items:
    """Bundled cases and case folders; or any folder on the way to one."""
    return _named(bundled("cases", _CASE_FILE), _case_folders(incomplete), incomplete, otherwise="dir")


def complete_table(_: click.Context, __: click.Parameter, incomplete: str) -> Items:
    """Bundled lists, or files."""
    return _named(bundled("list_tables", "table.toml"), [], incomplete, otherwise="file")


def complete_run(_: click.Context, __: click.Parameter, incomplete: str) -> Items:
    """Numbers of runs inside a case folder; elsewhere runs of the cases beside, as CASE:NUMBER."""
    if Path(_CASE_FILE).is_file():
        names = [str(number) for number in _runs(Path())]
    else:
        folders = sorted(path.parent for path in Path().glob(f"*/{_CASE_FILE}"))
        bundles = [Path(name) for name in bundled("cases", _CASE_FILE) if Path(name, _LEDGER).is_file()]
        names = [f"{folder}:{number}" for folder in (*folders, *bundles) for number in _runs(folder)]
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def complete_keys(known: Sequence[str], incomplete: str) -> Items:
    """The last of several names that are separated by commas."""
    before, comma, last = incomplete.rpartition(",")
    taken = before.split(",")
    return [CompletionItem(before + comma + name) for name in known if name.startswith(last) and name not in taken]


def bundled(kind: str, file: str) -> list[str]:
    """Names of what comes with the package, by the folder that each has."""
    return sorted(path.parent.name for path in (_DATA / kind).glob(f"*/{file}"))


def _named(names: Iterable[str], paths: Iterable[str], incomplete: str, otherwise: str) -> Items:
    found = [CompletionItem(name) for name in (*names, *paths) if name.startswith(incomplete)]
    # A shell completes folders or files by itself, and then no names with them.
    return found or [CompletionItem(incomplete, type=otherwise)]


def _case_folders(incomplete: str) -> Iterator[str]:
    before, slash, _ = incomplete.rpartition("/")
    try:
        for path in sorted(Path(before + slash or ".").iterdir()):
            if (path / _CASE_FILE).is_file():
                yield before + slash + path.name
    except OSError:
        return


def _runs(folder: Path) -> list[int]:
    """Numbers of the latest runs in the ledger beside a case, the last one first; none where it cannot be read."""
    import sqlite3

    ledger = folder / _LEDGER
    if not ledger.is_file():
        return []
    try:
        with closing(sqlite3.connect(f"{ledger.absolute().as_uri()}?mode=ro", uri=True, timeout=0.2)) as connection:
            rows = connection.execute("SELECT number FROM runs ORDER BY number DESC LIMIT ?", [MOST_RUNS])
            return [int(number) for (number,) in rows]
    except sqlite3.Error:
        return []
