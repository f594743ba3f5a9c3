"""The folder of a batch: held by one process, complete after any kill."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from undercount.errors import StoreError
from undercount.estimators.batches import parquet
from undercount.estimators.batches.batch import RESULTS, Batch
from undercount.estimators.batches.parts import Found, Parts, Spot
from undercount.estimators.batches.settings import different
from undercount.estimators.batches.whole_file import HALF_WRITTEN, batch_not_written, whole_file

if TYPE_CHECKING:
    from undercount.estimators.batches.columns import Row
    from undercount.estimators.batches.work import Job

SETTINGS, PARTS, ESTIMATES, LOCK = "settings.json", "parts", "estimates", ".lock"
_LONGEST: Final = 60


class Folder:
    """Rows of a batch in a folder, which outlive a kill.

    Parameters
    ----------
    path : Path
        Made if it is not there.
    settings : mapping
        As `settings_of` gives them; a folder of other settings is refused.
    """

    def __init__(self, path: Path, settings: Mapping[str, Any]) -> None:
        self._path = path
        self._settings = settings
        self._held = ExitStack()
        self._parts: Parts
        self._finished: dict[tuple[str, str], Found] = {}
        self._spots: dict[int, Spot] = {}
        self._already = 0

    def __enter__(self) -> Self:
        try:
            self._path.mkdir(parents=True, exist_ok=True)
            with ExitStack() as held:
                _lock(self._path, held)
                self._agree()
                for name in ("", PARTS, ESTIMATES):
                    (self._path / name).mkdir(exist_ok=True)
                    for half in (self._path / name).glob(f"{HALF_WRITTEN}*"):
                        half.unlink()
                self._parts = Parts(self._path / PARTS)
                self._finished = self._parts.finished()
                self._held = held.pop_all()
        except OSError as error:
            raise batch_not_written(self._path, error) from error
        return self

    def _agree(self) -> None:
        """Refuse a folder of another batch, or of anything else."""
        path = self._path / SETTINGS
        if not path.exists():
            names = sorted(file.name for file in self._path.iterdir())
            if other := [name for name in names if name != LOCK and not name.startswith(HALF_WRITTEN)]:
                raise StoreError(
                    f"the folder holds other files: {', '.join(map(repr, other[:3]))}",
                    code="store-not-a-batch",
                    where=str(self._path),
                    hint="give an `out` that is empty or does not exist",
                )
            with whole_file(path) as beside:
                beside.write_text(json.dumps(self._settings, indent=1) + "\n", encoding="utf-8")
            return
        try:
            before = json.loads(path.read_text(encoding="utf-8"))
            difference = different(before, self._settings)
        except (ValueError, AttributeError):
            difference = "its settings cannot be read"
        if difference:
            raise StoreError(
                f"the batch in this folder was begun otherwise: {difference}",
                code="store-other-settings",
                where=str(path),
                hint="give another `out` for these settings; or remove the folder, if it is not needed",
            )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._held, suppress(StoreError):  # the first error is the one to tell
            if kind is not None:
                self._parts.flush()

    def finished(self, job: Job, /) -> str | None:
        """Status of a case that an earlier call finished; its rows are taken over."""
        found = self._finished.get((job.name, job.sha256))
        if found is None or (found.file and not (self._path / found.file).is_file()):
            return None
        self._spots[job.place] = found.spot
        self._already += 1
        return found.status

    def add(self, place: int, rows: Sequence[Row], /) -> None:
        """Take the rows of a case."""
        self._spots[place] = self._parts.add(place, rows)

    def keep_file(self, job: Job, content: bytes, /) -> str:
        """Store the estimate of a case; gives the name of its file inside the folder."""
        file = f"{ESTIMATES}/{file_name(job.name, job.sha256)}"
        with whole_file(self._path / file) as beside:
            beside.write_bytes(content)
        return file

    def tick(self) -> int:
        """Write rows that waited long enough; gives the number of cases that no kill can lose."""
        self._parts.tick()
        return self._parts.stored + self._already

    def finish(self) -> Batch:
        """Put the rows of this call's cases into one table, in the order of the input."""
        self._parts.flush()
        path = self._path / RESULTS
        with whole_file(path) as beside:
            sha256 = parquet.write(self._parts.in_order(self._spots), beside)
        return Batch(self._path, sha256=sha256)


def file_name(case: str, sha256: str) -> str:
    """Name of the file of a case: harmless, not too long, and another one for every case and evidence.

    Examples
    --------
    >>> file_name("../../etc/passwd", "1f0d")
    'etc-passwd-27ff12c6fb003edb.nc'
    """
    readable = re.sub(r"[^A-Za-z0-9_]+", "-", case).strip("-")[:_LONGEST]
    both = f"{sha256} {case}".encode()
    return f"{readable}-{hashlib.sha256(both).hexdigest()[:16]}.nc".lstrip("-")


def _lock(path: Path, held: ExitStack) -> None:
    """Hold a folder; the lock goes with the process, however that ends."""
    from filelock import FileLock, Timeout

    lock = FileLock(path / LOCK, timeout=0, thread_local=False)
    try:
        held.enter_context(lock)
    except Timeout:
        raise StoreError(
            "another process writes to this folder",
            code="store-in-use",
            where=str(path),
            hint="wait until it has ended, or give another `out`",
        ) from None
