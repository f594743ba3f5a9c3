"""`check`, `cases`, `init`, `priors`, and the group itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.stand_in import ROOT
from tests.report.hostile import hostile_evidence
from undercount.data import case_names, load_case, read_case
from undercount.estimators.versions import CORE, NUTPIE, PYMC, versions_of
from undercount.models.priors import DEFAULTS

if TYPE_CHECKING:
    from tests.cli.conftest import Invoke

HEAVY = {"arviz", "matplotlib", "numba", "numpy", "nutpie", "pandas", "pymc", "pytensor", "rich", "scipy", "xarray"}
TABLES_AND_SAMPLERS = {
    "arviz", "arviz_base", "arviz_stats", "matplotlib", "netCDF4", "nutpie", "pandas", "pymc", "pytensor",
    "scipy.optimize", "scipy.sparse", "scipy.stats", "xarray",
}  # fmt: skip
SAMPLERS = {"arviz", "matplotlib", "numba", "nutpie", "pymc", "pytensor"}


def spoil(folder: Path, *changes: tuple[str, str]) -> None:
    load_case("mosul-2017").write(folder)
    table = folder / "reports.csv"
    text = table.read_text()
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    table.write_text(text)


def test_check_of_good_evidence(undercount: Invoke) -> None:
    done = undercount("check", "mosul-2017")
    assert done.exit_code == 0
    assert done.stdout == (f"no problem: 24 reports, 7 used, 16 sources; sha256 {load_case('mosul-2017').sha256}\n")


def test_check_lists_every_problem_with_its_place(undercount: Invoke, tmp_path: Path) -> None:
    spoil(
        tmp_path / "mine", ("killed,civilians,307,", "killed,civilians,-307,"), ("531,,,exact", "531,,,exactly")
    )  # fmt: skip
    done = undercount("check", "./mine")
    assert done.exit_code == 1
    assert "1. reports.csv, row 4, report S000-03, field value\n  '-307': a count cannot be negative\n" in done.stdout
    assert "field qualifier\n  'exactly': not a known qualifier\n  to mend it: did you mean exact?" in done.stdout
    assert "code: evidence-negative" in done.stdout
    assert done.stdout.endswith("\n2 problems; `undercount help CODE` explains each\n")


def test_check_as_json(undercount: Invoke, tmp_path: Path) -> None:
    spoil(tmp_path / "mine", ("killed,civilians,307,", "killed,civilians,3o7,"))
    done = undercount("check", "./mine", "--format", "json")
    content = json.loads(done.stdout)
    assert (done.exit_code, content["valid"]) == (1, False)
    (problem,) = content["problems"]
    assert set(problem) == {"file", "row", "report", "field", "value", "rule", "hint", "code"}
    assert (problem["row"], problem["report"], problem["value"]) == (4, "S000-03", "3o7")
    good = json.loads(undercount("check", "mosul-2017", "--format", "json").stdout)
    assert (good["valid"], good["problems"]) == (True, [])


def test_check_of_a_folder_that_is_not_there(undercount: Invoke) -> None:
    done = undercount("check", "./nowhere")
    assert done.exit_code == 1
    assert "there is no such folder" in done.stdout


def test_a_problem_cannot_steer_the_terminal(undercount: Invoke, tmp_path: Path) -> None:
    spoil(tmp_path / "mine", ("S000-03,ohchr", "\x1b[31mS\u202e,ohchr"))
    done = undercount("check", "./mine")
    assert done.exit_code == 1
    assert "\x1b" not in done.stdout
    assert "\u202e" not in done.stdout


def test_many_problems_are_cut_where_they_are_an_error(undercount: Invoke, tmp_path: Path) -> None:
    spoil(tmp_path / "mine", (",no,", ",perhaps,"), (",yes,", ",perhaps,"))
    refused = undercount("priors", "./mine")
    assert refused.exit_code == 1
    assert "and 4 more: `undercount check` lists them all" in refused.stderr
    assert undercount("check", "./mine").stdout.endswith("\n24 problems; `undercount help CODE` explains each\n")


def test_cases(undercount: Invoke) -> None:
    done = undercount("cases")
    assert [line for line in done.stdout.splitlines() if not line.startswith(" ")] == list(case_names())
    rows = json.loads(undercount("cases", "--format", "json").stdout)
    assert {row["case"]: row["sha256"] for row in rows} == {name: load_case(name).sha256 for name in case_names()}


def test_init_writes_a_case_that_is_good(undercount: Invoke) -> None:
    done = undercount("init", "mine")
    assert done.exit_code == 0
    assert done.stdout.endswith("then run: undercount check ./mine\n")
    assert read_case("mine").used
    assert undercount("check", "./mine").exit_code == 0


def test_init_leaves_a_full_folder_alone(undercount: Invoke) -> None:
    Path("mine").mkdir()
    Path("mine/notes.txt").write_text("mine")
    done = undercount("init", "mine")
    assert done.exit_code == 1
    assert "code: evidence-folder-exists" in done.stderr
    assert [path.name for path in Path("mine").iterdir()] == ["notes.txt"]


def test_priors_has_every_row_with_unit_reason_and_reference(undercount: Invoke) -> None:
    text = undercount("priors", "mosul-2017").stdout
    flat = " ".join(text.split())
    for prior in DEFAULTS:
        assert f"\n{prior.name}: " in f"\n{text}"
        assert " ".join(prior.reason.split()) in flat
        assert " ".join(prior.reference.split()) in flat
    assert max(map(len, text.splitlines())) <= 80


def test_priors_as_json_with_what_the_case_changes(undercount: Invoke, tmp_path: Path) -> None:
    evidence = load_case("mosul-2017")
    evidence.write(tmp_path / "mine")
    with (tmp_path / "mine" / "case.toml").open("a") as case:
        case.write('\n[priors.rate]\nlocation = 0.0\nscale = 0.5\nreason = "known here"\n')
    sources = tmp_path / "mine" / "sources.csv"
    own = "airwars,Airwars,recorder,,one,none,0.5,0.2,a reason"
    sources.write_text(sources.read_text().replace("airwars,Airwars,recorder,,one,none,,,", own))
    rows = {row["name"]: row for row in json.loads(undercount("priors", "./mine", "--format", "json").stdout)}
    assert (rows["rate"]["median"], rows["rate"]["reason"], rows["rate"]["is_default"]) == (1.0, "known here", False)
    assert rows["source airwars"]["interval"] == pytest.approx([0.338, 0.740], abs=1e-3)
    assert rows["contested"]["interval"] is None
    text = undercount("priors", "./mine").stdout
    assert text.count("CHANGED BY THIS CASE") == 2


def test_commands_take_hostile_evidence(undercount: Invoke, tmp_path: Path) -> None:
    hostile_evidence().write(tmp_path / "mine")
    assert undercount("check", "./mine").exit_code == 0
    assert undercount("priors", "./mine").exit_code == 0


def test_help_names_every_command(undercount: Invoke) -> None:
    done = undercount("--help")
    assert done.exit_code == 0
    for name in ("estimate", "check", "cases", "init", "priors"):
        assert f"\n  {name} " in done.stdout
        assert undercount(name, "--help").exit_code == 0


@pytest.mark.parametrize(
    ("word", "meant"),
    [("estimte", "did you mean estimate?"), ("prior", "did you mean priors?"), ("xyzzy", "write one of: estimate,")],
)
def test_an_unknown_command_says_which_one_was_meant(undercount: Invoke, word: str, meant: str) -> None:
    done = undercount(word)
    assert done.exit_code == 2
    assert meant in done.stderr


def test_version(undercount: Invoke) -> None:
    done = undercount("--version")
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert lines[:2] == [f"undercount {version('undercount')}", f"python {sys.version.split()[0]}"]
    assert lines[2].startswith("platform ")
    stated = dict(line.split() for line in lines[3:])
    recorded = versions_of(CORE, NUTPIE, PYMC)
    assert {name: stated[name] for name in recorded.keys() - {"undercount", "python"}} == {
        name: recorded[name] for name in recorded.keys() - {"undercount", "python"}
    }
    assert {"arviz", "pandas", "xarray"} <= stated.keys()


def loaded(*arguments: str, module: str = "undercount.cli.main") -> set[str]:
    """Modules that a command has loaded when it ends."""
    listen = "import atexit, sys; atexit.register(lambda: print('loaded:', *sys.modules))"
    code = f"{listen}; sys.argv[1:] = {list(arguments)!r}; from {module} import main; main()"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["estimate", "--help"], ["nonsense"]])
def test_a_start_loads_nothing_heavy(arguments: list[str]) -> None:
    modules = loaded(*arguments)
    assert "click" in modules
    assert modules & (HEAVY | {"undercount.data"}) == set()


@pytest.mark.parametrize("arguments", [["cases"], ["check", "mosul-2017"]])
def test_commands_about_evidence_load_no_sampler(arguments: list[str]) -> None:
    assert loaded(*arguments) & (SAMPLERS | {"pandas", "scipy", "xarray"}) == set()


@pytest.mark.parametrize("options", [[], ["--by", "area,month,day"], ["--format", "json"]], ids=["text", "by", "json"])
def test_from_draws_to_a_printed_estimate_nothing_heavy_is_loaded(options: list[str]) -> None:
    modules = loaded("estimate", "mosul-2017", "--no-files", *options, module="tests.cli.stand_in")
    assert {"undercount.estimators.gates", "numpy"} <= modules
    assert modules & TABLES_AND_SAMPLERS == set()
