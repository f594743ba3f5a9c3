"""Cases whose number of reports grows as that of real tables does: more sources, areas, kinds, finer windows.

The timeline stays. Windows that share no day are the tables of recorders and claimants; running totals, each of
them with an error, are those of sources for which several people speak.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import product
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from undercount.data.evidence import Evidence
from undercount.data.schema import Attribution, Case, Incident, Kind, Qualifier, Report, Source, Speakers

if TYPE_CHECKING:
    from numpy.typing import NDArray

FIRST_DAY: Final = date(2020, 1, 1)
DAYS: Final = 400
ACTORS: Final = ("army", "militia")
DAILY: Final = 8.0
"""Expected deaths a day in each area, or of each kind."""
CONTESTED_EVERY: Final = 6
"""Of the reports of every other source."""
UNCERTAIN_EVERY: Final = 50
"""Of the reports of the others."""
REPORTS_AN_INCIDENT: Final = 500


class Extent(NamedTuple):
    """Sources, areas (or kinds) and windows, whose product is the number of reports."""

    sources: int
    groups: int
    windows: int


EXTENTS: Final[Mapping[int, Extent]] = {
    100: Extent(2, 2, 25),
    1_000: Extent(4, 5, 50),
    10_000: Extent(5, 10, 200),
    100_000: Extent(10, 25, 400),
}


def windows_case(extent: Extent, seed: int = 1) -> Evidence:
    """Counts of disjoint windows in several areas.

    Every other source says who killed; that is contested for one report in six, so that these sources are read
    in blocks. Of the others, one window in fifty is not known to the day, and the first also counts named incidents.
    """
    rng = np.random.default_rng([seed, *extent])
    areas = [f"area-{a:03d}" for a in range(extent.groups)]
    edges = np.linspace(0, DAYS, extent.windows + 1).astype(int).tolist()
    incidents = max(1, extent.sources * extent.groups * extent.windows // REPORTS_AN_INCIDENT)
    case = Case.model_validate({
        **_case(f"windows-{seed}", extent, areas, ACTORS),
        "incidents": tuple(_incident(rng, i, areas) for i in range(incidents)),
    })  # fmt: skip
    sources = tuple(_source(s, Kind.RECORDER if s % 3 < 2 else Kind.CLAIMANT) for s in range(extent.sources))
    told = [_about(i, incident, int(rng.poisson(20.0))) for i, incident in enumerate(case.incidents)]
    dead = np.zeros((extent.groups, DAYS), dtype=int)
    for report in told:
        dead[areas.index(report.areas[0]), (report.window_start - FIRST_DAY).days] += report.value or 0
    reports = [_windowed(rng, at, areas, edges, dead) for at in product(*(range(n) for n in extent))] + told
    return Evidence(case=case, sources=sources, reports=tuple(reports))


def totals_case(extent: Extent, seed: int = 1) -> Evidence:
    """Running totals since the first day, of several kinds, each with an error of a tenth."""
    rng = np.random.default_rng([seed, *extent])
    kinds = [f"kind-{k:03d}" for k in range(extent.groups)]
    case = Case.model_validate(_case(f"totals-{seed}", extent, ["country"], ACTORS[:1], kinds))
    sources = tuple(_source(s, Kind.CLAIMANT, Speakers.SEVERAL) for s in range(extent.sources))
    return Evidence(case=case, sources=sources, reports=tuple(_totals(rng, extent, kinds)))


def _totals(rng: np.random.Generator, extent: Extent, kinds: list[str]) -> Iterator[Report]:
    last = np.linspace(DAYS / extent.windows, DAYS, extent.windows).astype(int) - 1
    for s, k in product(range(extent.sources), range(extent.groups)):
        told = rng.uniform(0.3, 1.0) * DAILY * (last + 1.0) * np.exp(0.1 * rng.standard_normal(extent.windows))
        for w, (end, value) in enumerate(zip(last.tolist(), np.rint(told).astype(int).tolist(), strict=True)):
            yield _report(f"s{s:02d}-{k:03d}-{w:03d}", s, (0, end), value, ("country",), ACTORS[:1],
                          victims=kinds[k])  # fmt: skip


def _windowed(
    rng: np.random.Generator, at: tuple[int, ...], areas: list[str], edges: list[int], dead: NDArray[np.int64]
) -> Report:
    s, a, w = at
    start, end = edges[w], edges[w + 1] - 1
    number = a * (len(edges) - 1) + w
    actors = (ACTORS[a % 2],) if s % 2 else ()
    changes: dict[str, Any] = {}
    if actors and number % CONTESTED_EVERY == 0:
        changes["attribution"] = Attribution.CONTESTED
    if not actors and number % UNCERTAIN_EVERY == 0:
        changes["window_uncertainty_days"] = max(1, (end - start) // 4)
    # The course rises and falls once, areas apart from each other.
    wave = 1.0 + 0.8 * np.sin(2 * np.pi * ((start + end) / 2 / DAYS + a / len(areas)))
    mean = DAILY * wave * (end - start + 1) * (0.8 - 0.5 * s / 10) * (0.5 if actors else 1.0)
    value = int(rng.poisson(mean)) + int(dead[a, start : end + 1].sum())
    return _report(f"s{s:02d}-{a:03d}-{w:03d}", s, (start, end), value, (areas[a],), actors, **changes)


def _about(i: int, incident: Incident, value: int) -> Report:
    day = (incident.date - FIRST_DAY).days
    return _report(f"s00-incident-{i:03d}", 0, (day, day), value, (incident.area,), (), incident=incident.incident)


def _report(
    name: str, source: int, window: tuple[int, int], value: int, areas: tuple[str, ...], actors: tuple[str, ...],
    **changes: Any,
) -> Report:  # fmt: skip
    start, end = (FIRST_DAY + timedelta(days=day) for day in window)
    return Report.model_validate(
        {
            "report": name,
            "source": f"source-{source:02d}",
            "quote": "grown",
            "published": end + timedelta(days=3),
            "quantity": "killed",
            "victims": "civilians",
            "value": value,
            "qualifier": Qualifier.EXACT,
            "actors": actors,
            "attribution": Attribution.STATED if actors else Attribution.UNATTRIBUTED,
            "areas": areas,
            "window_start": start,
            "window_end": end,
            "used": True,
            **changes,
        }
    )


def _case(
    name: str, extent: Extent, areas: list[str], actors: tuple[str, ...], kinds: list[str] | None = None
) -> dict[str, Any]:
    window = {"start": FIRST_DAY, "end": FIRST_DAY + timedelta(days=DAYS - 1)}
    levels = {"actor": actors, "area": areas} | ({"victims": kinds} if kinds else {})
    return {
        "case": "-".join([name, *map(str, extent)]),
        "title": "A case grown for its size",
        "timezone": "UTC",
        "timeline": window,
        "dimensions": {dimension: {"levels": {level: level for level in own}} for dimension, own in levels.items()},
        "estimand": {"window": window, "victims": kinds[0] if kinds else "civilians"},
    }


def _incident(rng: np.random.Generator, i: int, areas: list[str]) -> dict[str, Any]:
    return {
        "incident": f"incident-{i:03d}", "title": "A strike", "area": areas[int(rng.integers(len(areas)))],
        "date": FIRST_DAY + timedelta(days=int(rng.integers(DAYS))), "actors": {ACTORS[i % 2]: 1.0},
    }  # fmt: skip


def _source(s: int, kind: Kind, speakers: Speakers = Speakers.ONE) -> Source:
    return Source(source=f"source-{s:02d}", name=f"Source {s}", kind=kind, speakers=speakers)
