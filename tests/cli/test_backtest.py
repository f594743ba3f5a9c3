"""`undercount backtest`: options, files, exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.estimators.batches.stand_in import inline

if TYPE_CHECKING:
    from tests.cli.conftest import Invoke

FILES = {"backtest.csv", "backtest.json", "backtest.png"}


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("undercount.estimators.batches.front.fit_locally", inline)


def test_it_prints_a_row_for_each_day_and_writes_files(undercount: Invoke) -> None:
    done = undercount("backtest", "mosul-2017")
    assert done.exit_code == 0, done.output
    assert {path.name for path in Path("mosul-2017").iterdir()} == FILES
    assert [line[:10] for line in done.stdout.splitlines() if line.startswith("2017-")] == [
        "2017-03-28", "2017-06-02", "2017-07-13", "2017-07-20",
    ]  # fmt: skip
    assert "undercount: 4 of 4 days" in done.stderr
    assert "a library that prints" in done.stderr


def test_json_is_the_file_and_nothing_else(undercount: Invoke) -> None:
    done = undercount("backtest", "mosul-2017", "--format", "json", "--out", "here", "--quiet", "--seed", 5)
    assert done.stdout == Path("here/backtest.json").read_text()
    assert json.loads(done.stdout)["seed"] == 5
    assert "undercount:" not in done.stderr


def test_dates_may_be_repeated_or_separated_by_commas(undercount: Invoke) -> None:
    dates = ("--dates", "2017-06-02, 2017-03-28", "--dates", "2017-01-01")
    done = undercount("backtest", "mosul-2017", *dates, "--no-files", "--format", "json")
    days = json.loads(done.stdout)["days"]
    assert [(day["date"], day["median"] is None) for day in days] == [
        ("2017-01-01", True), ("2017-03-28", False), ("2017-06-02", False),
    ]  # fmt: skip
    assert days[0]["reason"].startswith("no report is used")
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(("--dates", "June"), "'June' is not a date"), (("--out", "x", "--no-files"), "exclude each other")],
)
def test_a_wrong_command_line(undercount: Invoke, arguments: tuple[str, ...], words: str) -> None:
    done = undercount("backtest", "mosul-2017", *arguments)
    assert done.exit_code == 2
    assert words in done.stderr


def test_failed_gates_exit_with_3(undercount: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.cli.stand_in.StandIn.__init__.__kwdefaults__", {"chains": 1, "draws": 500})
    done = undercount("backtest", "mosul-2017", "--dates", "2017-06-02", "--quiet")
    assert done.exit_code == 3
    assert "FAILED: do not quote" in done.stdout
    assert "GATES FAILED" in done.stderr


def test_evidence_that_is_refused_exits_with_1(undercount: Invoke) -> None:
    assert undercount("backtest", "no-such-case").exit_code == 1
