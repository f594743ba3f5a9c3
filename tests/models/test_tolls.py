"""Coordinates of the tolls of named incidents."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from tests.builders import INCIDENT, make_evidence, make_report
from undercount.data.schema import Qualifier
from undercount.models.data import model_data, with_data
from undercount.models.design import Design, design
from undercount.models.intensity import incident_log_density, incident_log_rates, log_tolls
from undercount.models.parameters import incident_prior, parameters

ALONE = {"window_start": date(2020, 1, 15), "window_end": date(2020, 1, 15), "incident": INCIDENT}


def of(*changes: dict[str, Any]) -> Design:
    return design(make_evidence([make_report(report=f"r{i}", **fields) for i, fields in enumerate(changes)]))


@pytest.mark.parametrize(
    ("changes", "wall"),
    [
        ([{"value": 300}], 300.0),
        ([{"value": 300}, ALONE | {"value": 40}], None),
        ([{"value": 300}, ALONE | {"source": "press", "qualifier": Qualifier.UP_TO, "value": 99}], 99.0),
        ([{"window_start": date(2020, 2, 1), "window_end": date(2020, 2, 9), "value": 300}], None),
    ],
)
def test_the_lowest_count_that_holds_an_incident_is_its_wall(changes: list[dict[str, Any]], wall: float | None) -> None:
    tolls = of(*changes).tolls
    if wall is None:
        assert not tolls.bend.any()
        assert tolls.base == pytest.approx(tolls.prior.location)
    else:
        assert np.exp(tolls.base) == pytest.approx([wall])
        assert tolls.bend.all()


def test_a_wall_bounds_what_its_recorder_sees() -> None:
    found = of({"value": 300})
    rng = np.random.default_rng(2)
    values = {p.name: p.draw(rng, 2) for p in parameters(found)}
    values["incident_x"][:] = [[-8.0], [6.0]]
    seen = log_tolls(np, found, values)[:, 0] + incident_log_rates(found, values)[:, found.tolls.stream[0]]
    assert seen[0] == pytest.approx(np.log(300) - 8.0 * (1.0 + found.tolls.span[0]), abs=0.01)
    assert seen[1] == pytest.approx(np.log(300) + 6.0 * found.tolls.span[0], abs=0.01)


def test_the_density_is_the_prior_times_the_slope() -> None:
    found = of({"value": 300})
    rng = np.random.default_rng(3)
    values = {p.name: p.draw(rng, 5) for p in parameters(found)}
    h = 1e-5
    ends = [log_tolls(np, found, values | {"incident_x": values["incident_x"] + way * h}) for way in (-1, 1)]
    slope = np.log((ends[1] - ends[0])[:, 0] / (2 * h))
    expected = incident_prior(found).log_density(log_tolls(np, found, values)) + slope
    np.testing.assert_allclose(incident_log_density(np, found, values), expected, rtol=1e-6)


def test_a_source_that_is_left_out_is_no_wall() -> None:
    found = of({"value": 300}, {"source": "press", "value": 9000})
    without = with_data(found, model_data(found, without=["un"]))
    assert found.tolls.bend.all()
    assert not without.tolls.bend.any()
    assert without.tolls.span == pytest.approx(found.tolls.prior.scale)
