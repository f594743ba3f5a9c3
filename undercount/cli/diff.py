"""`undercount diff RUN RUN`: what moved the figure from one run to another."""

from __future__ import annotations

from pathlib import Path

import click

from undercount.cli.output import format_option, write, write_json
from undercount.cli.stores import RunName, RunType, store_of, store_option


@click.command(short_help="What moved the figure from one run to another: reports, model, versions.")
@click.argument("before", type=RunType(), metavar="RUN")
@click.argument("after", type=RunType(), metavar="RUN")
@click.option("--quiet", is_flag=True, help="Show no progress.")
@store_option
@format_option
def diff(before: RunName, after: RunName, *, quiet: bool, store_folder: Path | None, format_: str) -> None:
    """List what changed in evidence, settings and versions, and by how much each change moved the figure.

    The second run is fitted anew without each change, and to the old evidence where model or versions changed.
    """
    from undercount.cli.working import working
    from undercount.runs.comparing import compare

    stores = store_of(before.case, store_folder), store_of(after.case, store_folder)
    with working(quiet=quiet) as tell, stores[0] as store, stores[1] as other:
        found = compare((store, before.number), (other, after.number), tell)
    if format_ == "json":
        write_json({"changes": found.changes.rows(), "moves": found.moves.rows()})
        return
    toll, now = found.before.toll(), found.after.toll()
    lines = [f"{before}: {toll!r}", f"{after}: {now!r}", *found.moves.words()]
    lines += [f"  {words}" for words in found.changes.words()]
    write("\n".join(lines) + "\n")
