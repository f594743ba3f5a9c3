"""From parameters to deaths, reporting rates and the means of the pieces.

Each function takes the array module to work with, numpy for batches of draws (any leading axes) or
`pytensor.tensor` for the graph, so that the model is stated once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from undercount.models.courses import courses
from undercount.models.lags import cell_deaths, event_deaths
from undercount.models.parameters import incident_prior
from undercount.models.sums import sums

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from undercount.models.design import Design
    from undercount.models.terms import Pieces

Values = Mapping[str, Any]


def contrasts(count: int) -> NDArray[np.float64]:
    """Orthonormal columns that span the vectors of `count` entries whose sum is zero.

    Returns
    -------
    ndarray, shape (count, count - 1)

    Examples
    --------
    >>> q = contrasts(3)
    >>> bool(np.allclose(q.T @ q, np.eye(2)) and np.allclose(q.sum(axis=0), 0))
    True
    """
    matrix = np.zeros((count, max(0, count - 1)))
    for j in range(1, count):
        matrix[:j, j - 1] = 1.0
        matrix[j, j - 1] = -float(j)
        matrix[:, j - 1] /= np.sqrt(j * (j + 1.0))
    return matrix


def share_effect(design: Design, values: Values) -> Any:
    """Log weight of the actor among those in each stratum's area and kind, shape (..., C)."""
    actors, _, _ = design.strata.shape
    actor, _, _ = design.strata.place
    effect: Any = np.zeros(design.strata.count)
    basis = contrasts(actors).T
    if "actor_z" in values:
        effect = effect + (design.priors["actor_effect"].scale * values["actor_z"] @ basis)[..., actor]
    if "share_z" in values:
        scaled = design.priors["share_effect"].scale * values["share_z"] @ basis
        effect = effect + scaled[..., design.strata.group, actor]
    return effect


def _log_share(xp: Any, design: Design, values: Values) -> Any:
    """Log share of the actor in each stratum's area and kind, shape (..., C)."""
    actors, areas, kinds = design.strata.shape
    if actors == 1:
        return np.zeros(design.strata.count)
    effect, group = share_effect(design, values), design.strata.group
    membership = (group[:, None] == np.arange(areas * kinds)).astype(float)
    return effect - xp.log(xp.exp(effect) @ membership)[..., group]


def level(design: Design, values: Values) -> Any:
    """Mean log rate, or log daily toll, of each stratum's area and kind, shape (..., C)."""
    _, area, kind = design.strata.place
    known = design.has_population[area]
    populated = np.cumsum(design.has_population) - 1
    unpopulated = np.cumsum(~design.has_population) - 1
    mean: Any = np.zeros(design.strata.count)
    if "log_rate" in values:
        mean = mean + values["log_rate"][..., kind] * known
    if "area_z" in values:
        effect = design.priors["area_effect"].scale * values["area_z"] @ contrasts(int(known_count(design))).T
        mean = mean + effect[..., np.maximum(populated[area], 0)] * known
    if "log_daily_toll" in values:
        mean = mean + values["log_daily_toll"][..., np.maximum(unpopulated[area], 0), kind] * ~known
    return mean


def known_count(design: Design) -> int:
    """Number of areas with a known population."""
    return int(design.has_population.sum())


def log_intensity(xp: Any, design: Design, values: Values) -> Any:
    """Log of the expected deaths per day outside named incidents.

    Returns
    -------
    array, shape (..., T, C)
    """
    _, area, _ = design.strata.place
    constant = (level(design, values) + _log_share(xp, design, values))[..., None, :]
    course: Any = design.log_exposure[:, area] + constant
    return course + courses(xp, design, values)


def log_tolls(xp: Any, design: Design, values: Values) -> Any:
    """Log expected deaths in each named incident, shape (..., incidents)."""
    if "log_incident" in values:
        return values["log_incident"]
    return design.tolls.log_toll(xp, values["incident_x"], incident_log_rates(design, values))


def incident_log_density(xp: Any, design: Design, values: Values) -> Any:
    """Log prior density of the tolls of the incidents in the coordinates of the sampler, shape (...)."""
    if "incident_x" not in values:
        return 0.0
    prior = incident_prior(design)
    z, degrees = (log_tolls(xp, design, values) - prior.location) / prior.scale, prior.degrees
    density = design.tolls.log_slope(xp, values["incident_x"]) - (degrees + 1.0) / 2.0 * xp.log1p(z**2 / degrees)
    return (density + prior.log_constant).sum(axis=-1)


