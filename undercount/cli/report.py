"""`undercount report RUN|CASE|estimate.nc`: one HTML file for people."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from undercount.cli.exits import GATES_FAILED
from undercount.cli.folders import folder_of
from undercount.cli.interrupts import interruptible
from undercount.cli.output import write
from undercount.cli.stores import store_option
from undercount.cli.subjects import subject_argument, subject_of

if TYPE_CHECKING:
    from undercount.cli.interrupts import Interrupts
    from undercount.cli.subjects import Subject
    from undercount.estimators import Estimate
    from undercount.estimators.overlap import OverlapEstimate
    from undercount.report.page.findings import Findings

_LANGUAGES: Final = ("en", "ar", "ckb")
MOST_DAYS: Final = 20
"""Days of publication that are fitted; an import may have hundreds."""


@click.command(short_help="Write a report for people: one HTML file in English, Arabic or Sorani Kurdish.")
@subject_argument
@click.option("-o", "--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="The file.  [default: ./NAME.html, or ./NAME-LANG.html]")  # fmt: skip
@click.option("--lang", type=click.Choice(_LANGUAGES), default="en", show_default=True, help="Language.")
@click.option(
    "--quick", is_flag=True, help="Fit nothing anew: leave out what would change the figure, and how it grew."
)
@click.option("--quiet", is_flag=True, help="Show no progress.")
@store_option
@click.pass_context
def report(ctx: click.Context, /, subject: str, **options: Any) -> None:
    """Write a report of an estimate, for people: one HTML file that needs no script and no network.

    RUN is a run as CASE:NUMBER; of a CASE the last release is taken, or else the estimate.nc in its folder. What would
    change the figure, and how it grew as reports arrived, is fitted anew: some seconds for each source and each of at
    most 20 days of publication. Ends with exit code 3 if a gate failed: the report then says that it must not be
    quoted.
    """
    found = subject_of(subject, options["store_folder"])
    target = _target(found, options["out"], options["lang"])
    file = _write(found, target, options)
    write(f"{found.words}\n{file}\n")
    if not found.estimate.check().passed:
        click.echo("GATES FAILED: do not quote these figures", err=True)
        ctx.exit(GATES_FAILED)


def _target(found: Subject, asked: Path | None, language: str) -> Path:
    """The file, refused before the fits if it cannot be written."""
    if asked is None:
        asked = Path(f"{folder_of(None, found.name)}{'' if language == 'en' else f'-{language}'}.html")
    folder_of(asked.parent, found.name)
    return asked


def _write(found: Subject, target: Path, options: dict[str, Any]) -> Path:
    from undercount.report.page.findings import Findings
    from undercount.report.page.writing import write_report

    # Whatever a library prints belongs to the log: standard output is for the result.
    with interruptible() as interrupts, redirect_stdout(sys.stderr):
        findings = Findings(_of_counts(found.estimate), release=_released(found), command=found.command)
        if not options["quick"]:
            findings = _looked_into(findings, interrupts, quiet=options["quiet"])
        return write_report(findings, target, options["lang"])


def _of_counts(estimate: Estimate | OverlapEstimate) -> Estimate:
    from undercount.errors import RunError
    from undercount.estimators import Estimate

    if not isinstance(estimate, Estimate):
        raise RunError(
            "this is an estimate from lists of victims, and reports are written of counts",
            code="run-report-of-lists",
            where="RUN|CASE|estimate.nc",
            hint="see it with `undercount overlap`, or write its tables with `undercount export`",
        )
    return estimate


def _released(found: Subject) -> dict[str, Any]:
    release = found.release
    if release is None:
        return {}
    about = {"release": release.release, "released": release.released, "by": release.released_by}
    return about | {"reason": release.reason}


def _looked_into(findings: Findings, interrupts: Interrupts, *, quiet: bool) -> Findings:
    """Find out what would change the figure, and how it grew."""
    from undercount.estimators.refitting import estimator_like
    from undercount.runs.backtest import backtest, publication_days

    estimate = findings.estimate

    def say(words: str) -> None:
        interrupts.check()
        if not quiet:
            click.echo(f"undercount: {words}", err=True)

    say(f"what would change the figure: a fit without each of {len(estimate.design.sources)} sources, and some more")
    sensitivity = estimate.sensitivity()
    days, every = publication_days(estimate.evidence, MOST_DAYS), publication_days(estimate.evidence)
    among = "" if len(days) == len(every) else f" of the {len(every):,}"
    say(f"how it grew: a fit for each of {len(days)}{among} days of publication")
    vintages = backtest(
        estimator_like(estimate), estimate.evidence, dates=days, seed=estimate.seed,
        progress=lambda _: interrupts.check(),
    )  # fmt: skip
    return replace(findings, sensitivity=sensitivity, vintages=vintages)
