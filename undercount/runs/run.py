"""`undercount run`: take in, estimate, hold against the gates, publish; nothing new means no work."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from undercount.errors import RunError, SamplingError, UndercountError
from undercount.runs.identity import key_of, versions_now
from undercount.runs.ingest import ingest, try_ingest
from undercount.runs.ledger.lease import Lease
from undercount.runs.ledger.runs import FAILED, HELD, INTERRUPTED, RECORDED, RELEASED, RUNNING, Artefact, Release, Run
from undercount.runs.objects import writable
from undercount.runs.outcome import Outcome
from undercount.runs.points import reached
from undercount.runs.publishing import publish

if TYPE_CHECKING:
    from undercount.data.evidence import Evidence
    from undercount.estimators import CountFusion, Estimate
    from undercount.runs.ingest import Taken
    from undercount.runs.judging import Judgement
    from undercount.runs.ledger.entries import Entries
    from undercount.runs.store import Store
    from undercount.sampling import Progress

    type Tell = Callable[[Progress], None]
    type Write = Callable[[Estimate, Path], object]

SEED: Final = 2017
GATES: Final = "gates"
"""Who releases what passes."""
OUT_OF_TIME: Final = "run-out-of-time"


@dataclass(frozen=True)
class Runner:
    """How runs of a case are made.

    Parameters
    ----------
    store : Store
        Open.
    write : callable
        Writes the files of an estimate, ``estimate.nc`` among them, into a folder.
    settings : mapping
        Of `CountFusion`.
    seed : int
    cores : int, optional
        Threads of a fit, on which no figure depends.
    seconds : float, optional
        Most that a run may take.
    tell : callable, optional
        Called with the progress of fits.
    """

    store: Store
    write: Write
    settings: Mapping[str, Any] = field(default_factory=dict)
    seed: int = SEED
    cores: int | None = None
    seconds: float | None = None
    tell: Tell | None = None
    begun: float = field(default_factory=time.monotonic)

    def run(self, as_of: date | None = None) -> Outcome:
        """Make one run.

        Parameters
        ----------
        as_of : date, optional
            Only what was published by then counts.

        Returns
        -------
        Outcome

        Raises
        ------
        EvidenceError
            If the evidence breaks a rule; then nothing of it was taken in.
        RunError
            If another run holds the lease, or the time is over.
        StoreError
            If the store is damaged or cannot be written.
        KeyboardInterrupt
            If interrupted; the run is then told as such, and has no figure.
        """
        with Lease(self.store.ledger, self.store.name) as lease:
            _bury(self.store)
            taken, entries = ingest(self.store)
            evidence = entries.evidence(as_of)
            row, is_past = self._row(evidence, entries, as_of), _is_past(entries, as_of)
            with self.store.ledger.reading() as connection:
                before = Run.finished(connection, self.store.name, row["key"], is_past=is_past)
            if before is not None:
                publish(self.store)
                return self._outcome(before, taken, is_new=False)
            with self.store.ledger.writing(self.store.name) as connection:
                lease.hold(connection)
                run = Run.begin(connection, **row)
            with _Told(self.store, run):
                reached("run: begun")
                ended, judgement = self._estimated(run, evidence, lease, is_past=is_past)
            reached("run: committed")
            publish(self.store)
            reached("run: published")
            return self._outcome(ended, taken, judgement)

    def try_out(self, as_of: date | None = None) -> Outcome:
        """Say what `run` would come to; nothing is written."""
        taken, entries = try_ingest(self.store)
        evidence = entries.evidence(as_of)
        row, is_past = self._row(evidence, entries, as_of), _is_past(entries, as_of)
        with self.store.ledger.reading() as connection:
            before = Run.finished(connection, self.store.name, row["key"], is_past=is_past)
        if before is not None:
            return self._outcome(before, taken, is_new=False)
        tell = self._watching(None)
        judgement = self._judged(self._fit(evidence, tell), tell, is_past=is_past)
        status = HELD if not judgement.passed else RECORDED if is_past else RELEASED
        return replace(self._outcome(None, taken, judgement), status=f"{status} if it were run")

    def _row(self, evidence: Evidence, entries: Entries, as_of: date | None) -> dict[str, Any]:
        settings = {"CountFusion": dict(self.settings), "seed": self.seed}
        versions = versions_now()
        return {
            "case_name": self.store.name, "key": key_of(evidence, settings, versions), "as_of": str(as_of or ""),
            "last_entry": entries.last, "evidence_sha256": evidence.sha256, "settings": settings, "versions": versions,
        }  # fmt: skip

    @property
    def _estimator(self) -> CountFusion:
        from undercount.estimators import CountFusion

        return CountFusion(**{"cores": self.cores, **self.settings})

    def _fit(self, evidence: Evidence, tell: Tell) -> Estimate:
        return self._estimator.fit(evidence, seed=self.seed, progress=tell)

    def _judged(self, estimate: Estimate, tell: Tell, *, is_past: bool) -> Judgement:
        from undercount.runs.judging import judge, judge_past

        return judge_past(estimate) if is_past else judge(self.store, estimate, self._estimator, tell)

    def _estimated(self, run: Run, evidence: Evidence, lease: Lease, *, is_past: bool) -> tuple[Run, Judgement | None]:
        tell = self._watching(lease)
        try:
            estimate = self._fit(evidence, tell)
        except SamplingError as error:
            with self.store.ledger.writing(self.store.name) as connection:
                lease.hold(connection)
                return run.end(connection, HELD, [str(error)]), None
        reached("run: sampled")
        judgement = self._judged(estimate, tell, is_past=is_past)
        files = self._stored(estimate)
        reached("run: files stored")
        status = HELD if not judgement.passed else RECORDED if is_past else RELEASED
        with self.store.ledger.writing(self.store.name) as connection:
            lease.hold(connection)
            for file in files:
                file.add(connection, run.number)
            ended = run.end(connection, status, judgement.reasons, judgement.content)
            if status == RELEASED:
                Release.add(connection, ended, GATES)
            reached("run: written")
        return ended, judgement

    def _watching(self, lease: Lease | None) -> Tell:
        def tell(now: Progress) -> None:
            if lease is not None:
                lease.check()
            if self.seconds is not None and time.monotonic() - self.begun > self.seconds:
                raise RunError(
                    f"the {self.seconds:g} seconds that this run may take are over",
                    code=OUT_OF_TIME,
                    where="--time-budget",
                    hint="give it more time; nothing was published, and the next run begins anew",
                )
            if self.tell is not None:
                self.tell(now)

        return tell

    def _stored(self, estimate: Estimate) -> list[Artefact]:
        with writable(Path(tempfile.gettempdir())), tempfile.TemporaryDirectory(prefix="undercount-") as folder:
            self.write(estimate, Path(folder))
            files = sorted(path for path in Path(folder).iterdir() if path.is_file())
            contents = [(path.name, path.read_bytes()) for path in files]
        return [Artefact(name, self.store.objects.add(content), len(content)) for name, content in contents]

    def _outcome(self, run: Run | None, taken: Sequence[Taken], judgement: Judgement | None = None, *,
                 is_new: bool = True) -> Outcome:  # fmt: skip
        with self.store.ledger.reading() as connection:
            releases = Release.all(connection, self.store.name)
        is_out = run is not None and any(release.run == run.number for release in releases)
        return Outcome(
            status=RELEASED if is_out else "" if run is None else run.status,
            is_new=is_new,
            run=run,
            release=releases[-1] if releases else None,
            taken=tuple(taken),
            reasons=tuple(judgement.reasons if judgement else run.why if run else ()),
            judged=(judgement.content if judgement else run.content if run else None) or {},
        )


class _Told:
    """Write how a run ended that did not come to its end."""

    def __init__(self, store: Store, run: Run) -> None:
        self._store, self._run = store, run

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if error is None:
            return
        is_cut = isinstance(error, KeyboardInterrupt) or getattr(error, "code", "") == OUT_OF_TIME
        why = error.message if isinstance(error, UndercountError) else str(error) or type(error).__name__
        # The first error is the one to tell; the row is found dead by the next run.
        with suppress(UndercountError), self._store.ledger.writing(self._store.name) as connection:
            self._run.end(connection, INTERRUPTED if is_cut else FAILED, [why])


def _bury(store: Store) -> None:
    """Tell of runs that were killed; the lease is held, so that none of them lives."""
    with store.ledger.reading() as connection:
        dead = [run for run in Run.all(connection, store.name) if run.status == RUNNING]
    if dead:
        with store.ledger.writing(store.name) as connection:
            for run in dead:
                run.end(connection, INTERRUPTED, ["the process ended without a word"])
    for path in store.objects.left_over():
        path.unlink(missing_ok=True)


def _is_past(entries: Entries, as_of: date | None) -> bool:
    """Whether something that counts was published after a day."""
    if as_of is None:
        return False
    return any(entry.published > as_of.isoformat() for entry in entries.valid().values())
