"""Lists as a setting: whose they are, what is recorded, kept, documented, checked and refused."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.builders import make_case, make_evidence, make_report, make_source, make_sources
from tests.estimators.listed import PRIORS, one_day, pattern_lists, two_lists
from tests.estimators.synthetic import make_draws, make_estimate, values_of, with_draws
from undercount.data.lists import Lists, MatchedLists, Table
from undercount.data.schema import Attribution, Qualifier
from undercount.errors import EvidenceError, ModelError
from undercount.estimators import CountFusion, load
from undercount.estimators.batches.settings import settings_of
from undercount.estimators.fitting import Fit

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from undercount.data import Evidence
    from undercount.estimators.draws import Draws
    from undercount.estimators.estimate import Estimate
    from undercount.estimators.gates import Checks
    from undercount.sampling import Callback

NGO = make_source(source="ngo", name="Second recorder")
LISTS = two_lists(90, 70, 20)
BY_ACTOR = MatchedLists(
    Lists(
        "matched",
        (
            Table("red", 0, ("ngo", "un"), np.array([0, 80, 70, 25])),
            Table("blue", 0, ("ngo", "un"), np.array([0, 12, 9, 5])),
        ),
    ),
    window=("2020-01-01", "2020-02-10"),
)


def evidence(*reports: Any) -> Evidence:
    return make_evidence(reports or None, sources=(*make_sources(), NGO))


@pytest.fixture
def fits(monkeypatch: pytest.MonkeyPatch) -> list[Fit]:
    """Fits that were run, with synthetic draws in place of the sampler's."""
    ran: list[Fit] = []

    def run(self: Fit, seed: int, progress: Callback | None = None, *, without: Collection[str] = ()) -> Draws:
        del progress, without
        drawn = make_draws(self.design, (self.plan.chains, self.plan.draws), np.random.default_rng(seed), 4)
        ran.append(self)
        return drawn

    monkeypatch.setattr(Fit, "run", run)
    return ran


def test_lists_reach_the_fit_and_the_configuration(fits: list[Fit]) -> None:
    estimate = CountFusion(draws=25, lists=LISTS.lists).fit(evidence())
    assert fits[0].lists == LISTS
    told = estimate.configuration["lists"]
    assert told == LISTS.content
    assert told["sha256"] == LISTS.lists.sha256
    json.dumps(dict(estimate.configuration), allow_nan=False)
    assert estimate.lists == LISTS
    assert estimate.design.overlap.observed.tolist() == [140]
    assert CountFusion(draws=25).fit(evidence()).configuration["lists"] is None
    assert estimate.evidence.sha256 == evidence().sha256


def test_a_mapping_has_the_lists_of_each_case(fits: list[Fit]) -> None:
    CountFusion(draws=25, lists={"testland": BY_ACTOR, "other": None}).fit(evidence())
    CountFusion(draws=25, lists={"testland": None}).fit(evidence())
    assert [ran.lists for ran in fits] == [BY_ACTOR, None]
    with pytest.raises(ModelError, match="lists of 1 cases, and testland is none of them") as caught:
        CountFusion(lists={"testlands": BY_ACTOR}).fit(evidence())
    assert caught.value.code == "model-lists-of-other-cases"
    assert "did you mean testlands?" in caught.value.hint


@pytest.mark.parametrize("lists", ["lists.csv", [LISTS], {"testland": "lists.csv"}, 3])
def test_what_is_no_lists_is_refused(lists: Any) -> None:
    with pytest.raises(ModelError, match="lists is") as caught:
        CountFusion(lists=lists).fit(evidence())
    assert caught.value.code == "model-bad-setting"


def test_lists_of_another_case_are_refused_before_anything_is_sampled(fits: list[Fit]) -> None:
    with pytest.raises(EvidenceError, match="no source of case testland"):
        CountFusion(lists=pattern_lists(("un", "who"), (0, 1, 2, 3))).fit(evidence())
    assert not fits


def test_as_of_needs_to_know_when_lists_became_known(fits: list[Fit]) -> None:
    with pytest.raises(ModelError, match="as of 2020-06-01") as caught:
        CountFusion(draws=25, lists=LISTS).fit(evidence(), as_of="2020-06-01")
    assert caught.value.code == "model-lists-without-date"
    dated = replace(LISTS, published="2020-05-02")
    for day in ("2020-05-01", "2020-05-02"):
        CountFusion(draws=25, lists=dated).fit(evidence(), as_of=day)
    assert [ran.lists for ran in fits] == [None, dated]


LARGER = {"areas": ("north", "south"), "window_end": make_case().timeline.end}


@pytest.mark.parametrize(
    ("report", "is_refused"),
    [
        ({"value": 94, **LARGER}, True),
        ({"value": 94, "qualifier": Qualifier.UP_TO, **LARGER}, True),
        ({"value": 104, "source": "ngo", **LARGER}, True),
        ({"value": 95, **LARGER}, False),
        ({"value": 94, **LARGER, "areas": ("north",)}, False),
        ({"value": 94, **LARGER, "window_end": date(2020, 2, 9)}, False),
        ({"value": 94, **LARGER, "attribution": Attribution.CONTESTED}, False),
        ({"value": 94, "source": "press", **LARGER}, False),
    ],
    ids=["fewer", "up to", "another list", "as many", "in one area", "on fewer days", "contested", "of a claimant"],
)
def test_a_list_larger_than_what_its_source_counted_is_refused(report: dict[str, Any], is_refused: bool) -> None:
    fit = Fit(evidence(make_report(**report)), {}, CountFusion()._checked(1)[0], lists=BY_ACTOR)
    if not is_refused:
        assert fit.design.overlap.count == 2
        return
    with pytest.raises(
        ModelError, match=f"has {report['value'] + 1} names, and by r1 it counted {report['value']}"
    ) as caught:
        _ = fit.design
    assert caught.value.code == "model-list-exceeds-report"


