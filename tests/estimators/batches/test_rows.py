"""What a batch says of its cases: the table, its order, and cases that broke; fitted in this process."""

from __future__ import annotations

import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from tests.builders import make_evidence
from tests.estimators.batches.stand_in import StandIn, case, cases, comparable, inline
from undercount.errors import ModelError, RunError
from undercount.estimators import CountFusion
from undercount.estimators.batches import BatchProgress, fit_many, front
from undercount.estimators.batches.columns import COLUMNS, schema
from undercount.estimators.batches.settings import versions
from undercount.estimators.batches.work import Work, fit_case

if TYPE_CHECKING:
    from collections.abc import Iterator

    from undercount.data import Evidence

TINY: dict[str, Any] = {"chains": 4, "draws": 100, "tune": 100, "retry": False}


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "fit_locally", inline)


def test_a_row_says_what_the_estimate_says() -> None:
    evidence = make_evidence()
    batch = CountFusion(**TINY).fit_many([evidence], seed=3, by=["actor", "week"])
    estimate = CountFusion(**TINY).fit(evidence, seed=3)
    total, *parts = batch.to_arrow().to_pylist()
    toll, checks = estimate.toll(), estimate.check()
    assert (total["median"], total["mean"], total["sd"]) == (toll.median, toll.mean, toll.sd)
    assert (total["lower"], total["upper"], total["ci_prob"], total["ci_kind"]) == (*toll.interval, 0.95, "eti")
    assert (total["place"], total["case"], total["by"], total["level"]) == (0, "testland", "total", "")
    assert (total["name"], total["documented"]) == (estimate.estimand, estimate.documented())
    assert (total["evidence_sha256"], total["seed"], total["refitted"]) == (evidence.sha256, 3, False)
    values = {check.name: check.value for check in checks.checks}
    assert total["largest_rhat"] == values["largest R-hat"]
    assert total["smallest_ess"] == min(values["smallest bulk ESS"], values["smallest tail ESS"])
    assert total["divergences"] == estimate.draws["sample_stats"]["diverging"].to_numpy().sum()
    assert total["status"] == "held"
    assert [gate.split(" = ")[0] for gate in total["failed_gates"]] == [check.name for check in checks.failed]
    assert total["error"] is total["error_code"] is total["file"] is None
    wanted = [
        (key, str(row[key]), row["name"], row["median"], row["upper"])
        for key in ("actor", "week")
        for row in estimate.rows.toll(key)
    ]
    assert [(row["by"], row["level"], row["name"], row["median"], row["upper"]) for row in parts] == wanted
    assert {row["status"] for row in parts} == {"held"}
    assert {row["documented"] for row in parts} == {None}


@pytest.mark.parametrize(("retry", "refitted"), [(True, True), (False, False)])
def test_a_case_that_was_fitted_again_says_so(monkeypatch: pytest.MonkeyPatch, retry: bool, refitted: bool) -> None:
    monkeypatch.setattr("undercount.estimators.count_fusion.ENOUGH_DRAWS", 1)
    batch = CountFusion(**TINY | {"retry": retry}).fit_many([make_evidence()])
    assert batch.to_arrow()["refitted"].to_pylist() == [refitted]


def test_rows_come_in_the_order_of_the_input() -> None:
    given = cases(7)
    batch = fit_many(StandIn(), given, seed=1)
    assert batch.to_arrow()["case"].to_pylist() == [evidence.case.case for evidence in given]
    assert batch.to_arrow()["place"].to_pylist() == list(range(7))
    backwards = {row["case"]: row["median"] for row in comparable(fit_many(StandIn(), given[::-1], seed=1))}
    assert backwards == {row["case"]: row["median"] for row in comparable(batch)}
    assert len(set(backwards.values())) > 1


