"""What came of a run, for whoever started it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from undercount.runs.ledger.runs import HELD

if TYPE_CHECKING:
    from undercount.runs.ingest import Taken
    from undercount.runs.ledger.runs import Release, Run


@dataclass(frozen=True)
class Outcome:
    """What came of a run."""

    status: str
    is_new: bool
    """Whether there was anything to do."""
    run: Run | None
    """None of a run on trial."""
    release: Release | None
    """The release that stands now."""
    taken: tuple[Taken, ...]
    reasons: tuple[str, ...]
    """Why a gate holds it."""
    judged: Mapping[str, Any]

    @property
    def is_held(self) -> bool:
        """Whether a gate holds it."""
        return self.status.startswith(HELD)

    @property
    def figure(self) -> Mapping[str, Any]:
        """Median, interval and ci_prob of the toll; empty if there is none."""
        found: Mapping[str, Any] = self.judged.get("toll", {})
        return found

    @property
    def content(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "status": self.status,
            "is_new": self.is_new,
            "run": None if self.run is None else self.run.number,
            "release": None if self.release is None else asdict(self.release),
            "taken": [asdict(one) for one in self.taken],
            "reasons": list(self.reasons),
            **self.judged,
        }
