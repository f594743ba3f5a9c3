"""A real cluster on loopback: a scheduler and two workers as processes of their own, one of them killed."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from distributed import Client

from tests.estimators.batches.stand_in import StandIn, case, cases, comparable, fits
from tests.estimators.synthetic import equal_trees
from undercount.errors import ModelError, RunError
from undercount.estimators import CountFusion
from undercount.estimators.batches import BatchProgress, cluster, fit_many

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
TINY: dict[str, Any] = {"chains": 4, "draws": 100, "tune": 100, "retry": False}
QUIET = {
    "PYTHONPATH": str(ROOT),
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}


@contextmanager
def process(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process of the cluster, killed at the end."""
    command = [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]]
    started = subprocess.Popen(command, cwd=ROOT, env=os.environ | QUIET, stderr=subprocess.DEVNULL)
    try:
        yield started
    finally:
        started.kill()
        started.wait()


def worker(address: str, folder: Path, name: str) -> AbstractContextManager[subprocess.Popen[bytes]]:
    """A worker without a nanny: what is killed stays dead."""
    return process(
        "dask_worker", address, "--no-nanny", "--nthreads", "1", "--host", "127.0.0.1", "--no-dashboard",
        "--local-directory", str(folder / name), "--name", name,
    )  # fmt: skip


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A scheduler without workers."""
    file = tmp_path_factory.mktemp("scheduler") / "scheduler.json"
    with process(
        "dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)
    ):
        with Client(scheduler_file=str(file), set_as_default=False) as client:
            found: str = client.scheduler.address
        yield found


@pytest.fixture
def workers(address: str, tmp_path: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Two workers of the scheduler."""
    with ExitStack() as stack:
        started = [stack.enter_context(worker(address, tmp_path, name)) for name in ("one", "two")]
        with Client(address, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=60)
        yield started


def test_all_results_come_and_are_the_local_ones_though_a_worker_is_killed_in_mid_run(
    address: str, workers: list[subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    given: list[Any] = [*cases(6), "not-bundled"]
    lost: list[str] = []

    with Client(address, set_as_default=False) as client:

        def kill_one(progress: BatchProgress) -> None:
            if not lost and progress.finished >= 2:
                known = client.scheduler_info(n_workers=-1)["workers"]
                (one,) = (address for address, about in known.items() if about["name"] == "one")
                lost.extend(client.processing()[one])
                if lost:
                    workers[0].send_signal(signal.SIGKILL)

        batch = CountFusion(**TINY).fit_many(
            given, seed=3, engine="dask", client=client, by="actor", out=tmp_path / "out", files=True, progress=kill_one
        )
        assert client.status == "running"
    assert lost
    assert workers[0].wait() == -signal.SIGKILL
    local = CountFusion(**TINY).fit_many(given, seed=3, workers=1, by="actor")
    assert [row | {"file": None} for row in comparable(batch)] == comparable(local)
    assert batch.counts == {"passed": 0, "held": 6, "refused": 1, "failed": 0}
    assert equal_trees(batch.load("case-5").draws, CountFusion(**TINY).fit(given[5], seed=3).draws)


@pytest.mark.usefixtures("workers")
def test_a_case_that_kills_its_workers_is_named(address: str, tmp_path: Path) -> None:
    given = [case("dies"), *cases(3)]
    with ExitStack() as stack:
        stack.enter_context(worker(address, tmp_path, "three"))
        batch = fit_many(StandIn(str(tmp_path)), given, seed=1, engine="dask", client=address)
    rows = {row["case"]: row for row in comparable(batch)}
    assert rows["dies"]["error_code"] == "batch-worker-died"
    assert [row["status"] for row in rows.values()] == ["failed", "passed", "passed", "passed"]
    assert [line[0] for line in fits(tmp_path)].count("dies") == 2


@pytest.mark.usefixtures("workers")
def test_an_interrupt_leaves_no_case_on_the_cluster(address: str, tmp_path: Path) -> None:
    def stop(_: BatchProgress) -> None:
        if (tmp_path / "fits").exists():
            raise KeyboardInterrupt

    with Client(address, set_as_default=False) as client:
        with pytest.raises(KeyboardInterrupt):
            fit_many(StandIn(str(tmp_path), 0.5), cases(20), seed=1, engine="dask", client=client, progress=stop)
        deadline = time.monotonic() + 20
        while any(client.processing().values()) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not any(client.processing().values())
    assert len(fits(tmp_path)) <= 4


def test_a_cluster_that_stays_without_workers_is_an_error(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "PATIENCE", 0.5)
    with pytest.raises(RunError, match="no worker for") as caught:
        fit_many(StandIn(), cases(1), seed=1, engine="dask", client=address)
    assert caught.value.code == "batch-no-cluster"


def test_a_cluster_that_is_not_there_is_an_error() -> None:
    import dask

    with dask.config.set({"distributed.comm.timeouts.connect": "1s"}), pytest.raises(RunError) as caught:
        fit_many(StandIn(), cases(1), seed=1, engine="dask", client="tcp://127.0.0.1:9")
    assert caught.value.code == "batch-no-cluster"
    with pytest.raises(RunError, match="there is no cluster at nonsense://"):
        fit_many(StandIn(), cases(1), seed=1, engine="dask", client="nonsense://")


def test_an_asynchronous_client_is_refused(address: str) -> None:
    async def try_it() -> None:
        async with Client(address, asynchronous=True, set_as_default=False) as client:
            with pytest.raises(ModelError) as caught:
                fit_many(StandIn(), [], seed=1, engine="dask", client=client)
            assert caught.value.code == "batch-no-client"

    asyncio.run(try_it())
