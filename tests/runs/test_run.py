"""The scheduled run: released, unchanged, held, interrupted; one at a time, and whole after any fault."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.runs.cases import new_report, runner, small_case, some_reports
from tests.runs.test_ingest import changed, write_reports
from undercount.errors import RunError, SamplingError
from undercount.estimators import CountFusion, load
from undercount.runs import judging
from undercount.runs.comparing import compare
from undercount.runs.ingest import ingest
from undercount.runs.judging import Judgement, estimate_of
from undercount.runs.ledger.runs import Release, Run
from undercount.runs.releasing import release
from undercount.runs.reproducing import are_equal, reproduce
from undercount.runs.tracing import trace

if TYPE_CHECKING:
    from undercount.runs.store import Store


def runs_of(store: Store) -> list[Run]:
    with store.ledger.reading() as connection:
        return Run.all(connection, store.name)


def releases_of(store: Store) -> list[Release]:
    with store.ledger.reading() as connection:
        return Release.all(connection, store.name)


@pytest.fixture
def holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gate that nothing passes."""
    content = {"toll": {"median": 1.0, "interval": [0.0, 2.0], "ci_prob": 0.95}}
    monkeypatch.setattr(judging, "judge", lambda *_: Judgement(False, ["it is held"], content))


def test_a_run_is_released_with_its_files(released: Store) -> None:
    latest = released.folder / "latest"
    assert {path.name for path in latest.iterdir()} == {"estimate.nc", "summary.json", "toll.csv", "release.json"}
    estimate = load(latest / "estimate.nc")
    assert are_equal(estimate, CountFusion().fit(small_case(), seed=2017))
    assert json.loads((latest / "release.json").read_text())["released_by"] == "gates"
    assert estimate.check().passed


