"""The toll that matched incidents tell of: against plain sums, and what must not change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.special import gammaln, logsumexp

from undercount.data.lists import Lists, MatchedIncidents, Table
from undercount.errors import ModelError
from undercount.models.joint.curve import tabulate
from undercount.models.joint.incidents import DRAWS, IncidentToll, draw_incidents
from undercount.models.joint.likelihood import overlap_likelihood

if TYPE_CHECKING:
    from numpy.typing import NDArray


def incidents(
    counts: dict[str, list[int]], size: dict[str, float], names: tuple[str, ...] = ("a", "b"), **more: Any
) -> MatchedIncidents:
    """Every incident of a stratum with the same number of dead."""
    tables = [Table(stratum, 0, names, np.array(each)) for stratum, each in sorted(counts.items())]
    dead, squares = (
        tuple(np.asarray(table.counts * size[table.stratum] ** power, dtype=np.float64) for table in tables)
        for power in (1, 2)
    )
    return MatchedIncidents(Lists("invented", tuple(tables), unit="incidents"), dead, squares, **more)


def hypergeometric(one: int, other: int, both: int, most: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Law of the number there are, given two lists and their overlap, even in its logarithm beforehand."""
    number = np.arange(one + other - both, most, dtype=float)

    def choose(n: Any, k: Any) -> Any:
        return gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)

    log_weight = choose(one, both) + choose(number - one, other - both) - choose(number, other) - np.log(number)
    return number, np.exp(log_weight - logsumexp(log_weight))


def test_two_sources_have_the_hypergeometric_law() -> None:
    matched = incidents({"all": [0, 30, 20, 40]}, {"all": 3.0})
    number, weight = hypergeometric(70, 60, 40, 5000)
    drawn = np.concatenate([draw_incidents(matched, seed).incidents.ravel() for seed in range(20)])
    mean = float((number * weight).sum())
    sd = float(np.sqrt((number**2 * weight).sum() - mean**2))
    assert drawn.mean() == pytest.approx(mean, abs=4 * sd / np.sqrt(drawn.size))
    for quantile in (0.025, 0.5, 0.975):
        expected = number[np.searchsorted(weight.cumsum(), quantile)]
        density = weight[int(expected - number[0])]
        error = np.sqrt(quantile * (1 - quantile) / drawn.size) / density
        assert abs(np.quantile(drawn, quantile) - expected) <= 4 * error + 1.0


def test_the_dead_of_unseen_incidents_are_those_of_their_stratum() -> None:
    matched = incidents({"large": [0, 9, 8, 60], "small": [0, 60, 50, 30]}, {"large": 40.0, "small": 2.0})
    drawn = draw_incidents(matched)
    seen = 40.0 * 77 + 2.0 * 140
    # No incident of either stratum differs from the others: the toll has one value for each pair of numbers.
    assert ((drawn.toll - seen) % 2.0 == 0).all()
    assert drawn.toll.min() >= seen
    assert (drawn.toll.ravel() - seen <= 40.0 * (drawn.incidents.ravel() - 217)).all()
    np.testing.assert_array_equal(drawn.seen_dead, [[40.0 * 69 + 2.0 * 90, 40.0 * 68 + 2.0 * 80]])


def test_sizes_that_differ_widen_the_toll() -> None:
    alike = incidents({"all": [0, 60, 50, 30]}, {"all": 10.0})
    table = alike.lists.tables[0]
    apart = MatchedIncidents(alike.lists, alike.dead, (np.asarray(table.counts * 500.0, dtype=np.float64),))
    spread = [float(np.log(draw_incidents(one).toll).std()) for one in (alike, apart)]
    assert spread[1] > 1.2 * spread[0]


def test_dependence_that_all_strata_show_is_believed_in_each() -> None:
    """Three sources, the second of which mostly copies the first: in one stratum it is plain, in the other not."""
    names = ("a", "b", "c")
    plain = [0, 60, 4, 150, 70, 28, 3, 75]
    few = [0, 6, 1, 14, 8, 3, 0, 7]
    alone = draw_incidents(incidents({"few": few}, {"few": 1.0}, names)).incidents
    both = draw_incidents(incidents({"few": few, "plain": plain}, {"few": 1.0, "plain": 0.0}, names)).toll
    assert np.log(both).std() < np.log(alone).std()


def test_the_likelihood_is_the_law_with_the_error_of_sizes() -> None:
    matched = incidents({"all": [0, 30, 20, 40]}, {"all": 3.0}, size_error=0.2)
    likelihood = IncidentToll.of(matched)
    drawn = np.log(draw_incidents(matched).toll.ravel())
    tolls = np.exp(np.linspace(drawn.min() - 0.8, drawn.max() + 0.8, 50))
    expected = logsumexp(-0.5 * ((np.log(tolls)[:, None] - drawn) / 0.2) ** 2, axis=1) - np.log(DRAWS)
    np.testing.assert_allclose(likelihood.log_likelihood(tolls), expected, atol=0.005)
    far = np.exp(drawn.max() + np.array([3.0, 4.0, 5.0]))
    assert np.diff(likelihood.log_likelihood(far), 2)[0] == pytest.approx(0.0, abs=1e-6)


def test_the_curve_has_its_peak_at_the_toll() -> None:
    matched = incidents({"all": [0, 30, 20, 40]}, {"all": 3.0})
    likelihood = overlap_likelihood(matched)
    assert likelihood is not None
    curve = tabulate(likelihood)
    drawn = np.log(draw_incidents(matched).toll)
    peak = curve.knot[curve.value.argmax()]
    assert abs(peak - np.median(drawn)) < 0.1
    assert curve.value.max() == 0
    assert curve.value[0] < -50


def test_names_and_order_do_not_matter() -> None:
    one = incidents({"x": [0, 30, 20, 40], "y": [0, 5, 9, 20]}, {"x": 3.0, "y": 9.0})
    other = incidents({"x": [0, 20, 30, 40], "y": [0, 9, 5, 20]}, {"x": 3.0, "y": 9.0}, names=("b", "a"))
    assert one == other
    renamed = incidents({"x": [0, 30, 20, 40], "y": [0, 5, 9, 20]}, {"x": 3.0, "y": 9.0}, names=("un", "wire"))
    for again in (other, renamed):
        np.testing.assert_array_equal(draw_incidents(one).toll, draw_incidents(again).toll)


def test_without_an_overlap_nothing_is_known() -> None:
    with pytest.raises(ModelError, match="no two sources saw the same incident") as caught:
        draw_incidents(incidents({"all": [0, 30, 20, 0]}, {"all": 3.0}))
    assert caught.value.code == "model-incidents-apart"


def test_one_source_alone_says_nothing() -> None:
    matched = incidents({"all": [0, 30, 20, 40]}, {"all": 3.0}).without("b")
    assert overlap_likelihood(matched) is None
