"""Plain arrays of a case: what the fusion model needs and no more."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from undercount.collecting import no_collection
from undercount.data.schema import Case, Population, Report, Speakers, Window
from undercount.errors import ModelError
from undercount.models.anchors import Anchors
from undercount.models.basis import mode_count, walk_basis
from undercount.models.centring import Centring
from undercount.models.claims import claims_by_stream, select_reports
from undercount.models.geometry import calendar
from undercount.models.joint.placing import place_lists, refuse_larger
from undercount.models.lags import Lags
from undercount.models.pieces import Claim, blocks, sole_piece
from undercount.models.priors import PriorTable
from undercount.models.rates import RatePriors
from undercount.models.report_errors import Errors
from undercount.models.strata import Index, Strata
from undercount.models.streams import Stream, stream_names
from undercount.models.terms import Pieces, Terms
from undercount.models.tolls import Tolls

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from undercount.data.evidence import Evidence
    from undercount.data.lists import AnyMatched
    from undercount.models.joint import Overlap

Array = NDArray[np.float64]

SHORTEST_WAVE = 4.0
"""Days of the shortest half-wave of the common course."""
MODES_SHARED = 30
FEWEST_OWN, MOST_OWN = 8, 24
REPORTS_A_MODE = 10
"""Reports on one stratum for each cosine of its own beyond the fewest: what many reports show, few cosines miss."""
LARGEST_WINDOW_ERROR = 0.5


@dataclass(frozen=True)
class Incidents:
    """Known incidents; a disputed one has a cell for each actor that may share it."""

    names: tuple[str, ...]
    day: Index
    cell_incident: Index
    cell_stratum: Index
    cell_weight: Array
    """Log expected share of the cell's actor in its incident."""

    @property
    def is_disputed(self) -> NDArray[np.bool_]:
        """Whether each cell's incident has more than one actor."""
        return np.bincount(self.cell_incident, minlength=len(self.names))[self.cell_incident] > 1


@dataclass(frozen=True)
class Scopes:
    """What each claim covers on its own, once for each reading of its attribution."""

    pieces: Pieces
    probability: Array
    low: Array
    high: Array


@dataclass(frozen=True)
class Design:
    """Arrays of one case: T days, C strata, S streams, R reports in the likelihood."""

    first_day: date
    days: int
    strata: Strata
    log_exposure: Any
    """(T, areas) log of the population at risk in units of 10,000; zero where none is known."""
    has_population: NDArray[np.bool_]
    """(areas,)"""
    basis_shared: Array
    basis_own: Array
    incidents: Incidents
    streams: tuple[Stream, ...]
    rates: RatePriors
    reports: tuple[str, ...]
    report_stream: Index
    window_error: Array
    """(R,) standard deviation of the log of the length of each window."""
    terms: Terms
    scopes: Scopes
    anchors: Anchors
    """Streams whose expected count is sampled in place of their own deviation."""
    centring: Centring
    tolls: Tolls
    """Coordinates of the tolls of the incidents."""
    lags: Lags
    """Recorders whose counts grow with the time since the deaths."""
    overlap: Overlap
    """What matched lists say."""
    dropped: Mapping[str, str]
    priors: PriorTable

    @property
    def window(self) -> Window:
        """The modelled timeline."""
        return Window(start=self.first_day, end=self.first_day + timedelta(days=self.days - 1))

    @cached_property
    def stream_names(self) -> tuple[str, ...]:
        """A name for each stream: its source, where the source has no other."""
        return stream_names(self.streams)

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """Sources that have a report in the likelihood."""
        return tuple(dict.fromkeys(stream.source for stream in self.streams))

    @cached_property
    def free_streams(self) -> Index:
        """Streams whose own deviation is sampled as such."""
        return np.setdiff1d(np.arange(len(self.streams)), self.anchors.places)

    @cached_property
    def incident_recorders(self) -> Index:
        """Streams of recorders whose reports hold a named incident."""
        involved = {
            int(s) for pieces in (self.terms.pieces, self.scopes.pieces) for s in pieces.stream[pieces.event_piece]
        }
        return np.array(sorted(s for s in involved if self.rates.is_recorder[s]), dtype=np.int64)

    @cached_property
    def uncertain_reports(self) -> Index:
        """Reports whose window is not known to the day."""
        return np.flatnonzero(self.window_error > 0)

    @cached_property
    def errors(self) -> Errors:
        """Streams whose running totals have errors."""
        return Errors.of(self.terms, self.streams, np.bincount(self.report_stream, minlength=len(self.streams)))

    @cached_property
    def scored_reports(self) -> Index:
        """Interval reports in a latent tally without errors: where in it the tally lies has a score."""
        rows = [t.reports[t.low < t.high] for t in self.terms.gaussian if not t.is_revised]
        return np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *rows]))

    def day_slice(self, window: Window) -> slice:
        """Days of a window as a slice of the timeline."""
        return slice((window.start - self.first_day).days, (window.end - self.first_day).days + 1)


