"""`undercount help`, and command lines that cannot be understood."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import click
import pytest

from undercount.cli.exits import exit_code
from undercount.cli.main import main
from undercount.cli.usage import Refusal, in_our_words
from undercount.errors import UndercountError
from undercount.errors.catalogue import EXIT_CODES, all_entries

if TYPE_CHECKING:
    from tests.cli.conftest import Invoke


def test_a_code_is_explained(undercount: Invoke) -> None:
    done = undercount("help", "evidence-unknown-actor")
    assert done.exit_code == 0
    titles = [line for line in done.stdout.splitlines() if line.startswith("  ") and not line.startswith("    ")]
    assert titles == ["  what happened", "  why it is a rule", "  what to do", "  for example", "  exit code"]
    assert "    1: refused" in done.stdout
    assert '    coalition = "US-led Coalition"' in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_every_code_is_listed_and_explained(undercount: Invoke) -> None:
    listed = undercount("help", "--codes").stdout
    entries = json.loads(undercount("help", "--codes", "--format", "json").stdout)
    assert [entry["code"] for entry in entries] == [entry.code for entry in all_entries()]
    for entry in all_entries():
        assert f"\n  {entry.code}\n" in f"\n{listed}"
        told = undercount("help", entry.code)
        assert told.exit_code == 0
        assert told.stdout.startswith(f"{entry.code}\n")


def test_one_code_as_json(undercount: Invoke) -> None:
    found = json.loads(undercount("help", "store-damaged", "--format", "json").stdout)
    assert (found["code"], found["exit_code"]) == ("store-damaged", 6)


def test_a_command_is_explained(undercount: Invoke) -> None:
    assert undercount("help", "estimate").stdout == undercount("estimate", "--help").stdout
    assert undercount("help").stdout == undercount("--help").stdout


@pytest.mark.parametrize(
    ("topic", "words"),
    [("evidnce-unknown-actor", "did you mean evidence-unknown-actor?"), ("estimat", "did you mean estimate?"),
     ("../evidence", "neither a command nor an error code"), ("", "neither a command nor an error code")],
)  # fmt: skip
def test_what_is_neither_a_code_nor_a_command(undercount: Invoke, topic: str, words: str) -> None:
    done = undercount("help", topic)
    assert (done.exit_code, done.stdout) == (2, "")
    assert words in done.stderr
    assert done.stderr.endswith("more: undercount help usage-unknown-code\n")


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("estimate mosul-2107", "evidence-unknown-case", "did you mean mosul-2017?"),
        ("overlap kosvo-1999 --no-files", "lists-unknown-name", "did you mean kosovo-1999?"),
        ("estimte", "usage-unknown-command", "did you mean estimate?"),
        ("--verion", "usage-unknown-option", "did you mean --version?"),
        ("estimate m --sed 3", "usage-unknown-option", "did you mean --seed?"),
        ("estimate m --As_Of 2017-01-01", "usage-unknown-option", "did you mean --as-of?"),
        ("estimate m ---seed 3", "usage-unknown-option", "did you mean --seed?"),
        ("estimate m -seed 3", "usage-unknown-option", "did you mean --seed? write two dashes"),
        ("estimate m -x", "usage-unknown-option", "there is no option -x"),
        ("estimate m \u2014seed 3", "usage-extra-argument", "did you mean --seed? write two plain dashes"),
        ("run m --timebudget 10m", "usage-unknown-option", "did you mean --time-budget?"),
        ("estimate m --seed", "usage-missing", "the option --seed lacks its value\n  where: undercount estimate"),
        ("estimate", "usage-missing", "the argument CASE is missing"),
        ("release m:1 --by me", "usage-missing", "the option --reason is missing"),
        ("check a b", "usage-extra-argument", "more arguments than it takes: b"),
        ("check a b c", "usage-extra-argument", "more arguments than it takes: b c"),
        ("estimate m --by actr", "usage-bad-value", "did you mean actor?"),
        ("estimate m --quiet=yes", "usage-bad-value", "--quiet"),
        ("overlap x --model latent-clas", "usage-bad-value", "did you mean latent-class?"),
        ("overlap x --compare --model lower-bound", "usage-excluding-options", "leave out --model"),
        ("run", "usage-missing", "neither CASE nor --all"),
        ("estimate m --out x --no-files", "usage-excluding-options", "--out and --no-files exclude each other"),
    ],
)
def test_a_wrong_line_says_what_where_how_and_which_code(undercount: Invoke, line: str, code: str, words: str) -> None:
    done = undercount(*line.split(" "))
    assert (done.exit_code, done.stdout) == (1 if code.startswith(("evidence", "lists")) else 2, "")
    assert words in done.stderr
    lines = done.stderr.splitlines()
    assert lines[0].startswith("error: ")
    assert lines[-2:] == [f"  code: {code}", f"  more: undercount help {code}"]
    assert any(line.startswith("  where: ") for line in lines)
    assert any(line.startswith("  to mend it: ") for line in lines)


def test_what_click_says_otherwise_is_told_too() -> None:
    told = in_our_words(click.UsageError("it is odd"))
    assert isinstance(told, Refusal)
    assert (told.code, told.message) == ("usage-other", "it is odd")


def test_a_line_without_a_command_shows_the_help(undercount: Invoke) -> None:
    done = undercount()
    assert done.exit_code == 2
    assert "Commands:" in done.output


@pytest.mark.parametrize(
    ("code", "expected"),
    [("run-lease-held", 4), ("run-lease-lost", 4), ("run-out-of-time", 5), ("store-damaged", 6),
     ("store-not-written", 6), ("store-not-used", 6), ("evidence-negative", 1), ("store-missing", 1),
     ("not-a-code", 1)],
)  # fmt: skip
def test_exit_codes(code: str, expected: int) -> None:
    assert exit_code(UndercountError("x", code=code)) == expected


def test_every_exit_code_stands_in_the_help() -> None:
    words = " ".join(main.get_help(click.Context(main)).partition("Exit codes:")[2].split())
    assert [int(part.split()[0]) for part in re.split(r"[,.] ", words)[: len(EXIT_CODES)]] == list(EXIT_CODES)
