"""Standard output: flushed while a closed pipe can still be met with grace."""

from __future__ import annotations

import json
import sys
from typing import Any

import click


def write(text: str) -> None:
    """Write text to standard output at once.

    Parameters
    ----------
    text : str
        With its line feed. A reader that went away raises the error that click ends a command on.
    """
    sys.stdout.write(text)
    sys.stdout.flush()


def write_json(content: Any) -> None:
    """Write plain values as JSON."""
    write(json.dumps(content, ensure_ascii=False, allow_nan=False, indent=2) + "\n")


format_option = click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="For people, or for programs: then only JSON goes to standard output.",
)
