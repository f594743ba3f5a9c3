"""Publication lag: what of a day is documented by when, vintages as increments, and what must not change."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from tests.builders import FIRST, INCIDENT, make_case, make_evidence, make_report, make_source, make_sources
from tests.models.lag_case import lag_case, published
from tests.models.streams_case import NOBODY, window
from undercount.data.schema import Lag
from undercount.errors import ModelError
from undercount.estimators.forecast import prior_values
from undercount.models import layers
from undercount.models.claims import claims_by_stream, select_reports
from undercount.models.design import Design, design
from undercount.models.intensity import evaluate, scope_means
from undercount.models.lags import LEAST, log_lags, share_between
from undercount.models.priors import PriorTable
from undercount.models.strata import Strata
from undercount.models.streams import Stream

if TYPE_CHECKING:
    from undercount.data.evidence import Evidence

Array = NDArray[np.float64]
UN = Stream("un", "civilians", "killed")


def recorded(*changes: dict[str, Any], lag: Lag = Lag.FITTED) -> Evidence:
    """Reports r0, r1, ... of one recorder."""
    reports = [make_report(report=f"r{i}", **fields) for i, fields in enumerate(changes)]
    return make_evidence(reports, sources=[make_source(lag=lag), *make_sources()[1:]])


def means(evidence: Evidence, values: dict[str, Array] | None = None, count: int = 50) -> tuple[Design, Array]:
    """Expected counts of the pieces at draws of the prior."""
    arrays = design(evidence)
    drawn = prior_values(arrays, count, np.random.default_rng(1)) | (values or {})
    return arrays, np.asarray(evaluate(np, arrays, drawn, drawn["own"]).mean)


def standing(*changes: dict[str, Any]) -> tuple[list[str], dict[str, str]]:
    """Reports of which claims were made, by day of publication, and why the others were not."""
    evidence = recorded(*changes)
    reports, _ = select_reports(evidence)
    claims, dropped = claims_by_stream(evidence, reports, Strata.of(evidence, reports), 0.7)
    found = sorted(claims[UN], key=lambda claim: claim.published or -1)
    return [reports[claim.report].report for claim in found], dict(dropped)


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 400), min_size=1, max_size=6, unique=True), st.integers(0, 400), st.floats(0.5, 300.0)
)  # fmt: skip
def test_the_shares_between_publications_add_up(days: list[int], day: int, tau: float) -> None:
    later = [d for d in sorted(days) if d >= day]
    shares = [float(share_between(np, a, b, day, tau)) for a, b in pairwise([-1, *later])]
    assert all(0 <= share <= 1 for share in shares)
    if later:
        # The delay of a death in the middle of its day, counted at the end of another, is exponential.
        expected = stats.expon(scale=tau).cdf(later[-1] - day + 0.5)
        assert sum(shares) == pytest.approx(expected, rel=1e-12)


def test_long_afterwards_all_is_documented() -> None:
    days = np.arange(365)
    np.testing.assert_allclose(share_between(np, -1, 365 + 600, days, 20.0), 1.0, rtol=1e-12)


def test_a_later_year_of_a_short_lag_has_next_to_nothing() -> None:
    reports = [{"value": 100, **published(days)} for days in (2000, 4000)]
    short = {name: np.full((50, 1), np.log(3.0)) for name in ("log_lag", "log_lag_incident")}
    arrays, found = means(recorded(*reports), short | {"lag_z": np.zeros((50, 1))})
    later = arrays.terms.pieces.cell_after >= 0
    np.testing.assert_allclose(found[:, arrays.terms.pieces.cell_piece[later]], LEAST, rtol=30)
    assert np.isfinite(np.log(found)).all()


def test_vintages_are_increments_of_one_tally() -> None:
    reports = [{"value": n, **published(day)} for n, day in [(40, 33), (70, 50), (75, 90)]]
    terms = design(recorded(*reports)).terms
    assert sorted(terms.low) == [5, 30, 40]
    assert not terms.gaussian
    layers = {(int(a), int(b)) for a, b in zip(terms.pieces.cell_after, terms.pieces.cell_by, strict=True)}
    assert layers == {(-1, 33), (33, 50), (50, 90)}


def test_the_increments_of_vintages_have_the_mean_of_the_last() -> None:
    reports = [{"value": n, **published(day)} for n, day in [(40, 33), (70, 50), (75, 90)]]
    _, parts = means(recorded(*reports))
    _, whole = means(recorded(reports[-1]))
    np.testing.assert_allclose(parts.sum(axis=1), whole[:, 0], rtol=1e-12)


def test_a_longer_window_published_later_holds_a_shorter_one() -> None:
    jan, both = {"value": 40, **published(35)}, {"value": 90, **published(62), "window_end": date(2020, 2, 29)}
    terms = design(recorded(jan, both)).terms
    assert sorted(terms.low) == [40, 50]
    cells = sorted(zip(terms.pieces.cell_start, terms.pieces.cell_end, terms.pieces.cell_after, strict=True))
    # Days 31 to 35 of the longer window stand in two layers, which together are all by its publication.
    assert cells == [(0, 31, -1), (0, 36, 35), (31, 36, -1), (36, 60, -1)]


def test_a_shorter_window_published_later_overlaps_in_part() -> None:
    terms = design(recorded({"value": 40, **published(80)}, {"value": 90, **published(62), **window(0, 59)})).terms
    assert [term.pieces.size for term in terms.gaussian] == [3]


def test_without_a_lag_vintages_are_one_figure() -> None:
    reports = [{"value": n, **published(day)} for n, day in [(40, 33), (70, 50), (75, 90)]]
    arrays = design(recorded(*reports, lag=Lag.NONE))
    assert arrays.terms.low.tolist() == [75]
    assert set(arrays.dropped) == {"r0", "r1"}


def test_figures_of_one_day_are_intersected() -> None:
    assert standing({"value": 40, **published(33)}, {"value": 40, **published(33)})[0] == ["r1"]


def test_a_vintage_that_fell_withdraws_those_before_it() -> None:
    names, dropped = standing(*({"value": n, **published(d)} for n, d in [(30, 33), (60, 40), (50, 50), (55, 60)]))
    assert names == ["r0", "r2", "r3"]
    assert dropped == {"r1": "superseded by r2, which un published later"}


def test_a_relay_that_prints_a_figure_again_says_nothing_new() -> None:
    again = {"value": 30, **published(60), "relay": "wire"}
    names, dropped = standing({"value": 30, **published(33)}, again)
    assert (names, dropped) == (["r0"], {"r1": "wire printed r0 again: one figure"})
    assert standing({"value": 30, **published(33)}, again | {"relay": None})[0] == ["r0", "r1"]


def test_a_report_counts_no_day_after_its_publication() -> None:
    arrays = design(recorded({"value": 30, **published(9)}))
    assert arrays.terms.pieces.cell_end.tolist() == [10]
    assert arrays.scopes.pieces.cell_end.tolist() == [10]


def test_an_incident_that_was_not_yet_is_refused() -> None:
    early = {"incident": INCIDENT, **window(10, 14), **published(11)}
    with pytest.raises(ModelError, match="cannot have documented it") as refusal:
        design(recorded(early))
    assert (refusal.value.code, refusal.value.where) == ("model-published-before-incident", "report r0")


def test_a_lag_that_is_off_is_none_at_all() -> None:
    late = recorded({"value": 40, **published(33)}, lag=Lag.NONE)
    arrays, found = means(late)
    assert not arrays.lags.count
    assert set(arrays.terms.pieces.cell_by) == {-1}
    _, later = means(recorded({"value": 40, **published(400)}, lag=Lag.NONE))
    np.testing.assert_array_equal(found, later)


def test_far_past_its_window_a_report_is_as_without_a_lag() -> None:
    fields = {"value": 40, **NOBODY}
    on, off = (design(recorded(fields | published(1500), lag=lag)) for lag in (Lag.FITTED, Lag.NONE))
    drawn = prior_values(on, 50, np.random.default_rng(2)) | {"log_lag": np.full((50, 1), np.log(20.0))}
    drawn["lag_z"] = np.clip(drawn["lag_z"], -1, 1)
    with_lag, without = (np.asarray(evaluate(np, arrays, drawn, drawn["own"]).mean) for arrays in (on, off))
    np.testing.assert_allclose(with_lag, without, rtol=1e-12)


def test_the_later_a_report_the_more_it_is_expected_to_count() -> None:
    found = [means(recorded({"value": 40, **published(day)}))[1][:, 0] for day in (30, 40, 60, 120, 500)]
    assert all((later > earlier).all() for earlier, later in pairwise(found))


def test_the_mean_of_an_incident_grows_with_a_lag_of_its_own() -> None:
    spot = {"incident": INCIDENT, **window(14, 14), "value": 30}
    arrays, found = means(recorded(spot | published(20)))
    drawn = prior_values(arrays, 50, np.random.default_rng(1))
    _, without = means(recorded(spot | published(20), lag=Lag.NONE), drawn)
    share = 1 - np.exp(-6.5 / np.exp(drawn["log_lag_incident"][:, 0]))
    np.testing.assert_allclose(found[:, 0], share * without[:, 0], rtol=1e-12)


def test_replicated_reports_have_the_mean_of_their_day() -> None:
    reports = [{"value": n, **published(day)} for n, day in [(40, 33), (70, 50)]]
    arrays = design(recorded(*reports))
    drawn = prior_values(arrays, 50, np.random.default_rng(1))
    state = evaluate(np, arrays, drawn, drawn["own"])
    first, second = scope_means(arrays, drawn, state, drawn["own"]).T
    np.testing.assert_allclose(second, np.asarray(state.mean).sum(axis=1), rtol=1e-12)
    assert (first < second).all()


def test_sources_share_a_part_of_their_lag() -> None:
    arrays = design(lag_case())
    drawn = prior_values(arrays, 20_000, np.random.default_rng(3))
    lags = log_lags(arrays, drawn)
    assert lags.shape == (20_000, 3)
    table = PriorTable()
    own, common = table["lag_own"].scale, table["lag"].scale
    assert lags.std(axis=0) == pytest.approx(np.hypot(own, common), rel=0.03)
    assert np.corrcoef(lags.T)[0, 1] == pytest.approx(common**2 / (own**2 + common**2), abs=0.03)


def test_what_the_prior_says_of_a_month() -> None:
    """Iraq Body Count had analysed nine tenths within a month; the UN's first figures of Ukraine were far from it."""
    arrays = design(recorded({"value": 40, **published(33)}))
    tau = np.exp(log_lags(arrays, prior_values(arrays, 20_000, np.random.default_rng(4)))[:, 0])
    share = share_between(np, -1, 30, 0, tau)
    low, middle, high = np.quantile(share, [0.05, 0.5, 0.95])
    assert 0.2 < low < 0.35
    assert middle == pytest.approx(0.78, abs=0.02)
    assert high > 0.99
    assert 0.2 < np.mean(share > 0.9) < 0.45


