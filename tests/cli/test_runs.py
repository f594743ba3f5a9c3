"""`run`, `release`, `ingest`, `evidence`, `history`, `show`, `trace` and the upkeep of a store, by the command line."""

from __future__ import annotations

import csv
import io
import json
import shutil
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.stand_in import StandIn, run
from tests.cli.test_commands import loaded
from tests.runs.cases import case_folder, new_report, small_case, some_reports, write_small
from tests.runs.test_ingest import changed, write_reports
from undercount.cli import run as command
from undercount.report.files import FILES
from undercount.runs import judging, reproducing
from undercount.runs.judging import Judgement
from undercount.runs.ledger.lease import Lease
from undercount.runs.store import Store

if TYPE_CHECKING:
    from tests.cli.conftest import Invoke
    from undercount.estimators import Estimate

CASE = "./testland"
JAN, FEB, PRESS = some_reports()
LATER = changed(FEB, value=190, published=date(2020, 3, 1))
HOSTILE = "\u202etexas\u2066 \ufeff[bold]=cmd"
REAL = "undercount.cli.main"


def passes(_: object, estimate: Estimate, *__: object) -> Judgement:
    """Gates that a stand-in passes."""
    toll = estimate.toll()
    return Judgement(
        True, [], {"toll": {"median": toll.median, "interval": list(toll.interval), "ci_prob": toll.ci_prob}}
    )


def holds(*arguments: Any) -> Judgement:
    """Gates that nothing passes."""
    return Judgement(False, [f"it is held {HOSTILE}"], passes(*arguments).content)


@pytest.fixture(autouse=True)
def case(monkeypatch: pytest.MonkeyPatch, undercount: Invoke, tmp_path: Path) -> Path:  # noqa: ARG001 - goes there
    """The small case in the folder at hand; fits are stood in for, gates pass, no pictures are drawn."""
    monkeypatch.setattr(judging, "judge", passes)
    monkeypatch.setattr(judging, "judge_past", lambda estimate: passes(None, estimate))
    monkeypatch.setattr(command, "_files", write_small)
    monkeypatch.setattr(reproducing, "CountFusion", StandIn)
    return case_folder(tmp_path)


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def as_json(undercount: Invoke, *arguments: object, code: int = 0) -> Any:
    done = undercount(*arguments, "--format", "json")
    assert done.exit_code == code, done.output
    return json.loads(done.stdout)


def test_a_run_is_released_and_the_next_one_finds_nothing_new(undercount: Invoke, case: Path) -> None:
    first = undercount("run", CASE, "--quiet")
    assert first.exit_code == 0
    assert "./reports.csv: 3 rows: 3 new, 0 revised, 0 known\n" in first.stdout
    assert f"released: run {CASE}:1\ntoll: median " in first.stdout
    assert first.stdout.endswith("release 1 stands, of run 1\n")
    assert {"estimate.nc", "release.json"} <= files_in(case / "ledger" / "latest")
    again = undercount("run", CASE)
    assert again.exit_code == 0
    assert again.stdout.startswith(f"released: run {CASE}:1, nothing is new\n")
    assert again.stderr == ""
    told = as_json(undercount, "run", CASE)
    assert (told["status"], told["is_new"], told["run"], told["release"]["release"]) == ("released", False, 1, 1)


def test_matched_incidents_that_a_run_leaves_out_are_told(undercount: Invoke, case: Path) -> None:
    assert "matched incidents" not in undercount("run", CASE, "--dry-run").stderr
    (case / "imports").mkdir()
    (case / "imports" / "incidents.json").write_text("{}\n")
    done = undercount("run", CASE, "--dry-run")
    assert done.exit_code == 0
    assert "a run fits the counts alone, without the matched incidents of the case" in done.stderr


def test_log_and_metrics_tell_what_came_of_runs(undercount: Invoke, case: Path) -> None:
    undercount("run", CASE)
    undercount("run", CASE, "--time-budget", "1h")
    (case / "sources.csv").write_text("nonsense")
    assert undercount("run", CASE).exit_code == 1
    lines = [json.loads(line) for line in (case / "ledger" / "log.jsonl").read_text().splitlines()]
    assert [line["event"] for line in lines] == ["begun", "outcome", "ended"] * 2 + ["begun", "failed"]
    assert [line["is_new"] for line in lines if line["event"] == "outcome"] == [True, False]
    assert lines[-1]["level"] == "error"
    metrics = (case / "ledger" / "metrics.prom").read_text()
    assert 'undercount_run_new{case="testland"} 0.0\n' in metrics
    assert metrics.endswith("# EOF\n")


