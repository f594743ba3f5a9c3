"""A known war as four monitors would export it: strikes that they see by size and place, with errors and citations."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from undercount.data.imports.casework import How, into_case
from undercount.data.imports.contract import Asked
from undercount.data.imports.registry import read_file

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

START: Final = date(2031, 1, 1)
DAYS: Final = 240
STRIKES: Final = 400
PROVINCES: Final = ("Marun", "Sahla", "Kesh")
TOWNS: Final = np.array([[36.34, 43.13], [35.47, 44.39], [34.34, 40.41]])
PUBLISHED: Final = date(2032, 6, 1)


class Monitor(NamedTuple):
    """How a source sees strikes."""

    format: str
    sees: tuple[float, float, float]
    """Share of the strikes of five dead, by province."""
    slope: float
    """By which the log odds grow with the log of the size."""
    kilometres: float
    wrong_day: float
    copies: float = 0.0
    """Share of what the first monitor saw that it repeats."""


MONITORS: Final = (
    Monitor("airwars", (0.65, 0.50, 0.40), 0.30, 2.0, 0.10),
    Monitor("ged", (0.45, 0.45, 0.35), 0.40, 6.0, 0.20, copies=0.15),
    Monitor("ibc", (0.35, 0.50, 0.40), 0.30, 5.0, 0.15),
    Monitor("mapped", (0.40, 0.30, 0.45), 0.25, 3.0, 0.10),
)
MAPPING: Final = """
[source]
source = "rights"
name = "Rights monitor"
kind = "recorder"
[columns]
record = "id"
start = "day"
low = "min"
high = "max"
area = "province"
latitude = "lat"
longitude = "lon"
[constants]
attribution = "unattributed"
victims = "civilians"
quantity = "killed"
"""


@dataclass(frozen=True, eq=False)
class War:
    """What happened, and what its monitors exported."""

    dead: NDArray[np.int64]
    """Of each strike."""
    case: Path
    counted: dict[str, float]
    """By source: the sum of the middles of its numbers."""

    @property
    def toll(self) -> int:
        """How many were killed."""
        return int(self.dead.sum())


def export(folder: Path, seed: int, strikes: int = STRIKES) -> War:
    """Let a war happen, and import what its monitors export of it into the case `folder / "war"`.

    Parameters
    ----------
    folder : Path
    seed : int
    strikes : int
    """
    rng = np.random.default_rng(seed)
    province = rng.choice(3, strikes, p=[0.5, 0.3, 0.2])
    place = TOWNS[province] + rng.normal(0, 0.08, (strikes, 2))
    day = rng.integers(0, DAYS, strikes)
    dead = np.ceil(rng.pareto(1.4, strikes) * 2.0).clip(1, 150).astype(np.int64)
    first: NDArray[np.bool_] | None = None
    counted = {}
    for monitor in MONITORS:
        share = np.array(monitor.sees)[province]
        odds = np.log(share / (1 - share)) + monitor.slope * np.log(dead / 5)
        own = rng.random(strikes) < 1 / (1 + np.exp(-odds))
        copied = ~own & (first if first is not None else ~own & False) & (rng.random(strikes) < monitor.copies)
        first = own if first is None else first
        rows = []
        for number, one in enumerate(rng.permutation(np.flatnonzero(own | copied)).tolist(), start=1):
            off = int(rng.choice([-1, 1])) * int(rng.integers(1, 3)) if rng.random() < monitor.wrong_day else 0
            low = max(1, int(rng.binomial(dead[one], 0.92)))
            high = low + int(rng.poisson(0.16 * dead[one]))
            where = place[one] + rng.normal(0, monitor.kilometres / 170, 2)
            seen = (number, START + timedelta(days=int(day[one]) + off), PROVINCES[province[one]], where, low, high)
            rows.append(_row(monitor.format, *seen, cites="Airwars" if copied[one] else "Press agency"))
        counted[monitor.format] = sum(row.pop("middle") for row in rows)
        _import(folder, monitor.format, rows)
    return War(dead, folder / "war", counted)


def _row(
    kind: str, number: int, day: date, province: str, place: Any, low: int, high: int, *, cites: str
) -> dict[str, Any]:
    north, east = (f"{degrees:.4f}" for degrees in place)
    middle = {"middle": 0.5 * (low + high)}
    if kind == "airwars":
        return middle | {
            "code": f"VA{number:04d}", "date": f"{day} 00:00:00", "region": province, "latitude": north,
            "longitude": east, "geolocation_accuracy_name": "Village", "civilian_harm_status_name": "Fair",
            "civilian_non_combatants_killed_min": low, "civilian_non_combatants_killed_max": high,
        }  # fmt: skip
    if kind == "ged":
        return middle | {
            "id": number, "date_start": f"{day} 00:00:00.000", "date_end": f"{day} 00:00:00.000", "date_prec": 1,
            "country": "Varenia", "adm_1": province, "where_prec": 2, "latitude": north, "longitude": east,
            "source_office": cites, "deaths_a": 0, "deaths_b": 0, "deaths_civilians": (low + high) // 2,
            "deaths_unknown": 0, "best": (low + high) // 2, "low": low, "high": high,
        }  # fmt: skip
    if kind == "ibc":
        return middle | {
            "IBC code": f"v{number:04d}", "Start Date": f"{day:%d %b %Y}", "End Date": f"{day:%d %b %Y}",
            "Province": province, "Location": "", "Latitude": north, "Longitude": east, "Reported Minimum": low,
            "Reported Maximum": high, "Sources": cites,
        }  # fmt: skip
    return middle | {
        "id": number, "day": day, "province": province, "lat": north, "lon": east, "min": low, "max": high,
    }  # fmt: skip


def _import(folder: Path, kind: str, rows: list[dict[str, Any]]) -> None:
    path = folder / f"{kind}.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    mapping = folder / "mapping.toml"
    mapping.write_text(MAPPING, encoding="utf-8")
    asked = Asked({"mapping": mapping} if kind == "mapped" else {})
    into_case(read_file(path, kind, asked), folder / "war", How(window="month", published=PUBLISHED))
