"""Where chains start, and which parameters belong together, in cases of few and of very many reports."""

from __future__ import annotations

import numpy as np
import pytest

from tests.builders import make_case, make_evidence, make_report, make_source
from tests.models.streams_case import streams_fields, window
from undercount.data import load_case
from undercount.data.schema import Attribution
from undercount.estimators.samplers import target_of
from undercount.models.design import Design, design
from undercount.models.kernel import blocks, led, values_at
from undercount.models.kernel import start as module
from undercount.models.parameters import parameters
from undercount.sampling.batch import sample
from undercount.sampling.diagnostics import convergence
from undercount.sampling.draws import Plan


@pytest.fixture
def all_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MANY_REPORTS", 1)


def weekly() -> Design:
    """Two areas of one actor without a known population."""
    fields = streams_fields() | {"population": (), "incidents": ()}
    fields["dimensions"] = {**fields["dimensions"], "actor": {"levels": {"blue": "blue"}}}
    told = [make_report(report=f"{a}{i}", areas=(a,), actors=(), attribution=Attribution.UNATTRIBUTED, value=40 + i,
                        **window(7 * i, 7 * i + 6)) for a in ("north", "south") for i in range(5)]  # fmt: skip
    return design(make_evidence(told, case=make_case(**fields), sources=(make_source(),)))


def test_few_reports_are_sampled_as_ever() -> None:
    arrays = design(load_case("mosul-2017"))
    assert led(arrays) is None
    assert blocks(arrays) == ()


@pytest.mark.usefixtures("all_are_many")
def test_scales_are_held_and_all_else_is_led() -> None:
    arrays = design(load_case("mosul-2017"))
    found, along = parameters(arrays), led(arrays)
    assert along is not None
    for name, value in values_at(found, along.astype(float)).items():
        assert value.all() == (name not in module.HELD)
        assert value.any() == value.all()


@pytest.mark.usefixtures("all_are_many")
def test_a_block_is_a_course_with_its_own_level() -> None:
    arrays = weekly()
    together = blocks(arrays)
    everything = np.concatenate(together)
    assert np.unique(everything).size == everything.size, "no parameter is in two blocks"
    names = np.repeat([p.name for p in parameters(arrays)], [p.size for p in parameters(arrays)])
    assert len(together) == arrays.strata.count + 1
    for block in together[:-1]:
        assert sorted(set(names[block])) == ["log_daily_toll", "own_x"]
        assert block.size == arrays.basis_own.shape[1] + 1
    assert set(names[together[-1]]) == {"shared_x"}


def test_the_posterior_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    arrays, plan = design(load_case("mosul-2017")), Plan(1000, 500, 4, 0.85, cores=2)
    before = sample(target_of(arrays), 3, plan).position
    monkeypatch.setattr(module, "MANY_REPORTS", 1)
    after = sample(target_of(arrays), 3, plan).position
    assert not np.array_equal(before, after)
    draws = np.stack([np.moveaxis(x, -1, 0) for x in (before, after)])
    effective = np.array([convergence(x)[1] for x in draws])
    assert effective.min() > 400
    error = np.sqrt((draws.var(axis=(2, 3)) / effective).sum(axis=0))
    apart = np.abs(np.subtract(*draws.mean(axis=(2, 3)))) / error
    assert apart.max() < 4.5, "of some 150 parameters"
