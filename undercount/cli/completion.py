"""`undercount completion SHELL`: the script by which a shell completes what is typed."""

from __future__ import annotations

import click

from undercount.cli.output import write

SHELLS = ("bash", "zsh", "fish")


@click.command(short_help="Print the script by which a shell completes commands, options, cases and runs.")
@click.argument("shell", type=click.Choice(SHELLS), metavar="bash|zsh|fish")
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    r"""Print the script by which a shell completes commands, options, cases, lists, runs and error codes.

    Put it, once, where the shell looks for such scripts, and start a new shell:

    \b
    bash  undercount completion bash > ~/.local/share/bash-completion/completions/undercount
    zsh   undercount completion zsh > ~/.zfunc/_undercount
          with `fpath+=~/.zfunc; autoload -Uz compinit && compinit` in ~/.zshrc
    fish  undercount completion fish > ~/.config/fish/completions/undercount.fish

    The folder must be there. Without the package bash-completion, write into ~/.bashrc instead:

    \b
    eval "$(undercount completion bash)"
    """
    from click.shell_completion import ShellComplete, get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101 - click has all three
    made = kind(ctx.find_root().command, {}, "undercount", "_UNDERCOUNT_COMPLETE")
    # The script alone: what bash's version is, it is told where it runs.
    write(ShellComplete.source(made))
