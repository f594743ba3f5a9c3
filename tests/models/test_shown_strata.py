"""Courses in the coordinates of the sampler, above all of strata whose whole course is shown: one model in several."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import stats

from tests.builders import make_case, make_evidence, make_report
from tests.models.kernel.test_density import evaluate
from tests.models.streams_case import DAYS, streams_fields, window
from undercount.estimators.forecast import prior_values
from undercount.models import centring as module
from undercount.models.courses import common_course, course_log_density, own_course
from undercount.models.design import Design, design
from undercount.models.intensity import log_intensity
from undercount.models.kernel import pack_design
from undercount.models.parameters import parameters

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Values = dict[str, Array]

DRAWS = 20_000
LEVELS = (0, 4, 10**9)
"""Windows for each cosine from which on strata are shown: all of them, one, none."""
COURSES = ("shared_x", "own_x")


@cache
def shown_from(level: int) -> Design:
    """A stratum whose many deaths are counted day by day, another that is counted as well, and six that hardly are."""
    reports = [make_report(report=f"r{day:02d}", value=300 + day, **window(day, day)) for day in range(DAYS)]
    south = {"areas": ("south",), "actors": ("blue",)}
    reports += [make_report(report=f"s{i}", value=2000, **south, **window(8 * i, 8 * i + 7)) for i in range(5)]
    reports += [make_report(report="t", source="press", value=90, quantity="injured", **window(0, 30))]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "SHOWN_FROM", level)
        found = design(make_evidence(reports, case=make_case(**streams_fields())))
        assert found.centring.shown.size == {0: 8, 4: 1, 10**9: 0}[level]
    return found


def standardised(arrays: Design) -> Design:
    """The same design with scores of all courses as coordinates."""
    before = arrays.centring
    shared, own, pull = (np.zeros_like(x) for x in (before.shared, before.own, before.pull))
    return replace(arrays, centring=replace(before, shared=shared, own=own, pull=pull))


def a_point(arrays: Design, seed: int) -> tuple[Values, Values]:
    """A point without its courses, and scores of these: of the common one and of all departures from it."""
    rng = np.random.default_rng(seed)
    values = {p.name: p.location + 0.3 * p.scale * rng.standard_normal(p.shape) for p in parameters(arrays)}
    for which in ("shared", "own"):  # off the middles, so that the coordinates differ
        values[f"log_smooth_{which}"] += 0.7
    scores = {name: rng.standard_normal(values[name].shape) for name in COURSES}
    return {name: value for name, value in values.items() if name not in COURSES}, scores


def log_stretches(arrays: Design, values: Values) -> tuple[Array, Array]:
    """How far the log scales of the courses are from their middles, as far as each cosine is centred."""
    shared, own = arrays.priors["smooth_shared"].location, arrays.priors["smooth_own"].location
    return (
        arrays.centring.shared * (values["log_smooth_shared"] - shared),
        arrays.centring.own * (values["log_smooth_own"][..., None] - own),
    )


def coordinates(arrays: Design, values: Values, scores: Values) -> Values:
    """The courses with these scores in the coordinates of a design."""
    stretch_shared, stretch_own = log_stretches(arrays, values)
    modes = arrays.basis_own.shape[1]
    ratio = np.exp(values["log_smooth_shared"] - values["log_smooth_own"])
    common = (ratio * scores["shared_x"])[..., :modes, None]
    return {
        "shared_x": np.exp(stretch_shared) * scores["shared_x"],
        "own_x": np.exp(stretch_own) * (scores["own_x"] + arrays.centring.pull * common),
    }


def density(arrays: Design, values: Values) -> float:
    position = np.concatenate([values[p.name].ravel() for p in parameters(arrays)])
    return evaluate(pack_design(arrays), position)[0]


def test_the_courses_of_shown_strata_are_pulled_to_the_common_one() -> None:
    pulled = {level: shown_from(level).centring.pull.any(axis=0) for level in LEVELS}
    (shown,) = shown_from(4).centring.shown
    other = sorted(shown_from(4).strata.select(("blue",), ("south",), "civilians", "killed"))
    assert np.flatnonzero(pulled[4]).tolist() == [shown]
    assert np.flatnonzero(pulled[0]).tolist() == sorted([shown, *other])
    assert not pulled[LEVELS[-1]].any()
    for level in LEVELS:
        found = shown_from(level).centring
        np.testing.assert_array_equal(found.pull[:, pulled[level]], found.own[:, pulled[level]])
    hidden = np.flatnonzero(~pulled[4])
    np.testing.assert_array_equal(shown_from(4).centring.own[:, hidden], shown_from(10**9).centring.own[:, hidden])


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("seed", range(5))
def test_the_density_differs_by_the_jacobian(level: int, seed: int) -> None:
    arrays = shown_from(level)
    values, scores = a_point(arrays, seed)
    found = density(arrays, values | coordinates(arrays, values, scores))
    expected = density(standardised(arrays), values | scores)
    jacobian = sum(stretch.sum() for stretch in log_stretches(arrays, values))
    assert jacobian > 0.1
    assert found == pytest.approx(expected - jacobian, rel=1e-12)
    # Without the pull the courses would be others.
    unpulled = replace(arrays, centring=replace(arrays.centring, pull=np.zeros_like(arrays.centring.pull)))
    moved = density(arrays, values | coordinates(unpulled, values, scores))
    assert (abs(moved - found) > 0.01) is bool(arrays.centring.pull.any())


@pytest.mark.parametrize("level", LEVELS)
def test_the_density_of_the_courses_is_that_of_their_weights(level: int) -> None:
    arrays = shown_from(level)
    values, scores = a_point(arrays, 7)
    given = values | coordinates(arrays, values, scores)
    scale, own_scale = (np.exp(values[f"log_smooth_{which}"][0]) for which in ("shared", "own"))
    np.testing.assert_allclose(common_course(np, arrays, given), scale * scores["shared_x"], rtol=1e-12)
    np.testing.assert_allclose(own_course(np, arrays, given), own_scale * scores["own_x"], rtol=1e-9, atol=1e-12)

    sizes = [given[name].size for name in COURSES]

    def weights(flat: Array) -> Array:
        parts = (part.reshape(given[name].shape) for name, part in zip(COURSES, np.split(flat, sizes[:1]), strict=True))
        placed = values | dict(zip(COURSES, parts, strict=True))
        return np.concatenate([np.ravel(course(np, arrays, placed)) for course in (common_course, own_course)])

    # The weights are linear in their coordinates: the columns of the Jacobian are those of unit vectors.
    slope = np.column_stack([weights(unit) for unit in np.eye(sum(sizes))])
    at = np.concatenate([given[name].ravel() for name in COURSES])
    prior = np.sum(stats.norm.logpdf(weights(at), scale=np.repeat([scale, own_scale], sizes)))
    expected = float(prior + np.linalg.slogdet(slope)[1])
    assert float(course_log_density(np, arrays, given)) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("level", LEVELS)
def test_courses_from_the_prior_depart_normally_from_the_common_one(level: int) -> None:
    arrays = shown_from(level)
    values = prior_values(arrays, DRAWS, np.random.default_rng(level % 97))
    departure = own_course(np, arrays, values) / np.exp(values["log_smooth_own"])[..., None]
    flat = departure.reshape(DRAWS, -1)
    error = np.sqrt(2 * np.log(flat.shape[1])) + 4
    assert np.abs(flat.mean(axis=0)).max() < error / np.sqrt(DRAWS)
    assert np.abs(flat.var(axis=0) - 1).max() < error * np.sqrt(2 / DRAWS)
    for other in (values["shared_z"][:, 0], values["log_smooth_own"][:, 0], flat[:, -1]):
        correlation = [np.corrcoef(other, column)[0, 1] for column in flat[:, :-1].T]
        assert np.abs(correlation).max() < error / np.sqrt(DRAWS)


@pytest.mark.parametrize("level", LEVELS)
def test_a_draw_of_the_prior_has_the_same_intensities_in_the_coordinates_of_the_sampler(level: int) -> None:
    arrays = shown_from(level)
    drawn = prior_values(arrays, 50, np.random.default_rng(3))
    assert not set(COURSES) & set(drawn)
    scores = {"shared_x": drawn["shared_z"], "own_x": drawn["own_z"]}
    rest = {name: value for name, value in drawn.items() if name not in ("shared_z", "own_z")}
    found = log_intensity(np, arrays, rest | coordinates(arrays, rest, scores))
    expected = log_intensity(np, arrays, drawn)
    assert expected.std(axis=0).min() > 0.1
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


def test_draws_of_the_prior_do_not_depend_on_how_far_courses_are_centred() -> None:
    arrays = shown_from(4)
    found, expected = (prior_values(each, 3, np.random.default_rng(3)) for each in (arrays, standardised(arrays)))
    assert found.keys() == expected.keys()
    for name, value in found.items():
        np.testing.assert_array_equal(value, expected[name])


@pytest.mark.parametrize(("days", "is_shown"), [(19, False), (20, True)])
def test_a_stratum_is_shown_by_four_windows_for_each_cosine(days: int, is_shown: bool) -> None:
    reports = [make_report(report=f"r{day:02d}", value=3, **window(day, day)) for day in range(days)]
    # Neither another source with the same windows nor other strata count.
    reports += [make_report(report=f"s{day}", source="press", value=3, **window(day, day)) for day in range(5)]
    reports += [make_report(report=f"t{day}", value=3, areas=("south",), **window(day, day)) for day in range(5)]
    arrays = design(make_evidence(reports, case=make_case(**streams_fields(incidents=()))))
    assert arrays.basis_own.shape[1] == 5
    shown = [int(c) for c in arrays.centring.shown]
    assert shown == sorted(arrays.strata.select(("red",), ("north",)) if is_shown else ())


def test_a_sole_stratum_has_no_course_of_its_own() -> None:
    fields = streams_fields(incidents=())
    one = {"levels": {"red": "Red"}}
    fields["dimensions"] = {"actor": one, "area": {"levels": {"north": "North"}}}
    fields["population"] = fields["population"][:1]
    reports = [make_report(report=f"r{day:02d}", value=3, **window(day, day)) for day in range(40)]
    arrays = design(make_evidence(reports, case=make_case(**fields)))
    assert arrays.centring.shown.size == 0
    assert not {"own_x", "log_smooth_own"} & {p.name for p in parameters(arrays)}
