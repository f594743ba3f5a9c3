"""Command lines that cannot be understood, told as every other error is: what, where, what to do, code."""

from __future__ import annotations

import unicodedata
from typing import IO, TYPE_CHECKING, Any, Final

import click

from undercount.cli.exits import block
from undercount.errors.naming import nearest, plain

if TYPE_CHECKING:
    from collections.abc import Iterable

_EXTRA: Final = "Got unexpected extra argument"


class Refusal(click.UsageError):
    """A command line that is refused.

    Parameters
    ----------
    message : str
        What is wrong, with what was written.
    code : str
        Of the catalogue; begins with ``usage-``.
    hint : str
        What to do, before the advice to see the help.
    ctx : click.Context, optional
        Of the command.
    """

    def __init__(self, message: str, *, code: str, hint: str = "", ctx: click.Context | None = None) -> None:
        super().__init__(message, ctx)
        self.code = code
        self.hint = hint

    def show(self, file: IO[Any] | None = None) -> None:
        """Write it to standard error."""
        path = "undercount" if self.ctx is None else self.ctx.command_path
        hint = f"{self.hint} see `{path} --help`" if self.hint else f"see `{path} --help`"
        rows = [("where", path), ("to mend it", hint), ("code", self.code), ("more", f"undercount help {self.code}")]
        click.echo(block(f"error: {self.message}", rows), file=file, err=file is None)


def in_our_words(error: click.UsageError, ctx: click.Context | None = None) -> click.UsageError:
    """The same refusal as a `Refusal`; what only asks for the help stays as it is.

    Parameters
    ----------
    error : click.UsageError
    ctx : click.Context, optional
        Of the command, where the error has none.
    """
    if isinstance(error, Refusal | click.exceptions.NoArgsIsHelpError):
        return error
    code, message, hint = _words(error)
    return Refusal(message, code=code, hint=hint, ctx=error.ctx or ctx)


def _words(error: click.UsageError) -> tuple[str, str, str]:
    if isinstance(error, click.NoSuchOption):
        return "usage-unknown-option", f"there is no option {plain(error.option_name)}", _meant_option(error)
    if isinstance(error, click.BadOptionUsage) and error.message.endswith("requires an argument."):
        return "usage-missing", f"the option {plain(error.option_name)} lacks its value", "add it;"
    if isinstance(error, click.MissingParameter):
        kind = "argument" if isinstance(error.param, click.Argument) else "option"
        return "usage-missing", f"the {kind} {_name(error)} is missing", "add it;"
    if isinstance(error, click.BadParameter):
        return "usage-bad-value", f"{_name(error)}: {error.message}", _meant_choice(error)
    if isinstance(error, click.BadOptionUsage | click.BadArgumentUsage):
        return "usage-bad-value", error.message, ""
    if error.message.startswith(_EXTRA):
        extra = error.message.partition("(")[2].removesuffix(")")
        return "usage-extra-argument", f"there are more arguments than it takes: {extra}", _meant_dash(error, extra)
    return "usage-other", error.message, ""


def _name(error: click.BadParameter) -> str:
    if error.param is None or error.ctx is None:
        return "a value"
    return error.param.get_error_hint(error.ctx).replace("'", "")


def options_of(ctx: click.Context | None) -> list[str]:
    """Names of the options of a command, as they are written."""
    if ctx is None:
        return []
    found = [param for param in ctx.command.get_params(ctx) if isinstance(param, click.Option)]
    return [name for param in found for name in (*param.opts, *param.secondary_opts) if name.startswith("--")]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Ask for the known name that is the most like another; empty where there is none."""
    near = nearest(name, known)
    return "" if near is None else f"did you mean {near}?"


def _meant_option(error: click.NoSuchOption) -> str:
    name, known = error.option_name, options_of(error.ctx)
    if len(name) > 2:
        return did_you_mean(name, known)
    # Of a long option with one dash, click names the first letter.
    found = [one for one in known if one.startswith(f"-{name}")]
    return f"did you mean {' or '.join(found)}? write two dashes;" if found else ""


def _meant_choice(error: click.BadParameter) -> str:
    if error.param is None or not isinstance(error.param.type, click.Choice):
        return ""
    return did_you_mean(error.message.split("'")[1] if "'" in error.message else "", map(str, error.param.type.choices))


def _meant_dash(error: click.UsageError, extra: str) -> str:
    """An option with another kind of dash, as word processors write it, is taken for an argument."""
    known = options_of(error.ctx)
    for word in extra.split():
        if unicodedata.category(word[0]) == "Pd" and (meant := did_you_mean(word, known)):
            return f"{meant} write two plain dashes;"
    return "leave it out, or put a name with a space into quotation marks;"


def exclude_each_other(ctx: click.Context, first: str, second: str, hint: str = "leave out one of them") -> Refusal:
    """The refusal of two options that cannot stand together."""
    return Refusal(f"{first} and {second} exclude each other", code="usage-excluding-options", hint=f"{hint};", ctx=ctx)
