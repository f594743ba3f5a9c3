"""From evidence to draws: design, model, sampling, forecast."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from undercount.estimators.assemble import assemble
from undercount.estimators.forecast import forecast, prior_values, verified_tallies
from undercount.estimators.room import PRIOR_DRAWS
from undercount.estimators.samplers import CoreSampler, GraphSampler, Sampled
from undercount.estimators.versions import CORE
from undercount.models.courses import course_log_densities
from undercount.models.data import model_data, with_data
from undercount.models.design import Design, design
from undercount.models.intensity import log_tolls
from undercount.models.levels import level_log_densities
from undercount.models.likelihood import reading_log_likelihood
from undercount.models.parameters import incident_prior, parameters
from undercount.models.priors import PriorTable
from undercount.sampling.progress import Callback, Progress
from undercount.sampling.single_thread import single_thread

if TYPE_CHECKING:
    from undercount.data.evidence import Evidence
    from undercount.data.lists import AnyMatched
    from undercount.data.schema import PriorChange
    from undercount.estimators.draws import Draws
    from undercount.estimators.samplers import Extension
    from undercount.sampling.draws import Plan

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Fit:
    """One evidence under one prior table, ready to be sampled as often as needed."""

    evidence: Evidence
    changes: Mapping[str, PriorChange]
    plan: Plan
    sampler: str = CORE
    extend: Extension | None = None
    lists: AnyMatched | None = None

    @cached_property
    def design(self) -> Design:
        """Arrays of the case under the prior table, with its matched lists."""
        return design(self.evidence, PriorTable({**self.evidence.case.priors, **self.changes}), self.lists)

    @cached_property
    def source_of_draws(self) -> CoreSampler | GraphSampler:
        """What samples the design; a graph is compiled once."""
        if self.sampler == CORE:
            return CoreSampler(self.design)
        return GraphSampler(self.design, self.sampler, self.extend)

    def with_plan(self, plan: Plan) -> Fit:
        """Sample the same design by another plan; what was compiled serves again."""
        other = replace(self, plan=plan)
        other.__dict__.update(
            {name: self.__dict__[name] for name in ("design", "source_of_draws") if name in self.__dict__}
        )
        return other

    def sample(self, seed: int, progress: Callback | None = None, *, without: Collection[str] = ()) -> Sampled:
        """Sample the parameters alone."""
        return self.source_of_draws.sample(self.plan, _sampler_seed(seed), progress, without)

    @single_thread
    def run(self, seed: int, progress: Callback | None = None, *, without: Collection[str] = ()) -> Draws:
        """Sample and forecast.

        Parameters
        ----------
        seed : int
        progress : callable, optional
        without : collection of str
            Sources whose reports and lists are left out.
        """
        begun = time.monotonic()

        def tell(phase: str) -> None:
            if progress is not None:
                progress(Progress(phase, chains=self.plan.chains, seconds=time.monotonic() - begun))

        tell("compile")
        self.source_of_draws.prepare()
        tell("warm-up")
        sampled = self.sample(seed, progress, without=without)
        tell("summarise")
        return self.forecast(sampled, seed, without=without)

    def forecast(self, sampled: Sampled, seed: int, *, without: Collection[str] = ()) -> Draws:
        """Draw what is reported from sampled parameters, and beside it from the prior."""
        data = model_data(self.design, without)
        arrays = replace(with_data(self.design, data), overlap=self.design.overlap.without(without))
        flat = {name: _flat(values) for name, values in sampled.values.items()}
        is_used = data["stream_is_used"][arrays.terms.reading_stream] > 0
        weights = np.where(is_used, reading_log_likelihood(arrays, flat), 0.0)
        verified = verified_tallies(arrays, self.evidence, without)
        estimand = self.evidence.case.estimand
        scope = (
            arrays.day_slice(estimand.window),
            arrays.strata.select(estimand.actors, estimand.areas, estimand.victims, estimand.quantity),
        )
        streams = [np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(2)]
        forward = forecast(arrays, flat, weights, verified, scope, streams[0])
        drawn = prior_values(arrays, PRIOR_DRAWS, streams[1])
        before = forecast(arrays, drawn, None, (), scope, streams[1], has_reports=False)
        log_prior = _log_prior(arrays, flat, forward.own)
        return assemble(arrays, sampled.values, sampled.stats, forward, before, log_prior)


def _sampler_seed(seed: int) -> int:
    return int(np.random.SeedSequence(seed).generate_state(1, np.uint64)[0] >> np.uint64(1))


def _flat(values: Array) -> Array:
    return values.reshape(-1, *values.shape[2:])


def _log_prior(arrays: Design, values: Mapping[str, Array], own: Array) -> dict[str, Array]:
    """Log prior density of each draw, by row of the prior table."""
    found: dict[str, Array] = {}
    for parameter in parameters(arrays):
        if not parameter.is_flat and parameter.prior:
            density = parameter.log_density(values[parameter.name])
            found[parameter.prior] = found.get(parameter.prior, 0.0) + density
    found |= level_log_densities(np, arrays, values)
    for row, density in course_log_densities(arrays, values).items():
        found[row] = found[row] + density
    if "incident_x" in values:
        found["incident_toll"] = incident_prior(arrays).log_density(log_tolls(np, arrays, values))
    return found | _log_prior_of_rates(arrays, values, own)


def _log_prior_of_rates(arrays: Design, values: Mapping[str, Array], own: Array) -> dict[str, Array]:
    """Of what sources of a kind have in common, and of the own deviations by kind."""
    rates, found = arrays.rates, dict[str, Array]()
    if "common_z" in values:
        for row, z in zip(rates.common_priors, values["common_z"].T, strict=True):
            found[row] = found.get(row, 0.0) - 0.5 * z**2
    density = rates.own_log_density(np, own, np.arange(own.shape[1]))
    for kind in sorted({kind.value for kind in rates.kinds}):
        mine = np.array([k.value == kind for k in rates.kinds])
        found[kind] = density[:, mine].sum(axis=1)
        if "source_z" in values:
            alike = np.unique(rates.family[mine & (rates.family >= 0)])
            found[kind] = found[kind] - 0.5 * (values["source_z"][:, alike] ** 2).sum(axis=1)
    return found