def test_nothing_new_means_no_work(released: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("there was nothing to do")

    monkeypatch.setattr(CountFusion, "fit", never)
    outcome = runner(released).run()
    assert (outcome.status, outcome.is_new) == ("released", False)
    assert len(runs_of(released)) == 1


def test_a_new_report_makes_a_new_release(released: Store) -> None:
    write_reports(released.case_folder / "reports.csv", *some_reports(), new_report())
    outcome = runner(released).run()
    assert (outcome.status, outcome.is_new) == ("released", True)
    assert [one.release for one in releases_of(released)] == [1, 2]
    assert (released.folder / "latest").readlink() == Path("releases/0002")
    assert estimate_of(released, 1).evidence.sha256 == small_case().sha256
    assert estimate_of(released, 2).evidence.sha256 == small_case((*some_reports(), new_report())).sha256


@pytest.mark.parametrize("changes", [{"seed": 1}, {"settings": {"draws": 900}}])
def test_other_settings_make_another_run(released: Store, changes: dict[str, object]) -> None:
    outcome = runner(released, **changes).run()
    assert outcome.is_new
    assert outcome.run is not None
    assert outcome.run.evidence_sha256 == runs_of(released)[0].evidence_sha256


def test_a_day_in_the_past_is_recorded_and_not_published(released: Store) -> None:
    write_reports(released.case_folder / "reports.csv", *some_reports(), new_report())
    runner(released).run()
    assert not runner(released).run(date(2020, 2, 15)).is_new  # what was known then was estimated then
    outcome = runner(released, seed=1).run(date(2020, 2, 15))
    assert (outcome.status, len(releases_of(released))) == ("recorded", 2)
    assert outcome.run is not None
    assert estimate_of(released, outcome.run.number).evidence.sha256 == small_case().sha256
    assert not runner(released, seed=1).run(date(2020, 2, 15)).is_new


def test_a_day_that_changes_nothing_makes_no_run(released: Store) -> None:
    assert not runner(released).run(date(2020, 2, 15)).is_new
    assert not runner(released).run(date(2030, 1, 1)).is_new


def test_evidence_that_goes_back_makes_a_release_of_its_own(released: Store) -> None:
    for reports in ((*some_reports(), new_report()), (*some_reports(), new_report(used=False, reason="withdrawn"))):
        write_reports(released.case_folder / "reports.csv", *reports)
        assert runner(released).run().is_new
    write_reports(released.case_folder / "reports.csv", *some_reports(), new_report())
    outcome = runner(released).run()
    assert outcome.is_new
    assert [one.release for one in releases_of(released)] == [1, 2, 3, 4]
    assert estimate_of(released, 4).evidence.sha256 == estimate_of(released, 2).evidence.sha256


def test_a_release_never_goes_back(released: Store) -> None:
    held = runner(released).run(date(2020, 2, 12))
    assert held.status == "held"
    assert held.run is not None
    with pytest.raises(RunError) as caught:
        release(released, held.run.number, by="A. Person", reason="it is history")
    assert caught.value.code == "run-past"


def test_a_trial_writes_nothing(released: Store) -> None:
    write_reports(released.case_folder / "reports.csv", *some_reports(), new_report())
    outcome = runner(released).try_out()
    assert (outcome.status, outcome.run) == ("released if it were run", None)
    assert len(runs_of(released)) == 1
    assert len(releases_of(released)) == 1


@pytest.mark.usefixtures("holds")
def test_what_a_gate_holds_a_person_may_release(store: Store) -> None:
    outcome = runner(store).run()
    assert (outcome.status, outcome.reasons, outcome.release) == ("held", ("it is held",), None)
    assert not (store.folder / "latest").exists()
    again = runner(store).run()
    assert (again.status, again.is_new) == ("held", False)
    assert again.is_held
    for by, reason in (("", "because"), ("somebody", " "), ("somebody", "a\nb")):
        with pytest.raises(RunError, match="in words"):
            release(store, 1, by=by, reason=reason)
    found = release(store, 1, by="A. Person", reason="the jump is the new mass grave")
    assert (found.release, found.released_by, found.reason) == (1, "A. Person", "the jump is the new mass grave")
    assert "mass grave" in (store.folder / "latest" / "release.json").read_text()
    assert runner(store).run().status == "released"
    with pytest.raises(RunError) as caught:
        release(store, 1, by="A. Person", reason="again")
    assert caught.value.code == "run-not-held"


def test_a_sampler_that_fails_is_held_without_a_figure(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise SamplingError("chain 2 is frozen", code="sampling-frozen")

    monkeypatch.setattr(CountFusion, "fit", fails)
    outcome = runner(store).run()
    assert outcome.status == "held"
    assert outcome.figure == {}
    with pytest.raises(RunError) as caught:
        release(store, 1, by="A. Person", reason="whatever")
    assert caught.value.code == "run-without-figure"


def test_a_run_that_is_out_of_time_leaves_no_figure(store: Store) -> None:
    with pytest.raises(RunError) as caught:
        runner(store, seconds=0.01).run()
    assert caught.value.code == "run-out-of-time"
    (run,) = runs_of(store)
    assert (run.status, run.content) == ("interrupted", None)
    assert runner(store).run().status == "released"


def test_an_interrupt_leaves_no_figure(store: Store) -> None:
    def stop(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        runner(store, tell=stop).run()
    assert [run.status for run in runs_of(store)] == ["interrupted"]
    assert releases_of(store) == []


def test_a_jump_is_held_and_told_by_its_report(released: Store) -> None:
    jan, feb, press = some_reports()
    write_reports(released.case_folder / "reports.csv", jan, changed(feb, value=2500), press)
    outcome = runner(released).run()
    assert outcome.status == "held"
    assert any("un-feb" in reason for reason in outcome.reasons)
    assert outcome.judged["changes"][0]["name"] == "un-feb"
    assert [one.release for one in releases_of(released)] == [1]


def test_two_runs_are_compared(released: Store) -> None:
    write_reports(released.case_folder / "reports.csv", *some_reports(), new_report())
    runner(released).run()
    found = compare((released, 1), (released, 2))
    assert [change.name for change in found.changes.new] == ["hospital-1"]
    assert found.moves.model.log_ratio == 0.0
    assert found.moves.total == found.moves.evidence
    assert (found.before.toll().median, found.after.toll().median) == tuple(
        estimate_of(released, number).toll().median for number in (1, 2)
    )


def test_a_run_is_reproduced_to_the_bit_from_what_was_known_then(released: Store) -> None:
    write_reports(released.case_folder / "reports.csv", *some_reports()[:2], changed(some_reports()[2], value=900))
    ingest(released)
    found = reproduce(released, 1)
    assert found.is_equal
    assert found.versions == {}
    assert found.again.evidence.sha256 == small_case().sha256


def test_a_figure_is_traced_to_its_rows(released: Store) -> None:
    found = trace(released, 1)
    assert [(row["report"], row["file"], row["row"]) for row in found.reports] == [
        ("press", "./reports.csv", 2),
        ("un-feb", "./reports.csv", 3),
        ("un-jan", "./reports.csv", 4),
    ]
    assert found.median == estimate_of(released, 1).toll().median
    assert [row["report"] for row in trace(released, 1, "source=press").reports] == ["press"]
    assert trace(released, 1, "area=north").median < found.median
    with pytest.raises(RunError) as caught:
        trace(released, 1, "area=moon")
    assert "area=north" in caught.value.hint
