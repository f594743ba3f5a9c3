"""Draws as one arviz DataTree with named dimensions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from undercount.estimators.forecast import Forecast, pooled
from undercount.models.parameters import parameters

if TYPE_CHECKING:
    import xarray as xr

    from undercount.models.design import Design

Array = NDArray[np.float64]

PARAMETER_DIMS: Mapping[str, tuple[str, ...]] = {
    "log_dispersion": ("source",),
    "by_actor_z": ("source", "actor"),
    "log_incident": ("incident",),
}

STATISTICS: Mapping[str, str] = {
    "diverging": "diverging",
    "energy": "energy",
    "depth": "tree_depth",
    "maxdepth_reached": "reached_max_treedepth",
    "n_steps": "n_steps",
    "step_size": "step_size",
    "mean_tree_accept": "acceptance_rate",
    "logp": "lp",
}
"""nutpie's name and arviz's."""


def assemble(
    design: Design,
    sampled: xr.DataTree,
    posterior: Forecast,
    prior: Forecast,
    log_prior: Mapping[str, Array],
) -> xr.DataTree:
    """Join parameters, forecasts, prior and data.

    Returns
    -------
    xarray.DataTree
        `posterior` (parameters, `deaths`, `incident_deaths`, `reporting_rate`, `rate_by_actor`), `prior`,
        `posterior_predictive`, `observed_data`, `log_likelihood` (by source), `log_prior` (by row of the
        prior table), `sample_stats`.
    """
    import xarray as xr

    shape = (sampled["posterior"].sizes["chain"], sampled["posterior"].sizes["draw"])
    coords = _coords(design)
    values = {
        p.name: (("chain", "draw", *_dims(p.name, len(p.shape))), sampled["posterior"][p.name].to_numpy())
        for p in parameters(design)
    }
    observed = {
        "low": (("report",), _by_report(design, design.scopes.low)),
        "high": (("report",), _by_report(design, design.scopes.high)),
    }
    groups = {
        "posterior": xr.Dataset(values | _reported(design, posterior, shape), coords=coords),
        "prior": xr.Dataset(_reported(design, prior, (1, len(prior.deaths))), coords=coords),
        "posterior_predictive": xr.Dataset(
            {"reported": (("chain", "draw", "report"), _split(posterior.reported, shape))}, coords=coords
        ),
        "observed_data": xr.Dataset(observed, coords=coords),
        "log_likelihood": xr.Dataset(
            {"reports": (("chain", "draw", "source"), _split(posterior.likelihood, shape))}, coords=coords
        ),
        "log_prior": xr.Dataset({name: (("chain", "draw"), _split(v, shape)) for name, v in log_prior.items()}),
        "sample_stats": _stats(sampled),
    }
    return xr.DataTree.from_dict(groups)


def _stats(sampled: xr.DataTree) -> xr.Dataset:
    """Statistics of the sampler that the gates and arviz's plots read, under arviz's names."""
    found = sampled["sample_stats"].to_dataset()
    return found[list(STATISTICS)].rename(STATISTICS)


def _dims(name: str, count: int) -> tuple[str, ...]:
    return PARAMETER_DIMS.get(name, tuple(f"{name}_dim_{i}" for i in range(count)))


def _coords(design: Design) -> dict[str, list[object] | tuple[object, ...] | NDArray[np.datetime64]]:
    first = np.datetime64(design.first_day)
    coords: dict[str, list[object] | tuple[object, ...] | NDArray[np.datetime64]] = {
        "day": first + np.arange(design.days).astype("timedelta64[D]"),
        "actor": list(design.strata.actors),
        "area": list(design.strata.areas),
        "source": list(design.sources),
        "report": list(design.reports),
    }
    if len(design.strata.kinds) > 1:
        coords["kind"] = [f"{victims}/{quantity}" for victims, quantity in design.strata.kinds]
    if design.incidents.names:
        coords["incident"] = list(design.incidents.names)
    return coords


def _split(values: NDArray[np.generic], shape: tuple[int, int]) -> NDArray[np.generic]:
    return values.reshape(*shape, *values.shape[1:])


def _reported(design: Design, draws: Forecast, shape: tuple[int, int]) -> dict[str, tuple[tuple[str, ...], object]]:
    actors, areas, kinds = design.strata.shape
    counts = np.minimum(draws.deaths, np.iinfo(np.int32).max).astype(np.int32)
    deaths = _split(counts, shape).reshape(*shape, design.days, actors, areas, kinds)
    dims: tuple[str, ...] = ("chain", "draw", "day", "actor", "area", "kind")
    if kinds == 1:
        deaths, dims = deaths[..., 0], dims[:-1]
    found: dict[str, tuple[tuple[str, ...], object]] = {
        "deaths": (dims, deaths),
        "reporting_rate": (("chain", "draw", "source"), _split(pooled(design, draws.rates, draws.expected), shape)),
        "rate_by_actor": (("chain", "draw", "source", "actor"), _split(draws.rates, shape)),
    }
    if design.incidents.names:
        membership = design.incidents.cell_incident[:, None] == np.arange(len(design.incidents.names))
        found["incident_deaths"] = (("chain", "draw", "incident"), _split(draws.incidents @ membership, shape))
    return found


def _by_report(design: Design, values: Array) -> Array:
    """Values of the claims, NaN for a report that was joined to another."""
    by_report = np.full(len(design.reports), np.nan)
    by_report[design.scopes.pieces.report] = values
    return by_report
