"""Strata whose whole course is sampled: the same model in other coordinates."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import stats

from tests.builders import make_case, make_evidence, make_report
from tests.models.kernel.test_density import evaluate
from tests.models.streams_case import streams_case, streams_fields, window
from undercount.estimators.forecast import prior_values
from undercount.models import design as module
from undercount.models.design import Design, design
from undercount.models.intensity import course_log_density, course_unit, log_intensity, own_course
from undercount.models.kernel import pack_design
from undercount.models.parameters import parameters

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = dict[str, NDArray[np.float64]]

DRAWS = 20_000
LEVELS = (0, 4, 10**9)
"""Windows for each cosine from which on strata are shown: all of them, one, none."""


@cache
def shown_from(level: int) -> Design:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "SHOWN_FROM", level)
        found = design(streams_case())
        assert found.shown_strata.size == {0: 8, 4: 1, 10**9: 0}[level]
    return found


def departures(arrays: Design, rng: np.random.Generator) -> tuple[Values, NDArray[np.float64]]:
    """A point without its courses, and standardised departures of all strata from the common one."""
    values = {p.name: p.location + 0.3 * p.scale * rng.standard_normal(p.shape) for p in parameters(arrays)}
    departure = rng.standard_normal((arrays.basis_own.shape[1], arrays.strata.count))
    return {name: value for name, value in values.items() if name not in ("own_z", "course_x")}, departure


def position(arrays: Design, values: Values, departure: NDArray[np.float64]) -> NDArray[np.float64]:
    """The point in the coordinates of a design."""
    common = np.exp(values["log_smooth_shared"]) * values["shared_z"][: departure.shape[0]]
    whole = (common[:, None] + np.exp(values["log_smooth_own"]) * departure) / course_unit(arrays)
    is_shown = np.isin(np.arange(departure.shape[1]), arrays.shown_strata)
    placed = values | {"own_z": departure[:, ~is_shown], "course_x": whole[:, is_shown]}
    return np.concatenate([placed[p.name].ravel() for p in parameters(arrays)])


def density(level: int, values: Values, departure: NDArray[np.float64]) -> float:
    arrays = shown_from(level)
    with pytest.MonkeyPatch.context() as patch:  # a design that is given its data is another object
        patch.setattr(module, "SHOWN_FROM", level)
        return evaluate(pack_design(arrays), position(arrays, values, departure))[0]


@pytest.mark.parametrize("level", LEVELS[:2])
@pytest.mark.parametrize("seed", range(5))
def test_the_density_differs_by_the_jacobian(level: int, seed: int) -> None:
    arrays = shown_from(level)
    values, departure = departures(arrays, np.random.default_rng(seed))
    found, expected = (density(each, values, departure) for each in (level, LEVELS[-1]))
    each = np.log(course_unit(arrays)) - values["log_smooth_own"][0]
    jacobian = arrays.shown_strata.size * arrays.basis_own.shape[1] * each
    assert abs(jacobian) > 0.1
    assert found == pytest.approx(expected + jacobian, rel=1e-12)


@pytest.mark.parametrize("level", LEVELS[:2])
def test_the_density_of_the_courses_is_that_of_the_departures(level: int) -> None:
    arrays = shown_from(level)
    values, departure = departures(arrays, np.random.default_rng(7))
    common = np.exp(values["log_smooth_shared"]) * values["shared_z"][: departure.shape[0]]
    scale, unit = np.exp(values["log_smooth_own"]), course_unit(arrays)
    whole = common[:, None] + scale * departure
    hidden = np.setdiff1d(np.arange(arrays.strata.count), arrays.shown_strata)
    given = values | {"course_x": whole[:, arrays.shown_strata] / unit}
    if hidden.size:
        given["own_z"] = departure[:, hidden]
    expected = (stats.norm.logpdf(whole, common[:, None], scale) + np.log(unit))[:, arrays.shown_strata].sum()
    assert float(course_log_density(np, arrays, given)) == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose(own_course(np, arrays, given), scale * departure, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("level", LEVELS)
def test_courses_from_the_prior_depart_normally_from_the_common_one(level: int) -> None:
    arrays = shown_from(level)
    values = prior_values(arrays, DRAWS, np.random.default_rng(level % 97))
    assert ("course_x" in values) is (level < 10**9)
    assert ("own_z" in values) is (level > 0)
    departure = own_course(np, arrays, values) / np.exp(values["log_smooth_own"])[..., None]
    flat = departure.reshape(DRAWS, -1)
    error = np.sqrt(2 * np.log(flat.shape[1])) + 4
    assert np.abs(flat.mean(axis=0)).max() < error / np.sqrt(DRAWS)
    assert np.abs(flat.var(axis=0) - 1).max() < error * np.sqrt(2 / DRAWS)
    for other in (values["shared_z"][:, 0], values["log_smooth_own"][:, 0], flat[:, -1]):
        correlation = [np.corrcoef(other, column)[0, 1] for column in flat[:, :-1].T]
        assert np.abs(correlation).max() < error / np.sqrt(DRAWS)


@pytest.mark.parametrize("level", LEVELS[:2])
def test_intensities_from_the_prior_are_those_of_strata_that_are_not_shown(level: int) -> None:
    logs = []
    for seed, each in enumerate((level, LEVELS[-1])):
        arrays = shown_from(each)
        values = prior_values(arrays, DRAWS // 4, np.random.default_rng(seed))
        logs.append(log_intensity(np, arrays, values)[:, [0, 13, 39]])
    # Of independent samples; of 24 comparisons at the most the least p-value is above 1e-5 in all but one of 4,000.
    for stratum in shown_from(level).shown_strata:
        for day in range(3):
            assert stats.ks_2samp(*(log[:, day, stratum] for log in logs)).pvalue > 1e-5
        rises = (log[:, 2, stratum] - log[:, 0, stratum] for log in logs)
        assert stats.ks_2samp(*rises).pvalue > 1e-5


@pytest.mark.parametrize(("days", "is_shown"), [(19, False), (20, True)])
def test_a_stratum_is_shown_by_four_windows_for_each_cosine(days: int, is_shown: bool) -> None:
    reports = [make_report(report=f"r{day:02d}", value=3, **window(day, day)) for day in range(days)]
    # Neither another source with the same windows nor other strata count.
    reports += [make_report(report=f"s{day}", source="press", value=3, **window(day, day)) for day in range(5)]
    reports += [make_report(report=f"t{day}", value=3, areas=("south",), **window(day, day)) for day in range(5)]
    arrays = design(make_evidence(reports, case=make_case(**streams_fields(incidents=()))))
    assert arrays.basis_own.shape[1] == 5
    shown = [int(c) for c in arrays.shown_strata]
    assert shown == sorted(arrays.strata.select(("red",), ("north",)) if is_shown else ())


def test_a_sole_stratum_has_no_course_of_its_own() -> None:
    fields = streams_fields(incidents=())
    one = {"levels": {"red": "Red"}}
    fields["dimensions"] = {"actor": one, "area": {"levels": {"north": "North"}}}
    fields["population"] = fields["population"][:1]
    reports = [make_report(report=f"r{day:02d}", value=3, **window(day, day)) for day in range(40)]
    arrays = design(make_evidence(reports, case=make_case(**fields)))
    assert arrays.shown_strata.size == 0
    assert not {"own_z", "course_x", "log_smooth_own"} & {p.name for p in parameters(arrays)}
