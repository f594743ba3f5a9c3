"""A batch in a process of its own, to be killed: arguments are those of `main`."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.estimators.batches.stand_in import StandIn, cases
from undercount.estimators.batches import BatchProgress, fit_many, local, parts


def note(progress: BatchProgress) -> None:
    """Tell how many cases are acknowledged as stored."""
    print(progress.stored, flush=True)  # noqa: T201 - to the test


def main(out: str, log: str, count: str, seconds: str, files: str = "") -> None:
    """Fit, and store every case soon."""
    parts.FLUSH_SECONDS = local.TICK = 0.02  # type: ignore[misc]
    fit_many(
        StandIn(log, float(seconds)),
        cases(int(count)),
        seed=1,
        out=Path(out),
        workers=2,
        files=bool(files),
        progress=note,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
