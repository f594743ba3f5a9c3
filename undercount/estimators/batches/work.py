"""What a worker does, wherever it runs: fit one case, and give its rows."""

from __future__ import annotations

import pickle
import tempfile
import threading
import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from undercount.errors import SamplingError
from undercount.estimators.batches.columns import Row, error_row, estimate_rows
from undercount.estimators.batches.settings import different, versions

if TYPE_CHECKING:
    from undercount.estimators.estimate import Estimate
    from undercount.estimators.overlap.estimate import OverlapEstimate

_SAVING: Final = threading.Lock()
"""netCDF bears one thread at a time, and a worker of dask may have several."""


class Estimator(Protocol):
    """What can be fitted to many cases: its settings are its attributes, and can be pickled."""

    @property
    def breakdowns(self) -> Sequence[str]:
        """What the toll can be given by."""

    def read(self, source: Any, /) -> Any:
        """Give what is fitted, evidence or lists, from what the caller of a batch gave."""

    def fit(self, evidence: Any, /, *, seed: int) -> Estimate | OverlapEstimate:
        """Estimate the toll."""


@dataclass(frozen=True)
class Work:
    """What is done with every case."""

    estimator: Estimator
    seed: int
    by: tuple[str, ...]
    files: bool
    versions: Mapping[str, str]
    """Those of the caller; a worker with others would give other figures."""


@dataclass(frozen=True)
class Job:
    """A case to be fitted."""

    place: int
    name: str
    sha256: str
    evidence: bytes
    """Pickled."""


@dataclass(frozen=True)
class Outcome:
    """What came of a case: at least one row, which say nothing yet of its name and place."""

    rows: tuple[Row, ...]
    file: bytes | None = None
    """The saved estimate."""

    @classmethod
    def of(cls, error: Exception) -> Outcome:
        """What came of a case without an estimate."""
        return cls((error_row(error),))


type Results = Generator[tuple[Job, Outcome] | None, None, None]
"""What an engine gives: results as they come; nothing once in a while, so that the reader can do what is due."""


def fit_case(work: Work, evidence: bytes) -> Outcome:
    """Fit one case.

    Parameters
    ----------
    work : Work
    evidence : bytes
        Pickled evidence or lists.

    Returns
    -------
    Outcome
        Also when anything goes wrong: an error becomes a row.
    """
    begun = time.monotonic()
    try:
        _refuse_other_versions(work.versions)
        estimate = work.estimator.fit(pickle.loads(evidence), seed=work.seed)  # noqa: S301 - from the caller
        rows = estimate_rows(estimate, work.by, refitted=_is_refitted(work.estimator, estimate))
        file = _saved(estimate) if work.files else None
    except Exception as error:  # noqa: BLE001 - one broken case never stops the others
        rows, file = [error_row(error)], None
    common: dict[str, Any] = {"seed": work.seed, "seconds": time.monotonic() - begun}
    return Outcome(tuple(row | common for row in rows), file)


def died_twice() -> SamplingError:
    """Say that the worker of a case died, and that of the second attempt as well."""
    return SamplingError(
        "the worker process died while it fitted this case, twice",
        code="batch-worker-died",
        where="fit",
        hint="look at its memory (a case may need more than there is) and at compiled extensions; fit the case alone",
    )


def _is_refitted(estimator: Estimator, estimate: Estimate | OverlapEstimate) -> bool:
    """Whether the warm-up is another one than was asked for first."""
    tune = getattr(estimator, "tune", None)
    return bool(estimate.configuration.get("tune", tune) != tune)


def _saved(estimate: Estimate | OverlapEstimate) -> bytes:
    with _SAVING, tempfile.TemporaryDirectory(prefix="undercount-") as folder:
        path = Path(folder, "estimate.nc")
        estimate.save(path)
        return path.read_bytes()


def _refuse_other_versions(wanted: Mapping[str, str]) -> None:
    if other := different(wanted, versions()):
        raise SamplingError(
            f"the worker has other software than the caller: {other} on the worker",
            code="batch-other-versions",
            where="worker",
            hint="install the same versions on every worker; other versions can give other figures",
        )
