"""`undercount backtest CASE`: the estimate as it would have stood at each day of publication."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from undercount.cli.exits import GATES_FAILED
from undercount.cli.folders import folder_of
from undercount.cli.output import format_option, write
from undercount.cli.stores import case_argument
from undercount.cli.usage import exclude_each_other

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from undercount.data.evidence import Evidence
    from undercount.estimators.batches.progress import BatchProgress
    from undercount.runs.backtest import Backtest


def _dates(ctx: click.Context, param: click.Parameter, values: Iterable[str]) -> tuple[date, ...]:
    found = []
    for text in (part.strip() for value in values for part in value.split(",")):
        try:
            found.append(date.fromisoformat(text))
        except ValueError:
            raise click.BadParameter(
                f"{text!r} is not a date; write YYYY-MM-DD, such as 2017-06-19", ctx, param
            ) from None
    return tuple(found)


@click.command(short_help="The estimate as it would have stood at each day of publication.")
@case_argument
@click.option(
    "--dates", multiple=True, callback=_dates, metavar="DATE",
    help="Days to stand at; repeat it or separate with commas.  [default: each day on which a used report appeared]",
)  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0, max=2**63 - 1), help="Same seed, same draws.  [default: 2017]")
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Folder of the files.  [default: ./CASE]")
@click.option("--no-files", is_flag=True, help="Write no files.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
@format_option
@click.pass_context
def backtest(ctx: click.Context, /, case: str, **options: Any) -> None:
    """Estimate the toll as of each day on which a used report was published.

    Prints a table and writes backtest.csv, backtest.json and backtest.png. A day on which nothing can be estimated
    says why. Ends with exit code 3 if the gates of any day failed: such a day is marked, and must not be quoted.
    """
    from undercount.data.bundled import find_case
    from undercount.data.reading import read_case

    if options["no_files"] and options["out"] is not None:
        raise exclude_each_other(ctx, "--out", "--no-files")
    evidence = read_case(find_case(case))
    folder = None if options["no_files"] else folder_of(options["out"], evidence.case.case)
    found, text = _run(evidence, folder, options)
    write(text)
    if not found.check().passed:
        click.echo("GATES FAILED: do not quote the figures of the days that are marked", err=True)
        ctx.exit(GATES_FAILED)


def _run(evidence: Evidence, folder: Path | None, options: dict[str, Any]) -> tuple[Backtest, str]:
    from undercount import estimators
    from undercount.cli.working import working
    from undercount.report.backtest import backtest_json, backtest_text, write_backtest
    from undercount.report.terminal import console
    from undercount.runs.backtest import backtest as as_it_stood

    seed = {} if options["seed"] is None else {"seed": options["seed"]}
    with working(quiet=options["quiet"], shown_by=_days_done) as tell:
        found = as_it_stood(estimators.CountFusion(), evidence, dates=options["dates"] or None, progress=tell, **seed)
    with working(quiet=True):
        files = () if folder is None else write_backtest(found, folder)
    if options["format_"] == "json":
        return found, backtest_json(found)
    return found, backtest_text(found, console(sys.stdout), files)


@contextmanager
def _days_done(*, quiet: bool) -> Iterator[Callable[[BatchProgress], None]]:
    """A line on standard error for each day that is done."""
    finished = -1

    def tell(now: BatchProgress) -> None:
        nonlocal finished
        if not quiet and now.finished != finished:
            finished = now.finished
            click.echo(f"undercount: {now.finished} of {now.total} days, {now.seconds:.0f} s", err=True)

    yield tell
