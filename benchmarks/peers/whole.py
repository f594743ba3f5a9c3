"""Whole processes, caches warm: the command line beside a process that fits the same model through nutpie."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from benchmarks.rows import Row, number
from benchmarks.timing import Spent, Spread, interleaved, process_time, ratios
from undercount.estimators.versions import NUTPIE, PYMC

CASE: Final = "mosul-2017"
_COMMAND: Final = "import sys; from undercount.cli.main import main; sys.argv[0] = 'undercount'; main()"
GROUP: Final = "whole process"


def command(*arguments: str, **extra: str) -> Spent:
    """Time of the command line with these arguments."""
    return process_time(["-c", _COMMAND, *arguments], **extra)


def peer(sampler: str) -> Spent:
    """Time of a process that fits the same case with another sampler."""
    return process_time(["-m", "benchmarks.peers.process", sampler, CASE])


def with_files() -> Spent:
    """Time of the command line that writes every file."""
    with tempfile.TemporaryDirectory() as folder:
        return command("estimate", CASE, "--quiet", "--out", str(Path(folder) / "out"))


def rows(rounds: int, *, pymc: bool = True) -> Iterator[Row]:
    """Time the processes of each contender, in turns, after one run of each that nobody counts."""
    runs: dict[str, Callable[[int], Spent]] = {
        "core": lambda _: command("estimate", CASE, "--quiet", "--no-files"),
        "files": lambda _: with_files(),
        NUTPIE: lambda _: peer(NUTPIE),
    }
    for run in runs.values():
        run(0)
    found = interleaved(runs, rounds)
    wall = {name: [spent.wall for spent in mine] for name, mine in found.items()}
    cpu = {name: [spent.cpu for spent in mine] for name, mine in found.items()}
    core, nutpie = Spread.of(wall["core"]), Spread.of(wall[NUTPIE])
    limit = nutpie.median / 10
    yield Row.of(GROUP, f"undercount estimate {CASE} --no-files", core, "s",
                 goal=f"<= {number(limit)} s (2 s where nutpie takes 20)", met=core.median <= limit)  # fmt: skip
    yield Row.of(GROUP, f"a process that fits {CASE} through nutpie", nutpie, "s")
    times = ratios(wall[NUTPIE], wall["core"])
    yield Row.of(GROUP, "nutpie / core", times, "x", goal=">= 10", met=times.median >= 10)
    yield Row.of(GROUP, "nutpie / core, CPU time", ratios(cpu[NUTPIE], cpu["core"]), "x")
    files = ratios(wall["files"], wall["core"])
    yield Row.of(GROUP, "every file written / --no-files", files, "x", goal="<= 2", met=files.median <= 2)
    yield Row.of(GROUP, "every file written / --no-files, CPU time", ratios(cpu["files"], cpu["core"]), "x")
    yield Row.of(GROUP, f"undercount estimate {CASE} --no-files, CPU time", Spread.of(cpu["core"]), "s")
    if pymc:
        slow = peer(PYMC)
        yield Row.of(GROUP, "PyMC's NUTS / core, CPU time", Spread.of([slow.cpu / Spread.of(cpu["core"]).median]), "x",
                     note="through PyMC, CountFusion runs the chains of a process one after the other")  # fmt: skip


def start_rows(rounds: int, *, cold: bool = True) -> Iterator[Row]:
    """Start of the package and of its command line; cold: nothing compiled is on disk."""
    runs: dict[str, Callable[[int], Spent]] = {
        "python": lambda _: process_time(["-c", "pass"]),
        "import": lambda _: process_time(["-c", "import undercount"]),
        "help": lambda _: command("--help"),
    }
    found = interleaved(runs, rounds + 1)
    bare = found["python"][1:]
    for name, what in (("import", "import undercount"), ("help", "undercount --help")):
        own = [spent.wall - start.wall for spent, start in zip(found[name][1:], bare, strict=True)]
        yield Row.of("start", f"{what}, beyond python itself", Spread.of(own), "s")
    if cold:
        with tempfile.TemporaryDirectory() as folder:
            spent = command("estimate", CASE, "--quiet", "--no-files", NUMBA_CACHE_DIR=folder)
        for what, value in (("", spent.wall), (", CPU time", spent.cpu)):
            yield Row.of("start", f"undercount estimate {CASE} --no-files, first run ever (compiles){what}",
                         Spread.of([value]), "s")  # fmt: skip