def test_broken_cases_are_named_with_their_reason(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    given: list[Any] = [
        case("good"),
        tmp_path / "empty",
        "not-bundled",
        case("is-refused"),
        case("freezes"),
        case("has-a-bug"),
        case("is-held"),
        17,
        case("good", 99),
    ]
    batch = fit_many(StandIn(), given, seed=1)
    rows = batch.to_arrow().to_pylist()
    assert [(row["case"], row["status"], row["error_code"]) for row in rows] == [
        ("good", "passed", None),
        (str(tmp_path / "empty"), "refused", rows[1]["error_code"]),
        ("not-bundled", "refused", "evidence-unknown-case"),
        ("is-refused", "refused", "model-empty"),
        ("freezes", "failed", "sampling-frozen"),
        ("has-a-bug", "failed", "batch-unexpected"),
        ("is-held", "held", None),
        ("'17'", "refused", "batch-not-a-case"),
        ("good", "refused", "batch-duplicate"),
    ]
    assert "case.toml" in rows[1]["error"]
    assert rows[3]["error"] == "reports: no report is usable; to mend it: add one"
    assert rows[5]["error"].startswith("KeyError: 'nothing' (stand_in.py, line ")
    assert rows[6]["failed_gates"][0].startswith("largest R-hat = 1.")
    assert rows[8]["error"].startswith("cases: 'good' is the name of a case that came before")
    assert batch.counts == {"passed": 1, "held": 1, "refused": 5, "failed": 2}
    assert [(trouble.case, trouble.status) for trouble in batch.not_passed] == [
        (row["case"], row["status"]) for row in rows[1:]
    ]
    assert all(trouble.why for trouble in batch.not_passed)
    lines = repr(batch).splitlines()
    assert lines[0] == "Batch(9 cases: 1 passed, 1 HELD BY GATES: do not quote, 5 refused, 2 failed)"
    assert lines[2].startswith("  'not-bundled' refused: case: 'not-bundled' is not a bundled case; to mend it: ")
    assert lines[-1] == "  … and 3 more: see not_passed"


def test_a_worker_with_other_software_is_refused() -> None:
    work = Work(StandIn(), 1, (), files=False, versions=versions() | {"undercount": "99"})
    (row,) = fit_case(work, pickle.dumps(case("good"))).rows
    assert (row["status"], row["error_code"]) == ("failed", "batch-other-versions")
    assert "undercount was 99, is " in row["error"]


def test_a_worker_may_have_several_threads() -> None:
    work = Work(StandIn(), 1, (), files=True, versions=versions())
    packed = [pickle.dumps(evidence) for evidence in cases(16)]
    with ThreadPoolExecutor(4) as threads:
        outcomes = list(threads.map(lambda evidence: fit_case(work, evidence), packed))
    assert [outcome.rows[0]["error"] for outcome in outcomes if outcome.file is None] == []


def test_a_start_loads_none_of_it() -> None:
    heavy = {"distributed", "filelock", "pyarrow", "threadpoolctl"}
    code = f"import sys, undercount; undercount.CountFusion; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_a_mapping_names_its_cases() -> None:
    batch = fit_many(StandIn(), {"first": case("same"), "second": case("same", 90)}, seed=1)
    assert batch.to_arrow()["case"].to_pylist() == ["first", "second"]
    assert batch.counts["passed"] == 2


def test_the_frame_has_one_type_for_each_column() -> None:
    batch = fit_many(StandIn(), [case("good"), "not-bundled"], seed=1)
    frame = batch.frame()
    assert list(frame.columns) == list(COLUMNS)
    assert frame["documented"].dtype == frame["divergences"].dtype == "Int64"
    assert frame["refitted"].dtype == "boolean"
    assert frame["documented"].isna().tolist() == [False, True]
    assert batch.to_arrow().schema.equals(schema(), check_metadata=True)


def test_no_cases_give_an_empty_table(tmp_path: Path) -> None:
    for out in (None, tmp_path / "out"):
        batch = fit_many(StandIn(), [], seed=1, out=out)
        assert len(batch) == 0
        assert batch.to_arrow().schema.equals(schema())
        assert repr(batch) == "Batch(0 cases: 0 passed)"


def test_progress_ends_with_everything_counted() -> None:
    told: list[BatchProgress] = []
    fit_many(StandIn(), [*cases(4), case("is-held"), "not-bundled"], seed=1, progress=told.append)
    assert (told[-1].passed, told[-1].held, told[-1].refused, told[-1].failed) == (4, 1, 1, 0)
    assert (told[-1].finished, told[-1].total, told[-1].seconds_left) == (6, 6, 0.0)
    finished = [progress.finished for progress in told]
    assert finished == sorted(finished)


def test_an_error_of_the_input_itself_is_raised() -> None:
    def broken() -> Iterator[Evidence]:
        yield case("good")
        raise OSError("the tape broke")

    with pytest.raises(OSError, match="the tape broke"):
        fit_many(StandIn(), broken(), seed=1)


@pytest.mark.parametrize("given", ["mosul-2017", Path("mosul"), 7, None], ids=repr)
def test_a_single_case_is_refused(given: Any) -> None:
    with pytest.raises(ModelError) as caught:
        fit_many(StandIn(), given, seed=1)
    assert caught.value.code == "batch-no-cases"
    with pytest.raises(ModelError):
        fit_many(StandIn(), case("good"), seed=1)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"engine": "spark"}, "engine is 'spark'"),
        ({"workers": 0}, "workers is 0"),
        ({"workers": True}, "workers is True"),
        ({"engine": "dask", "workers": 2}, "workers is 2"),
        ({"client": "tcp://host:1"}, "client is 'tcp://host:1'"),
        ({"engine": "dask"}, "client is None"),
        ({"engine": "dask", "client": 7}, "client is 7"),
        ({"by": "province"}, "by is 'province'"),
        ({"by": ["actor", "year"]}, "by is 'year'"),
        ({"files": True}, "files is True"),
        ({"seed": -1}, "seed is -1"),
    ],
    ids=str,
)
def test_a_setting_that_makes_no_sense_is_refused_before_anything_runs(changes: dict[str, Any], message: str) -> None:
    def untouched() -> Iterator[Evidence]:
        yield pytest.fail("a case was taken")

    with pytest.raises(ModelError) as caught:
        CountFusion().fit_many(untouched(), **changes)
    assert caught.value.message == message
    assert caught.value.hint


