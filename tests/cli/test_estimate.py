"""`undercount estimate`: options, files, exit codes, and nothing but the result on standard output."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from tests.report.hostile import SCRIPT, hostile_evidence
from undercount import estimators
from undercount.data import Evidence, load_case
from undercount.errors import SamplingError
from undercount.report.files import FILES
from undercount.report.schema import summary_schema

if TYPE_CHECKING:
    from tests.cli.conftest import Invoke


def written(folder: str | Path) -> set[str]:
    return {path.name for path in Path(folder).iterdir()}


def test_it_prints_and_writes_into_a_folder_named_after_the_case(undercount: Invoke) -> None:
    done = undercount("estimate", "mosul-2017")
    assert done.exit_code == 0
    assert written("mosul-2017") == set(FILES)
    assert done.stdout.startswith("West Mosul, February to July 2017 (mosul-2017)\n")
    assert "files     mosul-2017/estimate.nc\n" in done.stdout
    assert re.search(
        r"^undercount: sample: 4 chains, draws 5 of 10, 0 divergences, \d+ s, 1 s left$", done.stderr, re.M
    )
    assert "a library that prints" in done.stderr


def test_the_case_is_still_found_beside_its_own_output(undercount: Invoke) -> None:
    first = undercount("estimate", "mosul-2017", "--quiet")
    assert undercount("estimate", "mosul-2017", "--quiet").stdout == first.stdout


def test_json_is_the_file_and_nothing_else(undercount: Invoke) -> None:
    done = undercount("estimate", "mosul-2017", "--format", "json", "--out", "here")
    assert done.stdout == Path("here/summary.json").read_text()
    content = json.loads(done.stdout)
    jsonschema.validate(content, summary_schema(), jsonschema.Draft202012Validator)
    assert "undercount: sample" in done.stderr


def test_no_files(undercount: Invoke) -> None:
    done = undercount("estimate", "mosul-2017", "--no-files")
    assert done.exit_code == 0
    assert "\nfiles " not in done.stdout
    assert list(Path().iterdir()) == []


def test_quiet_shows_no_progress(undercount: Invoke) -> None:
    done = undercount("estimate", "mosul-2017", "--no-files", "--quiet")
    assert "undercount:" not in done.stderr
    assert "Toll by actor" in done.stdout


def test_failed_gates_exit_with_3_and_mark_the_files(undercount: Invoke) -> None:
    done = undercount("estimate", "mosul-2017", "--chains", 1, "--out", "out")
    assert done.exit_code == 3
    assert done.stdout.startswith("GATES FAILED: do not quote\n")
    assert "GATES FAILED" in done.stderr
    assert json.loads(Path("out/summary.json").read_text())["gates"]["passed"] is False
    assert b"GATES FAILED" in Path("out/timeline.png").read_bytes()


def summary(undercount: Invoke, *arguments: object) -> dict[str, Any]:
    done = undercount("estimate", "mosul-2017", "--no-files", "--format", "json", *arguments)
    assert done.exit_code == 0
    content: dict[str, Any] = json.loads(done.stdout)
    return content


def test_a_window_changes_what_the_toll_is_about(undercount: Invoke) -> None:
    whole, part = summary(undercount), summary(undercount, "--window", "2017-03-01:2017-03-31")
    assert part["estimand"]["window"] == ["2017-03-01", "2017-03-31"]
    assert part["toll"]["median"] < whole["toll"]["median"]
    assert part["evidence"] == whole["evidence"]
    assert {week["week"] for week in part["by"]["week"]} == {
        "2017-03-01", "2017-03-06", "2017-03-13", "2017-03-20", "2017-03-27",
    }  # fmt: skip


def test_as_of_keeps_only_what_was_published(undercount: Invoke) -> None:
    early = summary(undercount, "--as-of", "2017-04-15")
    assert early["estimand"]["as_of"] == "2017-04-15"
    assert early["evidence"]["sha256"] == load_case("mosul-2017").as_of("2017-04-15").sha256


def test_seed_chains_and_draws_are_passed_on(undercount: Invoke) -> None:
    content = summary(undercount, "--seed", 5, "--chains", 5, "--draws", 50)
    assert content["seed"] == 5
    assert content["configuration"]["chains"] == 5
    assert summary(undercount)["seed"] == 2017


@pytest.mark.parametrize("by", [["--by", "area,month"], ["--by", "area", "--by", "month", "--by", "area"]])
def test_by_may_be_repeated_or_separated_by_commas(undercount: Invoke, by: list[str]) -> None:
    done = undercount("estimate", "mosul-2017", "--out", "out", *by)
    assert re.findall(r"^Toll by (\w+)$", done.stdout, re.MULTILINE) == ["area", "month"]
    with Path("out/toll.csv").open() as stream:
        assert {row["by"] for row in csv.DictReader(stream)} == {"total", "area", "month"}
    assert [row["month"] for row in json.loads(Path("out/summary.json").read_text())["by"]["month"]] == [
        "2017-02-19", "2017-03-01", "2017-04-01", "2017-05-01", "2017-06-01",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--window", "2017-03-01"], "is not two dates"),
        (["--window", "2017-03-01:soon"], "'soon' is not a date; write YYYY-MM-DD"),
        (["--window", "2017-03-31:2017-03-01"], "ends (2017-03-01) before it starts"),
        (["--by", "colour"], "'colour' is none of these; write one of: actor, area"),
        (["--as-of", "1 April"], "'1 April' is not a date"),
        (["--seed", "-1"], "--seed"),
        (["--chains", "0"], "--chains"),
        (["--format", "xml"], "--format"),
        (["--out", "a", "--no-files"], "exclude each other"),
        (["--windw", "x"], "--window"),
    ],
)
def test_a_wrong_command_line_exits_with_2(undercount: Invoke, arguments: list[str], told: str) -> None:
    done = undercount("estimate", "mosul-2017", *arguments)
    assert done.exit_code == 2
    assert told in done.stderr
    assert done.stdout == ""


def test_a_window_outside_the_timeline_is_refused_before_the_fit(undercount: Invoke) -> None:
    done = undercount("estimate", "mosul-2017", "--window", "2016-01-01:2017-03-01")
    assert done.exit_code == 1
    assert "code: model-scope-outside-evidence" in done.stderr
    assert "undercount: compile" not in done.stderr


def test_an_unknown_case_says_which_one_was_meant(undercount: Invoke) -> None:
    done = undercount("estimate", "mosul-2071", "--format", "json")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "did you mean mosul-2017?" in done.stderr
    assert "code: evidence-unknown-case" in done.stderr


def test_invalid_evidence_is_refused_with_its_problems(undercount: Invoke, tmp_path: Path) -> None:
    load_case("mosul-2017").write(tmp_path / "mine")
    reports = tmp_path / "mine" / "reports.csv"
    reports.write_text(reports.read_text().replace("killed,civilians,307,", "killed,civilians,3o7,"))
    done = undercount("estimate", "./mine")
    assert done.exit_code == 1
    assert "'3o7'" in done.stderr
    assert "to mend it: " in done.stderr


def test_nothing_published_is_refused(undercount: Invoke) -> None:
    done = undercount("estimate", "mosul-2017", "--as-of", "2001-01-01")
    assert done.exit_code == 1
    assert done.stderr.count("\n  code: ") == 1


def test_a_fault_of_the_sampler_is_told_without_a_figure(undercount: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise SamplingError("a chain is short", code="sampling-incomplete", where="posterior", hint="run it again")

    monkeypatch.setattr(estimators.CountFusion, "fit", fail)
    done = undercount("estimate", "mosul-2017")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == (
        "error: a chain is short\n  where: posterior\n  to mend it: run it again\n  code: sampling-incomplete\n"
        "  more: undercount help sampling-incomplete\n"
    )
    assert not Path("mosul-2017").exists()


def test_a_bug_is_not_swallowed(undercount: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(estimators.CountFusion, "fit", fail)
    with pytest.raises(ZeroDivisionError):
        undercount("estimate", "mosul-2017")


def test_an_interrupt_exits_with_5_without_a_figure(undercount: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(estimators.CountFusion, "fit", fail)
    done = undercount("estimate", "mosul-2017")
    assert (done.exit_code, done.stdout) == (5, "")
    assert done.stderr.endswith("interrupted: no figure\n")
    assert not Path("mosul-2017").exists()


def named(name: str) -> Evidence:
    evidence = load_case("mosul-2017")
    return Evidence(evidence.case.model_copy(update={"case": name}), evidence.sources, evidence.reports)


@pytest.mark.parametrize("name", ["../outside", "/tmp/absolute", ".hidden", "a\\b"])  # noqa: S108 - never written
def test_the_name_of_a_case_cannot_choose_a_place(undercount: Invoke, name: str, tmp_path: Path) -> None:
    named(name).write(tmp_path / "mine")
    done = undercount("estimate", "./mine")
    assert done.exit_code == 1
    assert "code: run-no-folder-name" in done.stderr
    assert undercount("estimate", "./mine", "--no-files").exit_code == 0


def test_a_case_without_a_name_for_a_folder_has_its_files_where_it_is_told(undercount: Invoke, tmp_path: Path) -> None:
    named("../outside").write(tmp_path / "mine")
    assert undercount("estimate", "./mine", "--out", "out").exit_code == 0
    assert written("out") == set(FILES)


def test_a_place_that_cannot_be_written_is_refused_before_the_fit(undercount: Invoke) -> None:
    Path("taken").write_text("mine")
    done = undercount("estimate", "mosul-2017", "--out", "taken/deeper")
    assert done.exit_code == 1
    assert "code: run-folder-not-writable" in done.stderr
    assert "undercount: compile" not in done.stderr


def test_hostile_names_reach_the_screen_as_text(undercount: Invoke, tmp_path: Path) -> None:
    hostile_evidence().write(tmp_path / "mine")
    done = undercount("estimate", "./mine", "--out", "out")
    assert done.exit_code == 0
    assert SCRIPT in done.stdout
    assert "\u202e" not in done.stdout
    assert [line for line in done.stdout.splitlines() if len(line) > 80] == []
