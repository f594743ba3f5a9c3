"""How commands name a case with its store, and a run of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from undercount.cli.completing import complete_case, complete_run
from undercount.cli.days import Day

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from undercount.runs.store import Store

store_option: Final = click.option(
    "--store", "store_folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
    help="Folder of the ledger.  [default: CASE/ledger, of a bundled case ./CASE/ledger]",
)  # fmt: skip
as_of_option: Final = click.option("--as-of", type=Day(), metavar="DATE", help="Only reports published by then.")


class RunName(NamedTuple):
    """A run of a case."""

    case: str
    number: int

    def __str__(self) -> str:
        return f"{self.case}:{self.number}"


class RunType(click.ParamType[RunName]):
    """A run, as `CASE:NUMBER`."""

    name = "run"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> RunName:
        """Read it."""
        if isinstance(value, RunName):
            return value
        found = re.fullmatch(r"(?:(.+):)?([0-9]{1,9})", str(value))
        if found is None:
            self.fail(f"{value!r} is no run; write CASE:NUMBER, such as ./my-case:3, or only the number inside the "
                      "folder of the case", param, ctx)  # fmt: skip
        return RunName(found[1] or ".", int(found[2]))

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
        """The runs that there are."""
        return complete_run(ctx, param, incomplete)


def case_argument[F: Callable[..., Any]](function: F) -> F:
    """Take the argument that names a case."""
    return click.argument("case", metavar="CASE", shell_complete=complete_case)(function)


def run_argument[F: Callable[..., Any]](function: F) -> F:
    """Take the argument that names a run."""
    return click.argument("run", type=RunType(), metavar="RUN")(function)


def store_of(case: str, folder: Path | None, *, must_exist: bool = True) -> Store:
    """The store of a case, to be opened."""
    from undercount.runs.store import Store

    return Store.of(case, folder, must_exist=must_exist)
