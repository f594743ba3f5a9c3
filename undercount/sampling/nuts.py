"""Draws of a PyMC model by nutpie's NUTS: named sampler, fixed seeds, complete or refused."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from undercount.errors import SamplingError
from undercount.sampling.progress import Callback, Progress

if TYPE_CHECKING:
    import xarray as xr

    from undercount.sampling.draws import Plan

POLL_SECONDS = 0.1


@dataclass(frozen=True)
class Compiled:
    """A compiled model, to be sampled with the data it was stated with or with other data."""

    model: Any
    unread: frozenset[str] = frozenset()
    """Data of the model that nothing depends on: the compiled graph has no place for them."""

    @classmethod
    def of(cls, model: Any) -> Compiled:
        """Compile a PyMC model once for its shape."""
        import nutpie

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of nutpie's own calls into pytensor
            compiled = nutpie.compile_pymc_model(model)
        read = {variable.name for variable in compiled.shared_var_keys}
        return cls(compiled, frozenset(data.name for data in model.data_vars) - read)

    def sample(  # noqa: PLR0913 - the settings of a sampler, by keyword
        self,
        *,
        draws: int,
        tune: int,
        chains: int,
        cores: int,
        seed: int,
        target_accept: float,
        data: Mapping[str, Any] | None = None,
        progress: Callback | None = None,
    ) -> xr.DataTree:
        """Sample the posterior.

        Parameters
        ----------
        draws, tune, chains : int
            Kept draws and warm-up draws of each chain, and number of chains.
        cores : int
            Chains that run at the same time; the draws do not depend on it.
        seed : int
            The draws of the same seed, data and versions are equal to the bit.
        target_accept : float
            Mean acceptance that the step size is adapted to.
        data : mapping, optional
            New values of the model's data.
        progress : callable, optional
            Called about ten times a second, in the calling thread.

        Returns
        -------
        xarray.DataTree
            Groups `posterior` and `sample_stats`, dims (chain, draw, ...).

        Raises
        ------
        SamplingError
            If the sampler failed, a chain is short or a draw is not finite.
        KeyboardInterrupt
            If interrupted; the sampler's threads have then stopped.
        """
        import nutpie

        latest: list[Any] = []

        def note(states: list[Any]) -> None:
            latest[:] = states

        compiled = self.model
        if data is not None:
            compiled = compiled.with_data(**{name: value for name, value in data.items() if name not in self.unread})
        begun = time.monotonic()
        sampler = nutpie.sample(
            compiled, draws=draws, tune=tune, chains=chains, cores=cores, seed=seed, target_accept=target_accept,
            save_warmup=False, progress_bar=False, progress_callback=note, progress_rate=200, blocking=False,
        )  # fmt: skip
        try:
            tree = _finished(sampler, progress, latest, begun)
        except BaseException:
            sampler.cancel()
            raise
        _refuse_incomplete(tree, chains, draws)
        return tree


def sample_with_pymc(model: Any, plan: Plan, *, seed: int, data: Mapping[str, Any] | None = None) -> xr.DataTree:
    """Sample with PyMC's own NUTS, one chain after the other in this process.

    Parameters
    ----------
    model : pymc.Model
    plan : Plan
    seed : int
    data : mapping, optional
        New values of the model's data, for this call.

    Returns
    -------
    xarray.DataTree
        Groups `posterior` and `sample_stats`, dims (chain, draw, ...).

    Raises
    ------
    SamplingError
        If a chain is short or a draw is not finite.
    """
    import pymc as pm

    before = {name: model[name].get_value() for name in data or {}}
    with model:
        try:
            pm.set_data(dict(data or {}))
            tree: xr.DataTree = pm.sample(
                draws=plan.draws, tune=plan.tune, chains=plan.chains, cores=1, random_seed=seed, nuts_sampler="pymc",
                target_accept=plan.target_accept, progressbar=False, compute_convergence_checks=False, quiet=True,
            )  # fmt: skip
        finally:
            pm.set_data(before)
    _refuse_incomplete(tree, plan.chains, plan.draws)
    return tree


def _finished(sampler: Any, progress: Callback | None, latest: list[Any], begun: float) -> xr.DataTree:
    while True:
        try:
            tree: xr.DataTree = sampler.wait(timeout=POLL_SECONDS)
        except TimeoutError:
            if progress is not None and latest:
                progress(_progress(list(latest), time.monotonic() - begun))
        except RuntimeError as error:
            raise SamplingError(
                f"the sampler failed: {str(error).partition(chr(10))[0]}",
                code="sampling-failed",
                where="posterior",
                hint="look at the priors of the case and at figures that cannot be true together",
            ) from error
        else:
            return tree


def _progress(states: list[Any], seconds: float) -> Progress:
    done, total = sum(s.finished_draws for s in states), sum(s.total_draws for s in states)
    return Progress(
        phase="warm-up" if any(s.tuning for s in states) else "sample",
        chains=len(states),
        finished_draws=done,
        total_draws=total,
        divergences=sum(s.divergences for s in states),
        seconds=seconds,
        seconds_left=seconds * (total - done) / done if done else None,
    )


def _refuse_incomplete(tree: xr.DataTree, chains: int, draws: int) -> None:
    """An interrupted or broken sampler can return normally, with draws that are missing or not numbers."""
    if "posterior" not in tree or dict(tree["posterior"].sizes).get("chain") != chains:
        raise SamplingError(
            "the sampler did not return every chain", code="sampling-incomplete", where="posterior", hint="run it again"
        )
    for name, variable in tree["posterior"].data_vars.items():
        if variable.sizes.get("draw") != draws or not np.isfinite(variable.to_numpy()).all():
            raise SamplingError(
                f"'{name}' has draws that are missing or not finite",
                code="sampling-incomplete",
                where=f"posterior/{name}",
                hint="run it again; if it repeats, look at the priors of the case",
            )
