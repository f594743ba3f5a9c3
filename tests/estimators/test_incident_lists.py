"""Counts and matched incidents together: against quadrature, and what must not change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import arviz as az
import numpy as np
import pytest
from scipy import stats
from scipy.special import logsumexp

import undercount as uc
from tests.estimators.listed import MEDIAN, PRIORS, SCALE, one_day
from undercount.data.lists import Lists, MatchedIncidents, Table
from undercount.errors import ModelError
from undercount.estimators import CountFusion
from undercount.estimators.incident_shares import incident_shares
from undercount.models.joint.incidents import draw_incidents

if TYPE_CHECKING:
    from pathlib import Path

    from undercount.estimators import Estimate

SIGMAS = 4.0


def matched(names: tuple[str, ...] = ("un", "ngo"), **more: Any) -> MatchedIncidents:
    """Incidents of four dead each, of which 60 % were seen by the one, 50 % by the other."""
    counts = {2: [0, 30, 20, 30], 3: [0, 21, 14, 21, 9, 9, 6, 9]}[len(names)]
    table = Table("all", 0, names, np.array(counts))
    sums = [np.asarray(table.counts * each, dtype=np.float64) for each in (4.0, 20.0)]
    return MatchedIncidents(Lists("incidents", (table,), unit="incidents"), (sums[0],), (sums[1],), **more)


def fitted(lists: MatchedIncidents | None, *counts: int, draws: int = 1000) -> Estimate:
    estimator = CountFusion(priors=PRIORS, draws=draws, tune=500, retry=False, lists=lists)
    return estimator.fit(one_day(*counts), seed=7)


def test_the_toll_has_the_law_of_the_incidents() -> None:
    """With reports that say nothing: prior times likelihood, in the log of the toll."""
    estimate = fitted(matched(size_error=0.2))
    x = np.linspace(np.log(50.0), np.log(5000.0), 4000)
    drawn = np.log(draw_incidents(matched(size_error=0.2)).toll.ravel())
    density = stats.norm.logpdf(x, np.log(MEDIAN), SCALE)
    density = density + logsumexp(-0.5 * ((x[:, None] - drawn) / 0.2) ** 2, axis=1)
    below = np.exp(density - density.max()).cumsum()
    draws = np.log(estimate.toll().draws)
    assert estimate.check().passed
    for probability in (0.05, 0.25, 0.5, 0.75, 0.95):
        at = x[np.searchsorted(below, probability * below[-1])]
        is_below = (draws <= at).astype(float)
        ess = float(az.ess(is_below, method="mean"))
        assert ess > 400
        # The toll is a Poisson number about what is expected, here in whole persons of some hundreds.
        assert abs(is_below.mean() - probability) < SIGMAS * np.sqrt(probability * (1 - probability) / ess) + 0.01


def test_incidents_tell_the_level_that_counts_leave_open() -> None:
    alone, both = fitted(None, 240, 200), fitted(matched(), 240, 200)
    widths = [float(np.log(one.toll().interval[1] / one.toll().interval[0])) for one in (alone, both)]
    assert widths[1] < 0.5 * widths[0]
    rates = both.reporting_rates().set_index("source")["median"]
    assert rates["un"] == pytest.approx(0.6, abs=0.15)
    assert rates["ngo"] == pytest.approx(0.5, abs=0.15)
    assert both.documented() == 240
    assert both.check().checks[-1].name == "lists far from the counts"


def test_an_error_of_sizes_without_bounds_says_nothing() -> None:
    alone, vague = fitted(None, 240, 200), fitted(matched(size_error=2.0), 240, 200)
    narrow = fitted(matched(size_error=0.05), 240, 200)
    spread = [float(np.log(one.toll().draws).std()) for one in (alone, vague, narrow)]
    assert spread[2] < 0.2 < 0.5 * spread[0] < spread[1]


def test_saved_and_read_again(tmp_path: Path) -> None:
    estimate = fitted(matched(published="2020-06-01"), 240, 200, draws=100)
    estimate.save(tmp_path / "one.nc")
    again = uc.load(tmp_path / "one.nc")
    assert again.lists == matched(published="2020-06-01")
    assert again.toll().interval == estimate.toll().interval
    assert "tables" not in again.summary()["configuration"]["lists"]
    assert "several sources saw alike" in str(again.explain())


def test_a_source_left_out_takes_its_incidents_along() -> None:
    estimate = fitted(matched(("un", "ngo", "desk")), 240, 200, 130, draws=200)
    found = estimate.sensitivity()
    assert set(found.leave_one_out["source"]) == {"un", "ngo", "desk", "matched lists"}
    assert found.lists["evidence"].tolist() == ["counts and lists", "counts alone", "lists alone"]
    alone = found.lists.set_index("evidence").loc["lists alone"]
    drawn = draw_incidents(matched(("un", "ngo", "desk"))).toll
    assert alone["median"] == pytest.approx(np.median(drawn), rel=0.1)


def test_as_of_a_day_before_they_were_known() -> None:
    evidence = one_day(240, 200)
    day = max(report.published for report in evidence.reports)
    known = CountFusion(priors=PRIORS, draws=100, retry=False, lists=matched(published="2030-01-01"))
    assert known.fit(evidence, as_of=day).lists is None
    with pytest.raises(ModelError) as caught:
        CountFusion(priors=PRIORS, draws=100, lists=matched()).fit(evidence, as_of=day)
    assert caught.value.code == "model-lists-without-date"


def test_shares_of_each_source() -> None:
    frame = incident_shares(matched())
    assert list(frame["source"]) == ["ngo", "un", "any"] * 2
    by: dict[tuple[str, str], dict[str, Any]] = {
        (row["of"], row["source"]): {str(name): value for name, value in row.items()}
        for row in frame.to_dict("records")
    }
    assert by["incidents", "un"]["seen"] == 60
    assert by["dead", "any"]["seen"] == 320
    # Every incident has as many dead, so that both shares are one.
    for source, share in (("un", 0.6), ("ngo", 0.5), ("any", 0.8)):
        assert by["incidents", source]["share"] == pytest.approx(share, abs=0.04)
        assert by["dead", source]["share"] == pytest.approx(share, abs=0.05)
        assert by["incidents", source]["lower"] < share < by["incidents", source]["upper"]
