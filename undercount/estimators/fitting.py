"""From evidence to draws: design, model, sampling, forecast."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from undercount.estimators.assemble import assemble
from undercount.estimators.forecast import CHUNK, forecast, prior_values, verified_tallies
from undercount.models.design import Design, design
from undercount.models.parameters import parameters
from undercount.models.priors import PriorTable
from undercount.sampling import Callback, Compiled, Progress

if TYPE_CHECKING:
    import xarray as xr

    from undercount.data.evidence import Evidence
    from undercount.data.schema import PriorChange

Array = NDArray[np.float64]
PRIOR_DRAWS = 2000
"""Own deviations of sources: their densities are added by kind, anchored or not."""


@dataclass(frozen=True)
class Settings:
    """Checked settings of the sampler."""

    chains: int
    draws: int
    tune: int
    target_accept: float
    cores: int


@dataclass(frozen=True)
class Fit:
    """One evidence under one prior table; compiled once, sampled as often as needed."""

    evidence: Evidence
    changes: Mapping[str, PriorChange]
    settings: Settings

    @cached_property
    def design(self) -> Design:
        """Arrays of the case under the prior table."""
        return design(self.evidence, PriorTable({**self.evidence.case.priors, **self.changes}))

    @cached_property
    def compiled(self) -> Compiled:
        """The compiled model."""
        from undercount.models.fusion import build_model

        return Compiled.of(build_model(self.design))

    def sample(self, seed: int, progress: Callback | None = None, data: Mapping[str, Any] | None = None) -> xr.DataTree:
        """Sample the parameters alone."""
        s = self.settings
        return self.compiled.sample(
            draws=s.draws, tune=s.tune, chains=s.chains, cores=s.cores, seed=_sampler_seed(seed),
            target_accept=s.target_accept, data=data, progress=progress,
        )  # fmt: skip

    def run(self, seed: int, progress: Callback | None = None, *, without: Collection[str] = ()) -> xr.DataTree:
        """Sample and forecast.

        Parameters
        ----------
        seed : int
        progress : callable, optional
        without : collection of str
            Sources whose reports are left out.
        """
        from undercount.models.fusion import model_data, with_data

        begun = time.monotonic()

        def tell(phase: str) -> None:
            if progress is not None:
                progress(Progress(phase, chains=self.settings.chains, seconds=time.monotonic() - begun))

        data = model_data(self.design, without)
        arrays = with_data(self.design, data)
        tell("compile")
        _ = self.compiled
        tell("warm-up")
        sampled = self.sample(seed, progress, data if without else None)
        tell("summarise")
        posterior = sampled["posterior"]
        flat = {p.name: _flat(posterior[p.name].to_numpy()) for p in parameters(arrays)}
        is_used = data["source_is_used"][arrays.terms.reading_source] > 0
        weights = np.where(is_used, _weights(arrays, flat), 0.0)
        kinds = {source.source: source.kind for source in self.evidence.sources}
        heard = [report for report in self.evidence.reports if report.source not in without]
        verified = verified_tallies(arrays, heard, kinds)
        estimand = self.evidence.case.estimand
        scope = (
            arrays.day_slice(estimand.window),
            arrays.strata.select(estimand.actors, estimand.areas, estimand.victims, estimand.quantity),
        )
        streams = [np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(2)]
        forward = forecast(arrays, flat, weights, verified, scope, streams[0])
        before = forecast(arrays, prior_values(arrays, PRIOR_DRAWS, streams[1]), None, (), scope, streams[1])
        return assemble(arrays, sampled, forward, before, _log_prior(arrays, flat, forward.own))


def _sampler_seed(seed: int) -> int:
    return int(np.random.SeedSequence(seed).generate_state(1, np.uint64)[0] >> np.uint64(1))


def _flat(values: Array) -> Array:
    return values.reshape(-1, *values.shape[2:])


def _weights(arrays: Design, values: Mapping[str, Array]) -> Array:
    from undercount.models.fusion import reading_log_likelihood

    count = len(next(iter(values.values())))
    parts = [slice(first, first + CHUNK) for first in range(0, count, CHUNK)]
    return np.concatenate([reading_log_likelihood(arrays, {k: v[p] for k, v in values.items()}) for p in parts])


def _log_prior(arrays: Design, values: Mapping[str, Array], own: Array) -> dict[str, Array]:
    """Log prior density of each draw, by row of the prior table."""
    found: dict[str, Array] = {}
    for parameter in parameters(arrays):
        if not parameter.is_flat:
            density = parameter.log_density(values[parameter.name])
            found[parameter.prior] = found.get(parameter.prior, 0.0) + density
    density = arrays.rates.own_log_density(np, own, np.arange(own.shape[1]))
    for kind in sorted({kind.value for kind in arrays.rates.kinds}):
        mine = [k.value == kind for k in arrays.rates.kinds]
        found[kind] = density[:, mine].sum(axis=1)
    return found
