"""From draws of the parameters to what is reported: deaths, reporting rates, replicated reports.

The toll is the number of deaths N ~ Poisson(expected deaths), drawn day by day and stratum by
stratum, so that every scope is a sum of the same draws, and never below what a recorder individually
verified: a tally that exceeds the draw of its own scope is made up, cells in proportion to their
expected deaths. In the scope of matched lists, the number is drawn given these.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from undercount.data.schema import MAX_COUNT
from undercount.estimators.listed import draw_listed
from undercount.models.intensity import State, evaluate, expected_deaths, reporting_rates, scope_means
from undercount.models.levels import draw_levels
from undercount.models.misread import FAR_ABOVE, FAR_RISE, LEAST_ERROR, MISREAD
from undercount.models.negative_binomial import draw
from undercount.models.parameters import incident_prior, parameters

if TYPE_CHECKING:
    from undercount.data.evidence import Evidence
    from undercount.models.design import Design

Array = NDArray[np.float64]
Counts = NDArray[np.int64]
LARGEST_LOG = 30.0
CHUNK = 500
"""Draws that are held in full at once."""
LARGEST_CHUNK = 2**24
"""Expected counts of all cells of the pieces that are held at once; of very many reports, for fewer draws."""


@dataclass(frozen=True, slots=True)
class Verified:
    """A tally that a recorder verified death by death: N of its cells is at least `count`."""

    start: int
    end: int
    strata: tuple[int, ...]
    incident: int
    """-1 for a period."""
    count: int


@dataclass(frozen=True)
class Forecast:
    """Draws of what is reported, first axis the draws."""

    deaths: NDArray[np.int32]
    """(N, T, C), named incidents included."""
    incidents: Counts
    """(N, cells) of the named incidents."""
    rates: Array
    """(N, S, A)"""
    own: Array
    """(N, S) own deviation of each stream."""
    expected: Array
    """(N, A) expected deaths by actor in the scope that the rates are averaged over."""
    reported: NDArray[np.int32]
    """(N, R) replicated counts."""
    likelihood: Array
    """(N, S) log likelihood of each stream's reports, in the reading drawn."""
    overlap: Array
    """(N, L) log likelihood of each table of matched lists; zero for draws of the prior."""


def verified_tallies(design: Design, evidence: Evidence, without: Collection[str] = ()) -> tuple[Verified, ...]:
    """Point tallies of verifying sources that stand (none that was superseded), the smallest scope first.

    Whoever is on matched lists was verified, too.
    """
    verifying = {source.source for source in evidence.sources if source.verifies}.difference(without)
    scopes = design.scopes
    counts = dict(zip(scopes.pieces.report.tolist(), zip(scopes.low, scopes.high, strict=True), strict=True))
    standing = {design.reports[place]: low for place, (low, high) in counts.items() if low == high}
    names = {name: i for i, name in enumerate(design.incidents.names)}
    overlap = design.overlap
    scopes_of_lists = zip(overlap.start, overlap.end, overlap.strata, overlap.observed, strict=True)
    found = [Verified(int(a), int(b), tuple(strata.tolist()), -1, int(n)) for a, b, strata, n in scopes_of_lists]
    for report in evidence.reports:
        if report.source not in verifying or report.report not in standing:
            continue
        actors = report.actors if report.attribution.value == "stated" else ()
        strata = design.strata.select(actors, report.areas, report.victims, report.quantity)
        days = design.day_slice(report.window)
        incident = names.get(report.incident or "", -1)
        found.append(Verified(days.start, days.stop, tuple(sorted(strata)), incident, int(standing[report.report])))
    return tuple(sorted(found, key=lambda v: (v.incident < 0, (v.end - v.start) * len(v.strata), v.start)))


def forecast(
    design: Design,
    values: Mapping[str, Array],
    weights: Array | None,
    verified: Sequence[Verified],
    scope: tuple[slice, frozenset[int]],
    rng: np.random.Generator,
    *,
    has_reports: bool = True,
) -> Forecast:
    """Draw what is reported for each draw of the parameters.

    Parameters
    ----------
    design : Design
    values : mapping of str to ndarray, shape (N, ...)
        Parameters; for draws of the prior also `own`, shape (N, S), in place of `seen_x`.
    weights : ndarray, shape (N, K), or None
        Log likelihood of each reading of contested attributions; None for draws of the prior.
    verified : sequence of Verified
    scope : (slice, frozenset of int)
        Days and strata over which reporting rates are averaged.
    rng : numpy.random.Generator
    has_reports : bool
        Whether the reports are replicated; if not, `Forecast.reported` has no columns.
    """
    count = len(next(iter(values.values())))
    columns: list[Any] = []
    for part in _parts(design, count):
        chunk = {name: value[part] for name, value in values.items()}
        found = _chunk(design, chunk, None if weights is None else weights[part], verified, scope, rng, has_reports)
        # Made once and filled: joined at the end, the largest of them would be held twice.
        columns = columns or [np.empty((count, *column.shape[1:]), column.dtype) for column in found]
        for column, mine in zip(columns, found, strict=True):
            column[part] = mine
    return Forecast(*columns)


