"""Estimates made without a sampler: real evidence and real tables over draws that a formula gave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from undercount.estimators.draws import Draws, Group, Variable
from undercount.estimators.estimate import Estimate
from undercount.models.design import Design, design

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from undercount.data.evidence import Evidence

CHAINS, DRAWS = 4, 500
VERSIONS = {"python": "3.13.0", "undercount": "0.1.0", "nutpie": "0.16.10", "pymc": "6.4.0"}


def make_estimate(evidence: Evidence, *, seed: int = 2017, level: float = 40.0, chains: int = CHAINS) -> Estimate:
    """An estimate whose posterior is a log-normal toll with a rise and a fall; fewer than four chains fail a gate."""
    arrays = design(evidence)
    rng = np.random.default_rng(seed)
    made = Draws({
        "posterior": _group(arrays, evidence, rng, (chains, DRAWS), level, 0.35, 0.25),
        "prior": _group(arrays, evidence, rng, (1, CHAINS * DRAWS), level / 3, 1.6, 0.7),
        "posterior_predictive": _predicted(arrays, rng, chains),
        "observed_data": _observed(arrays),
        "sample_stats": _stats(rng, chains),
    })  # fmt: skip
    configuration = {"estimator": "CountFusion", "sampler": "nutpie", "chains": chains, "draws": DRAWS, "as_of": None}
    return Estimate(evidence=evidence, sampled=made, configuration=configuration, seed=seed, versions=VERSIONS)


def _group(
    arrays: Design,
    evidence: Evidence,
    rng: np.random.Generator,
    shape: tuple[int, int],
    level: float,
    spread: float,
    rate_spread: float,
) -> Group:
    strata = arrays.strata
    course = 0.3 + np.exp(-(((np.arange(arrays.days) - 0.4 * arrays.days) / (0.3 * arrays.days)) ** 2))
    total = level * np.exp(spread * rng.standard_normal(shape))[..., None] * course
    total = total * np.exp(0.25 * np.cumsum(rng.standard_normal((*shape, arrays.days)), axis=-1) / 4)
    actors, areas = len(strata.actors), len(strata.areas)
    shares = rng.dirichlet(6.0 / np.arange(1, actors * areas + 1), size=shape).reshape(*shape, 1, actors, areas)
    deaths = rng.poisson(total[..., None, None] * shares).astype(np.int32)
    values: dict[str, Variable] = {}
    incidents = np.zeros((*shape, len(arrays.incidents.names)), dtype=np.int32)
    for i, name in enumerate(arrays.incidents.names):
        incident = next(one for one in evidence.case.incidents if one.incident == name)
        incidents[..., i] = rng.poisson(130 * np.exp(0.15 * rng.standard_normal(shape)))
        actor, area = strata.actors.index(min(incident.actors)), strata.areas.index(incident.area)
        deaths[..., int(arrays.incidents.day[i]), actor, area] += incidents[..., i]
    if arrays.incidents.names:
        values["incident_deaths"] = Variable(("chain", "draw", "incident"), incidents)
    middle = np.linspace(0.25, 0.9, len(arrays.sources))
    rates = middle * np.exp(rate_spread * rng.standard_normal((*shape, len(arrays.sources))))
    values["deaths"] = Variable(("chain", "draw", "day", "actor", "area"), deaths)
    values["reporting_rate"] = Variable(("chain", "draw", "source"), rates)
    first = np.datetime64(arrays.first_day)
    coords: dict[str, NDArray[Any]] = {
        "day": first + np.arange(arrays.days).astype("timedelta64[D]"),
        "actor": np.array(strata.actors),
        "area": np.array(strata.areas),
        "source": np.array(arrays.sources),
    }
    if arrays.incidents.names:
        coords["incident"] = np.array(arrays.incidents.names)
    return Group(values, coords)


def _by_report(arrays: Design, values: NDArray[np.float64]) -> NDArray[np.float64]:
    found = np.full(len(arrays.reports), np.nan)
    found[arrays.scopes.pieces.report] = values
    return found


def _observed(arrays: Design) -> Group:
    ends = {"low": arrays.scopes.low, "high": arrays.scopes.high}
    variables = {name: Variable(("report",), _by_report(arrays, values)) for name, values in ends.items()}
    return Group(variables, {"report": np.array(arrays.reports)})


def _predicted(arrays: Design, rng: np.random.Generator, chains: int) -> Group:
    low = np.nan_to_num(_by_report(arrays, arrays.scopes.low), nan=1.0)
    again = rng.poisson(low * np.exp(0.3 + 0.5 * rng.standard_normal((chains, DRAWS, low.size))))
    return Group({"reported": Variable(("chain", "draw", "report"), again)}, {"report": np.array(arrays.reports)})


def _stats(rng: np.random.Generator, chains: int) -> Group:
    shape = (chains, DRAWS)
    values = {
        "energy": rng.standard_normal(shape),
        "diverging": np.zeros(shape, dtype=bool),
        "reached_max_treedepth": np.zeros(shape, dtype=bool),
    }
    return Group({name: Variable(("chain", "draw"), array) for name, array in values.items()}, {})
