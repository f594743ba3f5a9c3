"""The estimator: it only stores, refuses settings one by one, and records what it was asked."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.builders import case_fields, make_case, make_evidence, make_report, make_reports, make_source, make_sources
from tests.estimators.synthetic import equal_trees, make_draws
from undercount.data.schema import Kind, PriorChange
from undercount.errors import EvidenceError, ModelError
from undercount.estimators import CountFusion
from undercount.estimators.fitting import Fit
from undercount.estimators.gates import Check, Checks
from undercount.sampling import Callback, Progress

if TYPE_CHECKING:
    from collections.abc import Collection

    from undercount.estimators.draws import Draws
    from undercount.estimators.samplers import Extension

SLOWER = {"location": -2.0, "scale": 0.5, "reason": "a wider look"}


@pytest.fixture
def fits(monkeypatch: pytest.MonkeyPatch) -> list[Fit]:
    """Fits that were run, with synthetic draws in place of the sampler's."""
    ran: list[Fit] = []

    def run(self: Fit, seed: int, progress: Callback | None = None, *, without: Collection[str] = ()) -> Draws:
        assert not without
        ran.append(self)
        if progress is not None:
            progress(Progress("compile"))
        return make_draws(self.design, (self.plan.chains, self.plan.draws), np.random.default_rng(seed), 4)

    monkeypatch.setattr(Fit, "run", run)
    return ran


def test_the_constructor_only_stores() -> None:
    priors: dict[str, Any] = {"nonsense": object()}
    estimator = CountFusion(chains=-3, draws=0, tune=1, target_accept=7.0, cores=0, priors=priors)
    assert vars(estimator) == {
        "chains": -3, "draws": 0, "tune": 1, "target_accept": 7.0, "cores": 0, "retry": True, "sampler": "auto",
        "extend": None, "priors": priors, "lists": None,
    }  # fmt: skip
    assert estimator.priors is priors


def test_repr_shows_what_differs_from_the_default() -> None:
    assert repr(CountFusion()) == "CountFusion()"
    assert repr(CountFusion(chains=2, draws=50, cores=1)) == "CountFusion(chains=2, draws=50, cores=1)"


@pytest.mark.parametrize(
    ("name", "value"),
    [(name, value) for name in ("chains", "draws", "tune", "cores") for value in (True, -1, 0, 4.0, "4", np.nan)]
    + [("chains", None), ("draws", 3), ("tune", 99)]
    + [("target_accept", value) for value in (0.0, 1.0, 1.5, -0.1, np.nan, True, "0.9", None)],
)
@pytest.mark.usefixtures("fits")
def test_a_setting_that_makes_no_sense_is_refused(name: str, value: Any) -> None:
    with pytest.raises(ModelError) as caught:
        CountFusion(**{name: value}).fit(make_evidence())
    assert caught.value.code == "model-bad-setting"
    assert caught.value.message == f"{name} is {value!r}"
    assert caught.value.hint.endswith(f"for {name}")


@pytest.mark.parametrize("seed", [True, -1, 1.0, "7", None, 2**63])
@pytest.mark.usefixtures("fits")
def test_a_seed_that_makes_no_sense_is_refused(seed: Any) -> None:
    with pytest.raises(ModelError, match="seed is") as caught:
        CountFusion().fit(make_evidence(), seed=seed)
    assert caught.value.code == "model-bad-setting"


@pytest.mark.parametrize(
    "change",
    [
        {"location": -2.0, "scale": 0.5},
        {"location": -2.0, "scale": 0.5, "reason": ""},
        {"location": -2.0, "scale": 0.0, "reason": "x"},
        {"location": np.nan, "scale": 1.0, "reason": "x"},
        {"location": "-2", "scale": 1.0, "reason": "x"},
        {"location": -2.0, "scale": 1.0, "reason": "x", "tail": 4},
        {},
        -2.0,
        None,
    ],
    ids=["no reason", "empty reason", "no scale", "nan", "text", "more", "empty", "number", "none"],
)
@pytest.mark.usefixtures("fits")
def test_a_prior_that_is_not_complete_is_refused(change: Any) -> None:
    with pytest.raises(ModelError, match=r"priors\['rate'\] is") as caught:
        CountFusion(priors={"rate": change}).fit(make_evidence())
    assert caught.value.hint == "give location, scale > 0 and a reason for priors['rate']"


