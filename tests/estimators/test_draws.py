"""Draws as plain arrays: the same, variable by variable, as arviz's tree of them; frames are their rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import xarray as xr

from tests.builders import INCIDENT, case_fields, make_case, make_evidence, make_report, make_reports
from tests.estimators.synthetic import equal_trees, make_estimate, values_of
from undercount.estimators.draws import Draws, Group, Variable

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from undercount.estimators.estimate import Estimate

VICTIMS = {"victims": {"levels": {"civilians": "Civilians", "fighters": "Fighters"}}}


@pytest.fixture(scope="module")
def small() -> Estimate:
    return make_estimate(draws=25, prior=4)


@pytest.fixture(scope="module")
def fighters() -> Estimate:
    """An estimate with an axis of kinds."""
    case = make_case(dimensions=case_fields()["dimensions"] | VICTIMS)
    reports = (*make_reports(), make_report(report="f", victims="fighters"))
    return make_estimate(make_evidence(reports, case=case), draws=25, prior=4)


def test_the_tree_holds_every_array_under_its_labels(small: Estimate) -> None:
    assert set(small.draws.children) == set(small.sampled.groups)
    for name, group in small.sampled.groups.items():
        dataset = small.draws[name].to_dataset()
        assert list(dataset.data_vars) == list(group.variables)
        numbered = {"chain", "draw"}.intersection(*[variable.dims for variable in group.variables.values()])
        assert set(dataset.coords) == set(group.coords) | numbered
        assert all((dataset[axis].to_numpy() == np.arange(dataset.sizes[axis])).all() for axis in numbered)
        for variable, (dims, values) in group.variables.items():
            assert dataset[variable].dims == dims
            assert dataset[variable].dtype == values.dtype
            np.testing.assert_array_equal(dataset[variable], values)
        for dim, labels in group.coords.items():
            np.testing.assert_array_equal(dataset[dim], labels)


def test_labels_are_those_of_the_evidence(fighters: Estimate) -> None:
    posterior = fighters.draws["posterior"]
    assert list(posterior["actor"].to_numpy()) == ["blue", "red"]
    assert list(posterior["area"].to_numpy()) == ["north", "south"]
    assert list(posterior["kind"].to_numpy()) == ["civilians/killed", "fighters/killed"]
    assert list(posterior["incident"].to_numpy()) == [INCIDENT]
    assert list(posterior["source"].to_numpy()) == list(fighters.design.stream_names)
    assert list(posterior["report"].to_numpy()) == list(fighters.design.reports)
    days = posterior["day"].to_numpy().astype("datetime64[D]")
    np.testing.assert_array_equal(days, np.arange("2020-01-01", "2020-04-01", dtype="datetime64[D]"))
    stats = fighters.draws["sample_stats"]
    assert (list(stats["chain"]), list(stats["draw"])) == (list(range(4)), list(range(25)))
    assert set(fighters.draws["log_prior"].coords) == {"chain", "draw"}


def test_a_tree_gives_the_arrays_back(fighters: Estimate) -> None:
    again = Draws.from_tree(fighters.draws)
    assert equal_trees(again.tree, fighters.draws)
    assert {name: list(group.variables) for name, group in again.groups.items()} == {
        name: list(group.variables) for name, group in fighters.sampled.groups.items()
    }


def test_the_tree_is_made_once_and_shares_the_arrays(small: Estimate) -> None:
    assert small.draws is small.draws
    assert np.shares_memory(small.draws["posterior"]["deaths"].to_numpy(), small.sampled["posterior"].values("deaths"))


def test_a_label_of_several_axes_is_picked() -> None:
    values = np.arange(24).reshape(2, 3, 4)
    group = Group(
        {"x": Variable(("draw", "actor", "area"), values)},
        {"actor": np.array(["a", "b", "c"]), "area": np.array(["n", "e", "s", "w"], dtype=object)},
    )
    np.testing.assert_array_equal(group.at("x", area="s", actor="b"), values[:, 1, 2])
    np.testing.assert_array_equal(group.at("x", actor="c"), values[:, 2])
    assert group.labels("area") == ["n", "e", "s", "w"]
    tree = xr.DataTree.from_dict({"g": xr.Dataset(dict(group.variables), coords=dict(group.coords))})
    np.testing.assert_array_equal(Draws.from_tree(tree)["g"].at("x", area="w"), values[..., 3])


@pytest.mark.parametrize(
    ("frame", "rows"),
    [
        (lambda e: e.toll(by="actor"), lambda e: e.rows.toll("actor")),
        (lambda e: e.toll(by=["week", "area"]), lambda e: e.rows.toll(["week", "area"])),
        (lambda e: e.timeline(), lambda e: e.rows.timeline()),
        (lambda e: e.reporting_rates(), lambda e: e.rows.reporting_rates()),
        (lambda e: e.reports(), lambda e: e.rows.reports()),
    ],
    ids=["actor", "week and area", "timeline", "rates", "reports"],
)
def test_frames_are_their_rows(
    small: Estimate, frame: Callable[[Estimate], pd.DataFrame], rows: Callable[[Estimate], list[dict[str, Any]]]
) -> None:
    asked = small.about(window=("2020-01-08", "2020-02-20"))
    found = rows(asked)
    assert frame(asked).to_dict("records") == found
    assert list(frame(asked).columns) == list(found[0])


def test_rows_are_about_the_scope_that_was_asked(fighters: Estimate) -> None:
    asked = fighters.about(window=("2020-02-01", "2020-02-29"), scope={"area": "south", "victims": "fighters"})
    deaths = asked.rows.deaths
    assert (deaths.actors, deaths.areas) == (("blue", "red"), ("south",))
    assert (deaths.days[0].isoformat(), deaths.days[-1].isoformat()) == ("2020-02-01", "2020-02-29")
    np.testing.assert_array_equal(deaths.draws, values_of(fighters, "posterior", "deaths")[:, :, 31:60, :, 1:, 1])
    np.testing.assert_array_equal(asked.toll().draws, deaths.draws.sum(axis=(2, 3, 4)))
