"""Draws of one estimate, joined under named axes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from undercount.estimators.draws import Draws, Group, Variable
from undercount.estimators.forecast import Forecast, pooled
from undercount.models.parameters import parameters

if TYPE_CHECKING:
    from undercount.models.design import Design

Array = NDArray[np.float64]

_DRAW: Final = ("chain", "draw")
PARAMETER_DIMS: Mapping[str, tuple[str, ...]] = {
    "log_dispersion": ("source",),
    "by_actor_z": ("source", "actor"),
    "incident_x": ("incident",),
}


def assemble(
    design: Design,
    values: Mapping[str, NDArray[Any]],
    stats: Mapping[str, NDArray[Any]],
    posterior: Forecast,
    prior: Forecast,
    log_prior: Mapping[str, Array],
) -> Draws:
    """Join parameters, forecasts, prior and data.

    Parameters
    ----------
    design : Design
    values : mapping of str to ndarray, shape (chain, draw, ...)
        Draws of the parameters.
    stats : mapping of str to ndarray, shape (chain, draw)
        What the sampler says of each draw, under arviz's names.
    posterior, prior : Forecast
    log_prior : mapping of str to ndarray, shape (chain · draw,)
        By row of the prior table.

    Returns
    -------
    Draws
        `posterior` (parameters, `deaths`, `incident_deaths`, `reporting_rate`, `rate_by_actor`), `prior`,
        `posterior_predictive`, `observed_data`, `log_likelihood` (by stream, and of matched lists by table),
        `log_prior` (by row of the prior table), `sample_stats`.
    """
    chains, draws = np.shape(stats["diverging"])
    shape = (chains, draws)
    coords = _coords(design)
    found = {
        p.name: Variable((*_DRAW, *_dims(p.name, len(p.shape))), np.asarray(values[p.name])) for p in parameters(design)
    }
    observed = {
        "low": Variable(("report",), _by_report(design, design.scopes.low)),
        "high": Variable(("report",), _by_report(design, design.scopes.high)),
    }
    return Draws({
        "posterior": Group(found | _reported(design, posterior, shape), coords),
        "prior": Group(_reported(design, prior, (1, len(prior.deaths))), coords),
        "posterior_predictive": Group(
            {"reported": Variable((*_DRAW, "report"), _split(posterior.reported, shape))}, coords
        ),
        "observed_data": Group(observed, coords),
        "log_likelihood": Group(_likelihoods(posterior, shape), coords),
        "log_prior": Group({name: Variable(_DRAW, _split(v, shape)) for name, v in log_prior.items()}, {}),
        "sample_stats": Group(
            {name: Variable(_DRAW, np.asarray(v)) for name, v in stats.items()},
            {"chain": np.arange(chains), "draw": np.arange(draws)},
        ),
    })  # fmt: skip


def _dims(name: str, count: int) -> tuple[str, ...]:
    return PARAMETER_DIMS.get(name, tuple(f"{name}_dim_{i}" for i in range(count)))


def _coords(design: Design) -> dict[str, NDArray[Any]]:
    first = np.datetime64(design.first_day)
    coords: dict[str, NDArray[Any]] = {
        "day": first + np.arange(design.days).astype("timedelta64[D]"),
        "actor": np.array(design.strata.actors),
        "area": np.array(design.strata.areas),
        "source": np.array(design.stream_names),
        "report": np.array(design.reports),
    }
    if len(design.strata.kinds) > 1:
        coords["kind"] = np.array([f"{victims}/{quantity}" for victims, quantity in design.strata.kinds])
    if design.overlap.count:
        coords["table"] = np.array(design.overlap.labels)
    if design.incidents.names:
        coords["incident"] = np.array(design.incidents.names)
    return coords


def _split(values: NDArray[Any], shape: tuple[int, int]) -> NDArray[Any]:
    return values.reshape(*shape, *values.shape[1:])


def _reported(design: Design, draws: Forecast, shape: tuple[int, int]) -> dict[str, Variable]:
    actors, areas, kinds = design.strata.shape
    deaths = _split(draws.deaths, shape).reshape(*shape, design.days, actors, areas, kinds)
    dims: tuple[str, ...] = (*_DRAW, "day", "actor", "area", "kind")
    if kinds == 1:
        deaths, dims = deaths[..., 0], dims[:-1]
    rates = _split(pooled(design, draws.rates, draws.expected), shape)
    found = {
        "deaths": Variable(dims, deaths),
        "reporting_rate": Variable((*_DRAW, "source"), rates),
        "rate_by_actor": Variable((*_DRAW, "source", "actor"), _split(draws.rates, shape)),
    }
    if design.incidents.names:
        membership = design.incidents.cell_incident[:, None] == np.arange(len(design.incidents.names))
        found["incident_deaths"] = Variable((*_DRAW, "incident"), _split(draws.incidents @ membership, shape))
    return found


def _likelihoods(draws: Forecast, shape: tuple[int, int]) -> dict[str, Variable]:
    found = {"reports": Variable((*_DRAW, "source"), _split(draws.likelihood, shape))}
    if draws.overlap.shape[1]:
        found["lists"] = Variable((*_DRAW, "table"), _split(draws.overlap, shape))
    return found


def _by_report(design: Design, values: Array) -> Array:
    """Values of the claims, NaN for a report that was joined to another."""
    by_report = np.full(len(design.reports), np.nan)
    by_report[design.scopes.pieces.report] = values
    return by_report
