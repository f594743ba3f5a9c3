"""Faults from outside: kills, many at once, no room, nothing to write to."""

from __future__ import annotations

import json
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.runs.cases import case_folder, new_report, runner, some_reports
from tests.runs.driver import ROOT, start
from tests.runs.test_ingest import write_reports
from tests.runs.test_run import releases_of, runs_of
from undercount.errors import StoreError, UndercountError
from undercount.estimators import load
from undercount.runs.judging import estimate_of
from undercount.runs.points import POINTS
from undercount.runs.reproducing import are_equal
from undercount.runs.store import Store
from undercount.runs.verifying import verify


@pytest.mark.parametrize("point", POINTS)
def test_a_kill_loses_nothing_and_a_rerun_gives_the_same_figure(point: str, folder: Path, ran: Path) -> None:
    with start(folder, point) as process:
        out, err = process.communicate(timeout=120)
    assert (process.returncode, out) == (-signal.SIGKILL, ""), err
    with Store.of(folder) as store:
        outcome = runner(store).run()
        assert outcome.status == "released"
        assert outcome.is_new == (POINTS.index(point) < POINTS.index("run: committed"))
        assert len(releases_of(store)) == 1
        assert {run.status for run in runs_of(store)} <= {"released", "interrupted"}
        assert [one for one in verify(store) if one.fault] == []
        assert are_equal(estimate_of(store, outcome.run.number), load(ran / "ledger" / "latest" / "estimate.nc"))  # type: ignore[union-attr]
        assert store.objects.left_over() == []
        assert sorted(path.name for path in store.folder.glob(".half-*")) == []


def test_many_that_start_at_once_make_one_release(folder: Path) -> None:
    with Store.of(folder):
        pass
    processes = [start(folder) for _ in range(8)]
    told = [json.loads(process.communicate(timeout=240)[0]) for process in processes]
    assert {one.get("code", one.get("status")) for one in told} <= {"released", "run-lease-held"}
    assert sum(one.get("is_new", False) for one in told) == 1
    with Store.of(folder) as store:
        assert len(releases_of(store)) == 1
        assert len(runs_of(store)) == 1
        assert [one for one in verify(store) if one.fault] == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_in_a_fit_leaves_no_figure(folder: Path, number: signal.Signals) -> None:
    """Through the command line, which treats both alike."""
    code = "from undercount.cli.main import main; main()"
    process = subprocess.Popen([sys.executable, "-c", code, "run", str(folder)], stdout=-1, stderr=-1, text=True)
    assert process.stderr is not None
    for line in process.stderr:
        if "undercount: sample" in line or "undercount: compile" in line:
            process.send_signal(number)
            break
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out) == (5, ""), err
    with Store.of(folder) as store:
        assert releases_of(store) == []
        assert [run.status for run in runs_of(store)] == ["interrupted"]
        assert runner(store).run().status == "released"


@pytest.mark.parametrize("point", POINTS)
def test_a_signal_at_any_moment_leaves_a_figure_that_is_released_or_none(point: str, folder: Path) -> None:
    number = signal.SIGTERM if POINTS.index(point) % 2 else signal.SIGINT
    with start(folder, point, str(int(number))) as process:
        out, err = process.communicate(timeout=120)
    assert (process.returncode, out) == (5, ""), err
    is_done = POINTS.index(point) >= POINTS.index("run: committed")
    with Store.of(folder) as store:
        assert [run.status for run in runs_of(store)] == (
            ["released"] if is_done else [] if point.startswith("ingest") else ["interrupted"]
        )
        assert len(releases_of(store)) == is_done
        assert all(run.content is None for run in runs_of(store) if run.status == "interrupted")
        outcome = runner(store).run()
        assert outcome.status == "released"
        assert outcome.is_new != is_done
        assert [one for one in verify(store) if one.fault] == []


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """No file may grow beyond a size: what a full disk looks like from inside."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.parametrize("size", [0, 2_000, 40_000, 200_000, 1_000_000])
def test_a_full_disk_is_told_and_the_last_release_still_reads(released: Store, size: int) -> None:
    write_reports(released.case_folder / "reports.csv", *some_reports(), new_report())
    with pytest.raises(StoreError) as caught, largest_file(size):
        runner(released).run()
    assert caught.value.code == "store-not-written"
    assert len(releases_of(released)) == 1
    assert load(released.folder / "latest" / "estimate.nc").check().passed
    assert runner(released).run().status == "released"
    assert [one for one in verify(released) if one.fault] == []


def in_a_space_of_mounts(script: str) -> str:
    """Output of a script that may mount what nobody else sees."""
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script]
    found = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=ROOT, check=False)
    assert found.stdout, found.stderr
    return found.stdout


def test_a_small_disk_of_its_own(tmp_path: Path) -> None:
    """A tmpfs of two megabytes, which holds the ledger and not the draws."""
    case, place = case_folder(tmp_path), tmp_path / "disk"
    place.mkdir()
    run = f"{sys.executable} -m tests.runs.driver {place}/testland"
    told = in_a_space_of_mounts(
        f"mount -t tmpfs -o size=2m tmpfs {place} && cp -r {case} {place}/testland && {run}; {run}"
    )
    assert told.splitlines() == ['{"code": "store-not-written"}'] * 2


def test_a_store_that_cannot_be_written_still_reads(released: Store) -> None:
    released.ledger.close()
    place = released.case_folder
    look = f"from tests.runs.test_faults import read_only; read_only({str(place)!r})"
    told = in_a_space_of_mounts(
        f'mount --bind {place} {place} && mount -o remount,ro,bind {place} && {sys.executable} -c "{look}"'
    )
    assert told.split() == ["1", "True", "store-not-written"]


def read_only(case: str) -> None:
    """What an account that may only read sees."""
    with Store.of(case, must_exist=True) as store:
        print(len(releases_of(store)), not any(one.fault for one in verify(store)))  # noqa: T201 - to the test
        try:
            runner(store).run()
        except UndercountError as error:
            print(error.code)  # noqa: T201 - to the test


@pytest.mark.slow
def test_hundreds_of_kills_at_random_moments_lose_nothing(tmp_path: Path) -> None:
    from tests.runs.kills import kill_at_random

    kill_at_random(tmp_path, kills=300)


def test_a_copy_of_a_store_is_the_same_store(ran: Path, tmp_path: Path) -> None:
    shutil.copytree(ran, tmp_path / "testland", symlinks=True)
    with Store.of(tmp_path / "testland") as store:
        assert not runner(store).run().is_new
