"""`undercount diff`: what moved the figure from one run to another."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.runs.cases import case_folder, new_report, runner, small_case, some_reports
from tests.runs.test_ingest import write_reports
from undercount.cli.main import main
from undercount.runs.store import Store


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case with two runs, the second with one more report."""
    folder = case_folder(tmp_path_factory.mktemp("twice"))
    with Store.of(folder) as store:
        runner(store).run()
        write_reports(folder / "reports.csv", *some_reports(), new_report())
        runner(store).run()
    return folder


def test_it_names_the_report_and_how_much_it_moved(twice: Path) -> None:
    found = CliRunner().invoke(main, ["diff", f"{twice}:1", f"{twice}:2", "--quiet", "--format", "json"])
    assert found.exit_code == 0, found.output
    content = json.loads(found.stdout)
    assert [row["name"] for row in content["changes"]] == ["hospital-1"]
    by_what = {row["what"]: row for row in content["moves"]}
    assert by_what["model or versions"]["log_ratio"] == 0.0
    assert by_what["new evidence"]["log_ratio"] == by_what["total"]["log_ratio"]
    assert by_what["changes"]["names"] == [{"what": "report", "name": "hospital-1", "source": "press-2"}]
    text = CliRunner().invoke(main, ["diff", f"{twice}:1", f"{twice}:2", "--quiet"])
    assert "new report hospital-1 of press-2: about 650" in text.stdout


def test_a_run_and_itself_differ_in_nothing(twice: Path) -> None:
    found = CliRunner().invoke(main, ["diff", f"{twice}:1", f"{twice}:1", "--quiet"])
    assert found.exit_code == 0
    assert "the median moved by +0.0 %" in found.stdout


def test_runs_of_two_cases_are_refused(twice: Path, tmp_path: Path) -> None:
    other = small_case()
    case = other.case.model_copy(update={"case": "otherland"})
    type(other)(case, other.sources, other.reports).write(tmp_path / "otherland")
    with Store.of(tmp_path / "otherland") as store:
        runner(store).run()
    found = CliRunner().invoke(main, ["diff", f"{twice}:1", f"{tmp_path / 'otherland'}:1", "--quiet"])
    assert found.exit_code == 1
    assert "run-other-case" in found.stderr


@pytest.mark.parametrize("name", ["three", "x:", ":1", "x:1.5"])
def test_what_names_no_run_is_a_wrong_command_line(name: str) -> None:
    found = CliRunner().invoke(main, ["diff", name, name])
    assert found.exit_code == 2
    assert "CASE:NUMBER" in found.stderr
