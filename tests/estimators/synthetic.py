"""Estimates without a sampler: hand-made forecasts, put together by the package's own `assemble`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.builders import make_evidence
from undercount.estimators.assemble import assemble
from undercount.estimators.draws import Draws, Variable
from undercount.estimators.estimate import Estimate
from undercount.estimators.forecast import Forecast
from undercount.models.design import Design, design
from undercount.models.parameters import parameters

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    from undercount.data.evidence import Evidence
    from undercount.data.lists import MatchedLists

    Arrays = dict[str, NDArray[Any]]

CONFIGURATION = {
    "estimator": "CountFusion",
    "sampler": "nutpie",
    "chains": 4,
    "draws": 500,
    "tune": 500,
    "target_accept": 0.9,
    "priors": {},
    "as_of": None,
}
VERSIONS = {"python": "3.13.0", "undercount": "0.1.0"}


def make_estimate(
    evidence: Evidence | None = None,
    *,
    chains: int = 4,
    draws: int = 500,
    seed: int = 1,
    prior: int = 400,
    lists: MatchedLists | None = None,
) -> Estimate:
    """An estimate of independent draws: every gate passes with 4 chains of 500."""
    known = make_evidence() if evidence is None else evidence
    return Estimate(
        evidence=known,
        sampled=make_draws(design(known, lists=lists), (chains, draws), np.random.default_rng(seed), prior),
        configuration=CONFIGURATION | {"lists": None if lists is None else lists.content},
        seed=seed,
        versions=VERSIONS,
    )


def make_draws(arrays: Design, shape: tuple[int, int], rng: np.random.Generator, prior: int) -> Draws:
    """Draws as `Fit.run` gives them."""
    count = shape[0] * shape[1]
    log_prior = {"rate": rng.standard_normal(count), "by_actor": rng.standard_normal(count)}
    return assemble(
        arrays, *make_sampled(arrays, shape, rng), make_forecast(arrays, count, rng),
        make_forecast(arrays, prior, rng), log_prior,
    )  # fmt: skip


def make_sampled(arrays: Design, shape: tuple[int, int], rng: np.random.Generator) -> tuple[Arrays, Arrays]:
    """Parameters and statistics as the sampler gives them."""
    values: Arrays = {p.name: rng.standard_normal((*shape, *p.shape)) for p in parameters(arrays)}
    stats: Arrays = {
        "diverging": np.zeros(shape, dtype=bool),
        "energy": rng.standard_normal(shape),
        "tree_depth": np.full(shape, 4, dtype=np.uint64),
        "reached_max_treedepth": np.zeros(shape, dtype=bool),
        "n_steps": np.full(shape, 15, dtype=np.uint64),
        "step_size": np.full(shape, 0.3),
        "acceptance_rate": np.full(shape, 0.9),
        "lp": rng.standard_normal(shape),
    }
    return values, stats


def make_forecast(arrays: Design, count: int, rng: np.random.Generator) -> Forecast:
    """Independent draws: about five dead a day and stratum, thirty in each incident, rates around one half."""
    strata, incidents = arrays.strata.count, arrays.incidents
    deaths = rng.poisson(5.0, size=(count, arrays.days, strata)).astype(np.int32)
    cells = rng.poisson(30.0, size=(count, incidents.cell_incident.size))
    for c, stratum in enumerate(incidents.cell_stratum):
        deaths[:, incidents.day[incidents.cell_incident[c]], stratum] += cells[:, c]
    streams, actors = len(arrays.streams), len(arrays.strata.actors)
    low = np.zeros(len(arrays.reports))
    low[arrays.scopes.pieces.report] = arrays.scopes.low
    return Forecast(
        deaths=deaths,
        incidents=cells,
        rates=0.5 * np.exp(0.3 * rng.standard_normal((count, streams, actors))),
        own=rng.standard_normal((count, streams)),
        expected=np.full((count, actors), 5.0 * arrays.days),
        reported=rng.poisson(np.maximum(low, 1.0), size=(count, low.size)).astype(np.int32),
        likelihood=rng.standard_normal((count, streams)),
        overlap=-0.5 * rng.chisquare(1, (count, arrays.overlap.count)),
    )


def with_draws(estimate: Estimate, group: str, **values: NDArray[Any]) -> Estimate:
    """The estimate with other values of some variables, dims as they were."""
    old = estimate.sampled[group]
    new = {name: Variable(old.variables[name].dims, array) for name, array in values.items()}
    changed = replace(old, variables={**old.variables, **new})
    return replace(estimate, sampled=Draws({**estimate.sampled.groups, group: changed}))


def values_of(estimate: Estimate, group: str, name: str) -> NDArray[Any]:
    """A copy of the values of one variable."""
    return estimate.sampled[group].values(name).copy()


def equal_trees(one: xr.DataTree, other: xr.DataTree) -> bool:
    """Whether two trees hold the same groups, variables, dims, types and bits."""
    if set(one.children) != set(other.children):
        return False
    return all(_equal_datasets(one[group].to_dataset(), other[group].to_dataset()) for group in one.children)


def _equal_datasets(one: xr.Dataset, other: xr.Dataset) -> bool:
    if set(one.variables) != set(other.variables):
        return False
    for name in one.variables:
        a, b = one[name].to_numpy(), other[name].to_numpy()
        # A file keeps days, not their unit, and text, not its width.
        same_kind = a.dtype == b.dtype or a.dtype.kind + b.dtype.kind in {"MM", "UU", "UO", "OU", "UT", "TU"}
        if one[name].dims != other[name].dims or not same_kind or a.shape != b.shape:
            return False
        if a.dtype.kind in "OUTMm":
            if not (a == b).all():
                return False
        elif a.tobytes() != b.tobytes():
            return False
    return True
