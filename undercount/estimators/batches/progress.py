"""What a batch tells while it runs."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sized
from dataclasses import dataclass
from typing import Any, Final

SECONDS_BETWEEN: Final = 0.1


@dataclass(frozen=True)
class BatchProgress:
    """Where a batch stands."""

    passed: int
    held: int
    refused: int
    failed: int
    already: int
    """Of these, cases that an earlier call had finished."""
    stored: int
    """Cases whose rows are on disk: no kill can lose them."""
    total: int | None
    """Cases in all, where the input has a length."""
    seconds: float
    seconds_left: float | None

    @property
    def finished(self) -> int:
        """Cases that need no more work."""
        return self.passed + self.held + self.refused + self.failed


BatchCallback = Callable[[BatchProgress], None]


class Teller:
    """Counts finished cases, and tells of them.

    Parameters
    ----------
    cases : object
        The input; asked for its length alone.
    progress : callable, optional
        Told in the calling thread; what it raises stops the batch.
    """

    def __init__(self, cases: Any, progress: BatchCallback | None) -> None:
        self._total = len(cases) if isinstance(cases, Sized) else None
        self._progress = progress
        self._counts: Counter[str] = Counter()
        self._already = 0
        self._begun = time.monotonic()
        self._due = 0.0

    def count(self, status: str, *, already: bool = False) -> None:
        """Count one case."""
        self._counts[status] += 1
        self._already += already

    def tell(self, stored: int, *, at_once: bool = False) -> None:
        """Tell where the batch stands, if anybody wants to know and some time has passed."""
        seconds = time.monotonic() - self._begun
        if self._progress is None or (seconds < self._due and not at_once):
            return
        self._due = seconds + SECONDS_BETWEEN
        finished, fitted = self._counts.total(), self._counts.total() - self._already
        left = seconds / fitted * (self._total - finished) if self._total is not None and fitted else None
        of = {status: self._counts[status] for status in ("passed", "held", "refused", "failed")}
        self._progress(
            BatchProgress(
                **of, already=self._already, stored=stored, total=self._total, seconds=seconds, seconds_left=left
            )
        )