def incident_weight(design: Design, values: Values) -> Any:
    """Log weight of each cell (incident × actor) among those of its incident, shape (..., cells)."""
    incidents = design.incidents
    if "incident_z" not in values:
        return incidents.cell_weight
    disputed = np.flatnonzero(incidents.is_disputed)
    spread = _spread(disputed, incidents.cell_incident.size, design.priors["incident_share"].scale)
    return incidents.cell_weight + values["incident_z"] @ spread


def incident_deaths(xp: Any, design: Design, values: Values) -> Any:
    """Expected deaths in each cell (incident × actor) of the named incidents, shape (..., cells)."""
    incidents = design.incidents
    log_toll = log_tolls(xp, design, values)[..., incidents.cell_incident]
    if "incident_z" not in values:
        return xp.exp(log_toll + incidents.cell_weight)
    weight = incident_weight(design, values)
    membership = (incidents.cell_incident[:, None] == np.arange(len(incidents.names))).astype(float)
    share = weight - xp.log(xp.exp(weight) @ membership)[..., incidents.cell_incident]
    return xp.exp(log_toll + share)


def _spread(places: Any, width: int, scale: Any = 1.0) -> NDArray[np.float64]:
    """Matrix that puts entry i of a vector at `places[i]`, times the scale there."""
    matrix = np.zeros((len(places), width))
    matrix[np.arange(len(places)), places] = scale
    return matrix


def relative_log_rates(design: Design, values: Values) -> Any:
    """Log reporting rates without the streams' own deviations, shape (..., S, A)."""
    rates = design.rates
    eta: Any = rates.location
    if "common_z" in values:
        shared = (rates.common[:, None] == np.arange(len(rates.common_names))).astype(float)
        eta = eta + (rates.common_scale * values["common_z"] @ shared.T)[..., :, None]
    if "source_z" in values:
        member = (rates.family[:, None] == np.arange(len(rates.families))) * rates.family_scale[:, None]
        eta = eta + (values["source_z"] @ member.T)[..., :, None]
    if "by_actor_z" in values:
        eta = eta + rates.actor_scale * values["by_actor_z"]
    return eta


def incident_log_rates(design: Design, values: Values) -> Any:
    """Log rate of each recorder for named incidents, zero for other streams, shape (..., S)."""
    recorders = design.incident_recorders
    location = np.zeros(len(design.streams))
    location[recorders] = design.rates.incident_location
    if "incident_rate_z" not in values:
        return location
    return location + values["incident_rate_z"] @ _spread(recorders, location.size, design.rates.incident_scale)


def _sums(xp: Any, design: Design, pieces: Pieces, values: Values, deaths: Any, events: Any) -> tuple[Any, Any]:
    """Expected counts of the pieces: the part that own deviations scale, and the part that they do not.

    The first is at own deviations of zero; the second are named incidents as a recorder sees them.
    """
    actor, _, _ = design.strata.place
    rates = xp.exp(relative_log_rates(design, values))
    seen = (
        cell_deaths(xp, design, pieces, values, deaths)
        * rates[..., pieces.stream[pieces.cell_piece], actor[pieces.cell_stratum]]
    )
    scaled = sums(xp, seen, pieces.cell_piece, pieces.count)
    fixed: Any = np.zeros(pieces.count)
    if pieces.event_piece.size:
        stream = pieces.stream[pieces.event_piece]
        stratum = design.incidents.cell_stratum[pieces.event_cell]
        dead = event_deaths(xp, design, pieces, values, events)
        recorded = xp.exp(incident_log_rates(design, values))[..., stream]
        is_recorder = design.rates.is_recorder[stream]
        fixed = sums(xp, dead * recorded * is_recorder, pieces.event_piece, pieces.count)
        told = dead * rates[..., stream, actor[stratum]] * ~is_recorder
        scaled = scaled + sums(xp, told, pieces.event_piece, pieces.count)
    if "window_z" in values:
        length = xp.exp(log_length(design, pieces, values))
        scaled, fixed = scaled * length, fixed * length
    return scaled, fixed


def log_length(design: Design, pieces: Pieces, values: Values) -> Any:
    """Log of the length of each piece's window over the stated one, shape (..., P)."""
    if "window_z" not in values:
        return np.zeros(pieces.count)
    uncertain = design.uncertain_reports
    place = np.minimum(np.searchsorted(uncertain, pieces.report), uncertain.size - 1)
    return values["window_z"][..., place] * design.window_error[pieces.report]