def test_a_trial_leaves_a_folder_without_a_store_as_it_was(undercount: Invoke, case: Path) -> None:
    before = files_in(case.parent)
    done = undercount("run", CASE, "--dry-run")
    assert done.exit_code == 0
    assert "released if it were run: a run on trial\n" in done.stdout
    assert files_in(case.parent) == before
    (case / "ledger").mkdir()
    assert undercount("run", CASE, "--dry-run").exit_code == 0
    assert files_in(case / "ledger") == set()


def test_a_trial_beside_a_store_adds_nothing_to_it(undercount: Invoke, case: Path) -> None:
    undercount("run", CASE)
    log, before = (case / "ledger" / "log.jsonl").read_text(), files_in(case)
    write_reports(case / "reports.csv", JAN, FEB, PRESS, new_report())
    told = as_json(undercount, "run", CASE, "--dry-run")
    assert (told["run"], told["taken"][2]["new"]) == (None, ["hospital-1"])
    assert ((case / "ledger" / "log.jsonl").read_text(), files_in(case)) == (log, before)
    assert len(as_json(undercount, "history", CASE)) == 1


def test_what_a_gate_holds_ends_with_3_until_a_person_releases_it(
    undercount: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "judge", holds)
    done = undercount("run", CASE)
    assert done.exit_code == 3
    assert f"held: run {CASE}:1\n" in done.stdout
    assert "do not quote" in done.stdout
    assert f"undercount release {CASE}:1 --by NAME" in done.stdout
    assert undercount("run", CASE).exit_code == 3
    assert as_json(undercount, "run", CASE, code=3)["status"] == "held"
    assert undercount("release", f"{CASE}:1", "--by", "A. Person").exit_code == 2
    assert undercount("release", f"{CASE}:1", "--by", "A. Person", "--reason", " ").exit_code == 1
    released = undercount("release", f"{CASE}:1", "--by", "A. Person", "--reason", "a new mass grave")
    assert released.exit_code == 0
    assert released.stdout == f"release 1: run {CASE}:1, by A. Person: a new mass grave\n"
    assert undercount("release", f"{CASE}:1", "--by", "A. Person", "--reason", "again").exit_code == 1
    assert undercount("run", CASE).exit_code == 0
    assert "release 1 by A. Person: a new mass grave" in undercount("history", CASE).stdout
    shown = undercount("show", f"{CASE}:1").stdout
    assert "  held: it is held \\u202etexas" in shown


def test_a_bad_row_ends_with_1_and_names_its_place(undercount: Invoke, case: Path) -> None:
    write_reports(case / "reports.csv", JAN, FEB, changed(PRESS, source="nobody"))
    for arguments in (("run", CASE), ("ingest", CASE), ("run", CASE, "--dry-run")):
        done = undercount(*arguments)
        assert done.exit_code == 1
        assert "reports.csv, row 4, report press, field source" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["run"],
        ["run", CASE, "--all", "."],
        ["run", "--all", ".", "--store", "elsewhere"],
        ["run", CASE, "--as-of", "someday"],
        ["run", CASE, "--time-budget", "soon"],
        ["run", CASE, "--time-budget", "0s"],
        ["evidence", CASE, "--as-of", "2020-02-30"],
        ["show", "testland"],
        ["show", f"{CASE}:"],
        ["reproduce", f"{CASE}:-1"],
        ["restore", CASE, "./nowhere"],
    ],
    ids=" ".join,
)
def test_a_wrong_command_line_ends_with_2(undercount: Invoke, arguments: list[str], case: Path) -> None:
    assert undercount(*arguments).exit_code == 2
    assert not (case / "ledger").exists()


def test_a_lease_that_somebody_holds_ends_with_4(undercount: Invoke, case: Path) -> None:
    with Store.of(case) as store, Lease(store.ledger, store.name):
        for arguments in (("run", CASE), ("release", f"{CASE}:1", "--by", "A. Person", "--reason", "so")):
            done = undercount(*arguments)
            assert done.exit_code == 4
            assert "another run works on 'testland'" in done.stderr
    assert undercount("run", CASE).exit_code == 0


def test_a_run_that_is_out_of_time_ends_with_5(undercount: Invoke) -> None:
    done = undercount("run", CASE, "--time-budget", "0.001s")
    assert done.exit_code == 5
    assert "code: run-out-of-time" in done.stderr
    (row,) = as_json(undercount, "history", CASE)
    assert (row["status"], row["content"], row["release"]) == ("interrupted", None, None)


