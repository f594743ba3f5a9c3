"""Kills at random moments of ingests and runs, and what must hold after each."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

from tests.runs.cases import case_folder, new_report, small_case, some_reports
from tests.runs.driver import start
from tests.runs.test_ingest import write_reports
from tests.runs.test_run import releases_of, runs_of
from undercount.data.schema import Report
from undercount.estimators import CountFusion
from undercount.runs.judging import estimate_of
from undercount.runs.ledger.entries import Entries
from undercount.runs.reproducing import are_equal
from undercount.runs.store import Store
from undercount.runs.verifying import verify

LONGEST = 5.0
"""Seconds: a run of the small case takes about as long."""
EVERY = 10
"""Kills of the same evidence, before a run may come to its end."""


def kill_at_random(place: Path, kills: int, seed: int = 1) -> None:
    """Kill runs while a report is revised again and again; what was finished stays, every figure is the clean one."""
    rng = random.Random(seed)
    folder = case_folder(place)
    done: list[int] = []
    for number in range(kills):
        value = 600 + number // EVERY
        if number % EVERY == 0:
            write_reports(folder / "reports.csv", *_reports(value))
        process = start(folder)
        try:
            process.wait(rng.uniform(0.2, LONGEST))
        except subprocess.TimeoutExpired:
            process.kill()
        process.communicate()
        _hold(folder, value, done)
        if number % EVERY == EVERY - 1:
            _finish(folder, value)
            done.append(value)
    _no_orphans(folder)


def _reports(value: int) -> tuple[Report, ...]:
    return *some_reports(), new_report(value=value, note=f"revised to {value}")


def _hold(folder: Path, value: int, done: list[int]) -> None:
    """Every value that a run was finished with is there, and none that was never written."""
    with Store.of(folder) as store:
        with store.ledger.reading() as connection:
            versions = Entries.read(connection, store.name).versions("report", "hospital-1")
        known = [version.record.value for version in versions if isinstance(version.record, Report)]
        assert known in (done, [*done, value])
        released = {release.run for release in releases_of(store)}
        assert all(run.status in {"released", "held"} for run in runs_of(store) if run.number in released)


def _finish(folder: Path, value: int) -> None:
    with start(folder) as process:
        process.communicate()
    with Store.of(folder) as store:
        clean = CountFusion().fit(small_case(_reports(value)), seed=2017)
        last = [run for run in runs_of(store) if run.status in {"released", "held"}][-1]
        assert are_equal(estimate_of(store, last.number), clean)
        assert [one for one in verify(store) if one.fault] == []


def _no_orphans(folder: Path) -> None:
    time.sleep(0.5)
    told = subprocess.run(["pgrep", "-f", f"tests.runs.driver {folder}"], capture_output=True, check=False)
    assert told.stdout == b""


if __name__ == "__main__":
    kill_at_random(Path(sys.argv[1]), int(sys.argv[2]))
