"""Many densities, each sampled by several chains, on a few threads; results come in the order of the jobs.

The compiled chain holds no lock of the interpreter, so that threads are enough. The unit of work is one chain. Each
has a seed and arrays of its own, therefore its draws depend neither on the threads nor on what runs beside it.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator, Sized
from typing import TYPE_CHECKING

from undercount.errors import SamplingError
from undercount.sampling.crew import Crew, Job
from undercount.sampling.draws import Draws, Plan
from undercount.sampling.single_thread import single_thread
from undercount.sampling.telling import Teller

if TYPE_CHECKING:
    from undercount.sampling.progress import Callback
    from undercount.sampling.target import Target

AHEAD = 2
"""Jobs beyond the threads that are taken before their turn, so that no thread waits for the reader of the results."""


def sample(target: Target, seed: int, plan: Plan, progress: Callback | None = None) -> Draws:
    """Sample one density.

    Parameters
    ----------
    target : Target
        The density.
    seed : int
        The draws of the same seed and target are equal to the bit, on any number of threads.
    plan : Plan
        How much to sample.
    progress : callable, optional
        Called about ten times a second, in the calling thread; what it raises stops the sampler.

    Returns
    -------
    Draws
        Complete and finite.

    Raises
    ------
    SamplingError
        If a chain stayed frozen after every restart, or made a draw that is not finite.
    """
    cores = min(plan.cores or processors(), plan.chains)
    for _, result in sample_batch([(target, seed)], plan, cores=cores, progress=progress):
        if isinstance(result, Draws):
            return result
        raise result
    raise AssertionError("a batch gives one result for each job")


def sample_batch(
    jobs: Iterable[tuple[Target, int]], plan: Plan, *, cores: int, progress: Callback | None = None
) -> Iterator[tuple[int, Draws | SamplingError]]:
    """Sample many densities, and give the results one by one.

    Parameters
    ----------
    jobs : iterable of tuple of Target and int
        Densities and their seeds; taken as the work goes on, in the calling thread.
    plan : Plan
        How much to sample of each; its `cores` is not looked at.
    cores : int
        Threads.
    progress : callable, optional
        Called about ten times a second while a result is waited for, in the calling thread.

    Yields
    ------
    tuple of int and (Draws or SamplingError)
        Place of the job, and its draws, or the error that stands in their place. In the order of the jobs.
    """
    if cores < 1:
        raise SamplingError(f"cores is {cores}", code="sampling-plan", where="cores", hint="give 1 or more")
    return _stream(jobs, plan, cores, progress)


def _stream(
    jobs: Iterable[tuple[Target, int]], plan: Plan, cores: int, progress: Callback | None
) -> Iterator[tuple[int, Draws | SamplingError]]:
    feed, waiting = iter(jobs), deque[Job]()
    teller = Teller(plan, len(jobs) if isinstance(jobs, Sized) else None, progress)
    with single_thread, Crew(cores) as crew:

        def take() -> None:
            while len(waiting) < cores + AHEAD and (job := next(feed, None)) is not None:
                waiting.append(Job.of(*job, plan, crew.stop))
                teller.add(waiting[-1].counts)
                crew.begin(waiting[-1])

        take()
        place = 0
        while waiting:
            while waiting[0].left:
                crew.wait(teller.seconds_to_next())
                teller.tell()
            job = waiting.popleft()
            teller.remove(job.counts)
            take()
            yield place, job.result()
            del job  # its arrays are the reader's now
            place += 1


def processors() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
