"""Coverage is counted as it is said to be, and every estimator goes through."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from benchmarks.__main__ import coverage_rows
from benchmarks.accuracy import share_interval
from benchmarks.overlap import accuracy
from benchmarks.overlap.accuracy import (
    BOUND,
    COLUMNS,
    ESTIMATORS,
    KEPT,
    Cell,
    Outcome,
    Trial,
    cells,
    rows,
    run,
    sheet,
    short_rows,
    trials,
    try_out,
)
from benchmarks.overlap.worlds import WORLDS, Class, World
from benchmarks.rows import Sheet

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.checkout
QUICK = ("DecomposableGraphs", BOUND)


def outcome(lower: float, upper: float, estimator: str = "LogLinear", kind: str = "independent") -> Outcome:
    return Outcome(kind, estimator, 100, 1.0, median=110.0, lower=lower, upper=upper)


GOOD, SHORT = outcome(90, 120), outcome(101, 150)
HELD = Outcome("independent", "LogLinear", 100, 1.0, failed=("some gate",), median=400.0, lower=300.0, upper=900.0)
REFUSED = Outcome("independent", "LogLinear", 100, 1.0, error="lists-no-overlap")


def test_a_cell_counts_what_may_be_quoted() -> None:
    cell = Cell("independent", "LogLinear", (GOOD, GOOD, GOOD, SHORT, HELD, REFUSED))
    assert (len(cell.quoted), cell.covered, cell.keeps) == (4, 3, True)
    assert cell.interval == share_interval(3, 4)
    assert dict(zip(COLUMNS, cell.line, strict=True)) == {
        "lists": "independent", "estimator": "LogLinear", "assumption kept": "yes",
        "coverage [95 %]": "0.75 [0.19, 0.99]", "median error": "+10%", "upper / lower": "1.33",
        "refused": "17%", "held by gates": "17%", "95 % interval": "holds",
    }  # fmt: skip


def test_an_interval_holds_the_toll_between_its_ends() -> None:
    assert [outcome(*ends).is_covered for ends in ((90, 120), (100, 100), (101, 150), (60, 99))] == [
        True, True, False, False,
    ]  # fmt: skip


def test_verdicts() -> None:
    def verdict(*outcomes: Outcome) -> str:
        return Cell("independent", outcomes[0].estimator, outcomes).verdict

    assert verdict(*[GOOD] * 80, *[SHORT] * 20) == "too often wrong"
    assert verdict(*[GOOD] * 96, *[SHORT] * 4) == "holds"
    assert verdict(*[GOOD] * 100) == "too wide"
    assert verdict(*[outcome(90, math.inf, BOUND)] * 100) == "holds"
    assert verdict(*[outcome(101, math.inf, BOUND)] * 100) == "too often wrong"
    assert verdict(HELD, REFUSED) == "no estimate"


def test_rows_are_over_the_lists_that_keep_to_the_assumption() -> None:
    poor = outcome(101, 150, kind="two classes")
    kept, others, seconds = rows(cells([*[GOOD] * 38, *[SHORT] * 2, *[poor] * 5, REFUSED]))
    assert (kept.value, kept.goal, kept.met) == (0.95, "0.95 inside", True)
    assert "(40 estimates)" in kept.what
    assert (others.value, others.goal, others.met) == (0.0, "", None)
    assert seconds.value == 1.0
    missed, *_ = rows(cells([*[GOOD] * 30, *[SHORT] * 10]))
    assert missed.met is False


def test_assumptions_are_of_known_kinds_and_estimators() -> None:
    assert set(KEPT) == set(ESTIMATORS)
    assert all(kinds <= set(WORLDS) for kinds in KEPT.values())


def test_trials_take_the_worlds_of_a_kind_by_turns() -> None:
    found = trials(8, ("sparse", "independent"), QUICK)
    assert len(found) == 32
    assert {trial.world for trial in found} == {*WORLDS["sparse"], *WORLDS["independent"]}
    assert len({(trial.world, trial.seed) for trial in found}) == 16


def test_a_refusal_is_an_outcome() -> None:
    apart = World("sparse", 60, (Class(1.0, (0.02, 0.02, 0.02)),))
    found = try_out(Trial(apart, 0, "DecomposableGraphs"))
    assert found.error.startswith("lists-")
    assert not found.is_quoted


def test_a_bound_is_right_when_it_is_below() -> None:
    found = try_out(Trial(WORLDS["two classes"][0], 0, BOUND))
    assert found.upper == math.inf
    assert found.lower < found.median < found.toll
    assert found.is_covered


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_every_estimator_goes_through(estimator: str) -> None:
    trial = Trial(WORLDS["independent"][0], 0, estimator)
    found = try_out(trial)
    assert found.is_quoted
    assert found.lower < found.toll * 1.2
    again = try_out(trial)
    assert (again.median, again.lower, again.upper) == (found.median, found.lower, found.upper)


@pytest.mark.slow
def test_workers_change_nothing() -> None:
    wanted = trials(2, ("independent", "sparse"), QUICK)

    def told(outcomes: list[Outcome]) -> list[tuple[object, ...]]:
        return [(o.kind, o.estimator, o.error, o.failed, o.median, o.lower, o.upper) for o in outcomes]

    assert told(list(run(wanted, 2))) == told(list(run(wanted)))


def test_the_sheet_and_the_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    fewer: Mapping[str, object] = {name: ESTIMATORS[name] for name in QUICK}
    monkeypatch.setattr(accuracy, "ESTIMATORS", fewer)
    monkeypatch.setattr(accuracy.trials, "__defaults__", (("independent", "two classes"), QUICK))
    monkeypatch.setattr("benchmarks.__main__.cores", lambda: 1)
    shown, *figures = coverage_rows(4, quiet=True)
    assert isinstance(shown, Sheet)
    assert [line[:3] for line in shown.lines] == [
        ("independent", "DecomposableGraphs", "yes"),
        ("independent", BOUND, "yes"),
        ("two classes", "DecomposableGraphs", "no"),
        ("two classes", BOUND, "yes"),
    ]
    assert shown == sheet(cells(run(trials(4, ("independent", "two classes"), QUICK))))
    assert len(figures) == 5
    short = list(short_rows(4))
    assert [row.goal for row in short] == [">= 2"] * 4
    assert all(row.met for row in short)
