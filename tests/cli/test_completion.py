"""What a shell completes: by click's own interface, and in a real bash."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

from tests.cli.stand_in import ROOT
from tests.runs.cases import small_case
from undercount.cli.completing import MOST_RUNS, bundled
from undercount.cli.main import main
from undercount.data import case_names, init_case
from undercount.data.lists import lists_names
from undercount.errors.catalogue import all_entries
from undercount.runs.ledger.runs import Run
from undercount.runs.store import Store

if TYPE_CHECKING:
    from tests.cli.conftest import Invoke

START = 'import sys; sys.argv[0] = "undercount"; from undercount.cli.main import main; main()'
SHELLS = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}


def completed(*words: str) -> list[str]:
    """What could stand for the last of some words."""
    *before, incomplete = words
    shell = ShellComplete(main, {}, "undercount", "_UNDERCOUNT_COMPLETE")
    return [item.value for item in shell.get_completions(before, incomplete)]


def kinds(*words: str) -> set[str]:
    *before, incomplete = words
    shell = ShellComplete(main, {}, "undercount", "_UNDERCOUNT_COMPLETE")
    return {item.type for item in shell.get_completions(before, incomplete)}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_commands_and_options() -> None:
    assert completed("e") == ["estimate", "evidence", "export"]
    assert completed("--v") == ["--version"]
    assert completed("estimate", "mosul-2017", "--no") == ["--no-files"]
    assert completed("overlap", "--model", "l") == ["latent-class", "log-linear", "lower-bound"]
    assert completed("estimate", "mosul-2017", "--format", "") == ["text", "json"]


def test_names_of_what_is_bundled_are_those_that_are_loaded() -> None:
    assert tuple(bundled("cases", "case.toml")) == case_names()
    assert tuple(bundled("list_tables", "table.toml")) == lists_names()


@pytest.mark.parametrize("command", ["estimate", "check", "priors", "backtest", "run", "ingest", "history", "doctor"])
@pytest.mark.usefixtures("here")
def test_cases(command: str) -> None:
    init_case("mine")
    init_case("far/off")
    assert completed(command, "") == [*case_names(), "mine"]
    assert completed(command, "mosul-2017-") == ["mosul-2017-extended"]
    assert completed(command, "far/o") == ["far/off"]
    assert completed(command, "./m") == ["./mine"]


@pytest.mark.usefixtures("here")
def test_what_is_no_case_is_left_to_the_shell() -> None:
    assert kinds("estimate", "fa") == {"dir"}
    assert kinds("estimate", "no/such/") == {"dir"}
    assert kinds("overlap", "my-") == {"file"}
    assert completed("overlap", "ko") == ["korea", "kosovo-1999"]


def test_keys_are_completed_one_after_the_other() -> None:
    assert completed("estimate", "m", "--by", "a") == ["actor", "area"]
    assert completed("estimate", "m", "--by", "actor,a") == ["actor,area"]


def test_codes_and_commands_of_the_help() -> None:
    assert completed("help", "evidence-unknown-a") == ["evidence-unknown-actor", "evidence-unknown-area"]
    assert "estimate" in completed("help", "")
    assert {entry.code for entry in all_entries()} < set(completed("help", ""))


def begin_runs(folder: Path, how_many: int) -> None:
    small_case().write(folder)
    with Store.of(folder) as store, store.ledger.writing(store.name) as connection:
        for _ in range(how_many):
            Run.begin(
                connection, case_name=store.name, key="k", as_of="", evidence_sha256="e", last_entry=0, settings={},
                versions={},
            )  # fmt: skip


def test_runs(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begin_runs(here / "mine", 3)
    assert completed("show", "") == ["mine:3", "mine:2", "mine:1"]
    assert completed("diff", "mine:1", "mine:2") == ["mine:2"]
    monkeypatch.chdir("mine")
    assert completed("show", "") == ["3", "2", "1"]


def test_the_latest_runs_alone_and_none_of_a_damaged_ledger(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begin_runs(here / "mine", MOST_RUNS + 5)
    monkeypatch.chdir("mine")
    assert len(completed("show", "")) == MOST_RUNS
    Path("ledger/ledger.sqlite").write_bytes(b"no database")
    assert completed("show", "") == []


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_is_that_of_click(undercount: Invoke, shell: str) -> None:
    done = undercount("completion", shell)
    made = SHELLS[shell](main, {}, "undercount", "_UNDERCOUNT_COMPLETE")
    assert done.exit_code == 0
    assert done.stdout == ShellComplete.source(made)
    assert "_UNDERCOUNT_COMPLETE" in done.stdout


def test_another_shell_is_refused(undercount: Invoke) -> None:
    done = undercount("completion", "bsh")
    assert done.exit_code == 2
    assert "did you mean bash?" in done.stderr


def test_a_real_bash(tmp_path: Path, undercount: Invoke) -> None:
    (tmp_path / "completion.bash").write_text(undercount("completion", "bash").stdout)
    command = tmp_path / "undercount"
    command.write_text(f"#!/bin/sh\nexec '{sys.executable}' -c '{START}' \"$@\"\n")
    command.chmod(0o755)
    script = """
    source ./completion.bash
    ask() { COMPREPLY=(); COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _undercount_completion undercount; }
    ask undercount estimate mosul-2017-; echo "${COMPREPLY[*]}"
    ask undercount ve; echo "${COMPREPLY[*]}"
    complete -p undercount
    """
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["bash", "--norc", "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path, env=environment
    )
    assert done.stdout.splitlines() == [
        "mosul-2017-extended",
        "verify",
        "complete -o nosort -F _undercount_completion undercount",
    ]
    assert done.stderr == ""
