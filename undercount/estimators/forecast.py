"""From draws of the parameters to what is reported: deaths, reporting rates, replicated reports.

The toll is the number of deaths N ~ Poisson(expected deaths), drawn day by day and stratum by
stratum, so that every scope is a sum of the same draws, and never below what a recorder individually
verified: a tally that exceeds the draw of its own scope is made up, cells in proportion to their
expected deaths.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from undercount.data.schema import MAX_COUNT
from undercount.models.intensity import State, course_unit, evaluate, reporting_rates, scope_means
from undercount.models.misread import FAR_ABOVE, LEAST_ERROR, MISREAD
from undercount.models.negative_binomial import draw
from undercount.models.parameters import parameters

if TYPE_CHECKING:
    from undercount.data.evidence import Evidence
    from undercount.models.design import Design

Array = NDArray[np.float64]
Counts = NDArray[np.int64]
LARGEST_LOG = 30.0
CHUNK = 500
"""Draws that are held in full at once."""


@dataclass(frozen=True)
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
    reported: Counts
    """(N, R) replicated counts."""
    likelihood: Array
    """(N, S) log likelihood of each stream's reports, in the reading drawn."""


def verified_tallies(design: Design, evidence: Evidence, without: Collection[str] = ()) -> tuple[Verified, ...]:
    """Point tallies of verifying sources that stand (none that was superseded), the smallest scope first."""
    verifying = {source.source for source in evidence.sources if source.verifies}.difference(without)
    scopes = design.scopes
    counts = dict(zip(scopes.pieces.report.tolist(), zip(scopes.low, scopes.high, strict=True), strict=True))
    standing = {design.reports[place]: low for place, (low, high) in counts.items() if low == high}
    names = {name: i for i, name in enumerate(design.incidents.names)}
    found = []
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
    """
    count = len(next(iter(values.values())))
    parts = []
    for first in range(0, count, CHUNK):
        part = slice(first, first + CHUNK)
        chunk = {name: value[part] for name, value in values.items()}
        parts.append(_chunk(design, chunk, None if weights is None else weights[part], verified, scope, rng))
    return Forecast(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _chunk(
    design: Design,
    values: Mapping[str, Array],
    weights: Array | None,
    verified: Sequence[Verified],
    scope: tuple[slice, frozenset[int]],
    rng: np.random.Generator,
) -> tuple[NDArray[np.generic], ...]:
    state = evaluate(np, design, values, values.get("own"))
    count = state.deaths.shape[0]
    deaths = rng.poisson(np.minimum(state.deaths, MAX_COUNT))
    cells = np.zeros((count, 0)) if state.events is None else state.events
    incidents = rng.poisson(np.minimum(cells, MAX_COUNT))
    day = design.incidents.day[design.incidents.cell_incident]
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
    return _small(deaths), incidents, rates, own, expected, _replicate(design, values, state, own, rng), likelihood


def _small(counts: Counts) -> NDArray[np.int32]:
    """Half the memory of what is by far the largest array."""
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
    strata = list(tally.strata)
    day = design.incidents.day[design.incidents.cell_incident]
    if tally.incident >= 0:
        is_mine = design.incidents.cell_incident == tally.incident
    else:
        is_mine = (day >= tally.start) & (day < tally.end)
    mine = np.flatnonzero(is_mine & np.isin(design.incidents.cell_stratum, strata))
    total = incidents[:, mine].sum(axis=1)
    if tally.incident < 0:
        total = total + deaths[:, tally.start : tally.end, strata].sum(axis=(1, 2))
    for i in np.flatnonzero(total < tally.count):
        missing = tally.count - int(total[i])
        if tally.incident >= 0:
            share = cells[i, mine] / cells[i, mine].sum()
            incidents[i, mine] += rng.multinomial(missing, share)
        else:
            block = state.deaths[i, tally.start : tally.end][:, strata]
            extra = rng.multinomial(missing, (block / block.sum()).ravel()).reshape(block.shape)
            deaths[i, tally.start : tally.end, strata] += extra.T


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
    chosen_own, likelihood = np.empty((count, streams)), np.zeros((count, streams))
    for block in reversed(range(terms.block_stream.size)):
        readings = np.flatnonzero(terms.reading_block == block)
        choice = readings[total[:, readings].argmax(axis=1)]
        chosen_own[:, terms.block_stream[block]] = own[np.arange(count), choice]
        likelihood[:, terms.block_stream[block]] += weights[np.arange(count), choice]
    return chosen_own, likelihood


def _replicate(
    design: Design, values: Mapping[str, Array], state: State, own: Array, rng: np.random.Generator
) -> Counts:
    """Counts that the sources would report again, each report by itself."""
    mean = scope_means(design, values, state, own)
    theta = np.exp(values["log_dispersion"])
    scopes = design.scopes
    reported = np.zeros((mean.shape[0], len(design.reports)), dtype=np.int64)
    drawn = draw(rng, np.minimum(mean, MAX_COUNT), theta[:, scopes.pieces.stream])
    if design.revised_streams.size:
        kappa, misread = np.zeros((2, mean.shape[0], len(design.streams)))
        kappa[:, design.revised_streams] = LEAST_ERROR + np.exp(values["log_revision"])
        misread[:, design.revised_streams] = 1.0 / (1.0 + np.exp(-values["misread_x"] - design.misread_shift))
        is_misread = rng.random(drawn.shape) < misread[:, scopes.pieces.stream]
        relative = kappa[:, scopes.pieces.stream] + MISREAD * is_misread
        erring = drawn + relative * mean * rng.standard_normal(drawn.shape)
        far = FAR_ABOVE * (mean + 1.0)
        erring = np.where(erring > far, far * np.exp(np.minimum(erring / far - 1.0, LARGEST_LOG)), erring)
        drawn = np.where(kappa[:, scopes.pieces.stream] > 0, np.clip(np.rint(erring), 0, MAX_COUNT), drawn).astype(int)
    pick = rng.random((mean.shape[0], len(design.reports)))
    below = np.zeros_like(pick)
    for k, report in enumerate(scopes.pieces.report):
        is_read = (pick[:, report] >= below[:, report]) & (pick[:, report] < below[:, report] + scopes.probability[k])
        reported[is_read, report] = drawn[is_read, k]
        below[:, report] += scopes.probability[k]
    return reported


def prior_values(design: Design, count: int, rng: np.random.Generator) -> dict[str, Array]:
    """Draws of the prior, with the own deviations of all streams as `own`."""
    values = {p.name: p.draw(rng, count) for p in parameters(design) if not p.is_flat}
    values["own"] = design.rates.draw_own(rng, count)
    if design.shown_strata.size:
        shape = (count, design.basis_own.shape[1], design.shown_strata.size)
        common = np.exp(values["log_smooth_shared"]) * values["shared_z"][:, : shape[1]]
        departure = np.exp(values["log_smooth_own"])[..., None] * rng.standard_normal(shape)
        values["course_x"] = (common[..., None] + departure) / course_unit(design)
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