def test_a_damaged_byte_ends_with_6(undercount: Invoke, case: Path) -> None:
    undercount("run", CASE)
    sound = undercount("verify", CASE)
    assert sound.exit_code == 0
    assert sound.stdout.endswith(" things looked at, 0 damaged\n")
    assert {row["part"] for row in as_json(undercount, "verify", CASE)} >= {"ledger", "files", "figures", "releases"}
    path = max((case / "ledger" / "objects").glob("*/*"), key=lambda path: path.stat().st_size)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    done = undercount("verify", CASE)
    assert done.exit_code == 6
    assert done.stdout.startswith("DAMAGED  files: estimate.nc of run 1: ")
    assert [row["part"] for row in as_json(undercount, "verify", CASE, code=6) if row["fault"]] == ["files"]
    for arguments in (("trace", f"{CASE}:1"), ("reproduce", f"{CASE}:1"), ("backup", CASE, "./copy")):
        assert undercount(*arguments).exit_code == 6
    assert not Path("copy").exists()


def test_a_damaged_ledger_stops_every_command_with_6(undercount: Invoke, case: Path) -> None:
    undercount("run", CASE)
    (case / "ledger" / "ledger.sqlite").write_bytes(b"not a database, though long enough to look like one" * 100)
    for arguments in (("run", CASE), ("run", CASE, "--dry-run"), ("history", CASE), ("ingest", CASE), ("verify", CASE)):
        done = undercount(*arguments)
        assert done.exit_code == 6, arguments
        assert "code: store-damaged" in done.stderr
    assert undercount("doctor", CASE).exit_code == 1


def test_what_is_not_there_ends_with_1(undercount: Invoke, case: Path) -> None:
    for arguments in (("history", CASE), ("verify", CASE), ("backup", CASE, "./copy"), ("show", f"{CASE}:1")):
        done = undercount(*arguments)
        assert done.exit_code == 1
        assert "code: store-missing" in done.stderr
    assert not (case / "ledger").exists()
    undercount("run", CASE)
    for arguments in (("show", f"{CASE}:2"), ("trace", f"{CASE}:2"), ("reproduce", f"{CASE}:2")):
        done = undercount(*arguments)
        assert done.exit_code == 1
        assert "code: run-unknown" in done.stderr
    done = undercount("trace", f"{CASE}:1", "area=moon")
    assert (done.exit_code, "area=north" in done.stderr) == (1, True)
    assert undercount("run", "./nowhere").exit_code == 1
    assert undercount("run", "--all", case).exit_code == 1


def test_ingest_tells_new_revised_and_older_rows(undercount: Invoke, tmp_path: Path) -> None:
    undercount("ingest", CASE)
    file = write_reports(tmp_path / "later.csv", LATER, new_report())
    assert undercount("ingest", CASE, file).stdout.endswith(
        "later.csv: 2 rows: 1 new, 1 revised, 0 known\n  revised: un-feb\n"
    )
    *_, row = as_json(undercount, "ingest", CASE, file)
    assert (row["file"], row["known"], row["new"], row["revised"]) == ("later.csv", 2, [], [])
    older = write_reports(tmp_path / "older.csv", changed(FEB, value=150, published=date(2020, 2, 11)))
    assert "changes nothing: un-feb\n" in undercount("ingest", CASE, older).stdout


def test_evidence_shows_what_was_known_on_a_day(undercount: Invoke, tmp_path: Path) -> None:
    undercount("ingest", CASE, write_reports(tmp_path / "later.csv", LATER))

    def values(*options: str) -> dict[str, str]:
        text = undercount("evidence", CASE, *options).stdout
        return {row["report"]: row["value"] for row in csv.DictReader(io.StringIO(text))}

    assert values() == {"un-jan": "120", "un-feb": "190", "press": "600"}
    assert values("--as-of", "2020-02-14") == {"un-jan": "120", "un-feb": "160"}
    told = as_json(undercount, "evidence", CASE, "--as-of", "2020-02-14")
    assert (told["case"], told["as_of"]) == ("testland", "2020-02-14")
    assert told["versions"] == {"un-jan": 1, "un-feb": 2}


