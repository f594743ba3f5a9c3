"""`undercount overlap`."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.estimators.overlap.made import strata
from undercount.estimators import load

if TYPE_CHECKING:
    from tests.cli.conftest import Invoke

GRAPHS = ("--model", "decomposable-graphs", "--quiet")
FILES = ["estimate.nc", "lists.png", "summary.json", "toll.csv", "toll.png"]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "war.csv"
    strata({"east": 900, "north": 1500}).to_frame().to_csv(path, index=False)
    return path


def test_bundled_lists_are_estimated_with_files(undercount: Invoke) -> None:
    done = undercount("overlap", "kosovo-1999", *GRAPHS)
    assert done.exit_code == 0, done.output
    assert "12,595" in done.stdout
    assert "9,827 to 16,544" in done.stdout
    assert "right only if" in done.stdout
    assert sorted(path.name for path in Path("kosovo-1999").iterdir()) == FILES
    assert load("kosovo-1999/estimate.nc").toll().median == 12595
    with Path("kosovo-1999/toll.csv").open() as stream:
        (row,) = csv.DictReader(stream)
    assert (row["by"], row["median"], row["gates_passed"]) == ("total", "12595", "yes")


def test_json_is_all_that_goes_to_standard_output(undercount: Invoke) -> None:
    done = undercount("overlap", "kosovo-1999", *GRAPHS, "--no-files", "--format", "json")
    assert json.loads(done.stdout)["toll"]["interval"] == [9827, 16544]
    assert not Path("kosovo-1999").exists()


def test_strata_of_a_file(undercount: Invoke, table: Path) -> None:
    done = undercount("overlap", str(table), *GRAPHS, "--by", "stratum", "--out", "found")
    assert done.exit_code == 0, done.output
    assert "Toll by stratum" in done.stdout
    with Path("found/toll.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert [row["level"] for row in rows] == ["", "east", "north"]


def test_all_estimators_side_by_side(undercount: Invoke) -> None:
    done = undercount("overlap", "kosovo-1999", "--compare", "--quiet")
    assert done.exit_code in (0, 3), done.output
    for name in ("LatentClass", "DecomposableGraphs", "LogLinear", "LowerBound"):
        assert name in done.stdout
    assert sorted(path.name for path in Path("kosovo-1999").iterdir()) == [
        "comparison.csv", "comparison.json", "comparison.png",
    ]  # fmt: skip
    written = json.loads(Path("kosovo-1999/comparison.json").read_text())
    assert [row["odds_ratio"] for row in written["highest_order_sweep"]] == [0.25, 0.5, 1.0, 2.0, 4.0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("kosovo",), "kosovo-1999"),
        (("nowhere/lists.csv",), "there is no file 'nowhere/lists.csv'"),
        (("korea", "--compare", "--model", "log-linear"), "leave out --model"),
        (("korea", "--no-files", "--out", "x"), "exclude each other"),
        (("korea", "--model", "log-liner"), "log-linear"),
    ],
)
def test_what_cannot_be_is_said(undercount: Invoke, arguments: tuple[str, ...], words: str) -> None:
    done = undercount("overlap", *arguments)
    assert done.exit_code in (1, 2)
    assert words in done.stderr


def test_lists_that_hold_nobody_are_left_out_on_demand(undercount: Invoke, tmp_path: Path) -> None:
    frame = strata({"east": 900}).to_frame()
    frame["D"] = 0
    path = tmp_path / "war.csv"
    frame.drop(columns=["stratum"]).to_csv(path, index=False)
    refused = undercount("overlap", str(path), *GRAPHS, "--no-files")
    assert refused.exit_code == 1
    assert "war, list D" in refused.stderr
    assert undercount("overlap", str(path), *GRAPHS, "--no-files", "--usable").exit_code == 0


def test_a_hostile_name_of_a_list_is_shown_as_text(undercount: Invoke, tmp_path: Path) -> None:
    frame = strata({"east": 900}).to_frame().drop(columns=["stratum"])
    frame.columns = ["=cmd()", "<script>alert(1)</script>", "C", "count"]
    path = tmp_path / "war.csv"
    frame.to_csv(path, index=False)
    done = undercount("overlap", str(path), *GRAPHS, "--out", "found")
    assert done.exit_code == 0, done.output
    assert "<script>" not in load("found/estimate.nc")._repr_html_()
