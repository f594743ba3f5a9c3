"""The command line as a process: signals, closed pipes, pure output, and one real estimate from start to end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import jsonschema
import pytest

from tests.builders import FIRST, make_case, make_evidence, make_report, make_source
from tests.cli.stand_in import SETTINGS, run, start
from tests.report.hostile import hostile_evidence
from undercount.data import Kind
from undercount.estimators import load
from undercount.report.files import FILES
from undercount.report.schema import summary_schema

REAL = "undercount.cli.main"


def wait_for(process: subprocess.Popen[str], words: str) -> str:
    """Read standard error up to a line with these words."""
    assert process.stderr is not None
    read = ""
    for line in process.stderr:
        read += line
        if words in line:
            return read
    raise AssertionError(f"ended without {words!r}:\n{read}")


def interrupted(process: subprocess.Popen[str], number: signal.Signals) -> tuple[int, str, str]:
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


@pytest.mark.parametrize(
    ("number", "draws"),
    [(signal.SIGINT, "666"), (signal.SIGTERM, "667")],
    ids=["in the loop", "swallowed by a library"],
)
def test_a_signal_leaves_no_figure_and_the_old_files(number: signal.Signals, draws: str, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "summary.json").write_text("old")
    process = start("estimate", "mosul-2017", "--draws", draws, "--out", str(tmp_path / "out"), "--format", "json")
    wait_for(process, "undercount: sample")
    code, out, err = interrupted(process, number)
    assert (code, out) == (5, "")
    assert err.endswith("interrupted: no figure\n")
    assert "Traceback" not in err
    assert [path.read_text() for path in (tmp_path / "out").iterdir()] == ["old"]


def test_an_ascii_screen_gets_codes_in_place_of_letters(tmp_path: Path) -> None:
    hostile_evidence().write(tmp_path / "mine")
    done = run(
        "estimate", "./mine", "--no-files", env=os.environ | SETTINGS | {"PYTHONIOENCODING": "ascii"}, cwd=tmp_path
    )
    assert done.returncode == 0
    assert "\\u897f\\u6469" in done.stdout


@pytest.mark.parametrize("arguments", [["cases"], ["estimate", "mosul-2017", "--no-files", "--quiet"]])
def test_a_reader_that_went_away_is_no_traceback(arguments: list[str]) -> None:
    process = start(*arguments)
    assert process.stdout is not None
    process.stdout.close()
    process.stdout = None
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Traceback" not in err
    assert "BrokenPipe" not in err


def test_a_bug_ends_with_its_traceback() -> None:
    done = run("estimate", "mosul-2017", "--draws", "668", "--no-files")
    assert (done.returncode, done.stdout) == (1, "")
    assert "Traceback" in done.stderr
    assert "ZeroDivisionError" in done.stderr


@dataclass(frozen=True)
class Done:
    """What `undercount check` and `undercount estimate` left."""

    check: subprocess.CompletedProcess[str]
    estimate: subprocess.CompletedProcess[str]
    folder: Path


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Done:
    """The only real fit of these tests: two reports in one place, so that it compiles fast."""
    folder = tmp_path_factory.mktemp("user")
    month = {"start": FIRST, "end": date(2020, 1, 31)}
    case = make_case(
        timeline=month,
        estimand={"quantity": "killed", "victims": "civilians", "window": month},
        dimensions={"actor": {"levels": {"red": "Red army"}}, "area": {"levels": {"north": "North"}}},
        population=(),
        incidents=(),
    )
    sources = make_source(), make_source(source="press", name="Press reports", kind=Kind.CLAIMANT)
    reports = make_report(), make_report(report="p1", source="press", value=300)
    make_evidence(reports, case=case, sources=sources).write(folder / "my-case")
    return Done(
        run("check", "./my-case", module=REAL, cwd=folder),
        run("estimate", "./my-case", "--draws", "500", "--format", "json", "--out", "out", module=REAL, cwd=folder),
        folder,
    )


def test_a_user_gets_an_estimate_with_its_files(real: Done) -> None:
    assert [real.check.returncode, real.estimate.returncode] == [0, 0]
    assert {path.name for path in (real.folder / "out").iterdir()} == set(FILES)
    for phase in ("compile", "warm-up", "summarise"):
        assert f"undercount: {phase}" in real.estimate.stderr


def test_the_real_summary_meets_the_schema_and_is_all_of_the_output(real: Done) -> None:
    assert real.estimate.stdout == (real.folder / "out" / "summary.json").read_text()
    content = json.loads(real.estimate.stdout)
    jsonschema.validate(content, summary_schema(), jsonschema.Draft202012Validator)
    assert content["gates"]["passed"] is True


def test_the_real_draws_give_the_figures_of_the_summary(real: Done) -> None:
    estimate = load(real.folder / "out" / "estimate.nc")
    content = json.loads(real.estimate.stdout)
    assert estimate.toll().median == content["toll"]["median"]
    assert estimate.evidence.sha256 == content["evidence"]["sha256"]
    for chart in ("timeline", "sources", "prior_posterior"):
        assert getattr(estimate.plot, chart)().axes


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("phase", ["compile", "draws"])
def test_a_signal_to_the_real_sampler_leaves_no_figure(number: signal.Signals, phase: str, tmp_path: Path) -> None:
    process = start(
        "estimate", "mosul-2017", "--draws", "200000", "--out", str(tmp_path / "out"), "--format", "json", module=REAL
    )
    wait_for(process, phase)
    code, out, err = interrupted(process, number)
    assert (code, out) == (5, "")
    assert err.endswith("interrupted: no figure\n")
    assert not (tmp_path / "out").exists()
