"""A world that is known: incidents, and what several sources record of them, with errors and citations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from undercount.data.imports.incidents import Account, Incidents, record_schema
from undercount.data.schema import Kind, Source

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from undercount.data.matching.units import Units

START: Final = date(2017, 1, 1)
TOWNS: Final = np.array([[36.34, 43.13], [35.47, 44.39], [34.34, 40.41], [36.19, 44.01], [35.33, 40.14]])
"""Degrees north and east."""
WEIGHTS: Final = (0.4, 0.2, 0.2, 0.1, 0.1)
ACTORS: Final = ("coalition", "army", "militia", "")


@dataclass(frozen=True)
class Watcher:
    """A source: how many incidents it sees, and how well it places and dates and counts them."""

    name: str
    sees: float
    """Share of the incidents of five dead."""
    slope: float
    """By which the log odds grow with the log of the size."""
    kilometres: float
    wrong_day: float
    cites: str = ""
    """Source of which it repeats some."""


WATCHERS: Final = (
    Watcher("airwars", 0.55, 0.25, 2.0, 0.10),
    Watcher("ged", 0.40, 0.35, 8.0, 0.20, cites="airwars"),
    Watcher("ibc", 0.40, 0.25, 5.0, 0.15),
    Watcher("rights", 0.30, 0.20, 3.0, 0.10),
)


@dataclass(frozen=True, eq=False)
class World:
    """What happened, and the records of it."""

    incidents: int
    records: pa.Table
    truth: dict[tuple[str, str], int]
    """Source and record -> incident."""

    def incident_of(self, units: Units) -> NDArray[np.int64]:
        """True incident of each unit, (units,)."""
        keys = zip(units.records["source"].to_pylist(), units.records["record"].to_pylist(), strict=True)
        return np.array([self.truth[key] for key in keys], dtype=np.int64)

    @property
    def patterns(self) -> NDArray[np.int64]:
        """True overlap: (2^sources,) incidents, bit by sorted source."""
        names = sorted({name for name, _ in self.truth})
        found = np.zeros(self.incidents, dtype=np.int64)
        for (name, _), incident in self.truth.items():
            found[incident] |= 1 << names.index(name)
        counts = np.bincount(found, minlength=2 ** len(names))
        counts[0] = 0
        return counts


def world(seed: int, incidents: int = 400, days: int = 200, watchers: tuple[Watcher, ...] = WATCHERS) -> World:
    """Make a world."""
    rng = np.random.default_rng(seed)
    town = rng.choice(len(TOWNS), incidents, p=WEIGHTS)
    place = TOWNS[town] + rng.normal(0, 0.06, (incidents, 2))
    day = rng.integers(0, days, incidents)
    size = np.ceil(rng.pareto(1.3, incidents) * 2.0).clip(1, 300)
    actor = rng.choice(len(ACTORS), incidents, p=[0.5, 0.2, 0.1, 0.2])
    seen: dict[str, NDArray[np.bool_]] = {}
    rows: list[dict[str, Any]] = []
    truth = {}
    for watcher in watchers:
        odds = np.log(watcher.sees / (1 - watcher.sees)) + watcher.slope * np.log(size / 5)
        own = rng.random(incidents) < 1 / (1 + np.exp(-odds))
        copied = (
            seen[watcher.cites] & (rng.random(incidents) < 0.15) if watcher.cites else np.zeros(incidents, dtype=bool)
        )
        seen[watcher.name] = own | copied
        for number, which in enumerate(rng.permutation(np.flatnonzero(own | copied)).tolist()):
            record = f"{watcher.name}-{number:05d}"
            truth[watcher.name, record] = which
            cites = watcher.cites if copied[which] else str(rng.choice(["", "press", "agency"]))
            seen_as = (place[which], int(day[which]), int(size[which]), ACTORS[actor[which]])
            rows.append(_record(rng, watcher, record, cites, seen_as))
    table = pa.Table.from_pylist([{"row": row, **one} for row, one in enumerate(rows, start=2)], schema=record_schema())
    return World(incidents, table, truth)


def _record(
    rng: np.random.Generator, watcher: Watcher, record: str, cites: str, seen: tuple[Any, int, int, str]
) -> dict[str, Any]:
    place, day, size, actor = seen
    off = int(rng.choice([-1, 1])) * int(rng.integers(1, 3)) if rng.random() < watcher.wrong_day else 0
    long = rng.random() < 0.05
    start = START + timedelta(days=day + off - (int(rng.integers(0, 6)) if long else 0))
    end = start + timedelta(days=6) if long else start
    low = max(1, int(rng.poisson(size * rng.choice([0.7, 1.0]))) if rng.random() < 0.5 else size)
    high = low if rng.random() < 0.4 else int(np.ceil(low * rng.uniform(1.0, 1.8)))
    located = rng.random() < 0.95
    named = actor if rng.random() < 0.9 else str(rng.choice(ACTORS))
    moved = place + rng.normal(0, watcher.kilometres / 111 / 1.5, 2)
    return {
        "record": record, "source": watcher.name, "start": start, "end": end, "low": low, "high": high,
        "actors": named or None, "attribution": "stated" if named else "unattributed",
        "victims": "civilians", "quantity": "killed", "area": "iraq", "place": "",
        "latitude": float(moved[0]) if located else None, "longitude": float(moved[1]) if located else None,
        "place_error": watcher.kilometres if located else None, "cites": cites or None,
    }  # fmt: skip


def imported(made: World) -> Incidents:
    """The records as an import would give them, all in one file."""
    rows = made.records["row"].to_numpy()
    sources = tuple(
        Source(source=name, name=name.upper(), kind=Kind.RECORDER) for name in sorted({name for name, _ in made.truth})
    )
    names = {
        "actor": {},
        "area": {"iraq": "Iraq"},
        "victims": {"civilians": "civilians"},
        "quantity": {"killed": "killed"},
    }
    account = Account(rows, {}, {})
    return Incidents("made", "world.csv", "0" * 64, made.records.sort_by("row"), account, sources, names)


def joined(labels: NDArray[np.int64]) -> int:
    """How many pairs are in one cluster."""
    counts = np.bincount(labels)
    return int(np.sum(counts * (counts - 1) // 2))


def precision_and_recall(truth: NDArray[np.int64], clusters: NDArray[np.int64]) -> tuple[float, float]:
    """Of the pairs in the clusters."""
    both = np.unique(truth * (clusters.max() + 1) + clusters, return_inverse=True)[1]
    return joined(both) / max(joined(clusters), 1), joined(both) / joined(truth)
