"""`undercount estimate CASE`: fit, print, write."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from undercount.cli.completing import complete_keys
from undercount.cli.days import Day
from undercount.cli.exits import GATES_FAILED
from undercount.cli.folders import folder_of
from undercount.cli.output import format_option, write
from undercount.cli.stores import case_argument
from undercount.cli.usage import exclude_each_other
from undercount.errors.naming import shown, write_one_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from undercount.data.evidence import Evidence
    from undercount.estimators import Estimate

_KEYS: Final = ("actor", "area", "week", "month", "day")


class _Days(click.ParamType[tuple[date, date]]):
    name = "start:end"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[date, date]:
        if isinstance(value, tuple):
            return value
        parts = str(value).split(":")
        if len(parts) != 2:
            self.fail(f"{value!r} is not two dates; write 2017-02-19:2017-06-19", param, ctx)
        first, last = (Day().convert(part, param, ctx) for part in parts)
        if last < first:
            self.fail(f"the window ends ({last}) before it starts ({first})", param, ctx)
        return first, last


def _keys(ctx: click.Context, param: click.Parameter, values: Iterable[str]) -> tuple[str, ...]:
    names = [name.strip() for value in values for name in value.split(",")]
    for name in names:
        if name not in _KEYS:
            raise click.BadParameter(f"{shown(name)} is none of these; {write_one_of(name, _KEYS)}", ctx, param)
    return tuple(dict.fromkeys(names)) or ("actor", "week")


@dataclass(frozen=True)
class _Output:
    """What becomes of the estimate: `folder` is None where nothing is written."""

    by: tuple[str, ...]
    folder: Path | None
    as_json: bool


@click.command(short_help="Estimate how many were killed, with files and pictures.")
@case_argument
@click.option("--window", type=_Days(), metavar="START:END", help="Days the toll is about; both YYYY-MM-DD, inclusive.")
@click.option(
    "--by", multiple=True, callback=_keys, metavar="KEY",
    shell_complete=lambda _, __, incomplete: complete_keys(_KEYS, incomplete),
    help="Toll by actor, area, week, month or day; repeat it or separate with commas.  [default: actor,week]",
)  # fmt: skip
@click.option("--as-of", type=Day(), metavar="DATE", help="Only reports published by then.")
@click.option("--seed", type=click.IntRange(min=0, max=2**63 - 1), help="Same seed, same draws.  [default: 2017]")
@click.option("--chains", type=click.IntRange(min=1), help="Independent chains; the gates want 4.  [default: 4]")
@click.option("--draws", type=click.IntRange(min=4), help="Draws kept of each chain.  [default: 1000]")
@click.option("--matched", is_flag=True,
              help="Fit the overlap of incidents with the counts: what `match` left in the case.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Folder of the files.  [default: ./CASE]")
@click.option("--no-files", is_flag=True, help="Write no files.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
@format_option
@click.pass_context
def estimate(ctx: click.Context, /, case: str, **options: Any) -> None:
    """Estimate how many were killed.

    Prints a summary and writes estimate.nc, summary.json, toll.csv, timeline.png, sources.png and report.html; `report`
    writes the latter with what would change the figure. Ends with exit code 3 if a gate failed: the files are then
    marked, and their figures must not be quoted.
    """
    from undercount.data.bundled import find_case
    from undercount.data.lists.incident_file import INCIDENTS, read_incidents
    from undercount.data.reading import read_case

    if options["no_files"] and options["out"] is not None:
        raise exclude_each_other(ctx, "--out", "--no-files")
    found_case = find_case(case)
    evidence = read_case(found_case)
    options["lists"] = read_incidents(found_case) if options["matched"] else None
    if not options["matched"] and (found_case / INCIDENTS).is_file():
        click.echo("undercount: the case has matched incidents; with --matched their overlap is fitted, too", err=True)
    folder = None if options["no_files"] else folder_of(options["out"], evidence.case.case)
    output = _Output(options["by"], folder, options["format_"] == "json")
    found, text = _run(evidence, output, options)
    write(text)
    if not found.check().passed:
        click.echo("GATES FAILED: do not quote these figures", err=True)
        ctx.exit(GATES_FAILED)


def _run(evidence: Evidence, output: _Output, options: dict[str, Any]) -> tuple[Estimate, str]:
    from undercount.cli.ahead import WRITERS, Ahead
    from undercount.cli.interrupts import interruptible
    from undercount.cli.progress import reporter

    # Whatever a library prints belongs to the log: standard output is for the result.
    with interruptible() as interrupts, redirect_stdout(sys.stderr):
        writers = () if output.folder is None else WRITERS
        with Ahead(writers) as ahead, reporter(quiet=options["quiet"]) as progress:

            def tell(now: Any) -> None:
                interrupts.check()
                ahead.tell(now)
                progress(now)

            found = _fit(evidence, options, tell)
        interrupts.check()
        files = _write(found, output)
    return found, _text(found, output, files)


def _fit(evidence: Evidence, options: dict[str, Any], tell: Any) -> Estimate:
    from undercount.estimators import CountFusion
    from undercount.estimators.scoping import narrowed

    # A window outside the timeline is refused before minutes are spent on it.
    narrowed(evidence.case, evidence.case.estimand, options["window"], None)
    settings = {name: options[name] for name in ("chains", "draws") if options[name] is not None}
    fitting = {name: options[name] for name in ("seed", "as_of") if options[name] is not None}
    found = CountFusion(lists=options["lists"], **settings).fit(evidence, progress=tell, **fitting)
    return found if options["window"] is None else found.about(window=options["window"])


def _write(found: Estimate, output: _Output) -> tuple[Path, ...]:
    if output.folder is None:
        return ()
    from undercount.report.files import write_files

    return write_files(found, output.folder, output.by)


def _text(found: Estimate, output: _Output, files: tuple[Path, ...]) -> str:
    if output.as_json:
        from undercount.report.summary import summary_text

        return summary_text(found, output.by)
    from undercount.report import terminal

    return terminal.text(found, terminal.console(sys.stdout), output.by, files)
