"""`undercount export`: what it is about, what it writes, what it says, and what it refuses."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.estimators.overlap.made import strata
from tests.report.synthetic import make_estimate
from tests.runs.cases import case_folder, some_reports, write_small
from tests.runs.test_ingest import changed, write_reports
from undercount.cli import run as command
from undercount.cli.subjects import subject_of
from undercount.data import load_case
from undercount.estimators import load
from undercount.estimators.overlap import LowerBound
from undercount.report.exports import FORMATS
from undercount.runs import judging
from undercount.runs.judging import Judgement

if TYPE_CHECKING:
    from tests.cli.conftest import Invoke
    from undercount.estimators import Estimate

CASE = "./testland"
LATER = changed(some_reports()[1], value=190)


def judged(estimate: Estimate, *, passed: bool) -> Judgement:
    toll = estimate.toll()
    content = {"toll": {"median": toll.median, "interval": list(toll.interval), "ci_prob": toll.ci_prob}}
    return Judgement(passed, [] if passed else ["a gate says no"], content)


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch, undercount: Invoke, tmp_path: Path) -> Path:
    """The small case with a release of run 1, and run 2 that was held."""
    monkeypatch.setattr(command, "_files", write_small)
    folder = case_folder(tmp_path)
    monkeypatch.setattr(judging, "judge", lambda _, estimate, *__: judged(estimate, passed=True))
    assert undercount("run", CASE, "--quiet").exit_code == 0
    monkeypatch.setattr(judging, "judge", lambda _, estimate, *__: judged(estimate, passed=False))
    write_reports(tmp_path / "later.csv", LATER)
    assert undercount("ingest", CASE, tmp_path / "later.csv").exit_code == 0
    assert undercount("run", CASE, "--quiet").exit_code == 3
    return folder


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("estimate") / "estimate.nc"
    make_estimate(load_case("mosul-2017")).save(path)
    return path


def test_a_case_is_its_last_release(undercount: Invoke, stored: Path) -> None:
    done = undercount("export", CASE, "--format", "json-ld")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("exported release 1 of ./testland (run 1)\n")
    assert done.stdout.endswith("\n  testland.jsonld\n")
    estimate = load(next((stored / "ledger" / "latest").glob("estimate.nc")))
    assert f"evidence sha256 {estimate.sha256}, seed" in done.stdout
    names = [node.get("identifier") for node in json.loads(Path("testland.jsonld").read_text())["@graph"]]
    assert "un-feb" in names


def test_a_run_says_what_became_of_it(undercount: Invoke, stored: Path) -> None:
    done = undercount("export", f"{CASE}:2", "--format", "csv")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("exported run ./testland:2 (held, not released)\n")
    assert Path("testland-2-csv/toll.csv").is_file()
    assert subject_of(f"{CASE}:1").words == "run ./testland:1 (release 1)"
    assert subject_of(f"{CASE}:2").estimate.sha256 != subject_of(CASE).estimate.sha256
    assert subject_of(CASE, stored / "ledger").name == "testland"


def test_a_run_that_is_not_there(undercount: Invoke, stored: Path) -> None:
    done = undercount("export", f"{CASE}:9", "--format", "csv")
    assert done.exit_code == 1
    assert "code: run-unknown" in done.stderr
    assert "csv" not in {path.suffix for path in stored.parent.glob("testland-*")}


@pytest.mark.parametrize("kind", FORMATS)
def test_a_file_in_every_format(kind: str, undercount: Invoke, file: Path) -> None:
    done = undercount("export", file, "--format", kind)
    assert done.exit_code == 0, done.output
    first, estimand, toll, *_ = done.stdout.splitlines()
    estimate = load(file)
    assert first == f"exported the estimate in {file}"
    assert estimand == f"  {estimate.estimand}"
    assert toll.startswith(f"  toll {estimate.toll().median:,.0f}, 95 % (equal-tailed) ")
    written = [Path(line.strip()) for line in done.stdout.splitlines()[4:]]
    assert written
    assert all(path.is_file() for path in written)
    assert {path.parts[0] for path in written} == {path.name for path in Path().iterdir()}


@pytest.mark.parametrize("place", ["mosul-2017", "other"])
def test_a_case_without_a_release_is_its_stored_estimate(place: str, undercount: Invoke, file: Path) -> None:
    Path(place).mkdir()
    shutil.copy(file, f"{place}/estimate.nc")
    done = undercount("export", place, "-o", "out.bib")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith(f"exported the estimate in {place}/estimate.nc\n")


@pytest.mark.usefixtures("undercount")
def test_a_case_folder_with_its_estimate_beside_it(file: Path) -> None:
    load_case("mosul-2017").write("mine")
    shutil.copy(file, "mine/estimate.nc")
    assert subject_of("./mine").words == "the estimate in mine/estimate.nc"
    Path("mosul-2017").mkdir()
    Path("mine/estimate.nc").rename("mosul-2017/estimate.nc")
    assert subject_of("./mine").words == "the estimate in mosul-2017/estimate.nc"
    assert not Path("mine/ledger").exists()


@pytest.mark.parametrize("case", ["mosul-2017", "./mine"])
def test_a_case_without_an_estimate_says_what_to_do(case: str, undercount: Invoke) -> None:
    load_case("mosul-2017").write("mine")
    done = undercount("export", case, "--format", "csv")
    assert done.exit_code == 1
    assert f"to mend it: estimate it first: `undercount estimate {case}` or `undercount run {case}`" in done.stderr
    assert "code: store-no-estimate" in done.stderr
    assert {path.name for path in Path().iterdir()} == {"mine"}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("nowhere", "--format", "csv"), "evidence-unknown-case"),
        (("./nowhere", "--format", "csv"), "evidence-no-file"),
        (("nowhere.nc", "--format", "csv"), "store-missing"),
    ],
)
def test_what_is_not_there_is_refused(arguments: tuple[str, ...], code: str, undercount: Invoke) -> None:
    done = undercount("export", *arguments)
    assert done.exit_code == 1
    assert f"code: {code}" in done.stderr
    assert [*Path().iterdir()] == []


def test_a_damaged_file_is_not_exported(undercount: Invoke, file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    Path("x.nc").write_bytes(content)
    done = undercount("export", "x.nc", "--format", "csv")
    assert done.exit_code == 6
    assert {path.name for path in Path().iterdir()} == {"x.nc"}


def test_neither_format_nor_file_is_a_wrong_command_line(undercount: Invoke, file: Path) -> None:
    done = undercount("export", file)
    assert done.exit_code == 2
    assert "name a format with --format, one of csv, xlsx, parquet" in done.stderr


def test_failed_gates_are_an_exit_code_and_words(undercount: Invoke) -> None:
    make_estimate(load_case("mosul-2017"), chains=1).save("failed.nc")
    done = undercount("export", "failed.nc", "-o", "failed.zip")
    assert done.exit_code == 3
    assert done.stderr == "GATES FAILED: do not quote these figures\n"
    assert Path("failed.zip").is_file()


def test_an_estimate_from_lists(undercount: Invoke) -> None:
    LowerBound(draws=50).fit(strata({"east": 9000})).save("lists.nc")
    done = undercount("export", "lists.nc", "--format", "parquet")
    assert done.exit_code == 0, done.output
    assert "lists sha256" in done.stdout
    assert Path("made-parquet/patterns.parquet").is_file()
    refused = undercount("export", "lists.nc", "--format", "bibtex")
    assert (refused.exit_code, "code: export-unknown-format" in refused.stderr) == (1, True)
