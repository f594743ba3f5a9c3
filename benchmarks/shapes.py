"""Shapes of simulated cases: who reports what, where and when, before anybody has counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import product
from typing import Any, Final, Literal

import numpy as np

from undercount.data.schema import Attribution, Case, Kind, Qualifier, Report, Source

Size = Literal["small", "medium", "large", "any"]
Form = Literal["point", "bins", "threshold"]

FIRST_DAY: Final = date(2021, 1, 4)
VICTIMS, QUANTITY = "civilians", "killed"
MOST_CONTESTED: Final = 3
"""Contested reports of one source: their joint readings stay few."""


@dataclass(frozen=True)
class _Ranges:
    """Least and largest of each number; drawn on the log scale."""

    days: tuple[int, int]
    actors: tuple[int, int]
    areas: tuple[int, int]
    incidents: tuple[int, int]
    sources: tuple[int, int]
    reports: tuple[int, int]


_RANGES: Final[Mapping[Size, _Ranges]] = {
    "small": _Ranges((20, 60), (1, 2), (1, 1), (0, 1), (2, 4), (4, 12)),
    "medium": _Ranges((40, 150), (1, 3), (1, 2), (0, 2), (3, 6), (10, 35)),
    "large": _Ranges((100, 300), (2, 3), (2, 3), (0, 3), (4, 8), (30, 80)),
    "any": _Ranges((20, 300), (1, 3), (1, 3), (0, 3), (2, 8), (4, 80)),
}
_PATTERNS: Final[Mapping[Kind, Mapping[str, float]]] = {
    Kind.RECORDER: {"apart": 0.35, "cumulative": 0.3, "nested": 0.25, "overlapping": 0.1},
    Kind.CLAIMANT: {"apart": 0.6, "cumulative": 0.2, "nested": 0.2},
    Kind.BELLIGERENT: {"apart": 0.5, "cumulative": 0.5},
}
_FORMS: Final[Mapping[Kind, Mapping[Form, float]]] = {
    Kind.RECORDER: {"point": 0.95, "bins": 0.05},
    Kind.CLAIMANT: {"point": 0.2, "bins": 0.3, "threshold": 0.5},
    Kind.BELLIGERENT: {"point": 0.8, "bins": 0.2},
}


@dataclass(frozen=True)
class Slot:
    """A report whose figure is still open."""

    report: str
    source: str
    kind: Kind
    form: Form
    start: int
    end: int
    """First and last day, counted from 0."""
    areas: tuple[str, ...]
    actors: tuple[str, ...] = ()
    attribution: Attribution = Attribution.UNATTRIBUTED
    incident: str | None = None
    within: str | None = None
    uncertainty: int = 0

    def report_of(self, low: int, high: int | None) -> Report:
        """The report, once its count is known to lie in an interval; None leaves the upper end open."""
        return Report.model_validate(
            {
                "report": self.report,
                "source": self.source,
                "quote": "simulated",
                "published": day(self.end + 3),
                "quantity": QUANTITY,
                "victims": VICTIMS,
                "actors": self.actors,
                "attribution": self.attribution,
                "areas": self.areas,
                "window_start": day(self.start),
                "window_end": day(self.end),
                "window_uncertainty_days": self.uncertainty,
                "incident": self.incident,
                "within": self.within,
                "used": True,
                **_figure(self.kind, low, high),
            }
        )


@dataclass(frozen=True)
class Shape:
    """A case without figures."""

    case: Case
    sources: tuple[Source, ...]
    slots: tuple[Slot, ...]
    patterns: Mapping[str, str] = field(default_factory=dict)
    """How the windows of each source lie to each other."""


def _figure(kind: Kind, low: int, high: int | None) -> dict[str, Any]:
    if high is None:
        return {"qualifier": Qualifier.AT_LEAST, "value": low}
    if low == high and (kind is not Kind.CLAIMANT or low % 10):
        return {"qualifier": Qualifier.EXACT, "value": low}
    if low == 0:
        return {"qualifier": Qualifier.UP_TO, "value": high}
    # A claimant's round figure would stand for all that rounds to it.
    return {"qualifier": Qualifier.RANGE, "low": low, "high": high}


def day(number: int) -> date:
    """The date of a day of the timeline."""
    return FIRST_DAY + timedelta(days=number)


def draw_shape(rng: np.random.Generator, size: Size, name: str) -> Shape:
    """Draw a shape.

    Parameters
    ----------
    rng : numpy.random.Generator
    size : {"small", "medium", "large", "any"}
    name : str
        Identifier of the case.
    """
    ranges = _RANGES[size]
    days = _log_uniform(rng, ranges.days)
    actors = [f"actor-{i + 1}" for i in range(int(rng.integers(ranges.actors[0], ranges.actors[1] + 1)))]
    areas = [f"area-{i + 1}" for i in range(int(rng.integers(ranges.areas[0], ranges.areas[1] + 1)))]
    incidents = [
        _draw_incident(rng, f"incident-{i + 1}", days, actors, areas)
        for i in range(int(rng.integers(ranges.incidents[0], ranges.incidents[1] + 1)))
    ]
    case = Case.model_validate(
        {
            "case": name,
            "title": "A simulated conflict",
            "timezone": "UTC",
            "timeline": {"start": day(0), "end": day(days - 1)},
            "dimensions": {
                "actor": {"levels": {actor: actor for actor in actors}},
                "area": {"levels": {area: area for area in areas}},
            },
            "estimand": {"quantity": QUANTITY, "victims": VICTIMS, "window": _draw_estimand(rng, days)},
            "population": tuple(_draw_population(rng, areas, days)),
            "incidents": tuple(incidents),
        }
    )
    sources = _draw_sources(rng, _log_uniform(rng, ranges.sources), actors)
    reports = max(_log_uniform(rng, ranges.reports), len(sources))
    slots: list[Slot] = []
    patterns: dict[str, str] = {}
    for source, count in zip(sources, _split(rng, reports, sources), strict=True):
        patterns[source.source], own = _draw_slots(rng, source, count, days, actors, areas)
        slots += own
    slots += _draw_incident_slots(rng, case, sources, slots)
    return Shape(case, sources, tuple(slots), patterns)


def _log_uniform(rng: np.random.Generator, ends: tuple[int, int]) -> int:
    return int(np.floor(np.exp(rng.uniform(np.log(ends[0]), np.log(ends[1] + 1)))))


def _pick[T: str](rng: np.random.Generator, chances: Mapping[T, float]) -> T:
    names = list(chances)
    return names[int(rng.choice(len(names), p=np.array(list(chances.values()))))]


def _draw_estimand(rng: np.random.Generator, days: int) -> dict[str, date]:
    if rng.random() < 0.7:
        return {"start": day(0), "end": day(days - 1)}
    length = int(rng.integers((days + 1) // 2, days + 1))
    start = int(rng.integers(0, days - length + 1))
    return {"start": day(start), "end": day(start + length - 1)}


def _draw_population(rng: np.random.Generator, areas: Sequence[str], days: int) -> Iterator[dict[str, Any]]:
    for area in areas:
        if rng.random() < 0.3:
            continue
        people = int(np.exp(rng.uniform(np.log(5e4), np.log(1e6))))
        yield {"area": area, "date": day(0), "people": people, "basis": "simulated"}
        if rng.random() < 0.3:
            left = int(people * rng.uniform(0.4, 1.1))
            yield {"area": area, "date": day(days - 1), "people": left, "basis": "simulated"}


def _draw_incident(
    rng: np.random.Generator, name: str, days: int, actors: Sequence[str], areas: Sequence[str]
) -> dict[str, Any]:
    suspects = [str(actor) for actor in rng.permutation(actors)]
    if len(actors) > 1 and rng.random() < 0.4:
        share = float(np.round(rng.uniform(0.3, 0.8), 2))
        blame = {suspects[0]: share, suspects[1]: 1.0 - share}
    else:
        blame = {suspects[0]: 1.0}
    where, when = str(rng.choice(areas)), day(int(rng.integers(days)))
    return {"incident": name, "title": "A strike", "date": when, "area": where, "actors": blame}


def _draw_sources(rng: np.random.Generator, count: int, actors: Sequence[str]) -> tuple[Source, ...]:
    kinds = [Kind.RECORDER, *(_pick(rng, {Kind.RECORDER: 0.4, Kind.CLAIMANT: 0.4, Kind.BELLIGERENT: 0.2})
                              for _ in range(count - 1))]  # fmt: skip
    sources = []
    for i, kind in enumerate(kinds):
        fields: dict[str, Any] = {"source": f"{kind.value}-{i + 1}", "name": f"Source {i + 1}", "kind": kind}
        if kind is Kind.BELLIGERENT:
            fields["side"] = str(rng.choice(actors))
        elif rng.random() < 0.1:
            median = 0.4 if kind is Kind.RECORDER else 0.8
            fields |= {"prior_median": median, "prior_scale": 0.4, "prior_reason": "an audit, simulated"}
        sources.append(Source.model_validate(fields))
    return tuple(sources)


def _split(rng: np.random.Generator, reports: int, sources: Sequence[Source]) -> list[int]:
    """Reports of each source, at least one; recorders publish most."""
    weight = rng.gamma(1.0, size=len(sources)) * [3.0 if s.kind is Kind.RECORDER else 1.0 for s in sources]
    more = rng.multinomial(reports - len(sources), weight / weight.sum())
    return [1 + int(n) for n in more]


def _draw_slots(
    rng: np.random.Generator, source: Source, count: int, days: int, actors: Sequence[str], areas: Sequence[str]
) -> tuple[str, list[Slot]]:
    pattern = "apart" if count == 1 else _pick(rng, _PATTERNS[source.kind])
    scopes = _draw_scopes(rng, source, count, actors, areas)
    windows = list(_draw_windows(rng, pattern, -(-count // len(scopes)), days))
    slots = [
        Slot(f"{source.source}-r{i + 1:02d}", source.source, source.kind, _pick(rng, _FORMS[source.kind]),
             start, end, where, who, Attribution.STATED if who else Attribution.UNATTRIBUTED)
        for i, ((start, end), (who, where)) in enumerate(product(windows, scopes))
    ]  # fmt: skip
    if pattern == "apart" and len(scopes) == 1 and source.kind is Kind.CLAIMANT:
        slots = _loosened(rng, slots)
    return pattern, slots


def _loosened(rng: np.random.Generator, slots: Sequence[Slot]) -> list[Slot]:
    """Some attributions of a claimant are contested, some windows are not known to the day."""
    found, contested = [], 0
    for slot in slots:
        changes: dict[str, Any] = {}
        if slot.actors and contested < MOST_CONTESTED and rng.random() < 0.4:
            changes["attribution"] = Attribution.CONTESTED
            contested += 1
        length = slot.end - slot.start + 1
        if length >= 8 and rng.random() < 0.2:
            changes["uncertainty"] = int(rng.integers(1, length // 4 + 1))
        found.append(replace(slot, **changes))
    return found


def _draw_scopes(
    rng: np.random.Generator, source: Source, count: int, actors: Sequence[str], areas: Sequence[str]
) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Actors (none: unattributed) and areas that the reports of a source are about, at most `count` pairs."""
    everywhere = tuple(areas)
    if source.kind is Kind.BELLIGERENT:
        others = tuple(actor for actor in actors if actor != source.side)
        who: list[tuple[str, ...]] = [(str(source.side),)]
        if rng.random() >= 0.8 and others:
            who = [(str(rng.choice(others)),)]
    else:
        way = _pick(rng, {"nobody": 0.6, "each": 0.25, "one": 0.15})
        one = (str(rng.choice(actors)),)
        named: dict[str, list[tuple[str, ...]]] = {
            "nobody": [()], "each": [(actor,) for actor in actors], "one": [one]
        }  # fmt: skip
        who = named[way]
    way = _pick(rng, {"all": 0.6, "each": 0.2, "one": 0.2})
    here = (str(rng.choice(areas)),)
    where: dict[str, list[tuple[str, ...]]] = {"all": [everywhere], "each": [(area,) for area in areas], "one": [here]}
    return list(product(who, where[way]))[:count]


