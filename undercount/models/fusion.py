"""Fusion of reported counts: the joint model of the toll and of what each source saw of it.

Intensity (expected deaths per day) of stratum c = (actor, area, kind) on day t:

    log λ[t, c] = log(people[t, area] / 10,000) + log rate[kind] + area effect + log share[c]
                  + f_shared(t) + f_c(t)

Shares of the actors add up to one in each area; an area without known population has a daily toll
in place of the rate. f are random walks on their leading cosines (`models.basis`). A named incident
e adds a point mass D_e, log D_e Student t, shared by the actors that may have caused it.

A source s with reporting rates ρ[s, actor] (`models.rates`) documents of disjoint pieces of deaths
independent counts

    Z_s(piece) ~ NB1(mean = Σ ρ[s, actor] · deaths(piece), variance = (1 + θ_s) · mean),

and a report says that the sum over its pieces lies in an interval (`models.bounds`). Exact terms
(`models.pieces`) enter as NB1 interval probabilities. A block that leaves pieces undetermined, or
contradicts itself, enters through

    y ~ Normal(A μ, A diag((1 + θ) μ) Aᵀ + diag(¼ + (κ y)²)),

with κ only where point reports contradict each other. Contested attributions are mixed over their
readings, block by block. The toll itself is N ~ Poisson(Σ λ + Σ D).

Sources: reporting as a random measure follows the thinning view of Radford et al. 2023 (PNAS 120,
e2307372120); the NB1 law, Cameron and Trivedi 2013, section 3.3.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from numpy.typing import NDArray

from undercount.models.design import Design
from undercount.models.intensity import evaluate
from undercount.models.interval_op import log_interval
from undercount.models.parameters import Parameter, parameters
from undercount.models.terms import GaussianTerm

HALF_COUNT = 0.5
"""A count stands for the reals that round to it."""
REVISION_FLOOR = 1.0


def build_model(design: Design) -> pm.Model:
    """State the model of a design as a PyMC graph.

    What `model_data` gives can be replaced without compiling again.

    Parameters
    ----------
    design : Design

    Returns
    -------
    pymc.Model
        Free variables as in `models.parameters`; deterministic `reading_log_likelihood`.
    """
    terms = design.terms
    coords = {"source": list(design.sources), "reading": list(range(terms.reading_block.size))}
    with pm.Model(coords=coords) as model:
        values = {parameter.name: _variable(parameter) for parameter in parameters(design)}
        data = {name: pm.Data(name, value) for name, value in model_data(design).items()}
        design = with_data(design, data)
        state = evaluate(pt, design, values)
        mean = state.mean
        theta = pt.exp(values["log_dispersion"])[terms.pieces.source]
        reading: Any = pt.zeros(terms.reading_block.size)
        if terms.low.size:
            exact = log_interval(data["low"], data["high"], mean[: terms.low.size], theta[: terms.low.size])
            reading = pt.inc_subtensor(reading[terms.term_reading], exact)
        counts, jacobian = _latent_counts(design, values)
        for term in terms.gaussian:
            reading = pt.inc_subtensor(reading[term.reading], _tally(design, term, mean, theta, counts, values))
        pm.Deterministic("reading_log_likelihood", reading, dims="reading")
        weighted = data["source_is_used"][terms.reading_source] * reading + terms.reading_log_probability
        inside, outside = _own_density(design, state.own)
        if "seen_x" in values:
            jacobian = jacobian + pt.sum(design.anchors.log_slope(pt, values["seen_x"]))
        pm.Potential("reports", pt.sum(_mixed(design, weighted + inside)) + outside + jacobian)
    return model


def model_data(design: Design) -> dict[str, NDArray[np.float64]]:
    """Values that a compiled model takes as data.

    Returns
    -------
    dict of str to ndarray
        `low` and `high` (ends of the exact terms), `source_is_used` (0 leaves a source out),
        `log_exposure`, and the map of the anchored counts.
    """
    return {
        "low": design.terms.low,
        "high": design.terms.high,
        "source_is_used": np.ones(len(design.sources)),
        "log_exposure": design.log_exposure,
        "anchor_low": design.anchors.low,
        "anchor_width": design.anchors.width,
        "anchor_slope": design.anchors.slope,
    }


def with_data(design: Design, data: Mapping[str, Any]) -> Design:
    """Put the graph's data in place of the arrays of a design."""
    maps = {end: data[f"anchor_{end}"] for end in ("low", "width", "slope")}
    return replace(design, log_exposure=data["log_exposure"], anchors=replace(design.anchors, **maps))