@no_collection
def design(evidence: Evidence, priors: PriorTable | None = None, lists: AnyMatched | None = None) -> Design:
    """Arrays of the evidence, in canonical order.

    Parameters
    ----------
    evidence : Evidence
    priors : PriorTable, optional
        By default the default table with the changes that the case states.
    lists : MatchedLists or MatchedIncidents, optional
        Matched lists of some of the recorders, or the incidents that they saw.

    Raises
    ------
    ModelError
        If no report is usable, one covers no deaths of the model, or reports of one source exclude each other or its
        list.
    EvidenceError
        If the lists cannot be about the deaths of the case.
    """
    case = evidence.case
    table = PriorTable(case.priors) if priors is None else priors
    reports, derived = select_reports(evidence)
    strata = Strata.of(evidence, reports)
    claims, joined = claims_by_stream(evidence, reports, strata, table["contested"].location)
    streams = tuple(claims)
    incidents = _incidents(case, strata)
    places = [
        (int(day), frozenset(incidents.cell_stratum[incidents.cell_incident == e].tolist()))
        for e, day in enumerate(incidents.day)
    ]
    sources = {source.source: source for source in evidence.sources}
    cut = {
        stream: blocks(own, places, has_errors=sources[stream.source].speakers is Speakers.SEVERAL)
        for stream, own in claims.items()
    }
    usual_lag = float(np.exp(table["lag"].location))
    terms = Terms.of(cut, incidents.cell_incident, incidents.cell_stratum, usual_lag)
    owners = [sources[stream.source] for stream in streams]
    rates = RatePriors.of(owners, strata.actors, table)
    days = case.timeline.days
    exposure, known = _exposure(case.population, strata.areas, case.timeline)
    place = {stream: i for i, stream in enumerate(streams)}
    shared = walk_basis(days, mode_count(days, SHORTEST_WAVE, MODES_SHARED))
    own = walk_basis(days, mode_count(days, 2 * SHORTEST_WAVE, _own_modes(claims)) if strata.count > 1 else 0)
    scopes = _scopes(claims, places, incidents, reports)
    overlap = place_lists(evidence, lists, strata, incidents)
    refuse_larger(overlap, scopes, streams, [report.report for report in reports], sources)
    return Design(
        first_day=case.timeline.start,
        days=days,
        strata=strata,
        log_exposure=exposure,
        has_population=known,
        basis_shared=shared,
        basis_own=own,
        incidents=incidents,
        streams=streams,
        rates=rates,
        reports=tuple(report.report for report in reports),
        report_stream=np.array([place[Stream.of(report)] for report in reports]),
        window_error=np.array([_window_error(report) for report in reports]),
        terms=terms,
        anchors=Anchors.of(terms, rates.is_recorder),
        centring=Centring.of(
            terms,
            strata,
            shared=shared,
            own=own,
            log_exposure=exposure,
            has_population=known,
            priors=table,
        ),
        lags=Lags.of(owners, terms.pieces, scopes.pieces),
        tolls=Tolls.of(terms, rates, incidents.cell_incident, len(incidents.names), table["incident_toll"]),
        scopes=scopes,
        overlap=overlap,
        dropped={**derived, **joined},
        priors=table,
    )


