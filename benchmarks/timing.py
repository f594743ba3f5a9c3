"""Wall-clock times on a machine that others use too: interleaved runs, ratios within a round, and their spread."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Spread:
    """Median of repeated figures with the smallest and the largest."""

    median: float
    low: float
    high: float
    count: int

    @classmethod
    def of(cls, figures: Sequence[float]) -> Spread:
        """Summarise at least one figure."""
        drawn = np.array(figures, dtype=float)
        return cls(float(np.median(drawn)), float(drawn.min()), float(drawn.max()), drawn.size)


@dataclass(frozen=True)
class Spent:
    """Time of one call."""

    wall: float
    cpu: float
    """Of all threads: other processes hardly touch it."""

    @classmethod
    def by(cls, run: Callable[[], object]) -> Spent:
        """Call and take the time."""
        wall, cpu = time.perf_counter(), time.process_time()
        run()
        return cls(time.perf_counter() - wall, time.process_time() - cpu)


def interleaved[T](runs: Mapping[str, Callable[[int], T]], rounds: int) -> dict[str, list[T]]:
    """Let everyone run once in each round; who begins changes from round to round.

    Parameters
    ----------
    runs : mapping of str to callable
        Called with the number of the round.
    rounds : int
    """
    names = list(runs)
    found: dict[str, list[T]] = {name: [] for name in names}
    for number in range(rounds):
        shift = number % len(names)
        for name in names[shift:] + names[:shift]:
            found[name].append(runs[name](number))
    return found


def ratios(upper: Sequence[float], lower: Sequence[float]) -> Spread:
    """Ratio of two runs of each round, and its spread over the rounds."""
    return Spread.of([a / b for a, b in zip(upper, lower, strict=True)])


def peak_megabytes() -> float:
    """Most memory that this process has held; on Linux without what the process that started it held."""
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def environment() -> dict[str, str]:
    """Environment of a process that is timed: Python may keep its bytecode, and finds this repository."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    root = str(Path(__file__).resolve().parents[1])
    before = kept.get("PYTHONPATH")
    return kept | {"PYTHONPATH": root if not before else os.pathsep.join([root, before])}


def answer(arguments: Sequence[str]) -> dict[str, Any]:
    """What a Python process of its own with these arguments prints as JSON.

    Raises
    ------
    subprocess.CalledProcessError
        If it ends with an error; what it said of it was printed.
    """
    command = [sys.executable, *arguments]
    done = subprocess.run(  # noqa: S603 - our own interpreter and modules
        command, env=environment(), stdout=subprocess.PIPE, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def process_time(arguments: Sequence[str], **extra: str) -> Spent:
    """Time of a whole Python process, `python` with these arguments, and of those that it waited for.

    Parameters
    ----------
    arguments : sequence of str
    **extra : str
        Further variables of its environment.

    Raises
    ------
    subprocess.CalledProcessError
        If it ends with an error; exit code 3 (gates failed) is none.
    """
    command = [sys.executable, *arguments]
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(  # noqa: S603 - our own interpreter and modules
        command, env=environment() | extra, capture_output=True, text=True, check=False
    )
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 3):
        raise subprocess.CalledProcessError(done.returncode, command, done.stdout, done.stderr)
    return Spent(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