def test_the_order_of_vintages_does_not_matter() -> None:
    reports = [{"value": n, **published(day)} for n, day in [(40, 33), (70, 50), (75, 90)]]
    one, other = (design(recorded(*rows)).terms for rows in (reports, reports[::-1]))
    assert one.low.tolist() == other.low.tolist()
    np.testing.assert_array_equal(one.pieces.cell_by, other.pieces.cell_by)


def test_later_vintages_do_not_change_what_was_known() -> None:
    early, later = {"value": 40, **published(33)}, {"value": 70, **published(50)}
    evidence = recorded(early, later)
    then = evidence.as_of(FIRST + timedelta(days=40))
    assert then.sha256 == replace(recorded(early)).sha256
    assert design(then).terms.low.tolist() == [40]


def test_a_case_can_change_the_priors_of_lags() -> None:
    case = make_case(priors={"lag": {"location": 1.0, "scale": 0.1, "reason": "a morgue that counts every night"}})
    evidence = make_evidence([make_report()], case=case, sources=[make_source(lag=Lag.FITTED), *make_sources()[1:]])
    drawn = prior_values(design(evidence), 2000, np.random.default_rng(5))
    assert drawn["log_lag"].mean() == pytest.approx(1.0, abs=0.02)


def test_too_many_publications_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    reports = [{"value": n, **published(day)} for n, day in [(40, 33), (70, 50), (75, 90)]]
    monkeypatch.setattr(layers, "MOST_PUBLICATIONS", 2)
    with pytest.raises(ModelError, match="published on 3 days, more than 2") as refusal:
        design(recorded(*reports))
    assert refusal.value.code == "model-too-many-publications"
    assert design(recorded(*reports[1:])).terms.low.size == 2
