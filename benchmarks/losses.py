"""The table of reported losses of Radford et al. (2023) through the ordinary interface: time, memory, gates.

The file is theirs, and not in this repository (`undercount.read_loss_table` says where it is to be had):
`python -m benchmarks --only losses --losses FILE`. One process reads it, fits it, and checks every gate.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from benchmarks.rows import Row
from benchmarks.timing import Spread, answer, peak_megabytes

GROUP: Final = "large table"
MOST_SECONDS: Final = 180.0
MOST_GIGABYTES: Final = 2.0
SEED: Final = 1


def rows(table: Path) -> Iterator[Row]:
    """Fit the table once in a process of its own."""
    begun = time.perf_counter()
    found = answer(["-m", "benchmarks.losses", str(table)])
    seconds = time.perf_counter() - begun
    what = f"{found['reports']:,} reports of {found['streams']} streams"
    yield Row.of(GROUP, f"{what}: whole process", Spread.of([seconds]), "s",
                 goal=f"<= {MOST_SECONDS:.0f}", met=seconds <= MOST_SECONDS)  # fmt: skip
    yield Row.of(GROUP, f"{what}: CPU time", Spread.of([found["cpu"]]), "s")
    yield Row.of(GROUP, "peak memory", Spread.of([found["gigabytes"]]), "GB",
                 goal=f"<= {MOST_GIGABYTES:.0f}", met=found["gigabytes"] <= MOST_GIGABYTES)  # fmt: skip
    yield Row(GROUP, "gates that failed", len(found["failed"]), "", goal="0", met=not found["failed"],
              note="; ".join(found["figures"]))  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    """Fit one table and print what came of it, as JSON."""
    import undercount as uc

    evidence = uc.read_loss_table(arguments[0])
    estimate = uc.CountFusion(cores=2).fit(evidence, seed=SEED)
    checks = estimate.check()
    spent = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({
        "reports": len(evidence.used), "streams": len(estimate.design.stream_names),
        "cpu": spent.ru_utime + spent.ru_stime, "gigabytes": peak_megabytes() / 1024,
        "failed": [check.name for check in checks.failed],
        "figures": [f"{check.name} {check.value:.4g} ({check.limit})" for check in checks.checks],
    }))  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