def test_a_saved_estimate_keeps_its_lists(tmp_path: Path) -> None:
    estimate = make_estimate(evidence(), draws=25, prior=4, lists=BY_ACTOR)
    estimate.save(tmp_path / "estimate.nc")
    again = load(tmp_path / "estimate.nc")
    assert again.lists == BY_ACTOR
    assert again.lists.sha256 == BY_ACTOR.sha256
    np.testing.assert_array_equal(
        values_of(again, "log_likelihood", "lists"), values_of(estimate, "log_likelihood", "lists")
    )
    assert again.sampled["log_likelihood"].labels("table") == ["blue", "red"]


def test_what_is_listed_was_documented() -> None:
    alone, both = (make_estimate(evidence(), draws=25, prior=4, lists=lists) for lists in (None, BY_ACTOR))
    assert alone.documented() == 100
    assert both.documented() == 201
    assert both.documented(scope={"actor": "red"}) == 175
    assert both.documented(scope={"actor": "blue"}) == 26
    assert both.documented(window=("2020-01-01", "2020-02-09")) == 100
    assert both.documented(scope={"area": "north"}) == 100
    assert both.summary()["toll"]["documented"] == 201


def test_a_summary_names_the_lists_and_tells_no_count_of_them() -> None:
    found = make_estimate(evidence(), draws=25, prior=4, lists=BY_ACTOR).summary()["configuration"]["lists"]
    assert found["names"] == ["ngo", "un"]
    assert found["sha256"] == BY_ACTOR.lists.sha256
    assert "tables" not in found


def test_lists_far_from_the_counts_fail_a_gate() -> None:
    estimate = make_estimate(evidence(), prior=4, lists=BY_ACTOR)
    z = np.random.default_rng(1).standard_normal((4, 500))

    def checks(distance: float, share: float) -> Checks:
        """Of counts and lists so many standard deviations apart, where the lists have a share of the precision."""
        values = values_of(estimate, "log_likelihood", "lists")
        # With precision 1 of the lists and (1 - f) / f of the counts, the joint mean is (1 - f) times as far.
        values[..., 0] = -0.5 * (np.sqrt(share) * z + distance * np.sqrt(1 - share)) ** 2
        values[..., 1] = -0.5 * share * z**2
        return with_draws(estimate, "log_likelihood", lists=values).check()

    for share in (0.1, 0.5, 0.8):
        found = checks(2.8, share)
        gate = found.checks[-1]
        assert (gate.name, gate.limit, gate.passed) == ("lists far from the counts", "< 3.29", True)
        assert gate.value == pytest.approx(2.8, abs=0.4)
        far = checks(3.8, share)
        assert [check.name for check in far.failed] == ["lists far from the counts"]
        assert not far.is_mendable
    assert checks(0.0, 0.95).checks[-1].value < 2
    names = [check.name for check in make_estimate(evidence(), prior=4).check().checks]
    assert "lists far from the counts" not in names


def test_settings_of_a_batch_name_the_lists() -> None:
    def settings(lists: Any) -> Any:
        found = settings_of(CountFusion(lists=lists), seed=1, by=(), files=False)["estimator"]["lists"]
        json.dumps(found)
        return found

    assert settings(LISTS) == {"name": "MatchedLists", "sha256": LISTS.sha256}
    assert settings(LISTS.lists) == {"name": "Lists", "sha256": LISTS.lists.sha256}
    assert settings({"a": LISTS, "b": None}) == {"a": settings(LISTS), "b": None}
    assert pickle.loads(pickle.dumps(CountFusion(lists={"a": LISTS}))).lists == {"a": LISTS}


def test_leaving_out_keeps_the_lists_and_leaves_them_out_at_last(fits: list[Fit]) -> None:
    estimate = make_estimate(evidence(), draws=100, prior=4, lists=BY_ACTOR)
    found = estimate.sensitivity(recorder_prior=False, attributions=False)
    assert [ran.lists for ran in fits] == [BY_ACTOR] * len(estimate.design.sources) + [None]
    assert list(found.leave_one_out["source"]) == [*estimate.design.sources, "matched lists"]
    assert list(found.lists["table"]) == ["blue"] * 3 + ["red"] * 3
    assert list(found.lists["evidence"][:3]) == ["counts and lists", "counts alone", "lists alone"]
    assert ("likelihood", "matched lists") in set(
        zip(found.power_scaling["part"], found.power_scaling["component"], strict=True)
    )
    assert estimate.sensitivity(leave_one_out=False, attributions=False).lists.empty


def test_counts_and_lists_that_contradict_each_other_show() -> None:
    def figures(estimate: Estimate) -> Any:
        return estimate.sensitivity().lists.set_index("evidence")

    estimator = CountFusion(draws=500, tune=300, priors=PRIORS, retry=False, lists=two_lists(90, 70, 20))
    agree = figures(estimator.fit(one_day(90, 70), seed=3))
    assert agree.loc["lists alone", "median"] == pytest.approx(90 * 70 / 20, rel=0.1)
    assert agree.loc["lists alone", "conflict"] > 0.2
    widths = agree["upper"] - agree["lower"]
    assert widths["counts alone"] > 5 * widths["counts and lists"]
    certain = estimator.fit(one_day(90, 70, rate=1.0, scale=0.02), seed=3)
    assert [check.name for check in certain.check().failed] == ["lists far from the counts"]
    split = figures(certain)
    assert split.loc["lists alone", "conflict"] < 1e-6
    assert split.loc["counts alone", "median"] < split.loc["counts and lists", "median"] < 90 * 70 / 20