def _parts(design: Design, count: int) -> list[slice]:
    """Draws that are held in full at once, one part after the other."""
    cells = max(design.terms.pieces.cell_piece.size, design.scopes.pieces.cell_piece.size, 1)
    size = max(1, min(CHUNK, LARGEST_CHUNK // cells))
    return [slice(first, first + size) for first in range(0, count, size)]


def _chunk(
    design: Design,
    values: Mapping[str, Array],
    weights: Array | None,
    verified: Sequence[Verified],
    scope: tuple[slice, frozenset[int]],
    rng: np.random.Generator,
    has_reports: bool,
) -> tuple[NDArray[np.generic], ...]:
    if "own" in values:
        own = values["own"][..., design.terms.reading_stream]
        state = State(*expected_deaths(np, design, values), own, None, None)
    else:
        state = evaluate(np, design, values)
    count = state.deaths.shape[0]
    deaths = rng.poisson(np.minimum(state.deaths, MAX_COUNT))
    cells = np.zeros((count, 0)) if state.events is None else state.events
    incidents = rng.poisson(np.minimum(cells, MAX_COUNT))
    day = design.incidents.day[design.incidents.cell_incident]
    overlap = np.zeros((count, design.overlap.count))
    if weights is not None and design.overlap.count:
        overlap = draw_listed(design.overlap, state, cells, deaths, incidents, rng)
    for tally in verified:
        _make_up(design, tally, state, cells, deaths, incidents, rng)
    for c, stratum in enumerate(design.incidents.cell_stratum):
        deaths[:, day[c], stratum] += incidents[:, c]

    own, likelihood = _chosen(design, state, values, weights, rng)
    rates = reporting_rates(design, values, own)
    actor = design.strata.place[0]
    days, strata = scope
    inside = np.isin(np.arange(design.strata.count), list(strata))
    by_stratum = state.deaths[:, days].sum(axis=1) * inside
    touched = (day >= days.start) & (day < days.stop) & inside[design.incidents.cell_stratum]
    for cell in np.flatnonzero(touched):
        by_stratum[:, design.incidents.cell_stratum[cell]] += cells[:, cell]
    expected = by_stratum @ (actor[:, None] == np.arange(len(design.strata.actors))).astype(float)
    reported = _replicate(design, values, state, own, rng) if has_reports else np.zeros((count, 0), dtype=np.int64)
    return _small(deaths), incidents, rates, own, expected, _small(reported), likelihood, overlap


def _small(counts: Counts) -> NDArray[np.int32]:
    """Half the memory of what are by far the largest arrays."""
    return np.minimum(counts, np.iinfo(np.int32).max).astype(np.int32)


def _make_up(
    design: Design,
    tally: Verified,
    state: State,
    cells: Array,
    deaths: Counts,
    incidents: Counts,
    rng: np.random.Generator,
) -> None:
    """Raise the draws in which fewer died than were verified."""
    strata, days = list(tally.strata), slice(tally.start, tally.end)
    day = design.incidents.day[design.incidents.cell_incident]
    if tally.incident >= 0:
        is_mine = design.incidents.cell_incident == tally.incident
    else:
        is_mine = (day >= tally.start) & (day < tally.end)
    mine = np.flatnonzero(is_mine)
    mine = mine[np.isin(design.incidents.cell_stratum[mine], strata)] if mine.size else mine
    total = incidents[:, mine].sum(axis=1)
    if tally.incident < 0:
        total = total + deaths[:, days, strata].sum(axis=(1, 2))
    short = np.flatnonzero(total < tally.count)
    if not short.size:
        return
    missing = tally.count - total[short]
    if tally.incident >= 0:
        expected = cells[np.ix_(short, mine)]
        incidents[np.ix_(short, mine)] += rng.multinomial(missing, expected / expected.sum(axis=1, keepdims=True))
        return
    expected = np.ascontiguousarray(state.deaths[short, days][:, :, strata].transpose(0, 2, 1))
    whole = expected.reshape(short.size, -1).sum(axis=1)
    share = (expected / whole[:, None, None]).transpose(0, 2, 1)
    extra = rng.multinomial(missing, share.reshape(short.size, -1)).reshape(share.shape)
    deaths[np.ix_(short, np.arange(tally.start, tally.end), strata)] += extra


def _chosen(
    design: Design, state: State, values: Mapping[str, Array], weights: Array | None, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Draw a reading of each block, and with it the own deviations of the streams."""
    terms = design.terms
    count, streams = state.deaths.shape[0], len(design.streams)
    if weights is None:
        return np.asarray(values["own"]), np.zeros((count, streams))
    own = np.broadcast_to(state.own, (count, terms.reading_stream.size))
    density = design.rates.own_log_density(np, own, terms.reading_stream)
    total = weights + terms.reading_log_probability + density + rng.gumbel(size=weights.shape)
    choice = _largest(total, terms.reading_block)
    _, first = np.unique(terms.block_stream, return_index=True)
    likelihood = np.zeros((streams, count))
    # The last block first: the order decides the last bit of the sum.
    np.add.at(likelihood, terms.block_stream[::-1], np.take_along_axis(weights, choice, axis=1).T[::-1])
    return np.take_along_axis(own, choice[:, first], axis=1), np.ascontiguousarray(likelihood.T)


def _largest(values: Array, group: NDArray[np.int64]) -> NDArray[np.int64]:
    """(N, groups) the place of the largest value of each group, along the last axis; `group` never falls."""
    first = np.flatnonzero(np.diff(group, prepend=-1))
    size = np.diff(first, append=group.size)
    best, choice = values[:, first], np.tile(first, (len(values), 1))
    for k in range(1, int(size.max(initial=0))):
        longer = np.flatnonzero(size > k)
        other = values[:, first[longer] + k]
        is_larger = other > best[:, longer]
        best[:, longer] = np.where(is_larger, other, best[:, longer])
        choice[:, longer] = np.where(is_larger, first[longer] + k, choice[:, longer])
    return choice


def _replicate(
    design: Design, values: Mapping[str, Array], state: State, own: Array, rng: np.random.Generator
) -> Counts:
    """Counts that the sources would report again, each report by itself."""
    mean = scope_means(design, values, state, own)
    theta = np.exp(values["log_dispersion"])
    scopes = design.scopes
    reported = np.zeros((mean.shape[0], len(design.reports)), dtype=np.int64)
    drawn = draw(rng, np.minimum(mean, MAX_COUNT), theta[:, scopes.pieces.stream])
    if design.errors.streams.size:
        errors = design.errors
        kappa, misread = np.zeros((2, mean.shape[0], len(design.streams)))
        kappa[:, errors.streams] = LEAST_ERROR + np.exp(values["log_revision"][:, errors.revision])
        if "misread_x" in values:
            is_own = errors.misread >= 0
            misread[:, errors.streams[is_own]] = 1.0 / (1.0 + np.exp(-values["misread_x"][:, errors.misread[is_own]]))
        is_misread = rng.random(drawn.shape) < misread[:, scopes.pieces.stream]
        relative = kappa[:, scopes.pieces.stream] + MISREAD * is_misread
        erring = drawn + relative * mean * rng.standard_normal(drawn.shape)
        far = FAR_ABOVE * (mean + 1.0)
        beyond = np.expm1(np.minimum(FAR_RISE * (erring / far - 1.0), LARGEST_LOG)) / FAR_RISE
        erring = np.where(erring > far, far * (1.0 + beyond), erring)
        drawn = np.where(kappa[:, scopes.pieces.stream] > 0, np.clip(np.rint(erring), 0, MAX_COUNT), drawn).astype(int)
    pick = rng.random((mean.shape[0], len(design.reports)))
    below, report = np.zeros(len(design.reports)), scopes.pieces.report
    nth = np.arange(report.size) - np.searchsorted(report, report)
    for n in range(int(nth.max(initial=-1)) + 1):
        here = np.flatnonzero(nth == n)
        own_pick, least = pick[:, report[here]], below[report[here]]
        is_read = (own_pick >= least) & (own_pick < least + scopes.probability[here])
        reported[:, report[here]] = np.where(is_read, drawn[:, here], reported[:, report[here]])
        below[report[here]] += scopes.probability[here]
    return reported


def prior_values(design: Design, count: int, rng: np.random.Generator) -> dict[str, Array]:
    """Draws of the prior, in coordinates that do not depend on the figures.

    The own deviations of all streams are `own`, in place of `seen_x` and `stream_z`; `shared_z` and `own_z` stand in
    place of `shared_x` and `own_x`, and `log_incident` in place of `incident_x`.
    """
    found = parameters(design)
    stand_in = {"incident_x": incident_prior(design)}
    for name in ("shared", "own"):
        stand_in |= {f"{name}_x": replace(p, name=f"{name}_z") for p in found if p.name == f"{name}_x"}
    drawn = [stand_in.get(p.name, p) for p in found if not p.is_flat or p.name in stand_in]
    values = {p.name: p.draw(rng, count) for p in drawn}
    values["own"] = design.rates.draw_own(rng, count)
    if "log_daily_toll" in {p.name for p in found}:
        values["log_daily_toll"] = draw_levels(design, rng, count)
    return values


def pooled(design: Design, rates: Array, expected: Array) -> Array:
    """Reporting rate of each stream over the actors that it reported on, weighted by their deaths.

    Returns
    -------
    ndarray, shape (N, S)
    """
    weight = expected[:, None, :] * _told(design)[None]
    return np.asarray((rates * weight).sum(axis=-1) / np.maximum(weight.sum(axis=-1), np.finfo(float).tiny))


def _told(design: Design) -> NDArray[np.bool_]:
    """(S, A) whether a stream reported on the deaths that an actor caused."""
    pieces, actor = design.scopes.pieces, design.strata.place[0]
    told = np.zeros((len(design.streams), len(design.strata.actors)), dtype=bool)
    told[pieces.stream[pieces.cell_piece], actor[pieces.cell_stratum]] = True
    told[pieces.stream[pieces.event_piece], actor[design.incidents.cell_stratum[pieces.event_cell]]] = True
    return told