def _draw_windows(rng: np.random.Generator, pattern: str, count: int, days: int) -> Iterator[tuple[int, int]]:
    """Distinct windows, first and last day."""
    if pattern == "nested" and count > 1:
        yield 0, days - 1
        yield from _apart(rng, min(count - 1, days // 2), days)
    elif pattern == "cumulative":
        start = int(rng.integers(0, days // 4 + 1))
        ends = rng.choice(np.arange(start, days), size=min(count, days - start), replace=False)
        yield from ((start, int(end)) for end in sorted(ends))
    elif pattern == "overlapping" and count > 1:
        width = max(2, 2 * days // (count + 1))
        starts = np.unique(np.linspace(0, days - width, count).astype(int))
        yield from ((int(start), int(start) + width - 1) for start in starts)
    else:
        yield from _apart(rng, min(count, days // 2), days)


def _apart(rng: np.random.Generator, count: int, days: int) -> Iterator[tuple[int, int]]:
    """Windows that share no day; half of them follow on each other."""
    if rng.random() < 0.5:
        edges = np.sort(rng.choice(np.arange(1, days), size=count - 1, replace=False))
        bounds = [0, *edges.tolist(), days]
        yield from ((bounds[i], bounds[i + 1] - 1) for i in range(count))
    else:
        edges = np.sort(rng.choice(np.arange(days + 1), size=2 * count, replace=False))
        yield from ((int(a), int(b) - 1) for a, b in edges.reshape(-1, 2))


def _draw_incident_slots(
    rng: np.random.Generator, case: Case, sources: Sequence[Source], slots: Sequence[Slot]
) -> Iterator[Slot]:
    """One to three sources count the dead of each incident; one incident in ten goes unreported."""
    for incident in case.incidents:
        tellers = rng.permutation(len(sources))[: 0 if rng.random() < 0.1 else int(rng.integers(1, 4))]
        for source in (sources[i] for i in tellers):
            own = [slot for slot in slots if slot.source == source.source]
            when = (incident.date - FIRST_DAY).days
            name = f"{source.source}-{incident.incident}"
            slot = Slot(name, source.source, source.kind, _pick(rng, _FORMS[source.kind]), when, when,
                        (incident.area,), incident=incident.incident)  # fmt: skip
            if source.kind is Kind.BELLIGERENT:
                if source.side not in incident.actors:
                    continue
                slot = replace(slot, actors=(str(source.side),), attribution=Attribution.STATED)
            elif not any(other.actors for other in own) and rng.random() < 0.4:
                named = str(rng.choice(list(incident.actors)))
                is_disputed = len(incident.actors) > 1 and rng.random() < 0.5
                kind_of = Attribution.CONTESTED if is_disputed else Attribution.STATED
                slot = replace(slot, actors=(named,), attribution=kind_of)
            yield replace(slot, within=_parent(slot, own))


def _parent(slot: Slot, own: Sequence[Slot]) -> str | None:
    """The shortest report of the source that covers the incident."""
    around = [
        other for other in own
        if other.start <= slot.start <= other.end and {*slot.areas} <= {*other.areas} and not other.actors
    ]  # fmt: skip
    return min(around, key=lambda other: (other.end - other.start, other.report)).report if around else None
