"""`undercount verify`, `reproduce`, `backup`, `restore` and `doctor`: whether a store is what it should be."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from undercount.cli.completing import complete_case
from undercount.cli.exits import DAMAGED, REFUSED
from undercount.cli.output import format_option, write, write_json
from undercount.cli.stores import RunName, case_argument, run_argument, store_of, store_option

if TYPE_CHECKING:
    from collections.abc import Mapping


@click.command(short_help="Hold every checksum, and every figure against its draws.")
@click.argument("case", metavar="[CASE]", default=".", shell_complete=complete_case)
@store_option
@format_option
@click.pass_context
def verify(ctx: click.Context, case: str, store_folder: Path | None, format_: str) -> None:
    """Look at every row, file and release of a store, and work every figure out again from its draws.

    Ends with exit code 6 if anything is not as it was written.
    """
    from undercount.report.text import visible
    from undercount.runs.verifying import verify as look

    with store_of(case, store_folder) as store, redirect_stdout(sys.stderr):
        found = [*look(store, _texts)]
    faults = [one for one in found if one.fault]
    if format_ == "json":
        write_json([{"part": one.part, "what": one.what, "fault": one.fault} for one in found])
    else:
        lines = ["DAMAGED  " + visible(f"{one.part}: {one.what}: {one.fault}", 1000) for one in faults]
        write("\n".join([*lines, f"{len(found)} things looked at, {len(faults)} damaged"]) + "\n")
    if faults:
        ctx.exit(DAMAGED)


def _texts(estimate: Any) -> Mapping[str, str]:
    from undercount.report.files import figures

    return figures(estimate)


@click.command(short_help="Make a run again, and compare the draws bit by bit.")
@run_argument
@store_option
@click.option("--quiet", is_flag=True, help="Show no progress.")
@click.pass_context
def reproduce(ctx: click.Context, run: RunName, store_folder: Path | None, quiet: bool) -> None:
    """Estimate again from what the ledger held then, with the same settings and seed; nothing is written.

    Ends with exit code 1 if a draw differs: versions that have changed since are named.
    """
    from undercount.cli.working import working
    from undercount.runs.reproducing import reproduce as repeat

    with working(quiet=quiet) as tell, store_of(run.case, store_folder) as store:
        found = repeat(store, run.number, tell)
    then, now = found.before.toll().median, found.again.toll().median
    write(f"{run}: {'every draw is the same to the bit' if found.is_equal else 'draws differ'}; "
          f"median then {then:,.0f}, now {now:,.0f}\n")  # fmt: skip
    for name, (before, after) in found.versions.items():
        write(f"  {name}: {before} then, {after} now\n")
    if not found.is_equal:
        ctx.exit(REFUSED)


@click.command(short_help="Copy the store of a case, as one state of it.")
@case_argument
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@store_option
def backup(case: str, folder: Path, store_folder: Path | None) -> None:
    """Copy ledger and files into a new folder, each held against its checksum; runs may go on meanwhile."""
    from undercount.runs.backing_up import back_up

    with store_of(case, store_folder) as store:
        back_up(store, folder)
    write(f"backed up to {folder}\n")


@click.command(short_help="Put a backup in place of a store.")
@case_argument
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False), metavar="DIR")
@store_option
def restore(case: str, folder: Path, store_folder: Path | None) -> None:
    """Check a backup, and put it where the store of a case is, or was; what is there is kept beside it."""
    from undercount.runs.backing_up import restore as put_back
    from undercount.runs.publishing import publish

    store = store_of(case, store_folder, must_exist=False)
    put_back(folder, store.folder, store.name)
    with store_of(case, store_folder) as found:
        publish(found)
    write(f"restored {store.folder} from {folder}\n")


@click.command(short_help="Look at what may stop the next run.")
@click.argument("case", metavar="[CASE]", default=".", shell_complete=complete_case)
@store_option
@format_option
@click.pass_context
def doctor(ctx: click.Context, case: str, store_folder: Path | None, format_: str) -> None:
    """Look at the case, its store and this machine, and say what to do about what is amiss.

    Ends with exit code 1 if anything is.
    """
    from undercount.report.text import visible
    from undercount.runs.examining import examine

    found = examine(case, store_folder)
    if format_ == "json":
        write_json([{"what": one.what, "is_well": one.is_well, "told": one.told, "hint": one.hint} for one in found])
    else:
        for one in found:
            write(f"{'ok  ' if one.is_well else 'LOOK'}  {visible(f'{one.what}: {one.told}', 1000)}\n")
            if not one.is_well:
                write(f"      to mend it: {visible(one.hint, 1000)}\n")
    if not all(one.is_well for one in found):
        ctx.exit(REFUSED)
