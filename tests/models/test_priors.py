"""The prior table: complete, immutable in use, and changed only by name and with a reason."""

from __future__ import annotations

from math import exp, log

import numpy as np
import pytest
from scipy import stats

from tests.builders import make_case, make_evidence
from undercount.data.coverage import recorder_prior
from undercount.data.schema import PriorChange
from undercount.errors import ModelError
from undercount.models.design import design
from undercount.models.priors import DEFAULTS, Prior, PriorTable


def test_every_prior_says_what_it_is() -> None:
    assert len({prior.name for prior in DEFAULTS}) == len(DEFAULTS)
    for prior in DEFAULTS:
        assert prior.link in ("log", "logit", "identity", "probability")
        assert prior.is_default
        assert all((prior.unit, prior.reason, prior.reference))
        assert np.isfinite([prior.location, prior.scale]).all()
        assert prior.scale > 0 or prior.link == "probability"
    assert list(PriorTable()) == [prior.name for prior in DEFAULTS]
    assert len(PriorTable()) == len(DEFAULTS)


def test_an_unknown_name_gets_advice() -> None:
    change = PriorChange(location=0.0, scale=1.0, reason="r")
    with pytest.raises(ModelError, match="no prior named 'recorde'") as refusal:
        PriorTable({"recorde": change})
    assert refusal.value.code == "model-unknown-prior"
    assert "did you mean recorder?" in refusal.value.hint
    with pytest.raises(ModelError) as refusal:
        PriorTable({"zzz": change})
    assert "did you mean" not in refusal.value.hint
    assert refusal.value.hint.endswith("; `undercount priors CASE` prints all")
    with pytest.raises(KeyError):
        PriorTable()["zzz"]


def test_a_change_keeps_what_the_prior_is_about() -> None:
    table = PriorTable({"rate": PriorChange(location=log(2.0), scale=0.3, reason="a survey")})
    before, after = PriorTable()["rate"], table["rate"]
    assert (after.location, after.scale, after.reason) == (log(2.0), 0.3, "a survey")
    assert not after.is_default
    assert (after.link, after.unit, after.tail) == (before.link, before.unit, before.tail)
    assert after.reference != before.reference
    assert repr(table) == "PriorTable(rate)"
    assert repr(PriorTable()) == "PriorTable(defaults)"
    assert all(table[name] == PriorTable()[name] for name in table if name != "rate")


def test_a_case_states_its_own_priors() -> None:
    changes = {"dispersion": {"location": 0.0, "scale": 0.2, "reason": "a list of single deaths"}}
    assert design(make_evidence(case=make_case(priors=changes))).priors["dispersion"].scale == 0.2
    assert design(make_evidence()).priors["dispersion"] == PriorTable()["dispersion"]
    given = PriorTable({"rate": PriorChange(location=1.0, scale=1.0, reason="r")})
    assert design(make_evidence(case=make_case(priors=changes)), given).priors is given


@pytest.mark.parametrize("location", [0.0, -0.1, 1.1])
def test_a_probability_stays_one(location: float) -> None:
    with pytest.raises(ModelError, match="is not in") as refusal:
        PriorTable({"contested": PriorChange(location=location, scale=1.0, reason="r")})
    assert refusal.value.code == "model-prior-range"
    assert PriorTable({"contested": PriorChange(location=1.0, scale=1.0, reason="r")})["contested"].location == 1


def test_intervals_are_on_the_scale_of_the_unit() -> None:
    low, high = Prior("a", "log", log(5.0), 1.0, "", "", "").interval
    assert (low, high) == pytest.approx((5 * exp(-1.959964), 5 * exp(1.959964)))
    low, high = Prior("a", "identity", 1.0, 2.0, "", "", "", tail=4.0).interval
    assert high - 1 == pytest.approx(2 * stats.t(4).ppf(0.975)) == 1 - low


def test_reasons_state_the_numbers_of_their_priors() -> None:
    table = PriorTable()
    half = (table["rate"].interval[1] / 0.5, 0.5 / table["rate"].interval[0])
    assert half == pytest.approx((19, 19), rel=0.02)
    assert table["daily_toll"].interval == pytest.approx((0.0084, 1073), rel=0.02)
    assert exp(2 * table["actor_effect"].scale) == pytest.approx(7, rel=0.06)
    assert exp(2 * table["area_effect"].scale) == pytest.approx(4, rel=0.02)


def test_the_prior_of_recorders_is_the_shipped_predictive_distribution() -> None:
    table, shipped = PriorTable(), recorder_prior()
    own, common = table["recorder"], table["recorder_common"]
    assert (own.location, own.scale) == (shipped.location, shipped.own_scale)
    assert (common.location, common.scale) == (0.0, shipped.common_scale)
    # The normal has the moments of a mixture with heavier tails: its ends are near, not equal.
    normal = stats.norm(own.location, np.hypot(own.scale, common.scale))
    assert np.log([shipped.lower, shipped.median, shipped.upper]) == pytest.approx(
        normal.ppf([0.025, 0.5, 0.975]), abs=0.1
    )
    for words in (f"median {shipped.median:.2g}", f"95 % {shipped.lower:.2g} to {shipped.upper:.2g}"):
        assert words in own.reason
    assert f"{shipped.lists} lists" in own.reference
