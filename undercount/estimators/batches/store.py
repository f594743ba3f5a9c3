"""Where the rows of a batch go: what is asked of it, and the one that keeps them in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol, Self

from undercount.estimators.batches import parquet
from undercount.estimators.batches.batch import Batch

if TYPE_CHECKING:
    from undercount.estimators.batches.columns import Row
    from undercount.estimators.batches.work import Job


class Store(Protocol):
    """Takes the rows of cases in the order in which they are ready."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *what: Any) -> None: ...

    def finished(self, job: Job, /) -> str | None:
        """Status of a case that an earlier call finished; its rows are taken over."""

    def add(self, place: int, rows: Sequence[Row], /) -> None:
        """Take the rows of a case."""

    def keep_file(self, job: Job, content: bytes, /) -> str:
        """Keep the estimate of a case; gives the name of its file inside the folder."""

    def tick(self) -> int:
        """Do what is due; gives the number of cases that no kill can lose."""

    def finish(self) -> Batch:
        """Put the rows in the order of the input."""


class Memory:
    """Rows that are stored nowhere."""

    def __init__(self) -> None:
        self._rows: dict[int, Sequence[Row]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def finished(self, _: Job, /) -> str | None:
        """Give nothing: there was no earlier call."""
        return None

    def add(self, place: int, rows: Sequence[Row], /) -> None:
        """Take the rows of a case."""
        self._rows[place] = rows

    def keep_file(self, job: Job, _: bytes, /) -> str:
        """Files need a folder."""
        raise NotImplementedError(job.name)

    def tick(self) -> int:
        """Nothing is ever due, and a kill loses everything."""
        return 0

    def finish(self) -> Batch:
        """Put the rows in the order of the input."""
        return Batch(None, table=parquet.table_of([row for _, rows in sorted(self._rows.items()) for row in rows]))
