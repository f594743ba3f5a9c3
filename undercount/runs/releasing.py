"""A person releases what a gate held, with a name and a reason that stand on the release."""

from __future__ import annotations

from typing import TYPE_CHECKING

from undercount.errors import RunError
from undercount.runs.judging import without_figure
from undercount.runs.ledger.lease import Lease
from undercount.runs.ledger.runs import HELD, Artefact, Release, Run
from undercount.runs.publishing import publish

if TYPE_CHECKING:
    from undercount.runs.store import Store


def release(store: Store, number: int, *, by: str, reason: str) -> Release:
    """Publish a run that was held.

    Parameters
    ----------
    store : Store
        Open.
    number : int
        Of the run.
    by, reason : str
        Who takes it on, and why; neither may be empty.

    Raises
    ------
    RunError
        If there is no such run, it was not held, it has no figure, or somebody else works on the case.
    StoreError
        If a file of it is damaged.
    """
    for name, words in (("--by", by), ("--reason", reason)):
        if not words.strip() or not words.isprintable():
            raise RunError(
                f"{name} is {words!r}", code="run-release-unsigned", where=name, hint="say it in words, on one line"
            )
    with Lease(store.ledger, store.name) as lease:
        with store.ledger.writing(store.name) as connection:
            lease.hold(connection)
            run = Run.read(connection, number, store.name)
            files = Artefact.of(connection, number)
            releases = Release.all(connection, store.name)
            if run.status != HELD or any(one.run == number for one in releases):
                raise _not_held(run)
            if run.is_past or any(one.run > number for one in releases):
                raise _is_past(run)
            if not files:
                raise without_figure(number, run.why)
            for file in files.values():
                store.objects.read(file.sha256)
            found = Release.add(connection, run, by.strip(), reason.strip())
        publish(store)
    return found


def _not_held(run: Run) -> RunError:
    return RunError(
        f"run {run.number} was not held, or was released since: its status is {run.status}",
        code="run-not-held",
        where="RUN",
        hint="see `undercount history CASE` for the runs that are held",
    )


def _is_past(run: Run) -> RunError:
    return RunError(
        f"run {run.number} is older than what was released since, or of a day before it",
        code="run-past",
        where="RUN",
        hint="run again: a release never goes back",
    )
