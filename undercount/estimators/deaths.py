"""Draws of the deaths inside a scope, cut by level and period."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from undercount.errors import ModelError
from undercount.errors.naming import nearest

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEVELS: Final = ("actor", "area")
TIMES: Final = ("day", "week", "month")
_AXES: Final = {"day": 2, "week": 2, "month": 2, "actor": 3, "area": 4}


@dataclass(frozen=True, eq=False)
class Deaths:
    """Draws of the number killed, with the labels of their axes."""

    draws: NDArray[np.integer[Any]]
    """Shape (chain, draw, day, actor, area)."""
    days: tuple[date, ...]
    actors: tuple[str, ...]
    areas: tuple[str, ...]

    def total(self) -> NDArray[np.int64]:
        """Deaths of the whole scope, shape (chain, draw)."""
        return self.draws.sum(axis=(2, 3, 4), dtype=np.int64)

    def parts(self, by: Sequence[str]) -> Iterator[tuple[tuple[Any, ...], NDArray[np.int64]]]:
        """Deaths of every combination of levels and periods, the last key running fastest.

        Parameters
        ----------
        by : sequence of str
            Levels (actor, area) and at most one of day, week, month.

        Yields
        ------
        tuple, ndarray of shape (chain, draw)
            The labels, one for each key, and the draws.

        Raises
        ------
        ModelError
            If a key is unknown, comes twice, or is a second period.
        """
        unknown = [key for key in by if key not in _AXES]
        if unknown or sum(key in TIMES for key in by) > 1 or len(set(by)) < len(by):
            raise ModelError(
                f"the toll cannot be given by {', '.join(map(str, by))}",
                code="model-unknown-by",
                where="by",
                hint=f"{_meant(unknown)}name levels ({', '.join(LEVELS)}) and at most one of {', '.join(TIMES)}, "
                "each once",
            )
        axes = [_AXES[key] for key in by]
        sums = self.draws.sum(axis=tuple({2, 3, 4}.difference(axes)), keepdims=True, dtype=np.int64)
        labels: list[Sequence[Any]] = []
        for key in by:
            if key in TIMES:
                starts = [period_start(day, key, self.days[0]) for day in self.days]
                first = [i for i, start in enumerate(starts) if i == 0 or start != starts[i - 1]]
                sums = np.add.reduceat(sums, first, axis=2)
                labels.append([starts[i] for i in first])
            else:
                labels.append(self.actors if key == "actor" else self.areas)
        for places in product(*(range(len(found)) for found in labels)):
            where = dict(zip(axes, places, strict=True))
            part = sums[:, :, where.get(2, 0), where.get(3, 0), where.get(4, 0)]
            yield tuple(found[i] for found, i in zip(labels, places, strict=True)), np.ascontiguousarray(part)


def _meant(unknown: Sequence[str]) -> str:
    near = [nearest(str(key), _AXES) for key in unknown]
    return "".join(f"did you mean {name}? " for name in dict.fromkeys(near) if name)


def period_start(day: date, period: str, first: date) -> date:
    """First day of the ISO week, month or day that `day` is in, not before `first`."""
    if period == "week":
        return max(first, day - timedelta(days=day.weekday()))
    return max(first, day.replace(day=1)) if period == "month" else day
