"""A `dask.distributed` cluster that fits cases."""

from __future__ import annotations

import queue
import time
import uuid
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from undercount.errors import ModelError, RunError
from undercount.estimators.batches.work import Job, Outcome, Results, Work, died_twice, fit_case

if TYPE_CHECKING:
    from distributed import Client, Future

TICK: Final = 0.2
AHEAD: Final = 2
"""Cases on the cluster for each of its threads, so that none waits for the way to us and back."""
PATIENCE: Final = 120.0
"""Seconds that a cluster may be without any worker."""


def check_client(client: Any) -> None:
    """Refuse what is no way to a cluster.

    Raises
    ------
    ModelError
        If dask is not installed, or `client` is neither a client nor an address.
    """
    try:
        from distributed import Client
    except ModuleNotFoundError as error:
        raise ModelError(
            f"dask is not installed: {error}",
            code="batch-no-dask",
            where='fit_many(engine="dask")',
            hint='pip install "undercount[dask]", here and on every worker',
        ) from error
    if not isinstance(client, str) and not (isinstance(client, Client) and not client.asynchronous):
        raise ModelError(
            f"client is {client!r}",
            code="batch-no-client",
            where='fit_many(engine="dask")',
            hint="give a distributed.Client that is not asynchronous, or the scheduler's address: tcp://host:8786",
        )


def fit_on_cluster(jobs: Iterator[Job], work: Work, client: Client | str) -> Results:
    """Fit cases on a cluster; a case whose worker dies goes to another one.

    Parameters
    ----------
    jobs : iterator of Job
        Taken as the work goes on: a few for each thread of the cluster.
    work : Work
    client : distributed.Client or str
        A connection, or the address of a scheduler.

    Yields
    ------
    tuple of Job and Outcome, or None
        In the order in which they are ready.

    Raises
    ------
    RunError
        If the cluster cannot be reached, or has no worker for long.
    """
    with _connected(client) as connected, _Cluster(connected, work) as cluster:
        has_more = True
        while has_more or cluster.is_busy:
            while has_more and cluster.has_room:
                job = next(jobs, None)
                has_more = job is not None
                if job is not None:
                    cluster.submit(job)
            if not has_more:
                cluster.try_suspect()
            yield None
            yield from cluster.results()


class _Cluster:
    """The cases that are on a cluster; none stays there after the `with`."""

    def __init__(self, client: Client, work: Work) -> None:
        self._client, self._work = client, work
        self._batch = uuid.uuid4().hex[:12]
        self._running: dict[Future[Outcome], Job] = {}
        self._done: queue.SimpleQueue[Future[Outcome]] = queue.SimpleQueue()
        self._suspects: deque[Job] = deque()
        self._alone: Job | None = None
        self._threads = 0
        self._looked = self._seen = time.monotonic()
        self._look()

    def __enter__(self) -> _Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        if self._running:
            with suppress(OSError, RuntimeError):  # the cluster may be gone
                self._client.cancel(list(self._running), force=True)

    @property
    def is_busy(self) -> bool:
        """Whether a case is being fitted, or is to be fitted again."""
        return bool(self._running or self._suspects)

    @property
    def has_room(self) -> bool:
        """Whether the cluster can take one more case."""
        return len(self._running) < AHEAD * max(self._threads, 1)

    def submit(self, job: Job) -> None:
        """Send a case."""
        again = "-again" if job is self._alone else ""
        future = self._client.submit(
            fit_case, self._work, job.evidence, key=f"undercount-{self._batch}-{job.place}{again}", pure=False
        )
        self._running[future] = job
        future.add_done_callback(self._done.put)

    def try_suspect(self) -> None:
        """Send a case that was on several dead workers once more, with nothing beside it."""
        if not self._running and self._suspects:
            self._alone = self._suspects.popleft()
            self.submit(self._alone)

    def results(self) -> Iterator[tuple[Job, Outcome]]:
        """Wait a moment, and give what has come."""
        self._look()
        try:
            future = self._done.get(timeout=TICK)
        except queue.Empty:
            return
        job = self._running.pop(future)
        if (outcome := self._outcome(future, job)) is not None:
            yield job, outcome

    def _outcome(self, future: Future[Outcome], job: Job) -> Outcome | None:
        from distributed import KilledWorker

        if future.cancelled():
            raise _lost("the cluster lost or cancelled a case")
        try:
            return future.result()
        except KilledWorker:
            if job is self._alone:
                return Outcome.of(died_twice())
            self._suspects.append(job)  # another case on the same workers may have killed them
            return None
        except Exception as error:  # noqa: BLE001 - such as a worker that cannot import what it needs
            return Outcome.of(error)

    def _look(self) -> None:
        """Count the threads of the cluster, now and then."""
        now = time.monotonic()
        if self._threads and now - self._looked < 1.0:
            return
        try:
            self._threads = sum(self._client.nthreads().values())
        except (OSError, RuntimeError, TimeoutError) as error:
            raise _lost(f"the cluster cannot be reached: {error}") from error
        self._looked = now
        if self._threads:
            self._seen = now
        elif now - self._seen > PATIENCE:
            raise _lost(f"the cluster had no worker for {PATIENCE:.0f} seconds")


@contextmanager
def _connected(client: Client | str) -> Iterator[Client]:
    """A client; one that was opened here is closed."""
    if not isinstance(client, str):
        yield client
        return
    from distributed import Client

    try:
        opened = Client(client, set_as_default=False)
    except (OSError, ValueError) as error:
        raise _lost(f"there is no cluster at {client}: {error}") from error
    try:
        yield opened
    finally:
        opened.close()


def _lost(message: str) -> RunError:
    return RunError(
        message,
        code="batch-no-cluster",
        where='fit_many(engine="dask")',
        hint="look at the scheduler and its workers, then call again with the same `out`: what was stored is kept",
    )