def test_settings_of_the_estimator_are_checked_at_once() -> None:
    with pytest.raises(ModelError, match="chains is 0"):
        CountFusion(chains=0).fit_many([])


def test_what_cannot_be_pickled_is_named() -> None:
    with pytest.raises(ModelError) as caught:
        CountFusion(extend=lambda _model, _design: None).fit_many([])
    assert (caught.value.code, caught.value.where) == ("batch-not-picklable", "extend")
    assert caught.value.message.startswith("extend of CountFusion cannot be sent to another process: ")


def test_without_dask_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ModelError) as caught:
        fit_many(StandIn(), [], seed=1, engine="dask", client="tcp://127.0.0.1:1")
    assert caught.value.code == "batch-no-dask"
    assert 'pip install "undercount[dask]"' in caught.value.hint


def test_estimates_are_asked_for_where_there_are_none() -> None:
    batch = fit_many(StandIn(), [case("good")], seed=1)
    with pytest.raises(RunError) as caught:
        batch.load("good")
    assert caught.value.code == "batch-no-file"
    with pytest.raises(RunError, match="'goood' is not a case") as caught:
        batch.load("goood")
    assert "did you mean good?" in caught.value.hint


def test_columns_say_what_they_mean() -> None:
    meanings = [field.metadata[b"meaning"] for field in schema()]
    assert all(meanings)
    assert schema().field("failed_gates").type == pa.list_(pa.string())
