"""`undercount init FOLDER`: an example to start from."""

from __future__ import annotations

import click

from undercount.cli.folders import as_argument
from undercount.cli.output import write


@click.command(short_help="Write a commented, valid example case to start from.")
@click.argument("folder", type=click.Path())
def init(folder: str) -> None:
    """Write a commented, valid example case into FOLDER, which must be new or empty."""
    from undercount.data.bundled import init_case
    from undercount.report.text import visible

    made = init_case(folder)
    names = ", ".join(sorted(file.name for file in made.iterdir()))
    path = visible(str(made), 500)
    write(f"wrote {names} into {path}\nedit them, then run: undercount check {as_argument(path)}\n")