@dataclass(frozen=True)
class State:
    """What the parameters imply: deaths, incidents, own deviations, means of the pieces."""

    deaths: Any
    """(..., T, C) expected deaths per day outside named incidents."""
    events: Any
    """(..., cells) expected deaths of each incident cell, None without incidents."""
    own: Any
    """(..., K) own deviation of the stream's log reporting rate, in each reading."""
    log_slope: Any
    """(..., K) log slope of the own deviation by the coordinate that is sampled in its place."""
    mean: Any
    """(..., P) expected count of each piece of the likelihood."""


def expected_deaths(xp: Any, design: Design, values: Values) -> tuple[Any, Any]:
    """Expected deaths as in `State`: by day and stratum, and of the incident cells."""
    events = incident_deaths(xp, design, values) if design.incidents.names else None
    return xp.exp(log_intensity(xp, design, values)), events


def evaluate(xp: Any, design: Design, values: Values, own: Any = None) -> State:
    """Evaluate the deterministic part of the model.

    Parameters
    ----------
    xp : module
        numpy for batches of draws, pytensor.tensor for the graph.
    design : Design
    values : mapping of str to array
        The parameters, each of shape (..., *shape).
    own : array, shape (..., S), optional
        The own deviations of all streams, in place of those that `values` imply.
    """
    terms, (deaths, events) = design.terms, expected_deaths(xp, design, values)
    scaled, fixed = _sums(xp, design, terms.pieces, values, deaths, events)
    log_slope = None
    if own is None:
        own, log_slope = _own(xp, design, values, scaled, fixed)
    else:
        own = own[..., terms.reading_stream]
    return State(deaths, events, own, log_slope, scaled * xp.exp(own)[..., terms.piece_reading] + fixed)


def _own(xp: Any, design: Design, values: Values, scaled: Any, fixed: Any) -> tuple[Any, Any]:
    """Own deviation of each reading, and the log of its slope."""
    terms, rates = design.terms, design.rates
    stream, is_anchored = terms.reading_stream, np.isin(terms.reading_stream, design.anchors.places)
    own: Any = free_own(design, values)
    log_slope: Any = np.where(is_anchored, 0.0, np.log(rates.scale[stream]))
    if "seen_x" in values:
        readings = np.flatnonzero(is_anchored)
        place = np.searchsorted(design.anchors.places, stream[readings])
        anchors, scale = design.anchors.at_readings(place), rates.scale[stream[readings]]
        x = values["seen_x"][..., place]
        beside = terms.seen(xp, fixed * anchors.is_counted)[..., readings]
        implied = anchors.log_seen(xp, x, beside) - xp.log(terms.seen(xp, scaled * anchors.is_counted)[..., readings])
        left_out, used = anchors.is_released, 1.0 - anchors.is_released
        own = own + sums(xp, left_out * scale * x + used * implied, readings, stream.size)
        slope = left_out * np.log(scale) + used * anchors.log_slope(xp, x, beside)
        log_slope = log_slope + sums(xp, slope, readings, stream.size)
    return own, log_slope


def free_own(design: Design, values: Values) -> Any:
    """Own deviations that are sampled as such, in each reading, zero for anchored streams, shape (..., K)."""
    stream, free = design.terms.reading_stream, design.free_streams
    if "stream_z" not in values:
        return np.zeros(stream.size)
    place = np.minimum(np.searchsorted(free, stream), free.size - 1)
    return values["stream_z"][..., place] * (design.rates.scale[stream] * np.isin(stream, free))


def reporting_rates(design: Design, values: Values, own: Any) -> NDArray[np.float64]:
    """Reporting rate of each stream for the deaths that each actor caused, shape (..., S, A).

    `own` holds the own deviations of the streams, shape (..., S).
    """
    return np.asarray(np.exp(relative_log_rates(design, values) + own[..., :, None]))


def scope_means(design: Design, values: Values, state: State, own: Any) -> NDArray[np.float64]:
    """Expected count of each claim alone, in each reading of its own attribution, shape (..., scopes).

    `own` holds the own deviations of the streams, shape (..., S).
    """
    pieces = design.scopes.pieces
    scaled, fixed = _sums(np, design, pieces, values, state.deaths, state.events)
    return np.asarray(scaled * np.exp(own)[..., pieces.stream] + fixed)
