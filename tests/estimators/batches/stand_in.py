"""An estimator without a sampler, whose doings the name of a case decides; and cases for it."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from tests.builders import FIRST, make_case, make_evidence, make_report
from tests.estimators.synthetic import make_estimate
from undercount.errors import ModelError, SamplingError
from undercount.estimators import CountFusion
from undercount.estimators.batches.work import Job, Outcome, Work, fit_case

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from undercount.data import Evidence
    from undercount.estimators import Estimate
    from undercount.estimators.batches import Batch


@dataclass
class StandIn:
    """Gives independent draws that depend on the evidence and the seed."""

    folder: str = ""
    """Gets a line for each fit, and marks of those who died."""
    seconds: float = 0.0
    cores: int | None = None
    breakdowns: ClassVar = CountFusion.breakdowns
    read = staticmethod(CountFusion.read)

    def fit(self, evidence: Evidence, /, *, seed: int) -> Estimate:
        name = evidence.case.case
        if self.folder:
            with Path(self.folder, "fits").open("a") as log:
                log.write(f"{name} {os.getpid()} {self.cores} {os.environ.get('OPENBLAS_NUM_THREADS')}\n")
        time.sleep(self.seconds)
        if name == "is-refused":
            raise ModelError("no report is usable", code="model-empty", where="reports", hint="add one")
        if name == "freezes":
            raise SamplingError("chain 1 stayed frozen", code="sampling-frozen", where="posterior", hint="look")
        if name == "has-a-bug":
            raise KeyError("nothing")
        if name == "dies" or (name == "dies-once" and not self._has_died()):
            os.kill(os.getpid(), signal.SIGKILL)
        draws = 50 if name == "is-held" else 500
        return make_estimate(evidence, draws=draws, seed=seed + int(evidence.sha256[:6], 16), prior=50)

    def _has_died(self) -> bool:
        mark = Path(self.folder, "died")
        if mark.exists():
            return True
        mark.touch()
        return False


def case(name: str, value: int = 100) -> Evidence:
    """A small case of this name."""
    window = {"start": FIRST, "end": date(2020, 1, 31)}
    return make_evidence(
        [make_report(value=value)],
        case=make_case(
            case=name,
            timeline=window,
            estimand={"quantity": "killed", "victims": "civilians", "window": window},
            incidents=(),
        ),
    )


def cases(count: int) -> list[Evidence]:
    """Cases that differ in their figures."""
    return [case(f"case-{number}", 50 + number) for number in range(count)]


def inline(jobs: Iterator[Job], work: Work, _workers: int) -> Generator[tuple[Job, Outcome] | None]:
    """Fit in this process, the last of each three cases first."""
    waiting: list[Job] = []
    for job in jobs:
        waiting.append(job)
        if len(waiting) == 3:
            yield from ((job, fit_case(work, job.evidence)) for job in reversed(waiting))
            waiting.clear()
        yield None
    yield from ((job, fit_case(work, job.evidence)) for job in waiting)


def fits(folder: Path) -> list[list[str]]:
    """Name, process, cores and threads of every fit that was begun."""
    return [line.split() for line in (folder / "fits").read_text().splitlines()]


def comparable(batch: Batch) -> list[dict[str, Any]]:
    """Rows of a batch without the time that they took."""
    rows: list[dict[str, Any]] = batch.to_arrow().drop_columns(["seconds"]).to_pylist()
    return rows


def alive(pid: int) -> bool:
    """Whether a process runs; one that ended and was not asked for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
