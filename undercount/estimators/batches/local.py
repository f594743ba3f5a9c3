"""Processes of this machine that fit cases, one at a time each.

Each worker has a channel of its own, so that a worker that dies names its case and takes no other along.
"""

from __future__ import annotations

import os
import pickle
import signal
import threading
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import connection, get_context, resource_tracker
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from undercount.errors import ModelError, RunError
from undercount.estimators.batches import worker
from undercount.estimators.batches.work import Job, Outcome, Results, Work, died_twice

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess

TICK: Final = 0.2
GRACE: Final = 1.0
"""Seconds that a worker has to end by itself."""
STARTS: Final = 3
"""Workers that may die in a row before they are ready."""
_ONE_THREAD: Final = dict.fromkeys(
    ("MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"
)


def fit_locally(jobs: Iterator[Job], work: Work, workers: int) -> Results:
    """Fit cases on processes of this machine.

    Parameters
    ----------
    jobs : iterator of Job
        Taken as the work goes on: at most twice as many as there are workers are waiting or being fitted.
    work : Work
    workers : int
        Processes; they are started when there is something to do.

    Yields
    ------
    tuple of Job and Outcome, or None
        In the order in which they are ready.

    Raises
    ------
    ModelError
        If a worker cannot load the estimator.
    RunError
        If workers cannot be started.
    """
    waiting: deque[Job] = deque()
    has_more = True
    with Crew(work, workers) as crew:
        while has_more or waiting or crew.is_busy:
            takes = has_more and len(waiting) < workers
            if takes:
                if (job := next(jobs, None)) is not None:
                    waiting.append(job)
                has_more = job is not None
            crew.begin(waiting)
            yield None
            yield from crew.results(0.0 if takes else TICK, waiting)


@dataclass(eq=False)
class Worker:
    """A process, and the case that it fits."""

    process: SpawnProcess
    channel: Connection
    is_ready: bool = False
    job: Job | None = None


@dataclass(eq=False)
class Crew:
    """The processes; none of them outlives the `with`."""

    work: Work
    size: int
    members: list[Worker] = field(default_factory=list)
    deaths: Counter[int] = field(default_factory=Counter)
    """Workers that died, by place of the case that they fitted."""
    stillborn: int = 0
    """Workers in a row that died before they were ready."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for member in self.members:
            member.channel.close()
            if kind is not None:
                member.process.kill()
        for member in self.members:
            member.process.join(GRACE)
            member.process.kill()
            member.process.join()

    @property
    def is_busy(self) -> bool:
        """Whether a case is being fitted."""
        return any(member.job is not None for member in self.members)

    def begin(self, waiting: deque[Job]) -> None:
        """Give waiting cases to workers that are free, and start a worker if there is none."""
        idle = [member for member in self.members if member.is_ready and member.job is None]
        for member in idle[: len(waiting)]:
            member.job = waiting.popleft()
            with suppress(OSError):  # it died; its channel says so at the next look
                member.channel.send_bytes(member.job.evidence)
        starting = sum(not member.is_ready for member in self.members)
        if len(waiting) > starting and len(self.members) < self.size:
            with _interrupts_wait():
                self.members.append(_started(self.work))

    def results(self, seconds: float, waiting: deque[Job]) -> Iterator[tuple[Job, Outcome]]:
        """Give what has come after so many seconds at most; the case of a dead worker waits again, once."""
        by_channel = {member.channel: member for member in self.members}
        for channel in connection.wait(list(by_channel), seconds):
            member = by_channel[channel]  # type: ignore[index] # what is waited for are the channels
            try:
                told = member.channel.recv()
            except (EOFError, OSError):
                if (lost := self._buried(member)) is not None:
                    self.deaths[lost.place] += 1
                    if self.deaths[lost.place] < 2:
                        waiting.appendleft(lost)
                    else:
                        yield lost, Outcome.of(died_twice())
                continue
            if isinstance(told, Outcome) and member.job is not None:
                job, member.job = member.job, None
                yield job, told
            else:
                self._welcome(member, told)

    def _welcome(self, member: Worker, told: Any) -> None:
        if told != worker.READY:
            raise ModelError(
                f"a worker process cannot load the estimator: {told}",
                code="batch-not-loadable",
                where="fit_many",
                hint="define functions of the settings in a module that can be imported, not in a notebook or prompt",
            )
        member.is_ready = True
        self.stillborn = 0

    def _buried(self, member: Worker) -> Job | None:
        """The case that a dead worker leaves."""
        self.members.remove(member)
        member.channel.close()
        member.process.join(GRACE)
        member.process.kill()
        member.process.join()
        self.stillborn += not member.is_ready
        if self.stillborn == STARTS:
            raise _no_workers(f"the last one ended with exit code {member.process.exitcode}") from None
        return member.job


def _started(work: Work) -> Worker:
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=worker.main, args=(theirs, pickle.dumps(work)), daemon=True)
    try:
        with _one_thread():
            process.start()
    except OSError as error:
        ours.close()
        raise _no_workers(str(error)) from error
    finally:
        theirs.close()
    return Worker(process, ours)


def _no_workers(why: str) -> RunError:
    return RunError(
        f"worker processes do not start: {why}",
        code="batch-no-workers",
        where="fit_many",
        hint='in a script, call fit_many below `if __name__ == "__main__":`; look at the memory that is free',
    )


@contextmanager
def _one_thread() -> Iterator[None]:
    """Start a process whose libraries have one thread each: the cases fill the processors."""
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ.update(_ONE_THREAD)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _interrupts_wait() -> Iterator[None]:
    """Start a process that Ctrl-C does not reach, not even before its first line: it inherits the mask of signals."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "pthread_sigmask"):
        yield
        return
    came: list[int] = []
    resource_tracker.ensure_running()  # it would lift the mask
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    handler = signal.signal(signal.SIGINT, lambda number, _: came.append(number))  # another thread may take it
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, handler)
    if came:
        signal.raise_signal(signal.SIGINT)
