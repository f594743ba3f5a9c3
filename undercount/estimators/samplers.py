"""Ways to sample a design: the compiled core, and nutpie or PyMC on the model's graph."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from undercount.estimators.versions import NUTPIE, PYMC
from undercount.models.data import model_data
from undercount.models.parameters import parameters
from undercount.sampling.batch import sample
from undercount.sampling.chain import prepare
from undercount.sampling.target import Target

if TYPE_CHECKING:
    import xarray as xr

    from undercount.models.design import Design
    from undercount.sampling import Callback, Compiled
    from undercount.sampling.draws import Draws, Plan

Array = NDArray[np.float64]
Extension = Callable[[Any, "Design"], None]
"""Adds to the PyMC model (its first argument), within its context."""

OF_NUTPIE: Final[Mapping[str, str]] = {
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


@dataclass(frozen=True)
class Sampled:
    """Draws of the parameters, and what the sampler says of each."""

    values: Mapping[str, Array]
    """By name, each of shape (chain, draw, *shape)."""
    stats: Mapping[str, NDArray[Any]]
    """(chain, draw), under arviz's names."""


def target_of(design: Design, without: Collection[str] = ()) -> Target:
    """Give a design to the compiled sampler."""
    from undercount.models.kernel import blocks, density, draw_start, led, pack_design

    packed = pack_design(design, without)
    return Target(
        density=density,
        dimension=packed.dimension,
        reals=packed.reals,
        integers=packed.integers,
        workspace=packed.workspace,
        draw_start=lambda rng: draw_start(design, rng),
        blocks=blocks(design),
        led=led(design),
    )


def named(design: Design, draws: Draws) -> Sampled:
    """Draws of the compiled sampler, by parameter."""
    from undercount.models.kernel import values_at

    return Sampled(
        values_at(parameters(design), draws.position),
        {
            "diverging": draws.diverging,
            "energy": draws.energy,
            "tree_depth": draws.depth,
            "reached_max_treedepth": draws.reached_depth,
            "n_steps": draws.steps,
            "step_size": draws.step_size,
            "acceptance_rate": draws.acceptance,
            "lp": draws.log_density,
        },
    )


@dataclass(frozen=True)
class CoreSampler:
    """The compiled core."""

    design: Design

    def prepare(self) -> None:
        """Load the compiled density and the loop that samples it, or compile them."""
        prepare(target_of(self.design).density)

    def sample(self, plan: Plan, seed: int, progress: Callback | None, without: Collection[str] = ()) -> Sampled:
        """Sample the posterior, without the reports of some sources."""
        return named(self.design, sample(target_of(self.design, without), seed, plan, progress))


@dataclass(frozen=True)
class GraphSampler:
    """nutpie, or PyMC's own sampler, on the PyMC model and what the user adds to it."""

    design: Design
    name: str
    extend: Extension | None = None

    @cached_property
    def model(self) -> Any:
        """The PyMC model."""
        from undercount.models.fusion import build_model

        model = build_model(self.design)
        if self.extend is not None:
            with model:
                self.extend(model, self.design)
        return model

    @cached_property
    def compiled(self) -> Compiled:
        """The model as nutpie compiled it, once for all data."""
        from undercount.sampling.nuts import Compiled

        return Compiled.of(self.model)

    def prepare(self) -> None:
        """Compile the graph."""
        if self.name == NUTPIE:
            _ = self.compiled

    def sample(
        self,
        plan: Plan,
        seed: int,
        progress: Callback | None,
        without: Collection[str] = (),
        data: Mapping[str, Any] | None = None,
    ) -> Sampled:
        """Sample the posterior, without the reports of some sources, or with other data of the graph."""
        data = model_data(self.design, without) if without else data
        if self.name == PYMC:
            from undercount.sampling.nuts import sample_with_pymc

            tree = sample_with_pymc(self.model, plan, seed=seed, data=data)
            names = {name: name for name in OF_NUTPIE.values()}
        else:
            tree = self.compiled.sample(
                draws=plan.draws, tune=plan.tune, chains=plan.chains, cores=plan.cores, seed=seed,
                target_accept=plan.target_accept, data=data, progress=progress,
            )  # fmt: skip
            names = dict(OF_NUTPIE)
        return _of_tree(tree, [variable.name for variable in self.model.free_RVs], names)


def _of_tree(tree: xr.DataTree, parameters_: Collection[str], names: Mapping[str, str]) -> Sampled:
    posterior, stats = tree["posterior"], tree["sample_stats"]
    return Sampled(
        {name: posterior[name].to_numpy() for name in parameters_},
        {ours: stats[theirs].to_numpy() for theirs, ours in names.items()},
    )
