"""The free parameters: which there are, their priors, and the contrasts that they stand for."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
from scipy import stats

from tests.builders import case_fields, make_case, make_evidence, make_report
from undercount.data import load_case
from undercount.models.design import design
from undercount.models.intensity import contrasts
from undercount.models.parameters import Parameter, parameters


def test_parameters_of_the_bundled_case() -> None:
    found = design(load_case("mosul-2017"))
    # Every source has a known total but for Al Jazeera's sources and the residents, with "more than 120" and "100".
    assert [found.sources[s] for s in found.free_streams] == ["al-jazeera-sources", "residents"]
    shapes = {p.name: p.shape for p in parameters(found)}
    assert shapes == {
        "log_rate": (1,), "actor_z": (2,), "log_smooth_shared": (1,), "shared_x": (30,), "log_smooth_own": (1,),
        "own_x": (8, 3), "incident_x": (1,), "incident_z": (2,), "common_z": (2,),
        "stream_z": (2,), "seen_x": (4,), "incident_rate_z": (2,), "by_actor_z": (6, 3), "log_dispersion": (6,),
        "window_z": (3,),
    }  # fmt: skip


def test_parameters_that_a_case_does_not_need_are_left_out() -> None:
    fields = case_fields()
    fields["dimensions"]["actor"]["levels"] = {"red": "Red army"}
    fields["dimensions"]["area"]["levels"] = {"north": "North"}
    alone = design(make_evidence([make_report()], case=make_case(**fields | {"population": (), "incidents": ()})))
    assert [p.name for p in parameters(alone)] == [
        "log_daily_toll", "log_smooth_shared", "shared_x", "common_z", "seen_x", "log_dispersion",
    ]  # fmt: skip


def test_areas_with_and_without_population() -> None:
    fields = case_fields()
    fields["dimensions"]["area"]["levels"] |= {"east": "East", "west": "West"}
    fields["estimand"]["areas"] = ("north", "south")
    shapes = {p.name: p.shape for p in parameters(design(make_evidence(case=make_case(**fields))))}
    assert (shapes["log_rate"], shapes["log_daily_toll"], shapes["area_z"]) == ((1,), (2, 1), (1,))
    assert shapes["share_z"] == (4, 1)


@pytest.mark.parametrize(
    "parameter",
    [
        Parameter("a", (3,), log(5), 2.0, "rate"),
        Parameter("b", (2, 2), 0.0, 1.0, "own"),
        Parameter("c", (), -1.0, 0.3, "recorder"),
        Parameter("d", (4,), 0.5, 0.5, "claimant", 4.0),
    ],
    ids="abcd",
)
def test_density_and_draws_agree(parameter: Parameter) -> None:
    rng = np.random.default_rng(4)
    draws = parameter.draw(rng, 5)
    assert draws.shape == (5, *parameter.shape)
    assert parameter.size == np.prod(parameter.shape)
    law = stats.t(parameter.degrees, parameter.location, parameter.scale) if np.isfinite(parameter.degrees) else (
        stats.norm(parameter.location, parameter.scale)
    )  # fmt: skip
    expected = [sum(law.logpdf(x) for x in np.ravel(draw)) for draw in draws]
    np.testing.assert_allclose(parameter.log_density(draws), expected, rtol=1e-12)
    many = parameter.draw(rng, 20_000).reshape(20_000, -1)[:, 0]
    assert stats.kstest(many, law.cdf).pvalue > 1e-4


def test_a_flat_parameter_has_no_density() -> None:
    flat = Parameter("seen_x", (3,), 0.0, 1.0, "own", is_flat=True)
    np.testing.assert_array_equal(flat.log_density(np.full((2, 5, 3), 7.0)), np.zeros((2, 5)))


@pytest.mark.parametrize("count", [1, 2, 3, 6])
def test_contrasts_span_what_sums_to_zero(count: int) -> None:
    q = contrasts(count)
    assert q.shape == (count, count - 1)
    np.testing.assert_allclose(q.T @ q, np.eye(count - 1), atol=1e-14)
    # The projection that they give takes the mean away, alike for every entry.
    np.testing.assert_allclose(q @ q.T, np.eye(count) - 1 / count, atol=1e-14)