def _variable(parameter: Parameter) -> Any:
    if parameter.is_flat:
        return pm.Flat(parameter.name, shape=parameter.shape, initval=np.zeros(parameter.shape))
    if np.isinf(parameter.degrees):
        return pm.Normal(parameter.name, parameter.location, parameter.scale, shape=parameter.shape)
    return pm.StudentT(
        parameter.name, parameter.degrees, parameter.location, sigma=parameter.scale, shape=parameter.shape
    )


def _own_density(design: Design, own: Any) -> tuple[Any, Any]:
    """Prior of the deviations that follow from an anchored count: by reading, and outside the mixture.

    The deviation depends on the reading where a source is read as one block; its prior is then part
    of the mixture.
    """
    terms, rates = design.terms, design.rates
    readings = np.flatnonzero(np.isin(terms.reading_source, design.anchors.places))
    is_split = np.bincount(terms.block_source)[terms.reading_source] > 1
    first = np.isin(np.arange(terms.reading_block.size), np.unique(terms.reading_source, return_index=True)[1])
    inside: Any = pt.zeros(terms.reading_block.size)
    outside: Any = pt.constant(0.0)
    for is_heavy in (False, True):
        mine = readings[rates.is_heavy[terms.reading_source[readings]] == is_heavy]
        for split in (False, True):
            places = mine[is_split[mine] == split]
            places = places[first[places]] if split else places
            if places.size:
                scale = rates.scale[terms.reading_source[places]]
                family = pm.StudentT.dist(rates.degrees, 0.0, sigma=scale) if is_heavy else pm.Normal.dist(0.0, scale)
                density = pm.logp(family, own[places])
                inside = inside if split else pt.inc_subtensor(inside[places], density)
                outside = outside + pt.sum(density) if split else outside
    return inside, outside


def _latent_counts(design: Design, values: Mapping[str, Any]) -> tuple[Mapping[int, Any], Any]:
    """Counts of the interval reports of latent tallies, and the log Jacobian of their transformation."""
    places, low, high = design.tally_rows
    if not places.size:
        return {}, 0.0
    bottom, is_open = low - HALF_COUNT, np.isinf(high)
    width = np.where(is_open, np.maximum(low, 10.0), high + HALF_COUNT - bottom)
    u = values["tally_u"]
    fraction = pt.where(is_open, pt.exp(pt.where(is_open, u, 0.0)), pt.sigmoid(u))
    slope = pt.where(is_open, u, -pt.softplus(u) - pt.softplus(-u))
    counts = bottom + width * fraction
    return {int(place): counts[i] for i, place in enumerate(places)}, pt.sum(np.log(width) + slope)


def _tally(
    design: Design, term: GaussianTerm, mean: Any, theta: Any, counts: Mapping[int, Any], values: Mapping[str, Any]
) -> Any:
    rows = [
        counts[int(report)] if low < high else low
        for report, low, high in zip(term.reports, term.low, term.high, strict=True)
    ]
    y = pt.stack([pt.as_tensor_variable(row, dtype="float64") for row in rows])
    own = mean[term.pieces]
    variance = (1.0 + theta[term.pieces]) * own
    noise: Any = np.full(len(rows), HALF_COUNT**2)
    if term.is_revised:
        kappa = pt.exp(values["log_revision"])[int(np.searchsorted(design.revised_sources, term.source))]
        noise = noise + (kappa * pt.maximum(y, REVISION_FLOOR)) ** 2
    covariance = (term.cover * variance) @ term.cover.T + pt.diag(pt.as_tensor_variable(noise))
    return pm.logp(pm.MvNormal.dist(mu=term.cover @ own, cov=covariance), y)


def _mixed(design: Design, reading: Any) -> Any:
    """Log likelihood of each block, marginal over its readings."""
    terms = design.terms
    count = terms.block_source.size
    if terms.reading_block.size == count:
        return reading
    widest = int(np.bincount(terms.reading_block).max())
    place = np.full((count, widest), terms.reading_block.size)
    for b in range(count):
        own = np.flatnonzero(terms.reading_block == b)
        place[b, : own.size] = own
    padded = pt.concatenate([reading, np.array([-1e30])])
    return pt.logsumexp(padded[place], axis=1)
