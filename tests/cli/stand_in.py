"""A `CountFusion` that needs no sampler, and a way to run the command line with it in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from undercount.sampling import Progress

if TYPE_CHECKING:
    from collections.abc import Callable

    from undercount.data import Evidence
    from undercount.estimators import Estimate

ROOT = Path(__file__).parents[2]
SETTINGS = {"PYTHONPATH": str(ROOT), "COLUMNS": "200"}
PHASES = ("compile", "warm-up", "sample", "summarise")


class StandIn:
    """Fits at once; with chains=1 a gate fails, with draws=666 it never ends, 667 swallows interrupts, 668 is a bug."""

    def __init__(self, *, chains: int = 4, draws: int = 500, **_: Any) -> None:
        self.chains, self.draws = chains, draws

    breakdowns = ("actor", "area", "week", "month", "day")

    @staticmethod
    def read(source: Evidence) -> Evidence:
        return source

    def fit(
        self,
        evidence: Evidence,
        *,
        seed: int = 2017,
        as_of: Any = None,
        progress: Callable[[Progress], None] = lambda _: None,
    ) -> Estimate:
        for phase in PHASES:
            progress(Progress(phase, chains=self.chains, finished_draws=5, total_draws=10, seconds_left=1.0))
            sys.stdout.write("a library that prints\n")
            while self.draws == 666 and phase == "sample":
                time.sleep(0.01)
                progress(Progress(phase, chains=self.chains))
            if self.draws == 668:
                raise ZeroDivisionError
            if self.draws == 667 and phase == "sample":
                _swallow()
        known = evidence if as_of is None else evidence.as_of(as_of)
        return _made(known, seed, self.chains, None if as_of is None else str(as_of))


@cache
def _made(evidence: Evidence, seed: int, chains: int, as_of: str | None) -> Estimate:
    from tests.report.synthetic import make_estimate

    found = make_estimate(evidence, seed=seed, chains=chains)
    return replace(found, configuration={**found.configuration, "as_of": as_of})


def _swallow() -> None:
    """What a library does that catches everything."""
    for _ in range(1000):
        try:
            time.sleep(0.01)
        except BaseException:  # noqa: BLE001 - this is what is tested
            return


def main() -> None:
    """The command line with the stand-in."""
    from undercount import estimators
    from undercount.cli.main import main as command

    estimators.CountFusion = StandIn  # type: ignore[assignment, misc]
    command()


def start(*arguments: str, module: str = "tests.cli.stand_in", **settings: Any) -> subprocess.Popen[str]:
    """Start the command line in another process, by default with the stand-in."""
    code = f"from {module} import main; main()"
    environment = os.environ | SETTINGS
    options: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "env": environment}
    return subprocess.Popen([sys.executable, "-c", code, *arguments], **(options | settings))


def run(*arguments: str, **settings: Any) -> subprocess.CompletedProcess[str]:
    """Run the command line in another process to its end."""
    process = start(*arguments, **settings)
    out, err = process.communicate(timeout=300)
    return subprocess.CompletedProcess(arguments, process.returncode, out, err)