def test_a_day_in_the_past_is_recorded_and_the_release_stands(undercount: Invoke) -> None:
    undercount("run", CASE)
    done = undercount("run", CASE, "--as-of", "2020-02-12")
    assert done.exit_code == 0
    assert f"recorded: run {CASE}:2\n" in done.stdout
    assert done.stdout.endswith("release 1 stands, of run 1\n")
    assert "  recorded  as of 2020-02-12  " in undercount("history", CASE).stdout


def test_history_and_show(undercount: Invoke, case: Path) -> None:
    undercount("ingest", CASE)
    assert undercount("history", CASE).stdout == "no run yet\n"
    undercount("run", CASE)
    line = undercount("history", CASE).stdout
    assert line.startswith(f"{CASE}:1  2")
    assert line.endswith("]  release 1 by gates\n")
    (row,) = as_json(undercount, "history", CASE)
    assert (row["number"], row["status"], row["release"]["released_by"]) == (1, "released", "gates")
    shown = undercount("show", f"{CASE}:1").stdout
    assert shown.startswith(line.rstrip("\n"))
    assert f"  evidence sha256 {small_case().sha256}\n" in shown
    assert str(case / "ledger" / "objects")[-20:] in shown
    content = as_json(undercount, "show", f"{CASE}:1")
    assert set(content["files"]) == {"estimate.nc", "summary.json", "toll.csv"}
    assert content["evidence_sha256"] == small_case().sha256


