"""Numbers and names: thousands, intervals, nothing hidden."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from undercount.report.text import allowed, between, count, listed, rate, visible


@given(st.text(), st.integers(1, 50))
def test_a_visible_text_is_short_and_has_nothing_hidden(text: str, longest: int) -> None:
    shown = visible(text, longest)
    assert len(shown) <= longest
    hidden = [c for c in shown if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    assert set(hidden) <= {"\u200c", "\u200d"}


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), max_size=50))
def test_a_plain_text_is_shown_as_it_is(text: str) -> None:
    assert visible(text) == text


def test_a_terminal_is_not_steered() -> None:
    assert visible("a\x1b[31mb\u202ec") == "a\\x1b[31mb\\u202ec"


@given(st.integers(0, 10**9))
def test_counts_read_back(number: int) -> None:
    assert int(count(number).replace(",", "")) == number
    assert all(len(part) == 3 for part in count(number).split(",")[1:])


def test_rates_have_two_significant_digits() -> None:
    assert [rate(x) for x in (0.0, 0.0321, 0.5, 1, 9.96, 12.3, 1234)] == [
        "0.0", "0.032", "0.50", "1.0", "10", "12", "1,200",
    ]  # fmt: skip
    assert rate(float("nan")) == count(float("inf")) == "not known"


def test_what_a_report_allows_is_said() -> None:
    assert allowed(1000, 1000) == "1,000"
    assert allowed(1001, float("inf")) == "1,001 or more"
    assert between(1000, 2000) == "1,000 to 2,000"
    assert listed([]) == ""
    assert listed(["A"]) == "A"
