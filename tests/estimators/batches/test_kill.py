"""kill -9 of the process that runs a batch: nothing acknowledged is lost, nothing stays behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.estimators.batches.stand_in import StandIn, alive, cases, comparable, fits, inline
from tests.estimators.synthetic import equal_trees
from undercount.estimators.batches import fit_many, front

ROOT = Path(__file__).parents[3]
COUNT, SECONDS = 12, 0.05


def start(out: Path, log: Path, seconds: float, *, files: bool = False) -> subprocess.Popen[str]:
    arguments = [str(out), str(log), str(COUNT), str(seconds), *["files"] * files]
    command = [sys.executable, "-m", "tests.estimators.batches.driver", *arguments]
    return subprocess.Popen(
        command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def killed_after(process: subprocess.Popen[str], stored: int, wait: float = 0.0) -> int:
    """Kill when so many cases are said to be stored; gives the last number that was said."""
    with process:
        assert process.stdout is not None
        line = next(line for line in process.stdout if int(line) >= stored)
        time.sleep(wait)
        process.kill()
        said = [line, *process.stdout.read().splitlines(keepends=True)]
    assert process.returncode == -signal.SIGKILL
    return max(int(line) for line in said if line.endswith("\n"))


def gone(pids: set[int]) -> bool:
    deadline = time.monotonic() + 20
    while any(alive(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not any(alive(pid) for pid in pids)


def stored_cases(out: Path) -> list[str]:
    return [name for path in (out / "parts").glob("part-*") for name in pq.read_table(path)["case"].to_pylist()]


def check_kills(tmp_path: Path, waits: list[float], *, files: bool) -> None:
    out, said = tmp_path / "out", 0
    for number, wait in enumerate(waits):
        said = killed_after(start(out, tmp_path, SECONDS, files=files), min(said + 2, COUNT - 2), wait)
        stored = stored_cases(out)
        assert len(stored) == len(set(stored)) >= said, f"kill {number}"
    assert gone({int(line[1]) for line in fits(tmp_path)})
    before = stored_cases(out)
    begun = len(fits(tmp_path))
    estimator = StandIn(str(tmp_path), SECONDS)
    batch = fit_many(estimator, cases(COUNT), seed=1, out=out, files=files)
    assert sorted(line[0] for line in fits(tmp_path)[begun:]) == sorted(
        {evidence.case.case for evidence in cases(COUNT)} - set(before)
    )
    whole = fit_many(estimator, cases(COUNT), seed=1, out=tmp_path / "whole", files=files)
    assert comparable(batch) == comparable(whole)
    if files:
        assert equal_trees(batch.load("case-0").draws, whole.load("case-0").draws)
    assert not list(out.rglob(".half-*"))


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "fit_locally", inline)


def test_a_kill_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    check_kills(tmp_path, [0.03], files=False)


@pytest.mark.slow
def test_many_kills_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    for round_ in range(10):
        folder = tmp_path / str(round_)
        folder.mkdir()
        check_kills(folder, [0.007 * round_ + 0.01 * number for number in range(5)], files=True)


@pytest.mark.parametrize("stored", [None, 2], ids=["while it starts", "in the midst"])
def test_ctrl_c_is_told_once_and_keeps_what_was_finished(tmp_path: Path, stored: int | None) -> None:
    with start(tmp_path / "out", tmp_path, SECONDS) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        said = [next(line for line in process.stdout if stored is None or int(line) >= stored)]
        os.killpg(process.pid, signal.SIGINT)
        said += process.stdout.read().splitlines()
        told = process.stderr.read()
    assert process.returncode == -signal.SIGINT
    assert told.count("Traceback") == 1
    assert len(stored_cases(tmp_path / "out")) >= max(map(int, said))
    assert not (tmp_path / "out" / "results.parquet").exists()


def test_no_worker_outlives_a_killed_parent_even_in_the_midst_of_a_fit(tmp_path: Path) -> None:
    process = start(tmp_path / "out", tmp_path, seconds=300.0)
    deadline = time.monotonic() + 60
    while not ((tmp_path / "fits").exists() and len(fits(tmp_path)) == 2):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    workers = {int(line[1]) for line in fits(tmp_path)}
    assert all(alive(pid) for pid in workers)
    process.kill()
    process.communicate()
    assert gone(workers)
