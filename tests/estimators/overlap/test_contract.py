"""What every estimator of lists must do, held against each of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.estimators.overlap.made import strata
from undercount.data.lists import Lists, Table, load_lists
from undercount.errors import EvidenceError, ModelError
from undercount.estimators import load
from undercount.estimators.overlap import DecomposableGraphs, LatentClass, LogLinear, LowerBound, OverlapEstimate
from undercount.report.summary import finite

if TYPE_CHECKING:
    from pathlib import Path

    from undercount.estimators.batches.batch import Batch
    from undercount.estimators.overlap.front import OverlapEstimator

ESTIMATORS: dict[str, OverlapEstimator] = {
    "latent class": LatentClass(classes=3, draws=500, tune=250),
    "decomposable graphs": DecomposableGraphs(),
    "log-linear": LogLinear(replicates=200),
    "lower bound": LowerBound(),
}
THREADED = [name for name, estimator in ESTIMATORS.items() if "cores" in vars(estimator)]
TOLLS = {"east": 900, "north": 1500, "south": 2200}


@pytest.fixture(scope="module", params=list(ESTIMATORS))
def estimator(request: pytest.FixtureRequest) -> OverlapEstimator:
    return ESTIMATORS[request.param]


@pytest.fixture(scope="module")
def lists() -> Lists:
    return strata(TOLLS)


@pytest.fixture(scope="module")
def estimate(estimator: OverlapEstimator, lists: Lists) -> OverlapEstimate:
    return estimator.fit(lists, seed=5)


def tolls(estimate: OverlapEstimate) -> list[np.ndarray]:
    return [result.draws for result in estimate.results]


def test_figures_hang_together(estimate: OverlapEstimate, lists: Lists) -> None:
    toll = estimate.toll()
    assert toll.interval[0] <= toll.median <= toll.interval[1]
    assert toll.unit == "persons"
    assert estimate.documented() == sum(table.observed for table in lists.tables)
    assert estimate.undercount().median == pytest.approx(toll.median - estimate.documented())
    frame = estimate.toll(by="stratum")
    assert frame["stratum"].tolist() == sorted(TOLLS)
    assert (frame["median"] >= frame["observed"]).all()
    assert toll.median == pytest.approx(frame["median"].sum(), rel=0.02)
    assert toll.interval[1] < frame["upper"].sum()
    rates = estimate.reporting_rates()
    assert rates["list"].tolist() == ["A", "B", "C"]
    assert rates["size"].sum() == sum(int(table.list_sizes.sum()) for table in lists.tables)
    assert ((rates["lower"] > 0) & (rates["upper"] < 1)).all()
    assert estimate.assumption.endswith(".")


def test_a_stratum_alone_has_the_draws_that_it_has_among_others(
    estimator: OverlapEstimator, estimate: OverlapEstimate, lists: Lists
) -> None:
    alone = estimator.fit(lists.select("north"), seed=5)
    np.testing.assert_array_equal(alone.results[0].draws, estimate.results[1].draws)
    assert alone.toll().interval == estimate.results[1].toll.interval


def test_the_order_of_lists_and_strata_changes_nothing(
    estimator: OverlapEstimator, estimate: OverlapEstimate, lists: Lists
) -> None:
    moved = []
    for table in reversed(lists.tables):
        index = np.arange(8)
        # Lists given as C, A, B.
        source = (index >> 1 & 1) | (index >> 2 & 1) << 1 | (index & 1) << 2
        moved.append(Table(table.stratum, 0, ("C", "A", "B"), table.counts[source]))
    other = Lists("made", tuple(moved))
    assert other.sha256 == lists.sha256
    for one, two in zip(tolls(estimator.fit(other, seed=5)), tolls(estimate), strict=True):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("estimator", THREADED, indirect=True)
def test_the_cores_change_nothing(estimator: OverlapEstimator, estimate: OverlapEstimate, lists: Lists) -> None:
    found = type(estimator)(**{**vars(estimator), "cores": 1}).fit(lists, seed=5)
    for one, two in zip(tolls(found), tolls(estimate), strict=True):
        np.testing.assert_array_equal(one, two)


def test_it_is_saved_whole(estimate: OverlapEstimate, tmp_path: Path) -> None:
    estimate.save(tmp_path / "estimate.nc")
    found = load(tmp_path / "estimate.nc")
    assert isinstance(found, OverlapEstimate)
    assert found.lists == estimate.lists
    assert finite(found.summary()) == finite(estimate.summary())
    for one, two in zip(tolls(found), tolls(estimate), strict=True):
        np.testing.assert_array_equal(one, two)


def test_the_summary_is_plain(estimate: OverlapEstimate) -> None:
    summary = finite(estimate.summary())
    assert json.loads(json.dumps(summary, allow_nan=False)) == summary
    assert summary["toll"]["median"] == estimate.toll().median
    assert [row["stratum"] for row in summary["by"]["stratum"]] == sorted(TOLLS)
    assert summary["assumption"] == estimate.assumption


def test_arviz_reads_the_draws(estimate: OverlapEstimate) -> None:
    toll = estimate.draws["posterior"]["toll"]
    assert toll.dims == ("chain", "draw", "table")
    assert toll["table"].to_numpy().tolist() == ["east/0", "north/0", "south/0"]
    np.testing.assert_array_equal(toll.to_numpy()[..., 1], estimate.results[1].draws)


def test_what_it_shows(estimate: OverlapEstimate, estimator: OverlapEstimator) -> None:
    assert repr(estimate).startswith(f"OverlapEstimate({type(estimator).__name__}, gates passed; made: ")
    assert type(estimator).__name__ in estimate._repr_html_()
    assert estimate.check().passed


def test_replicates_are_joined(estimator: OverlapEstimator) -> None:
    found = estimator.fit(strata({"east": 900}, replicates=3), seed=5)
    assert found.toll().ci_kind.startswith("rubin")
    assert len(found.tables()) == 3
    widest = max(result.toll.interval[1] / result.toll.interval[0] for result in found.results)
    assert found.toll().interval[1] / found.toll().interval[0] > 0.9 * widest


@pytest.fixture(scope="module")
def with_west(lists: Lists) -> Lists:
    """One stratum more, of which nothing can be estimated."""
    return Lists("made", (*lists.tables, Table("west", 0, ("A", "B", "C"), np.array([0, 5, 4, 0, 3, 0, 0, 0]))))


@pytest.fixture(scope="module")
def batch(estimator: OverlapEstimator, with_west: Lists) -> Batch:
    return estimator.fit_many(with_west, seed=5, workers=1, by="stratum")


def test_a_batch_has_the_figures_of_fit(batch: Batch, estimate: OverlapEstimate, lists: Lists) -> None:
    frame = batch.frame()
    totals = frame[(frame["by"] == "total") & (frame["status"] == "passed")]
    assert totals["case"].tolist() == sorted(TOLLS)
    np.testing.assert_array_equal(totals["median"], [result.toll.median for result in estimate.results])
    np.testing.assert_array_equal(totals["upper"], [result.toll.interval[1] for result in estimate.results])
    assert totals["documented"].tolist() == [table.observed for table in lists.tables]


def test_a_stratum_that_cannot_be_estimated_is_named(
    estimator: OverlapEstimator, with_west: Lists, batch: Batch
) -> None:
    with pytest.raises(EvidenceError, match="west") as caught:
        estimator.fit(with_west)
    assert caught.value.code.startswith("lists-")
    assert batch.counts == {"passed": 3, "held": 0, "refused": 1, "failed": 0}
    assert batch.not_passed[0].case == "west"


@pytest.mark.parametrize("seed", [-1, 1.5, True, "1"])
def test_a_seed_that_is_none_is_refused(estimator: OverlapEstimator, lists: Lists, seed: Any) -> None:
    with pytest.raises(ModelError, match="seed is"):
        estimator.fit(lists, seed=seed)


BAD_SETTINGS = [
    (LatentClass, {"draws": 0}), (LatentClass, {"classes": 0}), (LatentClass, {"cores": 0}),
    (DecomposableGraphs, {"prior": "flat"}), (DecomposableGraphs, {"delta": 0.0}),
    (DecomposableGraphs, {"largest": 2.5}), (DecomposableGraphs, {"saturated": "yes"}),
    (LogLinear, {"criterion": "dic"}), (LogLinear, {"selection": "some"}), (LogLinear, {"replicates": 10}),
    (LogLinear, {"order": 0}), (LogLinear, {"model": 3}),
    (LowerBound, {"lists": "some"}), (LowerBound, {"draws": -1}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "settings"), BAD_SETTINGS, ids=lambda x: x.__name__ if isinstance(x, type) else str(x)
)
def test_a_setting_that_makes_no_sense_is_named(kind: type[OverlapEstimator], settings: dict[str, Any]) -> None:
    (name,) = settings
    with pytest.raises(ModelError) as caught:
        kind(**settings).fit(load_lists("kosovo-1999"))
    assert caught.value.code == "model-bad-setting"
    assert caught.value.where == kind.__name__
    assert name in caught.value.message
    assert caught.value.hint


def test_the_constructor_only_keeps_what_it_is_given() -> None:
    assert repr(LogLinear(criterion="aic", order=2)) == "LogLinear(criterion='aic', order=2)"
    assert repr(DecomposableGraphs()) == "DecomposableGraphs()"
    assert vars(LowerBound(lists="equal")) == {"lists": "equal", "draws": 1000}


def test_an_unknown_breakdown_is_refused(estimate: OverlapEstimate) -> None:
    with pytest.raises(ModelError, match="cannot be given by actor"):
        estimate.toll(by="actor")
