"""Simulated cases whose truth is drawn from the prior and whose reports follow the model's own law.

Each source documents a random measure: over days, strata and named incidents its counts are independent NB1
counts, and each of its reports is a sum over the same counts. A figure that is not the count itself is a
coarsening that was chosen before the count was known: the bin of a fixed grid, or whether a threshold was
reached that depends on nothing but the figures of other sources. Cases are refused by their figures alone (too
large, too small, not valid as evidence), which leaves the posterior of the others as it is. The coverage of
credible intervals over such cases must therefore be nominal, up to the Gaussian tallies that stand in for windows
that overlap in part.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.shapes import Shape, Size, Slot, draw_shape
from undercount.data.evidence import Evidence
from undercount.data.schema import Attribution, Kind
from undercount.errors import EvidenceError, ModelError
from undercount.estimators.forecast import forecast, prior_values, verified_tallies
from undercount.models.design import Design, design
from undercount.models.intensity import incident_deaths, incident_log_rates, log_intensity, reporting_rates
from undercount.models.negative_binomial import draw

Array = NDArray[np.float64]
Counts = NDArray[np.int64]

BINS: Final = tuple(int(m * 10**e) for e in range(8) for m in (1, 2, 5))
"""Edges of the grid on which ranges are stated."""
LEAST, LARGEST = 10, 200_000
"""The largest figure of a case lies between these."""
CEILING: Final = 1e8
"""Expected counts are cut here; what they lead to is refused as too large."""
TRIES: Final = 30
"""Truths that are drawn for one shape before another one is taken."""


@dataclass(frozen=True)
class Truth:
    """What really happened in a simulated case."""

    toll: int
    """Deaths of the estimand."""
    by_actor: Mapping[str, int]
    expected: float
    """Expected deaths of the estimand, the toll before chance."""
    parameters: Mapping[str, Array]
    """Parameters of the prior, each with a leading axis of one."""
    is_exact: bool
    """Whether no report is read through a Gaussian tally, so that the model's likelihood is the law itself."""
    patterns: Mapping[str, str]
    """How the windows of each source lie to each other."""


@dataclass(frozen=True)
class Measure:
    """What one source documented."""

    daily: Counts
    """(T, C)"""
    incidents: Counts
    """(cells,)"""

    def over(self, slot: Slot, arrays: Design, actors: tuple[str, ...]) -> int:
        """Count of a report that is about the deaths that `actors` caused; none named means all."""
        strata = sorted(arrays.strata.select(actors, slot.areas))
        known = arrays.incidents
        is_mine = np.isin(known.cell_stratum, strata)
        if slot.incident is not None:
            return int(self.incidents[is_mine & (known.cell_incident == known.names.index(slot.incident))].sum())
        when = known.day[known.cell_incident]
        inside = is_mine & (when >= slot.start) & (when <= slot.end)
        return int(self.daily[slot.start : slot.end + 1, strata].sum() + self.incidents[inside].sum())


def simulated_case(seed: int, size: Size = "any") -> tuple[Evidence, Truth]:
    """Simulate a case.

    Parameters
    ----------
    seed : int
        The same seed and size give the same case.
    size : {"small", "medium", "large", "any"}
        Ranges of days, actors, areas, incidents, sources and reports.

    Returns
    -------
    Evidence
        Under the default priors.
    Truth
    """
    rng = np.random.default_rng([seed, *size.encode()])
    while True:
        shape = draw_shape(rng, size, f"simulated-{size}-{seed}")
        for _ in range(TRIES):
            if (found := _filled(shape, rng)) is not None:
                return found


def replicated_cases(seed: int, count: int, size: Size = "small") -> list[tuple[Evidence, Truth]]:
    """Simulate cases of one structure that differ in their figures alone, as a graph compiled once can take them.

    Parameters
    ----------
    seed : int
    count : int
    size : {"small", "medium", "large", "any"}

    Returns
    -------
    list of tuple of Evidence and Truth
        None is read through a Gaussian tally.
    """
    rng = np.random.default_rng([seed, count, *size.encode()])
    while True:
        shape = draw_shape(rng, size, f"replicated-{size}-{seed}")
        found: list[tuple[Evidence, Truth]] = []
        first: Design | None = None
        for _ in range(TRIES * count):
            if (case := _filled(shape, rng)) is None or not case[1].is_exact:
                continue
            arrays = design(case[0])
            first = arrays if first is None else first
            if _has_structure(arrays, first):
                found.append(case)
            if len(found) == count:
                return found


def _has_structure(arrays: Design, other: Design) -> bool:
    """Whether two designs differ in their counts alone."""
    if arrays.terms.low.size != other.terms.low.size or arrays.sources != other.sources:
        return False
    mine, theirs = arrays.terms.pieces, other.terms.pieces
    return all(
        np.array_equal(a, b)
        for a, b in (
            (arrays.anchors.places, other.anchors.places),
            (arrays.terms.term_reading, other.terms.term_reading),
            (mine.cell_piece, theirs.cell_piece),
            (mine.cell_stratum, theirs.cell_stratum),
            (mine.cell_start, theirs.cell_start),
            (mine.cell_end, theirs.cell_end),
            (mine.event_piece, theirs.event_piece),
            (mine.event_cell, theirs.event_cell),
        )
    )


