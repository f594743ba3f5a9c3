"""Two runs side by side: what changed between them, and what moved the figure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from undercount.errors import RunError
from undercount.estimators import CountFusion
from undercount.runs.changes import Changes, changes
from undercount.runs.judging import estimate_of
from undercount.runs.ledger.runs import Run
from undercount.runs.moves import Moves, moves

if TYPE_CHECKING:
    from undercount.estimators import Estimate
    from undercount.runs.store import Store
    from undercount.sampling import Progress

    type Place = tuple[Store, int]


@dataclass(frozen=True)
class Comparison:
    """What led from one run to another."""

    before: Estimate
    after: Estimate
    changes: Changes
    moves: Moves


def compare(before: Place, after: Place, tell: Callable[[Progress], None] | None = None) -> Comparison:
    """Compare two runs of one case.

    Parameters
    ----------
    before, after : tuple of Store and int
        Stores, open, and numbers of runs.
    tell : callable, optional
        Called with the progress of fits.

    Raises
    ------
    RunError
        If there is no such run, it has no figure, or the runs are of different cases.
    StoreError
        If a file is damaged.
    """
    (old, _), (new, run) = (_read(*place) for place in (before, after))
    if old.evidence.name != new.evidence.name:
        raise RunError(
            f"one run is of {old.evidence.name!r}, the other of {new.evidence.name!r}",
            code="run-other-case",
            where="RUN",
            hint="name two runs of one case",
        )
    estimator = CountFusion(**run.settings["CountFusion"])
    return Comparison(old, new, changes(old.evidence, new.evidence), moves(estimator, old, new, tell))


def _read(store: Store, number: int) -> tuple[Estimate, Run]:
    estimate = estimate_of(store, number)
    with store.ledger.reading() as connection:
        run = Run.read(connection, number, store.name)
    return replace(estimate, versions=run.versions), run
