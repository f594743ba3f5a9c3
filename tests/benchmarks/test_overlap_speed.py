"""Every row of the speed comes out, on small tables."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.overlap import speed
from benchmarks.overlap.speed import Sampled
from benchmarks.timing import Spent
from undercount.data.lists import load_lists
from undercount.estimators.overlap import DecomposableGraphs

pytestmark = pytest.mark.checkout


def test_draws_are_counted_of_the_toll() -> None:
    """The draws of the average over graphs are independent: they are worth about as many as they are."""
    lists = load_lists("kosovo-1999")
    run = Sampled.of(lambda: DecomposableGraphs(draws=500).fit(lists))
    assert 1200 < run.draws < 2600
    assert run.rhat == pytest.approx(1, abs=0.01)
    assert run.passed
    assert run.spent.wall > 0


def test_rows_of_graphs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "BATCH", 20)
    monkeypatch.setattr(speed, "SHORTEST", 0.0)
    found = list(speed.graph_rows(1))
    assert len(found) == 6
    assert [bool(row.goal) for row in found] == [True, False, False, False, True, False]
    assert all(row.value > 0 for row in found)
    assert found[0].met is (found[0].value <= speed.MOST_GRID_SECONDS)


def test_tables_are_like_those_of_kosovo() -> None:
    tables = speed.kosovo_like(400)
    counts = load_lists("kosovo-1999").tables[0].counts
    assert not tables[:, 0].any()
    assert (np.abs(tables.mean(axis=0) - 0.1 * counts) <= 4 * np.sqrt(0.09 * counts / 400)).all()


def test_rows_of_the_latent_classes() -> None:
    """Goals are met by the median of the rate, and by the largest R-hat."""
    runs = [Sampled(Spent(1.0, 2.0), 2000.0, 1.001, passed=True), Sampled(Spent(1.0, 2.0), 1600.0, 1.02, passed=False)]
    rate, moonshot, by_cpu = speed._draws_rows(runs)
    assert (rate.value, rate.met, moonshot.met, by_cpu.value) == (1800, True, False, 900)
    assert "(1 of 2 pass the gates)" in rate.what
    rhat, *_ = speed._mixing_rows(runs)
    assert rhat.met is False


@pytest.mark.slow
def test_rows_of_the_log_linear_models() -> None:
    found = list(speed.log_linear_rows(1))
    assert [bool(row.goal) for row in found] == [True, False, True, False]


@pytest.mark.slow
def test_rows_of_strata() -> None:
    wall, cpu = speed.strata_rows(4, 2)
    assert "4 strata x 2 replicates" in wall.what
    assert (wall.goal, wall.met) == ("", None)
    assert cpu.value > 0
