"""Which streams tell their running totals with errors, and what is known of these together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from undercount.models.strata import Index
    from undercount.models.streams import Stream
    from undercount.models.terms import Terms

FEW_REPORTS = 10
"""A stream of fewer tells neither the size of its errors nor a misreading apart from what it counts."""


@dataclass(frozen=True)
class Errors:
    """Streams with running tallies, and the entries of `log_revision` and `misread_x` that they have."""

    streams: Index
    revision: Index
    """One entry for each stream of many reports; those of few share that of their source."""
    misread: Index
    """-1 for a stream of few reports: it has no misreadings."""

    @classmethod
    def of(cls, terms: Terms, streams: Sequence[Stream], reports: Index) -> Errors:
        """Find the streams with errors, given the number of reports of every stream."""
        found = np.unique([term.stream for term in terms.gaussian if term.is_revised]).astype(np.int64)
        is_few = reports[found] < FEW_REPORTS
        owner = [streams[s].source if few else s for s, few in zip(found.tolist(), is_few, strict=True)]
        entry = {name: i for i, name in enumerate(dict.fromkeys(owner))}
        revision = np.array([entry[name] for name in owner], dtype=np.int64)
        return cls(found, revision, np.where(is_few, -1, np.cumsum(~is_few) - 1))

    @property
    def revisions(self) -> int:
        """Entries of `log_revision`."""
        return int(self.revision.max(initial=-1)) + 1

    @property
    def misreadings(self) -> int:
        """Entries of `misread_x`."""
        return int((self.misread >= 0).sum())

    def of_stream(self, stream: int) -> tuple[int, int]:
        """The entries of one stream."""
        place = int(np.searchsorted(self.streams, stream))
        return int(self.revision[place]), int(self.misread[place])
