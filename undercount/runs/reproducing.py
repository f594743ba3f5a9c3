"""The same run again: the same draws to the bit on the same versions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from undercount.estimators import CountFusion
from undercount.runs.identity import versions_now
from undercount.runs.judging import estimate_of
from undercount.runs.ledger.entries import Entries
from undercount.runs.ledger.runs import Run

if TYPE_CHECKING:
    from undercount.estimators import Estimate
    from undercount.runs.store import Store
    from undercount.sampling import Progress


@dataclass(frozen=True)
class Reproduction:
    """A run beside itself made again."""

    run: Run
    is_equal: bool
    """Whether every draw is the same to the bit."""
    versions: Mapping[str, tuple[str, str]]
    """What has another version now: then and now."""
    before: Estimate
    again: Estimate


def reproduce(store: Store, number: int, tell: Callable[[Progress], None] | None = None) -> Reproduction:
    """Make a run again from what the ledger held then; nothing is written.

    Raises
    ------
    RunError
        If there is no such run.
    StoreError
        If what it stands on is damaged.
    """
    with store.ledger.reading() as connection:
        run = Run.read(connection, number, store.name)
        entries = Entries.read(connection, store.name).until(run.last_entry)
    before = estimate_of(store, number)
    evidence = entries.evidence(date.fromisoformat(run.as_of) if run.as_of else None)
    again = CountFusion(**run.settings["CountFusion"]).fit(evidence, seed=run.settings["seed"], progress=tell)
    now = versions_now()
    changed = {
        name: (run.versions.get(name, "none"), now.get(name, "none"))
        for name in sorted({*run.versions, *now})
        if run.versions.get(name) != now.get(name)
    }
    return Reproduction(run, are_equal(before, again), changed, before, again)


def are_equal(one: Estimate, other: Estimate) -> bool:
    """Whether two estimates have the same draws to the bit."""
    posteriors = [estimate.sampled["posterior"].variables for estimate in (one, other)]
    if posteriors[0].keys() != posteriors[1].keys():
        return False
    return all(
        np.asarray(values.values).tobytes() == np.asarray(posteriors[1][name].values).tobytes()
        for name, values in posteriors[0].items()
    )
