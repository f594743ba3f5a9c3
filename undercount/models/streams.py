"""Streams: a source's figures of one victim class and quantity, which share a reporting rate."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from undercount.data.schema import Report


class Stream(NamedTuple):
    """What one source reports of one victim class and quantity."""

    source: str
    victims: str
    quantity: str

    @classmethod
    def of(cls, report: Report) -> Stream:
        """The stream that a report belongs to."""
        return cls(report.source, report.victims, report.quantity)


def stream_names(streams: Sequence[Stream]) -> tuple[str, ...]:
    """A name for each stream: its source, and what it counts where the source has several.

    Examples
    --------
    >>> stream_names([Stream("un", "civilians", "killed"), Stream("un", "civilians", "injured")])
    ('un/civilians/killed', 'un/civilians/injured')
    >>> stream_names([Stream("un", "civilians", "killed")])
    ('un',)
    """
    count = Counter(stream.source for stream in streams)
    return tuple("/".join(stream) if count[stream.source] > 1 else stream.source for stream in streams)
