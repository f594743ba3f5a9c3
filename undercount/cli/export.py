"""`undercount export RUN|CASE|estimate.nc`: an estimate for other programs."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from undercount.cli.exits import GATES_FAILED
from undercount.cli.folders import folder_of
from undercount.cli.output import write
from undercount.cli.stores import store_option
from undercount.cli.subjects import subject_argument, subject_of

if TYPE_CHECKING:
    from undercount.cli.subjects import Subject

_SUFFIXES: Final = {
    "csv": "-csv", "xlsx": ".xlsx", "parquet": "-parquet", "netcdf": ".nc", "json-ld": ".jsonld", "bibtex": ".bib",
}  # fmt: skip
"""Format -> what follows the name of the case in the default name of its file or folder."""


@click.command(short_help="Write an estimate as csv, xlsx, parquet, netcdf, json-ld or bibtex.")
@subject_argument
@click.option(
    "--format", "format_", type=click.Choice(list(_SUFFIXES)),
    help="Of the files.  [default: what the suffix of --out says]",
)  # fmt: skip
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), metavar="PATH",
    help="File; of csv and parquet a folder, or a file that ends in .zip.  [default: ./NAME with a suffix]",
)  # fmt: skip
@store_option
@click.pass_context
def export(
    ctx: click.Context, /, subject: str, format_: str | None, out: Path | None, store_folder: Path | None
) -> None:
    """Write an estimate for other programs.

    RUN is a run as CASE:NUMBER; of a CASE the last release is taken, or else the estimate.nc in its folder.

    csv and parquet are folders of tables with their columns described, xlsx is one file with a sheet for each, netcdf
    is what estimate.nc is, json-ld tells from each figure to the documents it stands on (W3C PROV), bibtex holds the
    references. Ends with exit code 3 if a gate failed: the files are then marked, and must not be quoted.
    """
    if format_ is None and out is None:
        raise click.UsageError(f"name a format with --format, one of {', '.join(_SUFFIXES)}, or a file with --out", ctx)
    # Whatever a library prints belongs to the log: standard output is for the result.
    with redirect_stdout(sys.stderr):
        found = subject_of(subject, store_folder)
        files = _write(found, format_, out)
    write(_text(found, files))
    if not found.estimate.check().passed:
        click.echo("GATES FAILED: do not quote these figures", err=True)
        ctx.exit(GATES_FAILED)


def _write(found: Subject, format_: str | None, out: Path | None) -> tuple[Path, ...]:
    from undercount.cli.interrupts import interruptible

    if out is None:
        name = str(folder_of(None, found.name))
        out = Path(f"{name}{_SUFFIXES[format_ or '']}")
    with interruptible():
        return found.estimate.export(out, format_)


def _text(found: Subject, files: tuple[Path, ...]) -> str:
    from undercount.report.text import between, count, interval_name, visible

    estimate: Any = found.estimate
    toll = estimate.toll()
    lines = [
        f"exported {visible(found.words, 300)}",
        f"  {visible(estimate.estimand, 400)}",
        f"  toll {count(toll.median)}, {interval_name(toll.ci_prob, toll.ci_kind)} {between(*toll.interval)}",
        f"  {'evidence' if hasattr(estimate, 'evidence') else 'lists'} sha256 {estimate.sha256}, seed {estimate.seed}",
        *(f"  {visible(str(file), 300)}" for file in files),
    ]
    return "\n".join(lines) + "\n"
