"""Gates, and the comparison with the last release."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from undercount.errors import RunError
from undercount.estimators.store import load
from undercount.runs.ledger.runs import Artefact, Release, Run

if TYPE_CHECKING:
    from undercount.estimators import CountFusion, Estimate
    from undercount.runs.store import Store
    from undercount.sampling import Progress


ESTIMATE: Final = "estimate.nc"


@dataclass(frozen=True)
class Judgement:
    """Whether a figure may be published."""

    passed: bool
    reasons: Sequence[str]
    content: Mapping[str, Any]


def judge(store: Store, estimate: Estimate, estimator: CountFusion, tell: Callable[[Progress], None]) -> Judgement:
    """Hold an estimate against the gates and the last release."""
    failed = estimate.check().failed
    reasons = [f"{check.name} is {check.value:g}, not {check.limit}" for check in failed]
    quantity = estimate.toll()
    toll = {"median": quantity.median, "interval": list(quantity.interval), "ci_prob": quantity.ci_prob}
    return Judgement(not failed, reasons, {"toll": toll})


def estimate_of(store: Store, number: int) -> Estimate:
    """Read the estimate of a run, with every checksum held against it.

    Raises
    ------
    StoreError
        If it is gone or damaged.
    """
    with store.ledger.reading() as connection:
        file = Artefact.of(connection, Run.read(connection, number, store.name).number).get(ESTIMATE)
    if file is None:
        raise _without_figure(number)
    return estimate_in(store.objects.read(file.sha256))


def estimate_in(content: bytes) -> Estimate:
    """Read an estimate from the bytes of its file."""
    with tempfile.TemporaryDirectory(prefix="undercount-") as folder:
        path = Path(folder) / "estimate.nc"
        path.write_bytes(content)
        found: Estimate = load(path)
        return found


def last_released(store: Store) -> Estimate | None:
    """The estimate that stands; None before the first release."""
    with store.ledger.reading() as connection:
        release = Release.last(connection, store.name)
    return None if release is None else estimate_of(store, release.run)


def _without_figure(number: int) -> RunError:
    return RunError(
        f"run {number} has no figure",
        code="run-without-figure",
        where="RUN",
        hint="see `undercount show` for what stopped it",
    )
