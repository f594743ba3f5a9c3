"""`undercount`: the group of all commands. Loads nothing heavy."""

from __future__ import annotations

import sys
from typing import Final

import click

from undercount.cli.lazy import LazyGroup

_COMMANDS: Final = {
    "estimate": ("undercount.cli.estimate:estimate", "Estimate how many were killed, with files and pictures."),
    "overlap": ("undercount.cli.overlap:overlap", "Estimate how many victims are on no list, from what lists share."),
    "ingest": ("undercount.cli.ingest:ingest", "Take reports into the ledger of a case; nothing is ever erased."),
    "evidence": ("undercount.cli.ingest:evidence", "Show what the ledger of a case holds, or held on a day."),
    "run": ("undercount.cli.run:run", "The scheduled command: estimate what is new, and release it if the gates pass."),
    "release": ("undercount.cli.run:release", "Release a run that a gate held, with a name and a reason."),
    "history": ("undercount.cli.history:history", "List the runs and releases of a case."),
    "show": ("undercount.cli.history:show", "Show a run: figure, gates, evidence, files."),
    "diff": ("undercount.cli.diff:diff", "What moved the figure from one run to another: reports, model, versions."),
    "trace": ("undercount.cli.trace:trace", "From a figure of a run to the reports and documents it stands on."),
    "verify": ("undercount.cli.upkeep:verify", "Hold every checksum, and every figure against its draws."),
    "reproduce": ("undercount.cli.upkeep:reproduce", "Make a run again, and compare the draws bit by bit."),
    "backup": ("undercount.cli.upkeep:backup", "Copy the store of a case, as one state of it."),
    "restore": ("undercount.cli.upkeep:restore", "Put a backup in place of a store."),
    "doctor": ("undercount.cli.upkeep:doctor", "Look at what may stop the next run."),
    "backtest": (
        "undercount.cli.backtest:backtest",
        "The estimate as it would have stood at each day of publication.",
    ),
    "export": ("undercount.cli.export:export", "Write an estimate as csv, xlsx, parquet, netcdf, json-ld or bibtex."),
    "report": (
        "undercount.cli.report:report",
        "Write a report for people: one HTML file in English, Arabic or Sorani Kurdish.",
    ),
    "import": (
        "undercount.cli.imports:import_",
        "Read an export of Airwars, UCDP, ACLED, IBC, the UN or others into a case.",
    ),
    "formats": ("undercount.cli.imports:formats", "List the formats that `import` reads."),
    "match": (
        "undercount.cli.matching:match",
        "Match the records of several sources of an imported case that are about one incident.",
    ),
    "check": ("undercount.cli.check:check", "List every problem of the evidence and how to mend it."),
    "cases": ("undercount.cli.cases:cases", "List the cases that come with the package."),
    "init": ("undercount.cli.init:init", "Write a commented, valid example case to start from."),
    "priors": ("undercount.cli.priors:priors", "Print every prior of a case with its reason."),
    "help": ("undercount.cli.explain:explain", "Explain an error code, or a command."),
    "completion": ("undercount.cli.completion:completion", "Print the script by which a shell completes commands."),
}


def _versions(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    if not asked or ctx.resilient_parsing:
        return
    from undercount.estimators.versions import versions_of_all

    click.echo("\n".join(f"{name} {version}" for name, version in versions_of_all().items()))
    ctx.exit()


@click.group(cls=LazyGroup, lazy=_COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_versions, help="Versions of what matters."
)
def main() -> None:
    """Estimate how many people were killed, given what each side counted.

    CASE is the name of a bundled case, such as mosul-2017, or the path of a folder, such as ./my-case.

    Exit codes: 0 well, 1 evidence or settings refused, 2 wrong command line, 3 estimated but a gate failed (do not
    quote), 4 another run works on the case, 5 interrupted or out of time, 6 store damaged or not to be written.
    `undercount help CODE` explains the code that stands at the end of every error.
    """
    for stream in (sys.stdout, sys.stderr):
        # A screen that lacks a letter of a name shows its code instead of failing.
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
