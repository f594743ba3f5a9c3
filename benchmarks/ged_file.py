"""A file of events as UCDP GED publishes it: its 49 columns, and all that makes a real one heavy.

Invented are three countries with 60 provinces between them, and events of ten years in them. As in the real file, an
event may last for days, its day and place may be known to a month or a province only, the dead are civilians, of
either side or unknown, the sources are what media and other monitors wrote, and cells are missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    type Column = NDArray[Any]

COUNTRIES: Final = ("Varenia", "Ostmark", "Southern Isles")
PROVINCES: Final = 20
"""Of each country."""
TOWNS: Final = 40
"""Of each province."""
FIRST: Final = np.datetime64("2014-01-01")
DAYS: Final = 3650
OFFICES: Final = (
    "AFP", "Reuters", "AP", "Xinhua", "BBC Monitoring", "AFP;Reuters", "AP;AFP;Reuters", "Airwars", "ACLED",
    "Iraq Body Count", "Airwars;AFP", "Varen Observatory for Human Rights", "",
)  # fmt: skip
"""Whom an event cites: media, other monitors, several, or nobody."""
_BATCH: Final = 100_000
_COLUMNS: Final = (
    "id relid year active_year code_status type_of_violence conflict_dset_id conflict_new_id conflict_name "
    "dyad_dset_id dyad_new_id dyad_name side_a_dset_id side_a_new_id side_a side_b_dset_id side_b_new_id side_b "
    "number_of_sources source_article source_office source_date source_headline source_original where_prec "
    "where_coordinates where_description adm_1 adm_2 latitude longitude geom_wkt priogrid_gid country country_id "
    "region event_clarity date_prec date_start date_end deaths_a deaths_b deaths_civilians deaths_unknown best "
    "high low gwnoa gwnob"
).split()


def write_ged(path: Path, events: int, seed: int = 1) -> None:
    """Write a file of events."""
    import pyarrow as pa
    from pyarrow import csv

    rng = np.random.default_rng(seed)
    schema = pa.schema([(name, pa.string()) for name in _COLUMNS])
    with csv.CSVWriter(path, schema) as writer:
        for first in range(0, events, _BATCH):
            number = np.arange(first, min(first + _BATCH, events))
            columns = _Events(number, rng).columns()
            writer.write(pa.table([pa.array(columns[name].astype(str)) for name in _COLUMNS], schema=schema))


@dataclass(frozen=True)
class _Events:
    """Some of the events."""

    number: Column
    rng: np.random.Generator

    def columns(self) -> dict[str, Column]:
        """Cells of each column."""
        return {**self._who(), **self._where(), **self._when(), **self._told(), **self._killed()}

    def _drawn(self, among: Sequence[Any], chances: Sequence[float] | None = None) -> Column:
        return np.array(among)[self.rng.choice(len(among), self.number.size, p=chances)]

    @cached_property
    def _province(self) -> Column:
        """Most events are in few provinces."""
        weight = 1.0 / np.arange(1, len(COUNTRIES) * PROVINCES + 1) ** 0.5
        return self.rng.choice(weight.size, self.number.size, p=weight / weight.sum())

    @cached_property
    def _country(self) -> Column:
        return self._province % len(COUNTRIES)

    @cached_property
    def _precision(self) -> Column:
        """Of the day, from 1 to 5."""
        return self._drawn([1, 2, 3, 4, 5], [0.82, 0.05, 0.07, 0.04, 0.02])

    def _who(self) -> dict[str, Column]:
        kind = self._drawn([1, 2, 3], [0.7, 0.1, 0.2])
        group = self.rng.integers(0, 12, self.number.size)
        country = np.array(COUNTRIES)[self._country]
        side_a = np.where(kind == 1, _joined("Government of ", country), _joined("Group ", group))
        side_b = np.where(kind == 3, "Civilians", _joined("Front ", (group + 1) % 12))
        return {
            "id": self.number + 100_000,
            "relid": _joined("VAR-", self.number // 40, "-", kind, "-", group, "-", self.number % 40),
            "code_status": np.full(self.number.size, "Clear"),
            "active_year": self._drawn([1, 0], [0.95, 0.05]),
            "type_of_violence": kind,
            "side_a": side_a, "side_b": side_b, "dyad_name": _joined(side_a, " - ", side_b),
            "conflict_name": _joined(country, ": Government"),
            **{f"{name}_{which}_id": group + shift for which in ("dset", "new")
               for shift, name in enumerate(("conflict", "dyad", "side_a", "side_b"))},
            "gwnoa": np.where(kind == 1, (645 + self._country).astype(str), ""),
            "gwnob": np.full(self.number.size, ""),
        }  # fmt: skip

    def _where(self) -> dict[str, Column]:
        precision = self._drawn([1, 2, 3, 4, 5, 6], [0.45, 0.2, 0.15, 0.14, 0.02, 0.04])
        town = self.rng.integers(0, TOWNS, self.number.size)
        latitude = np.round(30 + self._province % 9 + town / 45, 6)
        longitude = np.round(40 + self._province // 9 + town / 55, 6)
        names = np.where(precision <= 3, _joined("Town ", town, " of province ", self._province), "province")
        return {
            "where_prec": precision,
            "where_coordinates": names,
            "where_description": _joined("some kilometres from town ", town, ", on the road to town ", town + 1),
            "adm_1": np.where(precision < 6, _joined("Province ", self._province), ""),
            "adm_2": np.where(precision <= 3, _joined("District ", town % 6), ""),
            "latitude": latitude, "longitude": longitude,
            "geom_wkt": _joined("POINT (", longitude, " ", latitude, ")"),
            "priogrid_gid": 170_000 + self._province * 50 + town,
            "country": np.array(COUNTRIES)[self._country],
            "country_id": 645 + self._country,
            "region": np.full(self.number.size, "Middle East"),
        }  # fmt: skip

    def _when(self) -> dict[str, Column]:
        day = FIRST + self.rng.integers(0, DAYS, self.number.size).astype("timedelta64[D]")
        # 1970-01-01 was a Thursday.
        monday = day - ((day.astype(np.int64) + 3) % 7).astype("timedelta64[D]")
        month, year = (day.astype(f"datetime64[{unit}]") for unit in "MY")
        some = day + self.rng.integers(1, 4, day.size).astype("timedelta64[D]")
        precision = self._precision - 1
        start = np.choose(precision, [day, day, monday, month.astype(day.dtype), year.astype(day.dtype)])
        end = np.choose(precision, [day, some, monday + 6, (month + 1).astype(day.dtype) - 1,
                                    (year + 1).astype(day.dtype) - 1])  # fmt: skip
        written = end.astype(str)
        return {
            "year": start.astype("datetime64[Y]"),
            "date_prec": self._precision,
            "date_start": _joined(start, " 00:00:00.000"),
            "date_end": _joined(written, " 00:00:00.000"),
            "source_date": written,
        }

    def _told(self) -> dict[str, Column]:
        office = self._drawn(OFFICES)
        headline = _joined("Several killed in clashes, says ", self._drawn(["army", "police", "rebels"]),
                           "; report ", self.number)  # fmt: skip
        return {
            "number_of_sources": self._drawn([-1, 1, 2, 3]),
            "source_article": np.where(office == "", "", _joined(office, ", ", headline)),
            "source_office": office,
            "source_headline": np.where(office == "", "", headline),
            "source_original": self._drawn(["police", "army spokesman", "residents", "a hospital", ""]),
            "event_clarity": self._drawn([1, 2], [0.9, 0.1]),
        }

    def _killed(self) -> dict[str, Column]:
        best = self.rng.geometric(0.12, self.number.size) + 1
        share = self.rng.dirichlet([0.9, 0.7, 0.7, 0.4], self.number.size)
        upto = np.round(np.cumsum(share, axis=1) * best[:, None]).astype(np.int64)
        upto[:, -1] = best
        civilians, side_a, side_b, unknown = np.diff(upto, axis=1, prepend=0).T
        return {
            "deaths_civilians": civilians, "deaths_a": side_a, "deaths_b": side_b, "deaths_unknown": unknown,
            "best": best,
            "low": np.maximum(best - self.rng.integers(0, 4, best.size), 0),
            "high": best + self.rng.integers(0, 6, best.size),
        }  # fmt: skip


def _joined(*parts: Column | str) -> Column:
    """Texts side by side."""
    whole: Column = np.array("")
    for part in parts:
        whole = np.char.add(whole, part if isinstance(part, str) else part.astype(str))
    return whole
