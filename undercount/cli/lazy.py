"""A group of commands whose modules are loaded when they are called, and that turns errors into exit codes."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from undercount.cli.exits import INTERRUPTED, describe, exit_code
from undercount.cli.usage import Refusal, did_you_mean, in_our_words
from undercount.errors import UndercountError
from undercount.errors.naming import shown

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
        meant = did_you_mean(name, self.lazy) or f"write one of: {', '.join(self.lazy)};"
        raise Refusal(f"there is no command {shown(name)}", code="usage-unknown-command", hint=meant, ctx=ctx)

    def format_commands(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in self.lazy.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[Any]]:
        """Commands without loading them, and options."""
        if incomplete.startswith("-"):
            return super().shell_complete(ctx, incomplete)
        found = {name: words for name, (_, words) in self.lazy.items() if name.startswith(incomplete)}
        return [CompletionItem(name, help=words) for name, words in found.items()]

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Parse what stands before the command; what cannot be understood is told in our words."""
        try:
            return super().make_context(*args, **kwargs)
        except click.UsageError as error:
            raise in_our_words(error) from None

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; what the package refuses on purpose is told in words, an interrupt has its own exit code."""
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            raise in_our_words(error, self._of_command(ctx)) from None
        except UndercountError as error:
            click.echo(describe(error), err=True)
            ctx.exit(exit_code(error))
        except KeyboardInterrupt as interrupt:
            click.echo(f"\n{str(interrupt) or 'interrupted'}", err=True)
            ctx.exit(INTERRUPTED)

    def _of_command(self, ctx: click.Context) -> click.Context:
        """Context of the command that is being parsed: some errors of the parser have none."""
        name = ctx.invoked_subcommand
        command = None if name is None else self.get_command(ctx, name)
        return ctx if command is None else click.Context(command, info_name=name, parent=ctx)
