"""Priors of the reporting rates, by kind of source and by actor."""

from __future__ import annotations

from math import log

import numpy as np
from scipy import stats

from tests.builders import make_source
from undercount.data.schema import Kind, PriorChange
from undercount.models.priors import PriorTable
from undercount.models.rates import RatePriors

TABLE = PriorTable()
OWN = {"prior_median": 0.4, "prior_scale": 0.2, "prior_reason": "a capture-recapture study"}
SOURCES = [
    make_source(source="a", kind=Kind.RECORDER),
    make_source(source="b", kind=Kind.CLAIMANT),
    make_source(source="c", kind=Kind.BELLIGERENT, side="red"),
    make_source(source="d", kind=Kind.RECORDER, **OWN),
    make_source(source="e", kind=Kind.BELLIGERENT, side="blue", **OWN),
    make_source(source="f", kind=Kind.RECORDER),
]
RATES = RatePriors.of(SOURCES, ("blue", "red"), TABLE)


def test_location_follows_kind_side_and_own_prior() -> None:
    recorder, claimant, denied = (TABLE[name].location for name in ("recorder", "claimant", "belligerent"))
    expected = [
        [recorder, recorder], [claimant, claimant], [claimant, denied],
        [log(0.4), log(0.4)], [log(0.4), claimant], [recorder, recorder],
    ]  # fmt: skip
    np.testing.assert_allclose(RATES.location, expected)


def test_scale_follows_kind_and_own_prior() -> None:
    scales = [TABLE[name].scale for name in ("recorder", "claimant", "belligerent", "recorder")]
    np.testing.assert_allclose(RATES.scale, [*scales[:3], 0.2, 0.2, scales[3]])
    assert RATES.actor_scale == TABLE["by_actor"].scale
    assert RATES.incident_location == TABLE["recorder_incident"].location


def test_sources_of_a_kind_share_a_part_unless_they_have_a_prior_of_their_own() -> None:
    assert RATES.common_names == ("belligerent", "claimant", "recorder")
    assert list(RATES.common) == [2, 1, 0, -1, -1, 2]
    alone = RatePriors.of([SOURCES[3]], ("blue", "red"), TABLE)
    assert alone.common_names == ()
    assert list(alone.common) == [-1]
    assert alone.common_scale.shape == (0,)


def test_what_recorders_share_has_a_prior_of_its_own() -> None:
    assert RATES.common_priors == ("common", "common", "recorder_common")
    np.testing.assert_array_equal(RATES.common_scale, [TABLE[row].scale for row in RATES.common_priors])
    assert RATES.common_scale[2] != RATES.common_scale[0]


def test_claimants_are_heavy_and_recorders_record() -> None:
    assert list(RATES.is_heavy) == [False, True, False, False, False, False]
    assert list(RATES.is_recorder) == [True, False, False, True, False, True]


def test_a_changed_prior_moves_the_sources_without_one_of_their_own() -> None:
    changed = PriorTable({"recorder": PriorChange(location=-1.0, scale=0.1, reason="r")})
    rates = RatePriors.of(SOURCES, ("blue", "red"), changed)
    np.testing.assert_allclose(rates.location[[0, 3], 0], [-1.0, log(0.4)])
    np.testing.assert_allclose(rates.scale[[0, 3]], [0.1, 0.2])


OWN_DEVIATIONS = np.array([[0.3, -0.4, 1.0, 0.1, 0.0, -2.0], [0.0, 2.5, 0.0, 0.0, 0.5, 0.0]])


def test_density_of_own_deviations() -> None:
    tail = TABLE["claimant"].tail
    assert tail is not None
    expected = [
        [
            stats.t.logpdf(x, tail, scale=scale) if s == 1 else stats.norm.logpdf(x, scale=scale)
            for s, (x, scale) in enumerate(zip(row, RATES.scale, strict=True))
        ]
        for row in OWN_DEVIATIONS
    ]
    density = RATES.own_log_density(np, OWN_DEVIATIONS, np.arange(6))
    np.testing.assert_allclose(density, expected, rtol=1e-12)
    np.testing.assert_array_equal(
        RATES.own_log_density(np, OWN_DEVIATIONS[:, [1, 4]], np.array([1, 4])), density[:, [1, 4]]
    )


def test_drawn_deviations_have_the_stated_density() -> None:
    tail = TABLE["claimant"].tail
    assert tail is not None
    draws = RATES.draw_own(np.random.default_rng(8), 20_000)
    assert draws.shape == (20_000, 6)
    for s, scale in enumerate(RATES.scale):
        law = stats.t(tail, scale=scale) if s == 1 else stats.norm(scale=scale)
        assert stats.kstest(draws[:, s], law.cdf).pvalue > 1e-4
