"""`fit_many`: one estimator, many cases."""

from __future__ import annotations

import copy
import os
import pickle
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from undercount.errors import ModelError
from undercount.estimators.batches.cases import Cases, Entry, check_cases, entries
from undercount.estimators.batches.cluster import check_client, fit_on_cluster
from undercount.estimators.batches.folder import Folder
from undercount.estimators.batches.local import fit_locally
from undercount.estimators.batches.progress import BatchCallback, Teller
from undercount.estimators.batches.settings import settings_of, versions
from undercount.estimators.batches.store import Memory, Store
from undercount.estimators.batches.work import Estimator, Job, Outcome, Work
from undercount.estimators.settings import bad_setting, check_choice

if TYPE_CHECKING:
    from distributed import Client

    from undercount.estimators.batches.batch import Batch
    from undercount.estimators.batches.columns import Row

ENGINES: Final = ("local", "dask")


def fit_many(  # noqa: PLR0913 - the settings of a batch, by keyword
    estimator: Estimator,
    cases: Cases,
    *,
    seed: int,
    out: str | os.PathLike[str] | None = None,
    engine: str = "local",
    workers: int | None = None,
    client: Client | str | None = None,
    files: bool = False,
    by: str | Sequence[str] = (),
    progress: BatchCallback | None = None,
) -> Batch:
    """Fit many cases; see `CountFusion.fit_many`. What a case is, the estimator says.

    Parameters
    ----------
    estimator : Estimator
        Its settings can be pickled.
    cases, seed, out, engine, workers, client, files, by, progress
        As there.

    Returns
    -------
    Batch

    Raises
    ------
    ModelError, StoreError, RunError
        As there.
    """
    check_cases(cases)
    keys = _keys(by, estimator.breakdowns)
    if files and out is None:
        raise bad_setting("fit_many", "files", files, "an `out` as well, the folder that the files go to")
    processes = _checked_engine(engine, workers, client)
    settings = settings_of(estimator, seed=seed, by=keys, files=files)
    work = Work(_on_one_core(estimator), seed, keys, files, versions())
    place: Store = Memory() if out is None else Folder(Path(out), settings)
    with place as store:
        teller = Teller(cases, progress)
        jobs = _to_fit(entries(cases, estimator.read), store, teller)
        results = fit_on_cluster(jobs, work, client) if client is not None else fit_locally(jobs, work, processes)
        with closing(results):
            for result in results:
                if result is not None:
                    teller.count(_kept(store, *result))
                teller.tell(store.tick())
        batch = store.finish()
        teller.tell(store.tick(), at_once=True)
        return batch


def _to_fit(found: Iterator[Entry], store: Store, teller: Teller) -> Iterator[Job]:
    """The cases that are to be fitted, each read when its turn comes; the others get their rows here."""
    for entry in found:
        if isinstance(entry.found, Exception):
            (row,) = Outcome.of(entry.found).rows
            store.add(entry.place, [row | {"place": entry.place, "case": entry.name}])
            teller.count(row["status"])
        else:
            job = Job(entry.place, entry.name, entry.found.sha256, pickle.dumps(entry.found))
            if (status := store.finished(job)) is None:
                yield job
                continue
            teller.count(status, already=True)
        teller.tell(store.tick())


def _kept(store: Store, job: Job, outcome: Outcome) -> str:
    """Store what came of a case, its file before the row that names it; gives its status."""
    file = None if outcome.file is None else store.keep_file(job, outcome.file)
    common: Row = {"place": job.place, "case": job.name, "evidence_sha256": job.sha256, "file": file}
    store.add(job.place, [row | common for row in outcome.rows])
    status: str = outcome.rows[0]["status"]
    return status


def _on_one_core(estimator: Estimator) -> Estimator:
    """The same estimator for a worker: its draws do not depend on the cores, and the workers fill the machine."""
    for name, value in vars(estimator).items():
        try:
            pickle.dumps(value)
        except Exception as error:
            raise ModelError(
                f"{name} of {type(estimator).__name__} cannot be sent to another process: {error}",
                code="batch-not-picklable",
                where=name,
                hint="define functions at the top of a module that can be imported, not as a lambda or inside another",
            ) from error
    alone = copy.copy(estimator)
    if hasattr(alone, "cores"):
        alone.cores = 1
    return alone


def _checked_engine(engine: str, workers: int | None, client: Any) -> int:
    """Refuse an engine that cannot be; gives the number of processes."""
    check_choice("fit_many", "engine", engine, ENGINES)
    if engine == "dask":
        if workers is not None:
            raise bad_setting("fit_many", "workers", workers, "none with dask: the cluster has its own")
        check_client(client)
        return 0
    if client is not None:
        raise bad_setting("fit_many", "client", client, 'engine="dask" as well')
    if workers is None:
        from undercount.sampling.batch import processors

        return processors()
    asked: Any = workers
    if not isinstance(asked, int) or isinstance(asked, bool) or asked < 1:
        raise bad_setting("fit_many", "workers", asked, "a whole number of at least 1")
    return asked


def _keys(by: str | Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    keys = (by,) if isinstance(by, str) else tuple(by)
    for key in keys:
        check_choice("fit_many", "by", key, known)
    return tuple(dict.fromkeys(keys))