@pytest.mark.usefixtures("fits")
def test_an_unknown_prior_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(ModelError, match="no prior named 'recorders'") as caught:
        CountFusion(priors={"recorders": SLOWER}).fit(make_evidence())
    assert caught.value.code == "model-unknown-prior"
    assert caught.value.hint.startswith("did you mean recorder?")


def test_settings_reach_the_fit(fits: list[Fit]) -> None:
    CountFusion(chains=np.int64(3), draws=25, tune=100, target_accept=0.8, cores=1).fit(make_evidence())  # type: ignore[arg-type]
    (ran,) = fits
    s = ran.plan
    assert (s.chains, s.draws, s.tune, s.target_accept, s.cores) == (3, 25, 100, 0.8, 1)
    assert type(s.chains) is int


def test_cores_are_those_of_the_machine_and_at_most_one_a_chain(
    fits: list[Fit], monkeypatch: pytest.MonkeyPatch
) -> None:
    for count in (2, 64, None):
        monkeypatch.setattr("os.cpu_count", lambda n=count: n)
        CountFusion(draws=25).fit(make_evidence())
    assert [ran.plan.cores for ran in fits] == [2, 4, 1]


@pytest.mark.usefixtures("fits")
def test_what_was_asked_is_recorded() -> None:
    estimator = CountFusion(draws=25, tune=200, target_accept=0.8, priors={"recorder": SLOWER})
    estimate = estimator.fit(make_evidence(), seed=np.int64(11), as_of="2020-12-31")  # type: ignore[arg-type]
    assert estimate.configuration == {
        "estimator": "CountFusion",
        "sampler": "undercount",
        "chains": 4,
        "draws": 25,
        "tune": 200,
        "target_accept": 0.8,
        "extension": None,
        "priors": {"recorder": SLOWER},
        "as_of": "2020-12-31",
        "lists": None,
    }
    assert estimate.seed == 11
    assert type(estimate.seed) is int
    json.dumps(dict(estimate.configuration), allow_nan=False)
    assert set(estimate.versions) == {"python", "undercount", "numba", "numpy", "scipy"}
    assert all(text[0].isdigit() for text in estimate.versions.values())


@pytest.mark.usefixtures("fits")
def test_priors_of_the_estimator_stand_over_those_of_the_case() -> None:
    ours, theirs = PriorChange(**SLOWER), PriorChange(location=-1.0, scale=0.3, reason="of the case")  # type: ignore[arg-type]
    evidence = make_evidence(case=make_case(priors={"recorder": theirs, "claimant": theirs}))
    priors = CountFusion(draws=25, priors={"recorder": ours}).fit(evidence).priors
    assert (priors["recorder"].location, priors["claimant"].location, priors["rate"].is_default) == (-2.0, -1.0, True)


def test_as_of_is_the_evidence_of_that_day(fits: list[Fit]) -> None:
    evidence, day = make_evidence(), date(2020, 4, 5)
    estimator = CountFusion(draws=25)
    by_text, by_date = (estimator.fit(evidence, as_of=when) for when in ("2020-04-05", day))
    known = estimator.fit(evidence.as_of(day))
    assert by_text.evidence == by_date.evidence == known.evidence
    assert [ran.evidence for ran in fits] == [evidence.as_of(day)] * 3
    assert "press-all" not in by_text.design.reports
    assert equal_trees(by_text.draws, by_date.draws)
    assert equal_trees(by_text.draws, known.draws)
    assert by_text.configuration["as_of"] == by_date.configuration["as_of"] == "2020-04-05"
    assert known.configuration["as_of"] is None


@pytest.mark.parametrize("when", ["2019-12-31", "5 April", "", 20200405])
def test_nothing_known_by_then_is_an_error(fits: list[Fit], when: Any) -> None:
    with pytest.raises(EvidenceError):
        CountFusion().fit(make_evidence(), as_of=when)
    assert not fits


@pytest.mark.usefixtures("fits")
def test_reports_that_all_derive_from_unused_ones_are_an_error() -> None:
    origin = make_report(report="origin", used=False, reason="not seen")
    evidence = make_evidence((origin, make_report(report="copy", derived_from=("origin",))))
    with pytest.raises(ModelError, match="no usable report") as caught:
        CountFusion().fit(evidence)
    assert caught.value.code == "model-none-usable"


