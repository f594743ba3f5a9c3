"""Samplers of one model: the core, nutpie, PyMC's own NUTS, and numpyro, each with the same settings."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

from undercount.estimators.samplers import CoreSampler, GraphSampler, Sampled
from undercount.estimators.versions import CORE, NUTPIE, PYMC
from undercount.models.data import model_data, with_data
from undercount.models.fusion import build_model
from undercount.sampling.draws import Plan

if TYPE_CHECKING:
    from undercount.models.design import Design

NUMPYRO: Final = "numpyro"
PLAN: Final = Plan(draws=1000, tune=500, chains=4, target_accept=0.85, cores=2)
"""The default settings of `CountFusion`, on two cores."""


class Contender(Protocol):
    """Samples the model of a design."""

    @property
    def name(self) -> str:
        """How the table calls it."""
        ...

    def sample(self, design: Design, seed: int) -> Sampled:
        """Draw `PLAN` from the posterior of a design that has the structure of the first one."""
        ...

    def coordinates(self, design: Design) -> Design:
        """The design in whose coordinates the draws of `design` are."""
        ...


@dataclass(frozen=True)
class Core:
    """The compiled core of this package."""

    name = CORE

    def sample(self, design: Design, seed: int) -> Sampled:
        """Draw from the posterior."""
        return CoreSampler(design).sample(PLAN, seed, None)

    def coordinates(self, design: Design) -> Design:
        """Its own."""
        return design


@dataclass(frozen=True)
class Nutpie:
    """nutpie on the PyMC graph, compiled once; counts and people at risk are its data."""

    first: Design
    name = NUTPIE

    @cached_property
    def sampler(self) -> GraphSampler:
        """The compiled graph."""
        found = GraphSampler(self.first, NUTPIE)
        found.prepare()
        return found

    def sample(self, design: Design, seed: int) -> Sampled:
        """Draw from the posterior."""
        return self.sampler.sample(PLAN, seed, None, data=model_data(design))

    def coordinates(self, design: Design) -> Design:
        """Those of the graph that was compiled, with the new data."""
        return with_data(self.first, model_data(design))


@dataclass(frozen=True)
class Pymc:
    """`pm.sample` with PyMC's own NUTS on two processes, as a user would loop over it: it compiles at each call."""

    name = PYMC

    def sample(self, design: Design, seed: int) -> Sampled:
        """Draw from the posterior."""
        import pymc as pm

        model = build_model(design)
        with model:
            tree = pm.sample(
                draws=PLAN.draws, tune=PLAN.tune, chains=PLAN.chains, cores=PLAN.cores, random_seed=seed,
                nuts_sampler="pymc", target_accept=PLAN.target_accept, progressbar=False,
                compute_convergence_checks=False, quiet=True,
            )  # fmt: skip
        stats = tree["sample_stats"]
        return Sampled(
            {variable.name: tree["posterior"][variable.name].to_numpy() for variable in model.free_RVs},
            {name: stats[name].to_numpy() for name in ("diverging", "n_steps")},
        )

    def coordinates(self, design: Design) -> Design:
        """Its own: the graph is stated anew."""
        return design


class Numpyro:
    """numpyro's NUTS on the same graph, turned into JAX and compiled once, for one design and its data.

    It lives in a process of its own: PyMC forks, and a process in which JAX runs cannot be forked safely.
    """

    name = NUMPYRO

    def __init__(self, first: Design) -> None:
        context = get_context("spawn")
        self._worker = ProcessPoolExecutor(1, context, _begin_numpyro, (first,))

    def sample(self, design: Design, seed: int) -> Sampled:  # noqa: ARG002 - the first design was compiled
        """Draw from the posterior of the first design."""
        return self._worker.submit(_sample_numpyro, seed).result()

    def coordinates(self, design: Design) -> Design:
        """Its own: it is the first one."""
        return design


_compiled: list[tuple[Any, Any]] = []
"""In numpyro's own process: its sampler and the PyMC model."""


def _begin_numpyro(design: Design) -> None:
    os.environ["XLA_FLAGS"] = f"--xla_force_host_platform_device_count={PLAN.chains}"
    from benchmarks.peers.jax_interval import register

    register()
    from numpyro.infer import MCMC, NUTS
    from pymc.sampling.jax import get_jaxified_logp

    model = build_model(design)
    log_density = get_jaxified_logp(model)
    kernel = NUTS(
        potential_fn=lambda position: -log_density(position), target_accept_prob=PLAN.target_accept,
        max_tree_depth=PLAN.max_depth,
    )  # fmt: skip
    mcmc = MCMC(
        kernel, num_warmup=PLAN.tune, num_samples=PLAN.draws, num_chains=PLAN.chains,
        chain_method="parallel", progress_bar=False,
    )  # fmt: skip
    _compiled.append((mcmc, model))


def _sample_numpyro(seed: int) -> Sampled:
    import jax

    mcmc, model = _compiled[0]
    start = model.initial_point()
    rng = np.random.default_rng(seed)
    positions = [
        jax.numpy.asarray(start[v.name] + rng.uniform(-1, 1, (PLAN.chains, *start[v.name].shape)))
        for v in model.value_vars
    ]
    mcmc.run(jax.random.PRNGKey(seed), init_params=positions, extra_fields=("diverging", "num_steps"))
    drawn = mcmc.get_samples(group_by_chain=True)
    extra = mcmc.get_extra_fields(group_by_chain=True)
    return Sampled(
        {v.name: np.asarray(part) for v, part in zip(model.value_vars, drawn, strict=True)},
        {"diverging": np.asarray(extra["diverging"]), "n_steps": np.asarray(extra["num_steps"])},
    )


def has_numpyro() -> bool:
    """Whether numpyro can be imported."""
    return find_spec("numpyro") is not None and find_spec("jax") is not None
