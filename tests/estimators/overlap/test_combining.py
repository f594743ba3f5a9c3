"""Replicates joined, strata added up."""

from __future__ import annotations

from math import exp, log, sqrt

import numpy as np
import pytest
from scipy import stats

from undercount.estimators.gates import Check
from undercount.estimators.overlap.combining import BCA, joined, seed_of, summed
from undercount.estimators.overlap.results import TableResult, merged
from undercount.estimators.quantity import Figures, Quantity, StatedQuantity

REPLICATES = 100_000


def result(centre: float, sd: float, seed: int) -> TableResult:
    draws = np.exp(np.random.default_rng(seed).normal(centre, sd, (4, 1000)))
    return TableResult(draws, ())


def test_replicates_are_joined_by_the_rules_of_rubin_on_the_log_scale() -> None:
    results = [result(7.0 + shift, 0.1, i) for i, shift in enumerate((-0.1, 0.0, 0.05, 0.15))]
    found = joined(results, 500, np.random.default_rng(0))
    means = [float(np.log(r.draws).mean()) for r in results]
    within = float(np.mean([np.log(r.draws).var(ddof=1) for r in results]))
    between = float(np.var(means, ddof=1)) * (1 + 1 / 4)
    freedom = 3 * (1 + within / between) ** 2
    centre, half = float(np.mean(means)), float(stats.t.ppf(0.975, freedom)) * sqrt(within + between)
    assert found.median == pytest.approx(exp(centre), rel=1e-12)
    assert found.interval == pytest.approx((exp(centre - half), exp(centre + half)), rel=1e-12)
    assert found.ci_kind == "rubin-eti"
    assert (
        stats.kstest(((np.log(found.draws) - centre) / sqrt(within + between)).ravel(), "t", (freedom,)).pvalue > 0.001
    )


def test_nothing_falls_below_what_was_observed() -> None:
    results = [result(7.0, 0.5, 1), result(7.4, 0.5, 2)]
    found = joined(results, 1100, np.random.default_rng(0))
    assert found.interval[0] == 1100
    assert found.draws.min() == 1100
    assert found.median >= 1100
    assert joined(results, 50_000, np.random.default_rng(0)).interval == (50_000, 50_000)


def test_replicates_that_agree_are_normal() -> None:
    one = result(7.0, 0.1, 1)
    found = joined([one, one, one], 0, np.random.default_rng(0))
    logs = np.log(one.draws)
    low, high = stats.norm.interval(0.95, logs.mean(), logs.std(ddof=1))
    assert found.interval == pytest.approx((exp(low), exp(high)), rel=1e-9)


def test_stated_figures_are_the_centre() -> None:
    base = result(7.0, 0.1, 1)
    figures = [Figures(x, x, 1.0, x, x, BCA) for x in (900.0, 1100.0)]
    found = joined([TableResult(base.draws, (), f) for f in figures], 0, np.random.default_rng(0))
    assert found.median == pytest.approx(exp((log(900) + log(1100)) / 2))


def test_a_single_replicate_stands_for_itself() -> None:
    one = result(7.0, 0.1, 1)
    assert joined([one], 10**9, np.random.default_rng(0)).draws is one.draws


def test_strata_are_added_draw_by_draw() -> None:
    parts = [result(7.0, 0.1, 1).toll, result(6.0, 0.3, 2).toll]
    found = summed(parts, [])
    np.testing.assert_array_equal(found.draws, parts[0].draws + parts[1].draws)
    assert found.ci_kind == "eti"
    assert found.unit == "persons"
    assert summed(parts[:1], []) is parts[0]


def test_the_interval_of_a_sum_of_bootstraps_is_that_of_all_strata_bootstrapped_at_once() -> None:
    """Twin: SciPy's BCa interval of a sum of two means, whose jackknife leaves one record of either sample out."""
    rng = np.random.default_rng(5)
    samples = [rng.exponential(2.0, 60), rng.lognormal(0.0, 1.0, 80)]
    parts, accelerations = [], []
    for sample in samples:
        draws = rng.choice(sample, (REPLICATES, sample.size)).mean(axis=1)[None]
        short = sample - sample.mean()
        accelerations.append(float((short**3).sum() / (6 * (short**2).sum() ** 1.5)))
        figures = Figures(float(sample.mean()), float(draws.mean()), float(draws.std(ddof=1)), 0.0, 0.0, BCA)
        parts.append(StatedQuantity(draws, figures=figures))
    found = summed(parts, accelerations)
    twin = stats.bootstrap(
        samples, lambda x, y, axis: x.mean(axis=axis) + y.mean(axis=axis), method="BCa", n_resamples=REPLICATES,
        rng=np.random.default_rng(6),
    )  # fmt: skip
    assert found.ci_kind == BCA
    assert found.median == sum(float(sample.mean()) for sample in samples)
    # A quantile q has a standard error of √(q (1 - q) / R) / density in both of them: 2.7 sd / √R at 0.975 of a normal.
    allowed = 4 * sqrt(2) * 2.7 * found.sd / sqrt(REPLICATES)
    assert found.interval == pytest.approx(twin.confidence_interval, abs=allowed)
    plain = np.quantile(found.draws, [0.025, 0.975])
    assert abs(found.interval[1] - plain[1]) > 2 * allowed


def test_one_stratum_with_replicates_makes_a_sum_of_bootstraps_plain() -> None:
    figures = Figures(1000.0, 1000.0, 50.0, 900.0, 1100.0, BCA)
    part = StatedQuantity(np.full((1, 100), 1000.0), figures=figures)
    assert type(summed([part, part], [0.1])) is Quantity


def test_a_seed_depends_on_the_names_alone() -> None:
    first = seed_of(1, "north", 0)
    assert first == seed_of(1, "north", 0)
    others = {seed_of(2, "north", 0), seed_of(1, "south", 0), seed_of(1, "north", 1), seed_of(1, "north0")}
    assert len(others | {first}) == 5


def test_the_worst_gate_of_all_tables_counts() -> None:
    good = [Check("largest R-hat", 1.0, "< 1.01", True), Check("smallest bulk ESS", 900.0, "> 400", True)]
    bad = [Check("largest R-hat", 1.2, "< 1.01", False), Check("smallest bulk ESS", 500.0, "> 400", True)]
    assert merged([good, bad, good]) == (bad[0], bad[1])
