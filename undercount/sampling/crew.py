"""Threads that advance chains, and the jobs and tasks they are given."""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Self

import numpy as np

from undercount.errors import SamplingError
from undercount.sampling.attempts import run_chain
from undercount.sampling.chain import Room, prepare
from undercount.sampling.draws import Draws, Plan
from undercount.sampling.ladder import prepare_ladder
from undercount.sampling.tree import COLUMNS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from undercount.sampling.target import Array, Target


@dataclass(eq=False)
class Job:
    """A density, and the chains that are to be drawn from it."""

    target: Target
    position: Array
    report: Array
    counts: NDArray[np.int64]
    exchanges: Array
    chains: list[Task] = field(default_factory=list)
    left: int = 0
    """Chains that are not finished; changed by the calling thread alone."""

    @classmethod
    def of(cls, target: Target, seed: int, plan: Plan, stop: NDArray[np.int64]) -> Job:
        """A job with a task and a seed for each chain."""
        _prepare(target, plan)
        job = cls(
            target,
            np.zeros((plan.chains, plan.draws, target.dimension)),
            np.zeros((plan.chains, plan.draws, COLUMNS)),
            np.zeros((plan.chains, 3), dtype=np.int64),
            np.zeros((plan.chains, plan.levels if plan.levels > 1 else 0)),
            left=plan.chains,
        )
        for chain, seeds in enumerate(np.random.SeedSequence(seed).spawn(plan.chains)):
            mine = (job.position[chain], job.report[chain], job.counts[chain])
            room = Room(*mine, stop, plan.tune, plan.target_accept, plan.max_depth, job.exchanges[chain])
            job.chains.append(Task(job, seeds, room))
        return job

    def result(self) -> Draws | SamplingError:
        """The draws, or why there are none; to be asked for once. Raises what a task raised."""
        for task in self.chains:
            if task.error is not None:
                raise task.error
        restarts, reasons = [task.restarts for task in self.chains], [task.why for task in self.chains]
        self.chains.clear()  # they point back at the job, and would keep its arrays
        try:
            return Draws.of(self.position, self.report, restarts, reasons, self.exchanges)
        except SamplingError as error:
            return error


def _prepare(target: Target, plan: Plan) -> None:
    if plan.levels == 1:
        prepare(target.density)
    elif target.heat is not None:
        prepare_ladder(target.density)
    else:
        raise SamplingError(
            f"levels is {plan.levels}, and the density has no temperature", code="sampling-plan", where="levels",
            hint="give 1",
        )  # fmt: skip


@dataclass(eq=False)
class Task:
    """One chain of a job, and how it ended."""

    job: Job
    seeds: np.random.SeedSequence
    room: Room
    restarts: int = 0
    why: str = ""
    error: BaseException | None = None

    def run(self) -> None:
        """Draw the chain; nothing is raised, for this is another thread."""
        try:
            self.restarts, self.why = run_chain(self.job.target, self.seeds, self.room)
        except BaseException as error:  # noqa: BLE001 - raised again in the calling thread
            self.error = error


class Crew:
    """Threads that run tasks; none of them outlives the `with`."""

    def __init__(self, cores: int) -> None:
        self.stop = np.zeros(1, dtype=np.int64)
        self._tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._finished: queue.SimpleQueue[Task] = queue.SimpleQueue()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(cores)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop[0] = 1
        for _ in self._threads:
            self._tasks.put(None)
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None and not self.stop[0]:
            task.run()
            self._finished.put(task)
            del task  # the last one would keep its job's arrays

    def begin(self, job: Job) -> None:
        """Put the chains of a job at the end of the queue."""
        for task in job.chains:
            self._tasks.put(task)

    def wait(self, seconds: float) -> None:
        """Wait for a chain to finish, but not longer than this."""
        try:
            self._finished.get(timeout=seconds).job.left -= 1
        except queue.Empty:
            return
