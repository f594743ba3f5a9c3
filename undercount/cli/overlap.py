"""`undercount overlap`: how many victims are on no list, from what the lists share."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from undercount.cli.completing import complete_table
from undercount.cli.exits import GATES_FAILED
from undercount.cli.folders import folder_of
from undercount.cli.output import format_option, write
from undercount.cli.usage import exclude_each_other

if TYPE_CHECKING:
    from undercount.data.lists import Lists
    from undercount.estimators.overlap import Comparison, OverlapEstimate

MODELS: Final = {
    "latent-class": "LatentClass",
    "decomposable-graphs": "DecomposableGraphs",
    "log-linear": "LogLinear",
    "lower-bound": "LowerBound",
}


@click.command(short_help="Estimate how many victims are on no list.")
@click.argument("table", metavar="TABLE", shell_complete=complete_table)
@click.option(
    "--model", type=click.Choice(list(MODELS)), default="latent-class", show_default=True, help="The estimator."
)
@click.option("--compare", is_flag=True, help="All estimators side by side, and what each assumes.")
@click.option("--by", metavar="STRATUM", help="Column of the strata; the toll of each is printed.")
@click.option("--replicate", metavar="COLUMN", help="Column of the imputation replicates.")
@click.option("--count", metavar="COLUMN", help="Column of the counts.  [default: count, if there is one]")
@click.option("--lists", metavar="COLUMNS", help="The lists, separated by commas; other columns are not read.")
@click.option("--usable", is_flag=True, help="Leave out lists that hold nobody, or everybody, of a stratum.")
@click.option("--seed", type=click.IntRange(min=0, max=2**63 - 1), help="Same seed, same draws.  [default: 2017]")
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Folder of the files.  [default: ./NAME]")
@click.option("--no-files", is_flag=True, help="Write no files.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
@format_option
@click.pass_context
def overlap(ctx: click.Context, /, table: str, **options: Any) -> None:
    """Estimate how many victims are on no list, from what the lists share.

    TABLE is the name of bundled lists, such as kosovo-1999, or the path of a csv or Parquet file: one 0/1 column for
    each list, and a count of the victims with each pattern, or else one row for each victim.

    Prints a summary and writes estimate.nc, summary.json, toll.csv, toll.png and lists.png, or comparison.json,
    comparison.csv and comparison.png. Ends with exit code 3 if a gate failed.
    """
    if options["no_files"] and options["out"] is not None:
        raise exclude_each_other(ctx, "--out", "--no-files")
    if options["compare"] and ctx.get_parameter_source("model") is not click.core.ParameterSource.DEFAULT:
        raise exclude_each_other(ctx, "--compare", "--model", "--compare takes every model: leave out --model")
    lists = _read(table, options)
    folder = None if options["no_files"] else folder_of(options["out"], lists.name)
    passed = (_compare if options["compare"] else _estimate)(lists, folder, options)
    if not passed:
        click.echo("GATES FAILED: do not quote these figures", err=True)
        ctx.exit(GATES_FAILED)


def _read(table: str, options: dict[str, Any]) -> Lists:
    from undercount.data.lists import find_lists

    columns = None if options["lists"] is None else [name.strip() for name in options["lists"].split(",")]
    settings = {
        "count": options["count"],
        "stratum": options["by"],
        "replicate": options["replicate"],
        "lists": columns,
    }
    found = find_lists(table, **{name: value for name, value in settings.items() if value is not None})
    return found.usable() if options["usable"] else found


def _estimate(lists: Lists, folder: Path | None, options: dict[str, Any]) -> bool:
    from undercount.estimators import overlap
    from undercount.report.overlap.terminal import estimate_text
    from undercount.report.terminal import console

    seed = {} if options["seed"] is None else {"seed": options["seed"]}
    found: OverlapEstimate = _run(
        lambda tell: getattr(overlap, MODELS[options["model"]])().fit(lists, progress=tell, **seed), options
    )
    files: tuple[Path, ...] = ()
    if folder is not None:
        from undercount.report.overlap.files import write_estimate

        files = write_estimate(found, folder)
    if options["format_"] == "json":
        from undercount.report.overlap.files import estimate_json

        write(estimate_json(found))
    else:
        write(estimate_text(found, console(sys.stdout), by_stratum=options["by"] is not None, files=files))
    return bool(found.check().passed)


def _compare(lists: Lists, folder: Path | None, options: dict[str, Any]) -> bool:
    from undercount.estimators.overlap import compare
    from undercount.report.overlap.terminal import comparison_text
    from undercount.report.terminal import console

    seed = {} if options["seed"] is None else {"seed": options["seed"]}
    found: Comparison = _run(lambda _: compare(lists, **seed), options)
    files: tuple[Path, ...] = ()
    if folder is not None:
        from undercount.report.overlap.files import write_comparison

        files = write_comparison(found, folder)
    if options["format_"] == "json":
        from undercount.report.overlap.files import comparison_json

        write(comparison_json(found))
    else:
        write(comparison_text(found, console(sys.stdout), files))
    return bool(all(estimate.check().passed for estimate in found.estimates))


def _run(fit: Any, options: dict[str, Any]) -> Any:
    from undercount.cli.working import working

    with working(quiet=options["quiet"]) as tell:
        return fit(tell)
