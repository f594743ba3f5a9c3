"""`undercount help [CODE|COMMAND]`: why there is a rule, and what to do; or the help of a command."""

from __future__ import annotations

import textwrap
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

import click
from click.shell_completion import CompletionItem

from undercount.cli.output import format_option, write, write_json
from undercount.cli.usage import Refusal, did_you_mean
from undercount.errors.naming import shown

if TYPE_CHECKING:
    from undercount.errors.catalogue import Entry

_WIDTH: Final = 80


def _complete(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    from undercount.errors.catalogue import all_entries

    root = ctx.find_root()
    commands = root.command.list_commands(root) if isinstance(root.command, click.Group) else []
    names = [*commands, *(entry.code for entry in all_entries())]
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


@click.command("help", short_help="Explain an error code, or a command.")
@click.argument("topic", metavar="[CODE|COMMAND]", required=False, shell_complete=_complete)
@click.option("--codes", is_flag=True, help="List every error code.")
@format_option
@click.pass_context
def explain(ctx: click.Context, topic: str | None, codes: bool, format_: str) -> None:
    """Explain an error: what happened, why there is such a rule, what to do, and the exit code.

    CODE stands at the end of every error, as in `undercount help evidence-unknown-actor`. With the name of a command
    its help is shown, and without any the list of commands.
    """
    from undercount.errors.catalogue import all_entries, find_entry

    if codes:
        entries = all_entries()
        write_json([asdict(entry) for entry in entries]) if format_ == "json" else write(_listed(entries))
    elif topic is None:
        root = ctx.find_root()
        write(root.command.get_help(root) + "\n")
    elif (entry := find_entry(topic)) is not None:
        write_json(asdict(entry)) if format_ == "json" else write(entry_text(entry))
    else:
        write(_help_of(ctx, topic) + "\n")


def entry_text(entry: Entry) -> str:
    """Lay out an entry of the catalogue, 80 characters wide."""
    from undercount.errors.catalogue import EXIT_CODES

    parts = [("what happened", _wrapped(entry.what)), ("why it is a rule", _wrapped(entry.why))]
    parts += [("what to do", _wrapped(entry.do))]
    if entry.example:
        parts.append(("for example", textwrap.indent(entry.example, "    ")))
    parts.append(("exit code", _wrapped(f"{entry.exit_code}: {EXIT_CODES[entry.exit_code]}")))
    return "\n\n".join([entry.code, *(f"  {title}\n{text}" for title, text in parts)]) + "\n"


def _wrapped(words: str) -> str:
    return textwrap.fill(
        words, _WIDTH, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False, break_long_words=False
    )


def _listed(entries: tuple[Entry, ...]) -> str:
    from undercount.errors.catalogue import FAMILIES

    lines = []
    for family, words in FAMILIES.items():
        lines += ["", f"{words}:"]
        for entry in entries:
            if entry.code.partition("-")[0] == family:
                lines += [f"  {entry.code}", _wrapped(entry.what)]
    return "\n".join(lines[1:]) + "\n"


def _help_of(ctx: click.Context, name: str) -> str:
    """Help of a command; a name that is neither a command nor a code is refused."""
    from undercount.errors.catalogue import all_entries

    root = ctx.find_root()
    group = root.command
    command = group.get_command(root, name) if isinstance(group, click.Group) else None
    if command is None:
        commands = group.list_commands(root) if isinstance(group, click.Group) else []
        raise Refusal(
            f"{shown(name)} is neither a command nor an error code",
            code="usage-unknown-code",
            hint=did_you_mean(name, [*commands, *(entry.code for entry in all_entries())]),
            ctx=ctx,
        )
    with click.Context(command, info_name=name, parent=root) as its:
        return command.get_help(its)
