"""The files: all of them or none, equal to the estimate, marked where the gates failed, safe in a spreadsheet."""

from __future__ import annotations

import csv
import json
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from tests.report.hostile import FORMULA
from undercount.errors import StoreError
from undercount.estimators import load
from undercount.report.charts.plots import Plots
from undercount.report.files import FILES, write_files
from undercount.report.schema import summary_schema
from undercount.report.summary import summary_text
from undercount.report.toll_csv import COLUMNS, guarded, toll_csv
from undercount.report.transaction import write_all

if TYPE_CHECKING:
    from undercount.estimators import Estimate

VALIDATOR = jsonschema.Draft202012Validator(summary_schema(), format_checker=jsonschema.FormatChecker())


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))


@pytest.fixture(scope="module")
def folder(estimate: Estimate, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("written") / "new" / "case"
    assert [path.name for path in write_files(estimate, folder)] == list(FILES)
    return folder


def test_all_files_are_there_and_nothing_else(folder: Path) -> None:
    assert names(folder) == set(FILES)
    assert all((folder / name).stat().st_mode & 0o777 == 0o644 for name in FILES)


def test_the_draws_read_back(folder: Path, estimate: Estimate) -> None:
    assert load(folder / "estimate.nc").toll().median == estimate.toll().median


def test_the_csv_is_the_summary(folder: Path) -> None:
    table = rows((folder / "toll.csv").read_text())
    summary = json.loads((folder / "summary.json").read_text())
    assert tuple(table[0]) == COLUMNS
    assert float(table[0]["median"]) == summary["toll"]["median"]
    for key in ("actor", "week"):
        found = [[row["level"], float(row["median"]), float(row["upper"])] for row in table if row["by"] == key]
        assert found == [[row[key], row["median"], row["interval"][1]] for row in summary["by"][key]]
    assert {row["gates_passed"] for row in table} == {"yes"}


def test_pictures_tell_where_they_are_from(folder: Path, estimate: Estimate) -> None:
    for name in ("timeline.png", "sources.png"):
        assert estimate.evidence.sha256.encode() in (folder / name).read_bytes()


def test_files_are_the_same_again(folder: Path, estimate: Estimate, tmp_path: Path) -> None:
    write_files(estimate, tmp_path)
    for name in set(FILES) - {"estimate.nc"}:
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_failed_gates_mark_every_file(failed: Estimate, tmp_path: Path) -> None:
    write_files(failed, tmp_path)
    assert json.loads((tmp_path / "summary.json").read_text())["gates"]["passed"] is False
    assert {row["gates_passed"] for row in rows((tmp_path / "toll.csv").read_text())} == {"no"}
    for name in ("timeline.png", "sources.png"):
        assert b"GATES FAILED: do not quote" in (tmp_path / name).read_bytes()


@pytest.mark.parametrize(
    "fault", [RuntimeError("planted"), OSError(28, "No space left on device"), KeyboardInterrupt()]
)
@pytest.mark.parametrize("old", [True, False], ids=["old files", "no files"])
def test_a_fault_in_the_last_file_leaves_all_as_it_was(
    fault: BaseException, old: bool, estimate: Estimate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "deep" / "out"
    if old:
        folder.mkdir(parents=True)
        for name in FILES:
            (folder / name).write_text(f"old {name}")

    def fail(_: object) -> None:
        raise fault

    monkeypatch.setattr(Plots, "sources", fail)
    with pytest.raises(StoreError if isinstance(fault, OSError) else type(fault)):
        write_files(estimate, folder)
    if old:
        assert {name: (folder / name).read_text() for name in names(folder)} == {name: f"old {name}" for name in FILES}
    else:
        assert not (tmp_path / "deep").exists()


@pytest.mark.parametrize("at", [1, 2, 3])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_files_move_puts_the_old_ones_back(
    at: int, number: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_text("old a")
    moved = 0
    replace = Path.replace

    def counted(self: Path, target: Path) -> Path:
        nonlocal moved
        moved += 1
        if moved == at:
            os.kill(os.getpid(), number)
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", counted)
    before = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt):
        write_all(tmp_path, {name: lambda path: path.write_text("new") for name in "abc"})
    assert signal.getsignal(number) is before
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a": "old a"}


def test_a_fault_while_files_move_puts_the_old_ones_back(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old a")
    (tmp_path / "b").mkdir()
    with pytest.raises(StoreError, match="cannot be written"):
        write_all(tmp_path, {name: lambda path: path.write_text("new") for name in "abc"})
    assert names(tmp_path) == {"a", "b"}
    assert (tmp_path / "a").read_text() == "old a"


def test_a_folder_that_is_a_file_is_a_typed_error(estimate: Estimate, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(StoreError) as caught:
        write_files(estimate, tmp_path / "out")
    assert caught.value.code == "store-not-written"
    assert (tmp_path / "out").read_text() == "mine"


@pytest.mark.parametrize("name", ["estimate", "extended", "failed", "hostile"])
def test_the_summary_meets_its_schema(name: str, request: pytest.FixtureRequest) -> None:
    text = summary_text(request.getfixturevalue(name), ("month", "day"))
    content = json.loads(text)
    VALIDATOR.validate(content)
    assert set(content["by"]) == {"actor", "area", "week", "month", "day"}


def changed(content: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(json.dumps(content))
    place: Any = copy
    *keys, last = (int(key) if key.isdigit() else key for key in path.split("."))
    for key in keys:
        place = place[key]
    place[last] = value
    return copy


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("extra", 1), ("toll.median", "9,331"), ("toll.median", -1), ("toll.interval", [1]), ("toll.ci_kind", "magic"),
        ("by.actor.0.median", None), ("by.week.0.week", "20 Feb 2017"), ("by.actor.0.extra", 1),
        ("estimand.window", ["2017-02-19"]), ("estimand.as_of", "yesterday"), ("gates.passed", "yes"),
        ("gates.checks.0.value", "big"), ("explanation.0.figures.0.pointer", "toll"), ("toll.documented_by", "un"),
        ("evidence.sha256", "abc"), ("reporting_rates.0.kind", "oracle"), ("seed", -1),
    ],
)  # fmt: skip
def test_the_schema_is_strict(path: str, value: object, estimate: Estimate) -> None:
    content = json.loads(summary_text(estimate))
    VALIDATOR.validate(content)
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate(changed(content, path, value))


def test_the_schema_is_one_and_describes_itself() -> None:
    schema = summary_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert all("description" in part or "$ref" in part for part in schema["properties"].values())


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", " =", "\n=", "＝"])
def test_no_cell_is_a_formula(start: str) -> None:
    assert guarded(f"{start}cmd|'/C calc'!A0")[0] == "'"


def test_hostile_names_are_no_formulas(hostile: Estimate) -> None:
    table = rows(toll_csv(hostile, ("actor", "area")))
    assert f"'{FORMULA}" in {row["name"] for row in table}
    texts = {value for row in table for name, value in row.items() if name in ("by", "level", "name")}
    assert not [text for text in texts if text.startswith(("=", "+", "-", "@"))]