def _filled(shape: Shape, rng: np.random.Generator) -> tuple[Evidence, Truth] | None:
    """The shape with simulated figures; None if these are refused."""
    arrays = empty_design(shape)
    values = prior_values(arrays, 1, rng)
    measures = documented(arrays, shape, values, rng)
    figures = dict(stated(arrays, shape, measures, rng))
    largest = max(low or high or 0 for low, high in figures.values())
    if not LEAST <= largest <= LARGEST:
        return None
    try:
        evidence = _evidence(shape, figures)
        fitted = design(evidence)
    except (EvidenceError, ModelError):
        return None
    if fitted.errors.streams.size:
        return None
    return evidence, _truth(evidence, fitted, shape, values, rng)


def empty_design(shape: Shape) -> Design:
    """The arrays of a shape; they depend on the figures in nothing that is looked at here."""
    return design(_evidence(shape, {slot.report: (0, 0) for slot in shape.slots}))


def _evidence(shape: Shape, figures: Mapping[str, tuple[int, int | None]]) -> Evidence:
    reports = tuple(slot.report_of(*figures[slot.report]) for slot in shape.slots)
    return Evidence(case=shape.case, sources=shape.sources, reports=reports)


def documented(
    arrays: Design, shape: Shape, values: Mapping[str, Array], rng: np.random.Generator
) -> dict[str, Measure]:
    """Draw the random measure of each source."""
    actor, incidents = arrays.strata.place[0], arrays.incidents
    deaths = np.exp(log_intensity(np, arrays, values))[0]
    dead = incident_deaths(np, arrays, values)[0] if incidents.names else np.zeros(0)
    rates = reporting_rates(arrays, values, values["own"])[0]
    of_incidents = np.exp(np.broadcast_to(incident_log_rates(arrays, values), (1, len(arrays.sources))))[0]
    found = {}
    for s, source in enumerate(arrays.sources):
        mean = deaths * rates[s, actor]
        blamed = actor[incidents.cell_stratum]
        seen = dead * (of_incidents[s] if arrays.rates.is_recorder[s] else rates[s, blamed])
        for slot in shape.slots:
            if slot.source == source and slot.uncertainty:
                length = _length(arrays, slot, values)
                mean[slot.start : slot.end + 1] *= length
                when = incidents.day[incidents.cell_incident]
                seen[(when >= slot.start) & (when <= slot.end)] *= length
        theta = np.exp(values["log_dispersion"][0, s])
        found[source] = Measure(
            draw(rng, np.minimum(mean, CEILING), theta), draw(rng, np.minimum(seen, CEILING), theta)
        )
    return found


def _length(arrays: Design, slot: Slot, values: Mapping[str, Array]) -> float:
    """True length of a window over the stated one."""
    place = arrays.reports.index(slot.report)
    z = values["window_z"][0, np.flatnonzero(arrays.uncertain_reports == place)[0]]
    return float(np.exp(arrays.window_error[place] * z))


def stated(
    arrays: Design, shape: Shape, measures: Mapping[str, Measure], rng: np.random.Generator
) -> Iterator[tuple[str, tuple[int, int | None]]]:
    """What each report says of its count: the ends of an interval, by report."""
    chance = arrays.priors["contested"].location
    largest = 0
    for slot in sorted(shape.slots, key=lambda slot: (slot.kind is Kind.CLAIMANT, slot.report)):
        is_right = slot.attribution is not Attribution.CONTESTED or rng.random() < chance
        count = measures[slot.source].over(slot, arrays, slot.actors if is_right else ())
        if slot.form == "threshold":
            ends = _by_threshold(count, _threshold(rng, slot, arrays.days, largest))
        else:
            ends = _by_bins(count) if slot.form == "bins" else (count, count)
        if slot.kind is not Kind.CLAIMANT:
            largest = max(largest, ends[0])
        yield slot.report, ends


def _threshold(rng: np.random.Generator, slot: Slot, days: int, largest: int) -> int:
    """A round figure about which a claimant says whether it was reached; from others' figures, not from its count."""
    share = 1.0 if slot.incident is not None else (slot.end - slot.start + 1) / days
    guess = max(2.0, 4.0 * max(largest, 5) * share * np.exp(0.7 * rng.standard_normal()))
    size = 10 ** int(np.log10(guess))
    return int(max(2, size * round(guess / size)))


def _by_threshold(count: int, threshold: int) -> tuple[int, int | None]:
    return (threshold, None) if count >= threshold else (0, threshold - 1)


def _by_bins(count: int) -> tuple[int, int]:
    edges = (0, *BINS)
    place = int(np.searchsorted(edges, count, side="right"))
    return edges[place - 1], edges[min(place, len(edges) - 1)] - 1


def _truth(
    evidence: Evidence, arrays: Design, shape: Shape, values: Mapping[str, Array], rng: np.random.Generator
) -> Truth:
    """Deaths as the model defines them: Poisson, and never fewer than were verified."""
    estimand = evidence.case.estimand
    days = arrays.day_slice(estimand.window)
    verified = verified_tallies(arrays, evidence)
    everywhere = arrays.strata.select((), ())
    drawn = forecast(arrays, values, None, verified, (days, everywhere), rng)
    by_stratum = drawn.deaths[0, days].sum(axis=0)
    actor = arrays.strata.place[0]
    by_actor = {name: int(by_stratum[actor == a].sum()) for a, name in enumerate(arrays.strata.actors)}
    return Truth(
        toll=int(by_stratum.sum()),
        by_actor=by_actor,
        expected=float(drawn.expected.sum()),
        parameters=values,
        is_exact=not arrays.terms.gaussian,
        patterns=shape.patterns,
    )
