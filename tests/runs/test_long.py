"""What only many runs show: writers side by side, a year of nights."""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.runs.cases import case_folder, new_report, runner, some_reports
from tests.runs.driver import ROOT
from tests.runs.test_ingest import changed, entries_of, write_reports
from tests.runs.test_run import releases_of, runs_of
from undercount.runs.ingest import ingest
from undercount.runs.releasing import release
from undercount.runs.store import Store
from undercount.runs.verifying import verify


def written_by_many(folder: Path, writers: int, each: int) -> None:
    command = [sys.executable, "-m", "tests.runs.writer", str(folder)]
    processes = [
        subprocess.Popen([*command, f"w{number}", str(each)], cwd=ROOT, stdout=-1, stderr=-1, text=True)
        for number in range(writers)
    ]
    told = [process.communicate(timeout=3000) for process in processes]
    acknowledged = [name for out, _ in told for name in out.split()]
    assert len(acknowledged) == writers * each, [err for _, err in told]
    with Store.of(folder) as store:
        rows = [entry.key for entry in entries_of(store).rows if entry.key.startswith("w")]
        assert sorted(rows) == sorted(acknowledged)
        assert [one for one in verify(store) if one.fault] == []


def test_writers_side_by_side_lose_nothing(folder: Path) -> None:
    written_by_many(folder, writers=3, each=5)


@pytest.mark.slow
def test_a_thousand_ingests_by_eight_writers_lose_nothing(folder: Path) -> None:
    written_by_many(folder, writers=8, each=125)


@pytest.mark.slow
def test_a_year_of_nights(tmp_path: Path) -> None:
    """365 runs: on some nights a report comes, on some a revision, on most nothing; a person looks at what is held."""
    rng = random.Random(7)
    folder = case_folder(tmp_path)
    first, later = date(2020, 2, 20), {}
    statuses: Counter[str] = Counter()
    with Store.of(folder) as store:
        for night in range(365):
            day = first + timedelta(days=night)
            if rng.random() < 0.08:
                name = f"hospital-{night:03}"
                later[name] = new_report(report=name, value=rng.randint(450, 800), published=day, note=name)
                ingest(store, [write_reports(tmp_path / f"{name}.csv", later[name])])
            elif later and rng.random() < 0.03:
                name = rng.choice(sorted(later))
                later[name] = changed(later[name], value=rng.randint(450, 800), published=day)
                ingest(store, [write_reports(tmp_path / f"{name}-{night}.csv", later[name])])
            before = len(runs_of(store))
            outcome = runner(store).run()
            statuses[outcome.status] += 1
            assert outcome.is_new == (len(runs_of(store)) > before)
            if outcome.is_held:
                assert outcome.run is not None
                release(store, outcome.run.number, by="A. Person", reason="; ".join(outcome.reasons)[:200])
            assert {report.report: report.value for report in entries_of(store).reports()} == {
                report.report: report.value for report in (*some_reports(), *later.values())
            }
        releases = releases_of(store)
        assert [one.release for one in releases] == [*range(1, len(releases) + 1)]
        assert len({run.key for run in runs_of(store)}) == len(runs_of(store))
        assert statuses["released"] + statuses["held"] == 365
        assert 0 < statuses["held"] < 40
        assert len(releases) == len(runs_of(store))
        assert [one for one in verify(store) if one.fault] == []
