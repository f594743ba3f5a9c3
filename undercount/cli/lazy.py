"""A group of commands whose modules are loaded when they are called, and that turns errors into exit codes."""

from __future__ import annotations

import difflib
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from undercount.cli.exits import INTERRUPTED, describe, exit_code
from undercount.errors import UndercountError

if TYPE_CHECKING:
    from collections.abc import Mapping


class LazyGroup(click.Group):
    """Commands by name, each with its module and its line in the help.

    Parameters
    ----------
    lazy : mapping of str to (str, str)
        Name -> "module:attribute" and short help.
    """

    def __init__(self, *args: Any, lazy: Mapping[str, tuple[str, str]] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lazy = dict(lazy or {})

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order in which they were given."""
        return [*self.lazy, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command."""
        if cmd_name not in self.lazy:
            return super().get_command(ctx, cmd_name)
        module, attribute = self.lazy[cmd_name][0].split(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command, or say which one may have been meant."""
        name = args[0]
        if name in self.lazy or name.startswith("-") or ctx.resilient_parsing:
            return super().resolve_command(ctx, args)
        near = difflib.get_close_matches(name, self.lazy, n=1, cutoff=0.5)
        meant = f"Did you mean {near[0]!r}?" if near else f"Commands: {', '.join(self.lazy)}."
        raise click.UsageError(f"No such command {name!r}. {meant}", ctx)

    def format_commands(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in self.lazy.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; what the package refuses on purpose is told in words, an interrupt has its own exit code."""
        try:
            return super().invoke(ctx)
        except UndercountError as error:
            click.echo(describe(error), err=True)
            ctx.exit(exit_code(error))
        except KeyboardInterrupt as interrupt:
            click.echo(f"\n{str(interrupt) or 'interrupted'}", err=True)
            ctx.exit(INTERRUPTED)
