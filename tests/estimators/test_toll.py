"""Tolls of scopes: sums of the same draws, whatever the cut; questions outside the model are refused."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import FIRST, INCIDENT, LAST, case_fields, make_case, make_evidence, make_report, make_reports
from tests.estimators.synthetic import make_estimate, values_of
from undercount.data.schema import Window
from undercount.errors import ModelError

if TYPE_CHECKING:
    from undercount.estimators.estimate import Estimate

DAYS = (LAST - FIRST).days + 1
KINDS = {"victims": {"levels": {"civilians": "Civilians", "fighters": "Fighters", "aid": "Aid workers"}}}


@cache
def small() -> Estimate:
    return make_estimate(draws=25, prior=4)


@cache
def deaths() -> np.ndarray:
    return values_of(small(), "posterior", "deaths")


def toll(**scope: Any) -> np.ndarray:
    return np.asarray(small().toll(**scope).draws)


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def fighters() -> Estimate:
    """Two victim classes in the model, and a third that no report is about."""
    dimensions = case_fields()["dimensions"] | KINDS
    case = make_case(dimensions=dimensions)
    return make_estimate(
        make_evidence((*make_reports(), make_report(report="f", victims="fighters")), case=case), draws=25, prior=4
    )


def test_the_toll_is_the_sum_of_the_draws() -> None:
    assert toll().shape == (4, 25)
    np.testing.assert_array_equal(toll(), deaths().sum(axis=(2, 3, 4)))


@pytest.mark.parametrize(("dimension", "levels"), [("actor", ("blue", "red")), ("area", ("north", "south"))])
def test_levels_add_up_draw_by_draw(dimension: str, levels: tuple[str, str]) -> None:
    one, other = (toll(scope={dimension: level}) for level in levels)
    assert (one != other).any()
    np.testing.assert_array_equal(one + other, toll())
    np.testing.assert_array_equal(toll(scope={dimension: levels}), toll())
    np.testing.assert_array_equal(toll(scope={dimension: [*levels[::-1], levels[0]]}), toll())


def test_a_level_is_the_right_one() -> None:
    np.testing.assert_array_equal(toll(scope={"actor": "red", "area": "north"}), deaths()[..., 1, 0].sum(axis=2))


@given(st.integers(0, DAYS - 2), st.data())
def test_disjoint_windows_add_up(first: int, data: st.DataObject) -> None:
    last = data.draw(st.integers(first + 1, DAYS - 1))
    cut = data.draw(st.integers(first, last - 1))
    scope = data.draw(st.sampled_from([None, {"actor": "red"}, {"area": "south"}, {"actor": "blue", "area": "north"}]))
    parts = toll(window=(day(first), day(cut)), scope=scope) + toll(window=(day(cut + 1), day(last)), scope=scope)
    np.testing.assert_array_equal(parts, toll(window=(day(first), day(last)), scope=scope))


@given(st.integers(0, DAYS - 1), st.integers(0, DAYS - 1))
def test_both_ends_of_a_window_count(one: int, other: int) -> None:
    first, last = sorted((one, other))
    np.testing.assert_array_equal(
        toll(window=(day(first), day(last))), deaths()[:, :, first : last + 1].sum(axis=(2, 3, 4))
    )


@settings(deadline=None)  # the first example loads pandas
@given(st.integers(0, DAYS - 1), st.integers(0, DAYS - 1), st.sampled_from(["day", "week", "month"]))
def test_periods_part_a_window(one: int, other: int, period: str) -> None:
    first, last = sorted((one, other))
    asked = small().about(window=(day(first), day(last)))
    table = asked.toll(by=period)
    assert table["mean"].sum() == pytest.approx(asked.toll().mean, rel=1e-12)
    labels = list(table[period])
    assert labels[0] == day(first)
    assert labels == sorted(set(labels))
    ends = [*(label - timedelta(days=1) for label in labels[1:]), day(last)]
    for start, end, row in zip(labels, ends, table.to_dict("records"), strict=True):
        part = asked.toll(window=(start, end))
        assert (row["median"], row["sd"], (row["lower"], row["upper"])) == (part.median, part.sd, part.interval)
        if period == "week":
            assert start.isocalendar()[:2] == end.isocalendar()[:2]
        if period == "month":
            assert (start.year, start.month) == (end.year, end.month)
        if period == "day":
            assert start == end
    spelling = {"day": "%Y-%m-%d", "week": "%G-%V", "month": "%Y-%m"}[period]
    assert len(labels) == len({day(i).strftime(spelling) for i in range(first, last + 1)})


def test_weeks_begin_on_mondays_and_are_clipped_to_the_window() -> None:
    # 8 January 2020 is a Wednesday.
    weeks = small().about(window=("2020-01-08", "2020-01-21")).toll(by="week")["week"]
    assert list(weeks) == [date(2020, 1, 8), date(2020, 1, 13), date(2020, 1, 20)]


def test_weeks_at_new_year_follow_the_iso_calendar() -> None:
    window = {"start": date(2020, 12, 24), "end": date(2021, 1, 8)}
    case = make_case(timeline=window, incidents=(), estimand={"window": window})
    report = make_report(window_start=date(2020, 12, 25), window_end=date(2021, 1, 5), published=date(2021, 2, 1))
    weeks = make_estimate(make_evidence((report,), case=case), draws=25, prior=4).toll(by="week")["week"]
    assert list(weeks) == [date(2020, 12, 24), date(2020, 12, 28), date(2021, 1, 4)]


def test_several_keys_give_every_combination() -> None:
    table = small().toll(by=["actor", "area", "month"])
    assert list(table.columns) == [
        "actor", "area", "month", "name", "median", "mean", "sd", "lower", "upper", "ci_prob", "ci_kind"
    ]  # fmt: skip
    assert len(table) == 2 * 2 * 3
    assert table["mean"].sum() == pytest.approx(small().toll().mean)
    row = table.query("actor == 'red' and area == 'north'").iloc[0]
    assert row["name"] == "Red army, North"
    np.testing.assert_allclose(row["mean"], deaths()[:, :, :31, 1, 0].sum(axis=2).mean())
    assert set(table["ci_kind"]) == {"eti"}
    assert set(table["ci_prob"]) == {0.95}


def test_one_key_may_be_a_word_or_a_list() -> None:
    assert small().toll(by="actor").equals(small().toll(by=["actor"]))


def test_incidents_are_part_of_their_day() -> None:
    one_day = toll(window=("2020-01-15", "2020-01-15"), scope={"actor": "red", "area": "north"})
    incident = np.asarray(small().draws["posterior"]["incident_deaths"].sel(incident=INCIDENT))
    assert (one_day >= incident).all()


@pytest.mark.parametrize(
    "by", ["victims", "year", ["actor", "actor"], ["week", "day"], ["month", "week"], ["actor", ""]]
)
def test_keys_that_cannot_be_are_refused(by: str | list[str]) -> None:
    with pytest.raises(ModelError) as caught:
        small().toll(by=by)
    assert caught.value.code == "model-unknown-by"
    assert "at most one of day, week, month" in caught.value.hint


@pytest.mark.parametrize(
    "window",
    [("2019-12-31", "2020-01-10"), ("2020-03-01", "2020-04-01"), ("2021-01-01", "2021-01-01")],
    ids=["before", "after", "beyond"],
)
def test_windows_outside_the_timeline_are_refused(window: tuple[str, str]) -> None:
    for ask in (small().toll, small().about, small().documented, small().undercount):
        with pytest.raises(ModelError, match="is not inside the timeline 2020-01-01 to 2020-03-31") as caught:
            ask(window=window)
        assert caught.value.code == "model-scope-outside-evidence"


@pytest.mark.parametrize(
    "window",
    [
        ("2020-02-01", "2020-01-01"),
        ("2020-02-30", "2020-03-01"),
        ("2020-01-01",),
        "2020-01-01",
        (1, 2),
        5,
        (None, None),
    ],
)
def test_what_is_no_window_is_refused(window: Any) -> None:
    with pytest.raises(ModelError, match="is not a window") as caught:
        small().toll(window=window)
    assert caught.value.code == "model-bad-window"


def test_a_window_can_be_written_in_three_ways() -> None:
    first, last = date(2020, 1, 3), date(2020, 2, 2)
    one = toll(window=Window(start=first, end=last))
    np.testing.assert_array_equal(one, toll(window=(first, last)))
    np.testing.assert_array_equal(one, toll(window=["2020-01-03", "2020-02-02"]))


@pytest.mark.parametrize(
    ("scope", "code", "hint"),
    [
        ({"actor": "rde"}, "model-unknown-actor", "did you mean red? write one of: blue, red"),
        ({"actor": "green"}, "model-unknown-actor", "write one of: blue, red"),
        ({"area": ["north", "sout"]}, "model-unknown-area", "did you mean south? write one of: north, south"),
        ({"actors": "red"}, "model-unknown-dimension", "did you mean actor?"),
        ({"victims": "soldiers"}, "model-unknown-victims", "write one of: civilians"),
        ({"actor": []}, "model-unknown-actor", "write one of: blue, red"),
    ],
    ids=["typo", "outside", "one of two", "dimension", "victims", "none"],
)
def test_unknown_levels_are_refused(scope: dict[str, Any], code: str, hint: str) -> None:
    with pytest.raises(ModelError) as caught:
        small().toll(scope=scope)
    assert caught.value.code == code
    assert hint in caught.value.hint


def test_other_victims_are_no_part_of_the_toll() -> None:
    both = fighters()
    kinds = both.draws["posterior"]["deaths"]
    assert list(kinds["kind"].to_numpy()) == ["civilians/killed", "fighters/killed"]
    for k, victims in enumerate(("civilians", "fighters")):
        expected = kinds.to_numpy()[..., k].sum(axis=(2, 3, 4))
        np.testing.assert_array_equal(both.toll(scope={"victims": victims}).draws, expected)
    np.testing.assert_array_equal(both.toll().draws, both.toll(scope={"victims": "civilians"}).draws)
    assert both.about(scope={"victims": "fighters"}).estimand.startswith("Fighters killed in")


def test_victims_that_no_report_is_about_are_refused() -> None:
    with pytest.raises(ModelError, match="no report in the model is about aid killed") as caught:
        fighters().toll(scope={"victims": "aid"})
    assert caught.value.code == "model-scope-outside-evidence"
    assert caught.value.hint == "ask for one of: civilians killed, fighters killed"
    single = make_estimate(
        make_evidence(case=make_case(dimensions=case_fields()["dimensions"] | KINDS)), draws=25, prior=4
    )
    with pytest.raises(ModelError, match="no report in the model is about fighters killed"):
        single.about(scope={"victims": "fighters"})


def test_two_victim_classes_are_not_silently_one() -> None:
    with pytest.raises(ModelError, match="civilians and fighters are asked for at once"):
        fighters().toll(scope={"victims": ["civilians", "fighters"]})


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        ({}, "civilians killed in North and South by Blue militia or Red army, 1 Jan 2020 to 31 Mar 2020"),
        ({"actor": "red"}, "civilians killed in North and South by Red army, 1 Jan 2020 to 31 Mar 2020"),
        ({"area": ["south"]}, "civilians killed in South by Blue militia or Red army, 1 Jan 2020 to 31 Mar 2020"),
    ],
)
def test_the_scope_in_words(scope: dict[str, Any], words: str) -> None:
    assert small().about(scope=scope).estimand == words


def test_three_names_are_listed() -> None:
    fields = case_fields()
    fields["dimensions"]["area"]["levels"]["west"] = "West"
    fields["population"] += ({"area": "west", "date": FIRST, "people": 1_000, "basis": "census"},)
    estimate = make_estimate(make_evidence(case=make_case(**fields)), draws=25, prior=4)
    assert "in North, South and West by Blue militia or Red army" in estimate.estimand


def test_the_timeline_covers_every_week_whatever_was_asked() -> None:
    asked = small().about(window=("2020-02-03", "2020-02-04"), scope={"actor": "red"})
    table = asked.timeline()
    assert table["week"].iloc[0] == FIRST
    assert len(table) == 14
    np.testing.assert_allclose(table["mean"].sum(), deaths()[..., 1, :].sum(axis=(2, 3)).mean())
    for band, narrower in ((95, 80), (80, 50)):
        assert (table[f"lower_{band}"] <= table[f"lower_{narrower}"]).all()
        assert (table[f"upper_{band}"] >= table[f"upper_{narrower}"]).all()
    np.testing.assert_array_equal(table["lower_95"], table["lower"])
    week = deaths()[:, :, 5:12, 1, :].sum(axis=(2, 3))  # Monday 6 to Sunday 12 January
    np.testing.assert_allclose(table.loc[1, ["lower_50", "upper_80"]].astype(float), np.quantile(week, [0.25, 0.9]))
