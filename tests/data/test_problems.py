"""What a problem says: where, what, why and how to mend it, with nothing in it that can mislead a reader."""

from __future__ import annotations

from dataclasses import replace

import pytest

from undercount.data.problems import InvalidEvidenceError, Problem, raise_problems, shown, write_one_of

PROBLEM = Problem("reports.csv", 7, "r1", "actors", "reed", "not an actor", "write red", "evidence-unknown-actor")


def test_a_problem_in_words() -> None:
    assert str(PROBLEM) == (
        "reports.csv, row 7, report r1, field actors: 'reed': not an actor; "
        "to mend it: write red [evidence-unknown-actor]"
    )
    assert (
        replace(PROBLEM, file="reports frame").where == "reports frame, row 7 (counted from 0), report r1, field actors"
    )
    assert replace(PROBLEM, file="sources.csv").where == "sources.csv, row 7, source r1, field actors"
    assert replace(PROBLEM, row=None, report=None, field="", value="").what == "not an actor"


@pytest.mark.parametrize("text", ["\u202eevil", "\x1b[31mred", "a\nb", "\u2066x", "\0", "\u200b"])
def test_nothing_invisible_reaches_the_reader(text: str) -> None:
    problem = replace(PROBLEM, report=text, field=text, value=text)
    assert str(problem).isprintable()
    assert write_one_of(text, [text, "a"]).isprintable()


def test_long_values_are_cut() -> None:
    assert len(shown("x" * 10**6)) < 110
    assert len(write_one_of("x" * 10**6, [f"level-{number}" for number in range(10_000)])) < 200


def test_other_scripts_are_shown_as_they_are() -> None:
    assert shown("الموصل") == "'الموصل'"


def test_one_problem_is_the_error() -> None:
    with pytest.raises(InvalidEvidenceError) as caught:
        raise_problems([PROBLEM])
    error = caught.value
    assert (error.code, error.where, error.hint) == (PROBLEM.code, PROBLEM.where, PROBLEM.hint)
    assert error.problems == (PROBLEM,)


def test_several_problems_are_all_in_the_error() -> None:
    other = replace(PROBLEM, row=8, code="evidence-other")
    with pytest.raises(InvalidEvidenceError, match="2 problems") as caught:
        raise_problems([PROBLEM, other])
    assert str(PROBLEM) in str(caught.value)
    assert str(other) in str(caught.value)
    assert caught.value.code == PROBLEM.code
