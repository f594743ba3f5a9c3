"""Tolls drawn given matched lists, and on whom they fall."""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import stats

from tests.builders import make_evidence, make_source, make_sources
from undercount.data.lists import Lists, MatchedLists, Table
from undercount.estimators.forecast import forecast, prior_values, verified_tallies
from undercount.estimators.listed import draw_tolls
from undercount.models.design import Design, design
from undercount.models.intensity import expected_deaths
from undercount.models.joint.curve import tabulate
from undercount.models.joint.independent import Independent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from undercount.data import Evidence
    from undercount.estimators.forecast import Forecast, Verified

    Array = NDArray[np.float64]

DRAWS, MANY = 2000, 300
NGO = make_source(source="ngo", name="Second recorder")


@pytest.mark.parametrize(("observed", "sizes"), [(5, (3, 4)), (140, (90, 70)), (155, (150, 155)), (9000, (5000, 7000))])
@pytest.mark.parametrize("factor", [0.9, 1.02, 1.5, 40.0])
def test_tolls_have_their_law(observed: int, sizes: tuple[int, ...], factor: float) -> None:
    likelihood, toll = Independent(observed, sizes), factor * observed
    drawn = draw_tolls(likelihood, tabulate(likelihood), np.full(DRAWS, toll), np.random.default_rng(1))
    assert drawn.min() >= observed
    number = np.arange(observed, int(2 * toll + observed + 100))
    log_mass = stats.poisson.logpmf(number, toll) + likelihood.log_likelihood(number.astype(float))
    below = np.cumsum(np.exp(log_mass - log_mass.max()))
    share = below / below[-1]
    # Of a law on whole numbers, at the places of its own quantiles.
    places = np.unique(np.searchsorted(share, np.linspace(0.05, 0.95, 10)))
    for place in places:
        error = np.sqrt(share[place] * (1 - share[place]) / DRAWS)
        assert abs((drawn <= number[place]).mean() - share[place]) < 4.5 * error + 0.005


def test_tolls_of_different_scopes_are_drawn_at_once() -> None:
    likelihood = Independent(140, (90, 70))
    curve, tolls = tabulate(likelihood), np.geomspace(20.0, 1e7, 50)
    drawn = draw_tolls(likelihood, curve, tolls, np.random.default_rng(2))
    mean = tolls + [np.interp(log(toll), curve.knot, curve.slope) for toll in tolls]
    spread = np.sqrt(tolls * np.interp(np.log(tolls), curve.knot, curve.variance))
    assert (np.abs(drawn - mean) < 6 * spread + 8).all()


def listed(by_actor: bool = True) -> tuple[Evidence, Design]:
    evidence = make_evidence(sources=(*make_sources(), NGO))
    names = ("ngo", "un")
    tables = [Table("red", 0, names, np.array([0, 130, 90, 35])), Table("blue", 0, names, np.array([0, 12, 9, 5]))]
    lists = Lists("matched", tuple(tables if by_actor else tables[:1]))
    return evidence, design(evidence, lists=MatchedLists(lists))


def points(arrays: Design) -> dict[str, Array]:
    """Parameters as the prior has them."""
    values = prior_values(arrays, MANY, np.random.default_rng(3))
    del values["own"]
    values["seen_x"] = np.random.default_rng(4).standard_normal((MANY, arrays.anchors.places.size))
    return values


def draws(arrays: Design, values: dict[str, Array], verified: Sequence[Verified] = ()) -> Forecast:
    weights = None if "own" in values else np.zeros((MANY, arrays.terms.reading_block.size))
    scope = slice(0, arrays.days), frozenset(range(arrays.strata.count))
    return forecast(arrays, values, weights, verified, scope, np.random.default_rng(5))


def test_no_toll_is_below_what_is_listed() -> None:
    evidence, arrays = listed()
    found = draws(arrays, points(arrays), verified_tallies(arrays, evidence))
    actor = arrays.strata.place[0]
    for s, name in enumerate(arrays.overlap.labels):
        scope = found.deaths[:, :, actor == arrays.strata.actors.index(name)].sum(axis=(1, 2))
        assert scope.min() >= arrays.overlap.observed[s]
        assert scope.min() < 3 * arrays.overlap.observed[s]
    assert found.overlap.shape == (MANY, 2)
    assert (found.overlap < 0).any(axis=0).all()


def test_other_deaths_are_drawn_as_before() -> None:
    evidence, arrays = listed(by_actor=False)
    values = points(arrays)
    before, after = draws(design(evidence), values), draws(arrays, values)
    actor = arrays.strata.place[0]
    red, other = (actor == arrays.strata.actors.index(name) for name in ("red", "blue"))
    np.testing.assert_array_equal(after.deaths[:, :, other], before.deaths[:, :, other])
    assert (after.deaths[:, :, red] != before.deaths[:, :, red]).any()


def test_deaths_fall_where_they_are_expected() -> None:
    _, arrays = listed(by_actor=False)
    values = points(arrays)
    found, (deaths, events) = draws(arrays, values), expected_deaths(np, arrays, values)
    strata, cells = arrays.overlap.strata[0], arrays.overlap.events[0]
    assert cells.size == 1
    early, late = (deaths[:, days, strata].sum(axis=(1, 2)) for days in (slice(40), slice(40, None)))
    parts = np.stack([events[:, cells[0]], early, late])
    drawn = np.stack([found.incidents[:, cells[0]], found.deaths[:, 40:, strata].sum(axis=(1, 2))])
    whole = found.deaths[:, :, strata].sum(axis=(1, 2))
    share = parts / parts.sum(axis=0)
    for count, p in zip(drawn, share[[0, 2]], strict=True):
        z = (count - whole * p) / np.sqrt(np.maximum(whole * p * (1 - p), 1e-9))
        assert abs(z[whole * p > 1].mean()) < 5 / np.sqrt((whole * p > 1).sum())


def test_draws_of_the_prior_know_no_lists() -> None:
    evidence, arrays = listed()
    values = prior_values(arrays, MANY, np.random.default_rng(3))
    with_lists, without = draws(arrays, values), draws(design(evidence), values)
    assert not with_lists.overlap.any()
    np.testing.assert_array_equal(with_lists.deaths, without.deaths)
