"""Which known name may have been meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undercount.errors.naming import LONGEST_SHOWN, MOST_LISTED, nearest, plain, write_one_of

names = st.text(min_size=1, max_size=30)


@pytest.mark.parametrize(
    ("name", "known", "meant"),
    [
        ("mosul-2107", ["mosul-2017", "mosul-2017-extended"], "mosul-2017"),
        ("Mosul 2017", ["mosul-2017"], "mosul-2017"),
        ("mosul\u20132017", ["mosul-2017"], "mosul-2017"),
        ("\u2014seed", ["--seed", "--draws"], "--seed"),
        ("--timebudget", ["--time-budget", "--jobs"], "--time-budget"),
        ("actr", ["actor", "area"], "actor"),
        ("isis", ["coalition", "iraq"], None),
        ("", ["a"], None),
        ("a", [], None),
    ],
)
def test_nearest(name: str, known: list[str], meant: str | None) -> None:
    assert nearest(name, known) == meant


@given(st.lists(names, min_size=1, unique=True), names)
def test_what_is_found_is_known(known: list[str], name: str) -> None:
    found = nearest(name, known)
    assert found is None or found in known
    advice = write_one_of(name, known)
    assert ("did you mean" in advice) == (found is not None)
    assert advice.isprintable()


@given(st.lists(names, min_size=1, max_size=20, unique_by=str.casefold))
def test_a_known_name_is_nearest_to_itself_or_to_what_differs_in_case_and_dashes(known: list[str]) -> None:
    for name in known:
        found = nearest(name, known)
        folded = name.strip("-_ ")
        assert found is not None or not folded


def test_advice_is_short_and_hides_nothing() -> None:
    advice = write_one_of("x" * 10_000, [f"name-{number}" for number in range(1000)])
    assert advice.count("name-") == MOST_LISTED
    assert advice.endswith("(1000 in all)")
    assert plain("a\u202eb") == "'a\\u202eb'"
    assert len(plain("y" * 10_000)) <= LONGEST_SHOWN + 3
