"""Gates, and the comparison with the last release."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from undercount.errors import RunError
from undercount.estimators.store import load
from undercount.runs.gates import Candidate, GateSettings, apply_gates
from undercount.runs.identity import versions_now
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
    """Hold an estimate against the gates and the last release.

    Parameters
    ----------
    store : Store
        Open.
    estimate : Estimate
    estimator : CountFusion
        That made it, and makes others to find what moved the figure.
    tell : callable
        Called with the progress of these.

    Raises
    ------
    StoreError
        If the last release is damaged.
    """
    now = replace(estimate, versions=versions_now())
    return _judgement(Candidate.of(estimator, now, last_released(store), progress=tell))


def judge_past(estimate: Estimate) -> Judgement:
    """Hold an estimate of a day in the past against the gates that look at it alone."""
    return _judgement(Candidate(estimate, settings=GateSettings.of(estimate.evidence.case)), is_past=True)


def _judgement(candidate: Candidate, *, is_past: bool = False) -> Judgement:
    found = apply_gates(candidate)
    toll = candidate.estimate.toll()
    content = {
        "is_past": is_past,
        "toll": {"median": toll.median, "interval": list(toll.interval), "ci_prob": toll.ci_prob},
        "gates": found.rows(),
        "changes": candidate.changes.rows() if candidate.changes else [],
        "moves": candidate.moves.rows() if candidate.moves else [],
    }
    return Judgement(found.passed, found.words(), content)


def estimate_of(store: Store, number: int) -> Estimate:
    """Read the estimate of a run, with every checksum held against it.

    Raises
    ------
    StoreError
        If it is gone or damaged.
    """
    with store.ledger.reading() as connection:
        run = Run.read(connection, number, store.name)
        file = Artefact.of(connection, number).get(ESTIMATE)
    if file is None:
        raise without_figure(number, run.why)
    return estimate_in(store, file.sha256)


def estimate_in(store: Store, sha256: str) -> Estimate:
    """Read an estimate from its file, by the hash of this."""
    store.objects.read(sha256)
    found: Estimate = load(store.objects.path(sha256))
    return found


def last_released(store: Store) -> Estimate | None:
    """The estimate that stands; None before the first release."""
    with store.ledger.reading() as connection:
        release = Release.last(connection, store.name)
        run = None if release is None else Run.read(connection, release.run, store.name)
    return None if run is None else replace(estimate_of(store, run.number), versions=run.versions)


def without_figure(number: int, why: Sequence[str]) -> RunError:
    """The error of a run that ended without a figure, with what stopped it."""
    return RunError(
        f"run {number} has no figure" + (f": {'; '.join(why)}" if why else ""),
        code="run-without-figure",
        where="RUN",
        hint="mend what stopped it, and run again; `undercount history CASE` lists the runs that have one",
    )
