"""The sampler on the session's compiled model: reproducible, interruptible, complete or refused."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import xarray as xr

from tests.estimators.fitted import CHAINS, DRAWS, TUNE
from undercount.errors import SamplingError
from undercount.estimators.samplers import OF_NUTPIE, GraphSampler
from undercount.estimators.versions import NUTPIE
from undercount.sampling import Compiled, Progress, diagnose

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from tests.conftest import RealFit
    from undercount.estimators.fitting import Fit

SHORT: dict[str, Any] = {"draws": 40, "tune": 100, "chains": 3, "cores": 2, "seed": 5, "target_accept": 0.9}
ENDLESS: dict[str, Any] = SHORT | {"draws": 1_000_000, "chains": 4}
AT_ONCE = 30.0
"""Seconds in which an endless run must have stopped, on a loaded machine."""


@pytest.fixture(scope="module")
def compiled(fit: Fit) -> Compiled:
    return GraphSampler(fit.design, NUTPIE).compiled


@pytest.fixture(scope="module")
def short(compiled: Compiled) -> xr.DataTree:
    return compiled.sample(**SHORT)


def values(tree: xr.DataTree) -> dict[str, NDArray[Any]]:
    return {
        f"{group}/{name}": variable.to_numpy()
        for group in ("posterior", "sample_stats")
        for name, variable in tree[group].data_vars.items()
    }


def same(one: xr.DataTree, other: xr.DataTree) -> bool:
    a, b = values(one), values(other)
    return a.keys() == b.keys() and all(a[name].tobytes() == b[name].tobytes() for name in a)


@pytest.mark.parametrize("cores", [1, 2], ids=["one core", "again"])
def test_draws_are_equal_to_the_bit(compiled: Compiled, short: xr.DataTree, cores: int) -> None:
    assert same(compiled.sample(**SHORT | {"cores": cores}), short)


def test_another_seed_gives_other_draws_in_every_chain(compiled: Compiled, short: xr.DataTree) -> None:
    other = compiled.sample(**SHORT | {"seed": 6})
    rates = [tree["posterior"]["log_rate"].to_numpy().reshape(SHORT["chains"], -1) for tree in (short, other)]
    assert np.unique(np.concatenate(rates), axis=0).shape[0] == 2 * SHORT["chains"]


def test_draws_have_the_stated_size(short: xr.DataTree) -> None:
    for variable in short["posterior"].data_vars.values():
        assert (variable.sizes["chain"], variable.sizes["draw"]) == (SHORT["chains"], SHORT["draws"])


def test_new_data_change_the_draws_and_leave_the_compiled_model_as_it_was(
    compiled: Compiled, fit: Fit, short: xr.DataTree
) -> None:
    from undercount.models.data import model_data

    without_any = model_data(fit.design, fit.design.sources)
    prior = compiled.sample(**SHORT | {"draws": 500, "chains": 4}, data=without_any)
    rate = prior["posterior"]["log_rate"].to_numpy()[..., 0]
    row = fit.design.priors["rate"]
    found = prior["sample_stats"]
    stats = {ours: found[theirs].to_numpy() for theirs, ours in OF_NUTPIE.items()}
    effective = diagnose({"rate": rate}, stats).ess_bulk
    assert effective > 200
    assert abs(rate.mean() - row.location) < 4 * row.scale / np.sqrt(effective)
    assert same(compiled.sample(**SHORT), short)


def test_progress_rises_to_the_end(real_fit: RealFit) -> None:
    phases = [step.phase for step in real_fit.told]
    assert phases[0] == "compile"
    assert phases[-1] == "summarise"
    order = {"compile": 0, "warm-up": 1, "sample": 2, "summarise": 3}
    assert phases == sorted(phases, key=order.__getitem__)
    counted = [step for step in real_fit.told if step.total_draws]
    assert len(counted) >= 3
    assert {step.total_draws for step in counted} == {CHAINS * (DRAWS + TUNE)}
    assert {step.chains for step in counted} == {CHAINS}
    finished = [step.finished_draws for step in counted]
    assert finished == sorted(finished)
    assert 0 < finished[-1] <= CHAINS * (DRAWS + TUNE)
    last = counted[-1]
    assert last.seconds_left is not None
    left = last.seconds * (last.total_draws - last.finished_draws) / last.finished_draws
    assert last.seconds_left == pytest.approx(left)


class StopHere(Exception):  # noqa: N818 - the callback's own
    """What a callback raises."""


@pytest.fixture
def idle_afterwards() -> Iterator[None]:
    """No thread may go on sampling: then half a second of wall time would cost as much of the processor."""
    yield
    time.sleep(0.2)
    before = time.process_time()
    time.sleep(0.5)
    assert time.process_time() - before < 0.1


@pytest.mark.usefixtures("idle_afterwards")
@pytest.mark.parametrize("error", [StopHere, KeyboardInterrupt, RuntimeError])
def test_what_a_callback_raises_stops_the_sampler(compiled: Compiled, error: type[BaseException]) -> None:
    told: list[tuple[int, int]] = []

    def stop(step: Progress) -> None:
        told.append((step.finished_draws, threading.get_ident()))
        if step.finished_draws > 50:
            raise error("enough")

    begun = time.monotonic()
    with pytest.raises(error, match="enough") as caught:
        compiled.sample(**ENDLESS, progress=stop)
    assert type(caught.value) is error
    assert time.monotonic() - begun < AT_ONCE
    assert {thread for _, thread in told} == {threading.get_ident()}


@pytest.mark.usefixtures("idle_afterwards")
def test_a_signal_stops_the_sampler_and_returns_nothing(compiled: Compiled) -> None:
    timer = threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        compiled.sample(**ENDLESS)
    timer.join()
    assert 0.9 < time.monotonic() - begun < AT_ONCE


class Sampler:
    """Stands in for nutpie's: hands back what it was given, or raises it."""

    def __init__(self, result: xr.DataTree | Exception) -> None:
        self.result = result
        self.is_cancelled = False

    def wait(self, timeout: float) -> xr.DataTree:
        assert timeout < 1
        if isinstance(self.result, Exception):
            raise self.result
        return self.result

    def cancel(self) -> None:
        self.is_cancelled = True


