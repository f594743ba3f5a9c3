"""The estimate as of each day: what `fit` gives as of that day, with a row for a day that has no estimate."""

from __future__ import annotations

import csv
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from tests.estimators.batches import stand_in
from tests.estimators.batches.stand_in import inline
from tests.runs.feeds import feed, total, week, weeks
from undercount.data import load_case
from undercount.data.lists import Lists, MatchedLists
from undercount.errors import ModelError, RunError, StoreError
from undercount.estimators import CountFusion
from undercount.runs.backtest import COLUMNS, Backtest, backtest, publication_days

if TYPE_CHECKING:
    from pathlib import Path

    from undercount.data import Evidence
    from undercount.estimators import Estimate

SHORT = CountFusion(draws=300, tune=300, retry=False, cores=1)
SMALL = feed(weeks(4), weeks(4, "clinic", 0.6), total(4, 240, "press"))


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The processes of the batch have tests of their own."""
    monkeypatch.setattr("undercount.estimators.batches.front.fit_locally", inline)


@pytest.fixture(scope="module")
def mosul() -> Backtest:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("undercount.estimators.batches.front.fit_locally", inline)
        return backtest(SHORT, load_case("mosul-2017"))


def test_mosul_from_late_march_to_july(mosul: Backtest) -> None:
    """On 28 March 307, 531, 140 and more than 100 were known; Airwars' range of 5,805 came on 20 July."""
    days = [(row["date"].isoformat(), row["reports"], row["sources"]) for row in mosul.rows]
    assert days == [("2017-03-28", 4, 3), ("2017-06-02", 5, 4), ("2017-07-13", 6, 5), ("2017-07-20", 7, 6)]
    first, *_, last = mosul.rows
    assert 600 < first["lower"] < 800 < first["median"] < 3500
    assert last["median"] > 2 * first["median"]
    assert first["evidence_sha256"] == load_case("mosul-2017").as_of("2017-03-28").sha256
    assert {row["ci_kind"] for row in mosul.rows} == {"eti"}
    assert {row["ci_prob"] for row in mosul.rows} == {0.95}


def test_of_many_days_of_publication_some_are_chosen_evenly() -> None:
    every = publication_days(SMALL)
    assert every == sorted({report.published for report in SMALL.used})
    assert publication_days(SMALL, len(every)) == every
    assert publication_days(SMALL, 3) == [every[0], every[round((len(every) - 1) / 2)], every[-1]]
    assert publication_days(SMALL, 2) == [every[0], every[-1]]


def test_a_row_is_what_fit_gives_as_of_its_day(mosul: Backtest) -> None:
    alone = SHORT.fit(load_case("mosul-2017"), as_of="2017-06-02", seed=2017).toll()
    row = mosul.rows[1]
    assert (row["median"], row["lower"], row["upper"]) == (alone.median, *alone.interval)


def test_a_day_without_an_estimate_is_a_row_with_its_reason() -> None:
    found = backtest(SHORT, SMALL, dates=["2020-01-01", date(2020, 1, 20), "2020-01-01"])
    empty, row = found.rows
    assert empty["date"] == date(2020, 1, 1)
    assert empty["reason"] == "no report is used, so there is nothing to estimate from"
    assert (empty["median"], empty["gates_passed"], empty["reports"], empty["evidence_sha256"]) == (None, None, 0, None)
    assert row["reports"] == 4
    assert found.check().passed == row["gates_passed"]
    assert repr(found).splitlines()[1] == f"  2020-01-01: no estimate, {empty['reason']}"


def test_a_fit_that_is_refused_is_a_row_with_its_reason() -> None:
    estimator = stand_in.StandIn()
    found = backtest(estimator, stand_in.case("is-refused"))
    (row,) = found.rows
    assert row["reason"].startswith("reports: no report is usable")
    assert row["evidence_sha256"] == stand_in.case("is-refused").sha256


def test_failed_gates_are_named() -> None:
    found = backtest(stand_in.StandIn(), stand_in.case("is-held"))
    (row,) = found.rows
    assert row["gates_passed"] is False
    assert any(gate.startswith("smallest bulk ESS = ") for gate in row["failed_gates"])
    assert not found.check().passed
    assert "GATES FAILED" in repr(found)


@pytest.mark.parametrize(("dates", "code"), [(["soon"], "run-bad-date"), ([], "run-no-dates"), ([3], "run-bad-date")])
def test_dates_that_are_none(dates: Any, code: str) -> None:
    with pytest.raises(RunError) as caught:
        backtest(SHORT, SMALL, dates=dates)
    assert caught.value.code == code


class Listed:
    """Notes which lists each vintage was fitted with."""

    breakdowns = CountFusion.breakdowns
    read = staticmethod(CountFusion.read)

    def __init__(self, lists: Any) -> None:
        self.lists = lists

    def fit(self, evidence: Evidence, /, *, seed: int) -> Estimate:
        told = "without lists" if self.lists is None else "with lists"
        raise ModelError(f"{told}, {len(evidence.used)} reports, seed {seed}", code="model-told")


def test_lists_enter_on_the_day_on_which_they_became_known() -> None:
    lists = Lists.from_frame([{"un": 1, "clinic": 1, "count": 4}, {"un": 1, "clinic": 0, "count": 9},
                              {"un": 0, "clinic": 1, "count": 5}], count="count")  # fmt: skip
    matched = MatchedLists(lists, published="2020-01-20")
    found = backtest(Listed(matched), SMALL, dates=["2020-01-19", "2020-01-20", "2020-01-27"])
    told = [row["reason"].split(",")[0] for row in found.rows]
    assert told == ["without lists", "with lists", "with lists"]
    with pytest.raises(ModelError) as caught:
        backtest(Listed(lists), SMALL)
    assert caught.value.code == "model-lists-without-date"


def test_frame_and_csv(mosul: Backtest, tmp_path: Path) -> None:
    frame = mosul.to_frame()
    assert list(frame) == list(COLUMNS)
    assert len(frame) == len(mosul) == 4
    with mosul.to_csv(tmp_path / "mosul.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert [row["date"] for row in rows] == ["2017-03-28", "2017-06-02", "2017-07-13", "2017-07-20"]
    assert float(rows[0]["median"]) == mosul.rows[0]["median"]
    assert {row["seed"] for row in rows} == {"2017"}
    with pytest.raises(StoreError) as caught:
        mosul.to_csv(tmp_path / "nowhere" / "mosul.csv")
    assert caught.value.code == "store-not-written"


def test_progress_is_told() -> None:
    told: list[Any] = []
    backtest(stand_in.StandIn(), stand_in.case("one"), progress=told.append)
    assert told[-1].finished == told[-1].total == 1


def test_the_same_whatever_stands_beside_it() -> None:
    alone = backtest(SHORT, SMALL, dates=["2020-01-30"])
    among = backtest(SHORT, feed(SMALL.reports, week(9, 40)), dates=["2020-01-15", "2020-01-30"])
    assert among.rows[1] == alone.rows[0]
