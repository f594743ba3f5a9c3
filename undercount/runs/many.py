"""Many cases, each in a process of its own: a broken one never stops the others."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from undercount.data.case_file import CASE_FILE
from undercount.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Mapping

_START = "from undercount.cli.main import main; main()"


@dataclass(frozen=True)
class Ended:
    """What came of the run of one case."""

    case: str
    exit_code: int
    content: Mapping[str, Any]
    """Of its outcome; empty where there is none."""
    told: str
    """What it said on standard error; of the last lines, where these are many."""


def cases_in(folder: Path) -> list[Path]:
    """The case folders inside a folder, by name.

    Raises
    ------
    RunError
        If there is none.
    """
    found = sorted(path.parent for path in folder.glob(f"*/{CASE_FILE}"))
    if not found:
        raise RunError(
            f"no folder in {str(folder)!r} holds a {CASE_FILE}",
            code="run-no-cases",
            where="--all",
            hint="name the folder in which the case folders stand",
        )
    return found


def run_one(case: str, options: Sequence[str]) -> Ended:
    """Run one case in a process of its own, which ends with this one."""
    command = [sys.executable, "-c", _START, "run", case, "--format", "json", "--quiet", *options]
    found = subprocess.run(  # noqa: S603 - our own interpreter and command
        command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    try:
        content = json.loads(found.stdout) if found.stdout else {}
    except ValueError:
        content = {}
    return Ended(case, found.returncode, content, "\n".join(found.stderr.strip().splitlines()[-8:]))


def run_all(
    cases: Sequence[Path],
    jobs: int,
    options: Sequence[str] = (),
    *,
    cores: int | None = None,
    scheduler: str | None = None,
    engine: str = "local",
) -> Iterator[Ended]:
    """Run cases side by side.

    Parameters
    ----------
    cases : sequence of Path
    jobs : int
        How many at a time, of the local engine.
    options : sequence of str
        Of ``undercount run``, for each.
    cores : int, optional
        Threads of each; by default those of this machine shared among the jobs, on a cluster all of each worker's.
    scheduler : str, optional
        Address of the scheduler of a dask cluster, whose workers see the same folders; by default one is started here.
    engine : {"local", "dask"}

    Yields
    ------
    Ended
        In the order of the cases.
    """
    names = [str(case.absolute()) for case in cases]
    if engine == "dask":
        asked = ["--cores", str(cores)] if cores else []
        yield from _on_cluster(names, [*options, *asked], scheduler, jobs)
        return
    share = cores or max(1, (os.cpu_count() or 1) // jobs)
    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(lambda case: run_one(case, [*options, "--cores", str(share)]), names)


def _on_cluster(names: Sequence[str], options: Sequence[str], scheduler: str | None, jobs: int) -> Iterator[Ended]:
    try:
        from distributed import Client, as_completed
    except ImportError as error:
        raise RunError(
            "dask.distributed is not installed",
            code="batch-no-dask",
            where="--engine",
            hint='pip install "undercount[dask]", or use --engine local',
        ) from error
    settings = {"address": scheduler} if scheduler else {"n_workers": jobs, "threads_per_worker": 1}
    with Client(**settings) as client:
        futures = {client.submit(run_one, name, [*options], pure=False): name for name in names}
        found: dict[str, Ended] = {}
        for future in as_completed(futures):
            name = futures[future]
            fault = future.exception()
            found[name] = Ended(name, 1, {}, f"the worker failed: {fault}") if fault else future.result()
    yield from (found[name] for name in names)