def test_progress_is_passed_on_and_the_evidence_is_kept(fits: list[Fit]) -> None:
    told: list[Progress] = []
    evidence = make_evidence()
    estimate = CountFusion(draws=25).fit(evidence, progress=told.append)
    assert [step.phase for step in told] == ["compile"]
    assert estimate.evidence is evidence
    assert len(fits) == 1


@pytest.mark.usefixtures("fits")
def test_a_case_without_population_incidents_or_a_second_actor_can_be_estimated() -> None:
    dimensions = case_fields()["dimensions"]
    dimensions["actor"]["levels"] = {"red": "Red army"}
    dimensions["area"]["levels"] = {"north": "North"}
    case = make_case(population=(), incidents=(), dimensions=dimensions)
    reports = tuple(report for report in make_reports() if report.report in ("un-jan", "un-copy"))
    estimate = CountFusion(draws=25).fit(make_evidence(reports, case=case))
    assert estimate.draws["posterior"]["deaths"].sizes["actor"] == 1
    assert "log_rate" not in estimate.draws["posterior"]


@pytest.mark.usefixtures("fits")
def test_a_belligerent_alone_is_no_recorder() -> None:
    sources = (*make_sources(), make_source(source="blue-side", name="Blue", kind=Kind.BELLIGERENT, side="blue"))
    evidence = make_evidence((make_report(source="blue-side"),), sources=sources)
    estimate = CountFusion(draws=25).fit(evidence)
    assert estimate.documented() == 0


def add_nothing(model: object, design: object) -> None:
    """An extension that changes nothing."""


@pytest.mark.parametrize(
    ("asked", "extend", "used"),
    [
        ("auto", None, "undercount"), ("undercount", None, "undercount"), ("nutpie", None, "nutpie"),
        ("pymc", None, "pymc"), ("auto", add_nothing, "nutpie"), ("pymc", add_nothing, "pymc"),
    ],
)  # fmt: skip
def test_the_core_samples_unless_the_model_is_extended(
    fits: list[Fit], asked: str, extend: Extension | None, used: str
) -> None:
    estimate = CountFusion(draws=25, sampler=asked, extend=extend).fit(make_evidence())
    (ran,) = fits
    assert (ran.sampler, ran.extend) == (used, extend)
    assert estimate.configuration["sampler"] == used
    assert estimate.configuration["extension"] == (None if extend is None else "add_nothing")
    assert ("pymc" in estimate.versions) == (used != "undercount")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sampler": "stan"}, "sampler is 'stan'"),
        ({"sampler": "undercount", "extend": add_nothing}, "sampler is 'undercount'"),
        ({"extend": "a name"}, "extend is 'a name'"),
    ],
)
def test_a_sampler_that_cannot_be_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ModelError, match=message) as caught:
        CountFusion(**changes).fit(make_evidence())
    assert caught.value.code == "model-bad-setting"


def test_leaving_sources_out_of_an_extended_model_is_refused(fits: list[Fit]) -> None:
    estimate = CountFusion(draws=25, extend=add_nothing).fit(make_evidence())
    with pytest.raises(ModelError, match="extended by add_nothing") as caught:
        estimate.sensitivity()
    assert caught.value.code == "model-extended"
    assert len(fits) == 1


@pytest.mark.parametrize(
    ("draws", "retry", "accepts"),
    [(500, True, [(500, 0.85), (1000, 0.95)]), (500, False, [(500, 0.85)]), (499, True, [(500, 0.85)])],
)
def test_a_fit_that_fails_a_gate_of_the_sampler_is_repeated_once_with_care(
    fits: list[Fit], monkeypatch: pytest.MonkeyPatch, draws: int, retry: bool, accepts: list[tuple[int, float]]
) -> None:
    monkeypatch.setattr(Checks, "failed", (Check("share of divergences", 0.5, "< 0.001", passed=False),))
    estimate = CountFusion(draws=draws, retry=retry).fit(make_evidence())
    assert [(ran.plan.tune, ran.plan.target_accept) for ran in fits] == accepts
    assert (estimate.configuration["tune"], estimate.configuration["target_accept"]) == accepts[-1]
    assert all(ran.design is fits[0].design for ran in fits)


def test_a_fit_that_misses_its_reports_is_not_repeated(fits: list[Fit], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        Checks, "failed", (Check("smallest predictive tail of a report", 0.0, "> 0.001", passed=False),)
    )
    CountFusion(draws=500).fit(make_evidence())
    assert len(fits) == 1