def test_a_run_goes_by_its_number_inside_the_folder_of_the_case(
    undercount: Invoke, case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    undercount("run", CASE)
    expected = as_json(undercount, "show", f"{CASE}:1")
    monkeypatch.chdir(case)
    assert as_json(undercount, "show", "1") == expected
    assert as_json(undercount, "show", f"{case}:1") == expected
    assert undercount("verify").exit_code == 0
    assert undercount("doctor").exit_code == 0
    assert undercount("trace", "1").stdout.startswith("toll of .:1: median ")


def test_trace_ends_at_quotes_files_and_hashes(undercount: Invoke) -> None:
    undercount("run", CASE)
    text = undercount("trace", f"{CASE}:1", "source=press").stdout
    assert text.startswith(f"source=press of {CASE}:1: median ")
    assert "  press: press, published 2020-02-15, about 600\n" in text
    assert '    "documented 100 civilians killed"\n' in text
    assert "    ./reports.csv, row 2, taken in 2" in text
    content = as_json(undercount, "trace", f"{CASE}:1")
    assert [row["report"] for row in content["reports"]] == ["press", "un-feb", "un-jan"]
    assert len({row["file_sha256"] for row in content["reports"]} | {content["draws_sha256"]}) == 2


def test_reproduce_compares_draws_and_names_versions(undercount: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    undercount("run", CASE)
    done = undercount("reproduce", f"{CASE}:1", "--quiet")
    assert (done.exit_code, "every draw is the same to the bit" in done.stdout) == (0, True)

    class Other(StandIn):
        def fit(self, evidence: Any, *, seed: int = 2017, **options: Any) -> Estimate:
            return super().fit(evidence, seed=seed + 1, **options)

    monkeypatch.setattr(reproducing, "CountFusion", Other)
    monkeypatch.setattr(reproducing, "versions_now", lambda: {"numpy": "9.9"})
    done = undercount("reproduce", f"{CASE}:1")
    assert done.exit_code == 1
    assert "draws differ" in done.stdout
    assert "  numpy: 2." in done.stdout


def test_a_backup_is_restored_and_what_was_there_is_kept(undercount: Invoke, case: Path) -> None:
    undercount("run", CASE)
    assert undercount("backup", CASE, "./copy").stdout == "backed up to copy\n"
    assert undercount("backup", CASE, "./copy").exit_code == 1
    (case / "ledger" / "ledger.sqlite").write_bytes(b"lost")
    assert undercount("restore", CASE, "./copy").exit_code == 0
    assert (case / "ledger.before-restore-1" / "ledger.sqlite").read_bytes() == b"lost"
    assert undercount("verify", CASE).exit_code == 0
    assert "nothing is new" in undercount("run", CASE).stdout


def test_the_doctor_names_what_is_amiss(undercount: Invoke, case: Path) -> None:
    assert undercount("doctor", CASE).exit_code == 1
    undercount("run", CASE)
    done = undercount("doctor", CASE)
    assert done.exit_code == 0
    assert "LOOK" not in done.stdout
    assert all(row["is_well"] for row in as_json(undercount, "doctor", CASE))
    (case / "reports.csv").write_text("nothing")
    done = undercount("doctor", CASE)
    assert done.exit_code == 1
    assert "LOOK  evidence of the case folder: " in done.stdout
    assert f"\n      to mend it: see `undercount check {CASE}`\n" in done.stdout


def test_evidence_cannot_steer_the_terminal(
    undercount: Invoke, case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "judge", holds)
    bad = changed(PRESS, quote=f"a quote {HOSTILE}", document=f"paper {HOSTILE}", note=HOSTILE)
    write_reports(case / "reports.csv", JAN, FEB, bad)
    file = write_reports(tmp_path / f"x{HOSTILE}\x1b[31m.csv", new_report(note=HOSTILE))
    shown = [undercount("ingest", CASE, file), undercount("run", CASE), undercount("history", CASE)]
    shown += [undercount("show", f"{CASE}:1"), undercount("trace", f"{CASE}:1"), undercount("verify", CASE)]
    monkeypatch.setattr("undercount.cli.ingest._is_terminal", lambda: True)
    shown += [undercount("evidence", CASE), undercount("doctor", CASE)]
    write_reports(case / "reports.csv", JAN, FEB, changed(bad, source=f"no{HOSTILE}"))
    shown += [undercount("run", CASE), undercount("doctor", CASE)]
    for done in shown:
        assert set("\x1b\u202e\u2066\ufeff") & set(done.stdout + done.stderr) == set()
    assert all("\\u202e" in shown[place].stdout + shown[place].stderr for place in (0, 1, 2, 3, 4, 6, 8))


def test_a_control_character_is_refused_by_its_place(undercount: Invoke, case: Path) -> None:
    text = (case / "reports.csv").read_text()
    (case / "reports.csv").write_text(text.replace("documented 100", "documented \x1b]0;x\x07 100", 1))
    done = undercount("run", CASE)
    assert (done.exit_code, "\x1b" in done.stderr) == (1, False)
    assert "control-character" in done.stderr


@pytest.fixture(scope="session")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """A case with one real release, made by the real command line, and what that said."""
    folder = tmp_path_factory.mktemp("really")
    case_folder(folder)
    done = run("run", CASE, "--format", "json", module=REAL, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "undercount: summarise" in done.stderr
    return folder / "testland", json.loads(done.stdout)


def test_a_real_run_releases_every_file(ran: tuple[Path, Any]) -> None:
    folder, told = ran
    assert (told["status"], told["is_new"], told["release"]["released_by"]) == ("released", True, "gates")
    assert {path.name for path in (folder / "ledger" / "latest").iterdir()} == {*FILES, "release.json"}
    low, high = told["toll"]["interval"]
    assert low < told["toll"]["median"] < high


@pytest.mark.parametrize("engine", ["local", "dask"])
def test_of_many_cases_a_broken_one_stops_no_other(ran: tuple[Path, Any], tmp_path: Path, engine: str) -> None:
    for name in ("a", "b", "c"):
        shutil.copytree(ran[0], tmp_path / "cases" / name, symlinks=True)
    (tmp_path / "cases" / "b" / "reports.csv").write_text("nonsense")
    options = ["--all", str(tmp_path / "cases"), "--jobs", "2", "--engine", engine, "--time-budget", "300h"]
    done = run("run", *options, *(["--format", "json"] if engine == "local" else []), module=REAL)
    assert done.returncode == 1, done.stderr
    if engine == "local":
        found = json.loads(done.stdout)
        assert [(Path(one["case"]).name, one["exit_code"]) for one in found] == [("a", 0), ("b", 1), ("c", 0)]
        assert [one.get("is_new") for one in found] == [False, None, False]
        assert "neither reports nor sources" in found[1]["told"]
        return
    lines = done.stdout.splitlines()
    assert [line[: line.index(":")] for line in lines] == ["0  a", "1  b", "0  c"]
    assert "b: failed  error: " in lines[1]


def test_a_run_without_anything_new_loads_no_library_that_estimates(ran: tuple[Path, Any]) -> None:
    modules = loaded("run", str(ran[0]), "--quiet")
    assert {"undercount.runs.run", "sqlalchemy"} <= modules
    assert modules & {"numba", "pymc", "arviz", "matplotlib", "xarray", "pandas", "scipy", "nutpie"} == set()


@pytest.mark.parametrize("name", ["run", "ingest", "verify", "trace"])
def test_help_of_a_command_loads_nothing_heavy(name: str) -> None:
    assert loaded(name, "--help") & {"numpy", "pydantic", "sqlalchemy", "undercount.data"} == set()