def _own_modes(claims: Mapping[Stream, tuple[Claim, ...]]) -> int:
    """Most cosines by which a stratum departs from the common course, by the reports on the one with the most."""
    reports = Counter(c for own in claims.values() for claim in own for c in claim.readings[0][1])
    return min(MOST_OWN, max(FEWEST_OWN, max(reports.values(), default=0) // REPORTS_A_MODE))


def _covers_nothing(report: Report) -> ModelError:
    return ModelError(
        f"{report.report} is about '{report.incident}', but by actors, or of victims, whom that incident has not",
        code="model-covers-nothing",
        where=f"report {report.report}",
        hint="let its actors be among those of the incident in case.toml, or mark it used = no with a reason",
    )


def _scopes(
    claims: Mapping[Stream, tuple[Claim, ...]],
    places: Sequence[tuple[int, frozenset[int]]],
    incidents: Incidents,
    reports: Sequence[Report],
) -> Scopes:
    rows = [
        (claim, p, strata, s) for s, own in enumerate(claims.values()) for claim in own for p, strata in claim.readings
    ]
    rows.sort(key=lambda row: row[0].report)
    near = calendar(places)
    pieces = [(sole_piece(claim, strata, places, near(claim)), s) for claim, _, strata, s in rows]
    for piece, _ in pieces:
        if not piece.cells:
            raise _covers_nothing(reports[piece.report])
    return Scopes(
        Pieces.of(
            pieces,
            incidents.cell_incident,
            incidents.cell_stratum,
        ),
        np.array([p for _, p, *_ in rows]),
        np.array([claim.low for claim, *_ in rows]),
        np.array([claim.high for claim, *_ in rows]),
    )


def _incidents(case: Case, strata: Strata) -> Incidents:
    incidents, start = sorted(case.incidents, key=lambda i: i.incident), case.timeline.start
    whom, what = case.estimand.victims, case.estimand.quantity
    cells = [
        (e, stratum, np.log(share))
        for e, incident in enumerate(incidents)
        for actor, share in sorted(incident.actors.items())
        for stratum in strata.select((actor,), (incident.area,), whom, what)
    ]
    columns = list(zip(*cells, strict=True)) or [(), (), ()]
    return Incidents(
        names=tuple(incident.incident for incident in incidents),
        day=np.array([(incident.date - start).days for incident in incidents], dtype=np.int64),
        cell_incident=np.array(columns[0], dtype=np.int64),
        cell_stratum=np.array(columns[1], dtype=np.int64),
        cell_weight=np.array(columns[2], dtype=float),
    )


def _exposure(
    population: Sequence[Population], areas: Sequence[str], timeline: Window
) -> tuple[Array, NDArray[np.bool_]]:
    """Log-linear between the dates at which people were counted, constant beyond."""
    known = np.zeros(len(areas), dtype=bool)
    exposure = np.zeros((timeline.days, len(areas)))
    t = np.arange(timeline.days)
    for a, area in enumerate(areas):
        points = sorted((p.date, p.people) for p in population if p.area == area)
        if points:
            known[a] = True
            when = [(day - timeline.start).days for day, _ in points]
            exposure[:, a] = np.interp(t, when, np.log([people / 1e4 for _, people in points]))
    return exposure, known


def _window_error(report: Report) -> float:
    """Both ends uniform within the stated days: the standard deviation of the length, relative to it."""
    if report.incident is not None or not report.window_uncertainty_days:
        return 0.0
    return min(LARGEST_WINDOW_ERROR, sqrt(2 / 3) * report.window_uncertainty_days / report.window.days)


__all__ = ["Design", "Incidents", "design"]
