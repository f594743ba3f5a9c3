"""Worker processes: the same figures as alone, workers that die, and none that stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.builders import make_evidence
from tests.estimators.batches.stand_in import StandIn, alive, case, cases, comparable, fits
from tests.estimators.synthetic import equal_trees
from undercount.errors import ModelError, RunError
from undercount.estimators import CountFusion
from undercount.estimators.batches import BatchProgress, fit_many, local

if TYPE_CHECKING:
    from collections.abc import Iterator

    from undercount.data import Evidence

TINY: dict[str, Any] = {"chains": 4, "draws": 100, "tune": 100, "retry": False}


def children() -> set[int]:
    listed = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text()
    commands = {int(pid): Path(f"/proc/{pid}/cmdline").read_bytes() for pid in listed.split()}
    return {pid for pid, command in commands.items() if b"spawn_main" in command}


@pytest.fixture(autouse=True)
def no_worker_stays() -> Iterator[None]:
    yield
    assert children() == set()


def test_draws_are_those_of_fit_alone_for_any_workers_and_order(tmp_path: Path) -> None:
    given: dict[str, Evidence | str] = {"c1": case("c1"), "c2": make_evidence(), "mosul": "mosul-2017"}
    one = CountFusion(**TINY).fit_many(given, seed=3, workers=1, by=["actor", "month"])
    backwards = dict(reversed(given.items()))
    two = CountFusion(**TINY, cores=2).fit_many(
        backwards, seed=3, workers=2, by=["actor", "month"], out=tmp_path / "out", files=True
    )
    rows = [row | {"place": 2 - row["place"], "file": None} for row in comparable(two)]
    assert sorted(rows, key=lambda row: row["place"]) == comparable(one)
    for name in ("c2", "mosul"):
        evidence = two.load(name).evidence
        alone = CountFusion(**TINY, cores=2).fit(evidence, seed=3)
        assert equal_trees(two.load(name).draws, alone.draws)
        (row,) = (row for row in comparable(one) if (row["case"], row["by"]) == (name, "total"))
        assert (row["median"], row["mean"], row["upper"]) == (
            alone.toll().median, alone.toll().mean, alone.toll().interval[1],
        )  # fmt: skip


def test_workers_that_die_take_no_other_case_along(tmp_path: Path) -> None:
    given = [case("dies"), *cases(3), case("dies-once"), case("has-a-bug")]
    batch = fit_many(StandIn(str(tmp_path)), given, seed=1, workers=2)
    rows = {row["case"]: row for row in comparable(batch)}
    assert [row["status"] for row in rows.values()] == ["failed", *["passed"] * 4, "failed"]
    assert rows["dies"]["error_code"] == "batch-worker-died"
    assert rows["dies"]["error"].startswith("fit: the worker process died while it fitted this case, twice; to mend")
    assert rows["dies"]["evidence_sha256"] == given[0].sha256
    alone = [StandIn().fit(evidence, seed=1).toll().median for evidence in cases(3)]
    assert [rows[f"case-{i}"]["median"] for i in range(3)] == alone
    assert sorted(line[0] for line in fits(tmp_path)) == sorted(
        [*(evidence.case.case for evidence in given), "dies", "dies-once"]
    )


def test_workers_fill_the_machine_once_and_cases_are_taken_as_they_are_needed(tmp_path: Path) -> None:
    finished, taken, ahead = [0], [0], []

    def lazily() -> Iterator[Evidence]:
        for evidence in cases(12):
            taken[0] += 1
            ahead.append(taken[0] - finished[0])
            yield evidence

    def note(progress: BatchProgress) -> None:
        finished[0] = progress.finished

    fit_many(StandIn(str(tmp_path), seconds=0.15, cores=9), lazily(), seed=1, workers=2, progress=note)
    assert taken == [12]
    assert max(ahead) <= 2 * 2 + 2
    lines = fits(tmp_path)
    assert {tuple(line[2:]) for line in lines} == {("1", "1")}
    assert len({line[1] for line in lines}) == 2
    assert os.environ.get("OPENBLAS_NUM_THREADS") != "1"


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_what_progress_raises_ends_the_workers_at_once(error: type[BaseException], tmp_path: Path) -> None:
    def stop(_: BatchProgress) -> None:
        if (tmp_path / "fits").exists():
            raise error

    begun = time.monotonic()
    with pytest.raises(error):
        fit_many(StandIn(str(tmp_path), seconds=60.0), cases(3), seed=1, workers=1, progress=stop)
    assert time.monotonic() - begun < 30


def test_an_interrupt_of_the_whole_group_is_the_parent_s(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    def interrupt(progress: BatchProgress) -> None:
        if (tmp_path / "fits").exists() and not progress.finished:
            for pid in children():
                os.kill(pid, signal.SIGINT)

    batch = fit_many(StandIn(str(tmp_path), seconds=0.5), cases(2), seed=1, workers=1, progress=interrupt)
    assert batch.counts["passed"] == 2
    assert "KeyboardInterrupt" not in capfd.readouterr().err


def test_a_batch_runs_in_any_thread() -> None:
    done: list[int] = []
    thread = threading.Thread(target=lambda: done.append(len(fit_many(StandIn(), cases(1), seed=1, workers=1))))
    thread.start()
    thread.join(60)
    assert done == [1]


class Nowhere:
    """A setting out of a module that a worker does not have."""

    def __reduce__(self) -> tuple[object, ...]:
        return import_module, ("nowhere",)


def test_what_a_worker_cannot_import_is_said_at_once() -> None:
    with pytest.raises(ModelError) as caught:
        fit_many(StandIn(Nowhere()), cases(2), seed=1, workers=1)  # type: ignore[arg-type]
    assert caught.value.code == "batch-not-loadable"
    assert "No module named 'nowhere'" in caught.value.message


def test_a_script_without_a_guard_is_told(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from tests.estimators.batches.stand_in import StandIn, cases\n"
        "from undercount.estimators.batches import fit_many\n"
        "fit_many(StandIn(), cases(2), seed=1, workers=1)\n"
    )
    path = {"PYTHONPATH": str(Path(__file__).parents[3])}
    done = subprocess.run([sys.executable, script], env=os.environ | path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "undercount help batch-no-workers" in done.stderr
    assert 'if __name__ == "__main__"' in done.stderr.splitlines()[-2]


def test_workers_that_do_not_start_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("undercount.estimators.batches.worker.main", os.abort)
    with pytest.raises(RunError) as caught:
        fit_many(StandIn(), cases(2), seed=1, workers=2)
    assert caught.value.code == "batch-no-workers"


def test_nothing_is_started_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "_started", lambda _: pytest.fail("a worker was started"))
    assert len(fit_many(StandIn(), ["not-bundled"], seed=1)) == 1


def test_alive_sees_this_process() -> None:
    assert alive(os.getpid())
