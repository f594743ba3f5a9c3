"""`undercount`: the group of all commands. Loads nothing heavy."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import version
from typing import Final

import click

from undercount.cli.lazy import LazyGroup

_COMMANDS: Final = {
    "estimate": ("undercount.cli.estimate:estimate", "Estimate how many were killed, with files and pictures."),
    "overlap": ("undercount.cli.overlap:overlap", "Estimate how many victims are on no list, from what lists share."),
    "backtest": (
        "undercount.cli.backtest:backtest",
        "The estimate as it would have stood at each day of publication.",
    ),
    "check": ("undercount.cli.check:check", "List every problem of the evidence and how to mend it."),
    "cases": ("undercount.cli.cases:cases", "List the cases that come with the package."),
    "init": ("undercount.cli.init:init", "Write a commented, valid example case to start from."),
    "priors": ("undercount.cli.priors:priors", "Print every prior of a case with its reason."),
}
_PACKAGES: Final = ("pymc", "nutpie", "arviz", "numpy", "pandas", "xarray")


def _versions(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    if not asked or ctx.resilient_parsing:
        return
    click.echo(f"undercount {version('undercount')}")
    click.echo(", ".join([f"python {platform.python_version()}", *(f"{name} {version(name)}" for name in _PACKAGES)]))
    ctx.exit()


@click.group(cls=LazyGroup, lazy=_COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_versions, help="Versions of what matters."
)
def main() -> None:
    """Estimate how many people were killed, given what each side counted.

    CASE is the name of a bundled case, such as mosul-2017, or the path of a folder, such as ./my-case.

    Exit codes: 0 well, 1 evidence or settings refused, 2 wrong command line, 3 estimated but a gate failed (do not
    quote), 5 interrupted.
    """
    for stream in (sys.stdout, sys.stderr):
        # A screen that lacks a letter of a name shows its code instead of failing.
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