def spoilt(tree: xr.DataTree, value: float) -> xr.DataTree:
    posterior = tree["posterior"].to_dataset().copy(deep=True)
    posterior["log_dispersion"][1, 7, 0] = value
    return xr.DataTree.from_dict({"posterior": posterior, "sample_stats": tree["sample_stats"].to_dataset()})


def cut(tree: xr.DataTree, **part: slice) -> xr.DataTree:
    return xr.DataTree.from_dict({name: node.to_dataset().isel(part) for name, node in tree.children.items()})


BROKEN: dict[str, Callable[[xr.DataTree], xr.DataTree]] = {
    "nan": lambda tree: spoilt(tree, np.nan),
    "inf": lambda tree: spoilt(tree, np.inf),
    "chain": lambda tree: cut(tree, chain=slice(0, 2)),
    "draw": lambda tree: cut(tree, draw=slice(0, 39)),
    "nothing": lambda tree: xr.DataTree.from_dict({"sample_stats": tree["sample_stats"].to_dataset()}),
}


def sample_with(monkeypatch: pytest.MonkeyPatch, sampler: Sampler) -> xr.DataTree:
    monkeypatch.setattr("nutpie.sample", lambda *_, **__: sampler)
    return Compiled(None).sample(**SHORT)


def test_complete_draws_are_given_back(monkeypatch: pytest.MonkeyPatch, short: xr.DataTree) -> None:
    assert same(sample_with(monkeypatch, Sampler(short)), short)


@pytest.mark.parametrize("fault", BROKEN)
def test_incomplete_draws_are_refused(monkeypatch: pytest.MonkeyPatch, short: xr.DataTree, fault: str) -> None:
    with pytest.raises(SamplingError) as caught:
        sample_with(monkeypatch, Sampler(BROKEN[fault](short)))
    assert caught.value.code == "sampling-incomplete"
    if fault in ("nan", "inf"):
        assert caught.value.where == "posterior/log_dispersion"


def test_a_sampler_that_fails_says_so_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    sampler = Sampler(RuntimeError("All initialization points failed\n\nStack backtrace:\n 0: <unknown>"))
    with pytest.raises(SamplingError, match="All initialization points failed") as caught:
        sample_with(monkeypatch, sampler)
    assert caught.value.code == "sampling-failed"
    assert "backtrace" not in str(caught.value)
    assert sampler.is_cancelled


def test_a_density_that_is_nowhere_finite_is_a_sampling_error(compiled: Compiled, fit: Fit) -> None:
    with pytest.raises(SamplingError) as caught:
        compiled.sample(**SHORT, data={"log_exposure": np.full_like(fit.design.log_exposure, np.nan)})
    assert caught.value.code == "sampling-failed"
