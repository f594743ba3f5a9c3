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
from undercount.models.joint.curve import tabulate
from undercount.models.joint.likelihood import Independent

if TYPE_CHECKING:
    from undercount.data import Evidence
    from undercount.estimators.forecast import Forecast

DRAWS = 4000
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


def draws(evidence: Evidence, arrays: Design, *, posterior: bool = True) -> Forecast:
    values = prior_values(arrays, 300, np.random.default_rng(3))
    weights = np.zeros((300, arrays.terms.reading_block.size)) if posterior else None
    if posterior:
        del values["own"]
        rng = np.random.default_rng(4)
        values["seen_x"] = rng.standard_normal((300, arrays.anchors.places.size))
    scope = slice(0, arrays.days), frozenset(range(arrays.strata.count))
    return forecast(arrays, values, weights, verified_tallies(arrays, evidence), scope, np.random.default_rng(5))


def test_no_toll_is_below_what_is_listed() -> None:
    evidence, arrays = listed()
    found = draws(evidence, arrays)
    actor = arrays.strata.place[0]
    for s, name in enumerate(arrays.overlap.labels):
        scope = found.deaths[:, :, actor == arrays.strata.actors.index(name)].sum(axis=(1, 2))
        assert scope.min() >= arrays.overlap.observed[s]
        assert scope.min() < 3 * arrays.overlap.observed[s]
    assert found.overlap.shape == (300, 2)
    assert (found.overlap < 0).any(axis=0).all()


def test_other_deaths_are_drawn_as_before() -> None:
    evidence, arrays = listed(by_actor=False)
    before = draws(evidence, design(evidence))
    after = draws(evidence, arrays)
    actor = arrays.strata.place[0]
    red, other = (actor == arrays.strata.actors.index(name) for name in ("red", "blue"))
    np.testing.assert_array_equal(after.deaths[:, :, other], before.deaths[:, :, other])
    assert (after.deaths[:, :, red] != before.deaths[:, :, red]).any()


def test_deaths_fall_where_they_are_expected() -> None:
    evidence, arrays = listed(by_actor=False)
    found = draws(evidence, arrays)
    assert arrays.overlap.events[0].size == 1
    whole = found.deaths[:, :, arrays.overlap.strata[0]].sum(axis=(1, 2))
    share = found.incidents[:, arrays.overlap.events[0]].sum(axis=1) / whole
    assert 0 < share.mean() < 1
    assert (found.incidents >= 40).all()  # that many were verified in the incident


def test_draws_of_the_prior_know_no_lists() -> None:
    evidence, arrays = listed()
    with_lists, without = (draws(evidence, one, posterior=False) for one in (arrays, design(evidence)))
    assert not with_lists.overlap.any()
    np.testing.assert_array_equal(with_lists.rates, without.rates)
