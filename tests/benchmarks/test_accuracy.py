"""Scores and their errors."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from benchmarks.__main__ import fill
from benchmarks.accuracy import Accuracy, Outcome, Score, covered, crps, least_successes, share_interval
from benchmarks.rows import Row, Sheet, Table, as_json, as_markdown, as_text, number, read
from benchmarks.timing import Spread, interleaved, ratios

pytestmark = pytest.mark.checkout


def slow_crps(draws: np.ndarray, truth: float) -> float:
    """Gneiting and Raftery 2007, equation 21, pair by pair."""
    return float(np.abs(draws - truth).mean() - np.abs(draws[:, None] - draws[None, :]).mean() / 2)


def test_crps_is_that_of_all_pairs() -> None:
    draws = np.random.default_rng(1).normal(size=300)
    assert crps(draws, 0.7) == pytest.approx(slow_crps(draws, 0.7), rel=1e-12)


def test_crps_of_normal_draws_nears_the_formula() -> None:
    """Gneiting and Raftery 2007, equation 5, at the mean of the forecast: 2 phi(0) - 1 / sqrt(pi)."""
    draws = stats.norm.ppf((np.arange(20_000) + 0.5) / 20_000)
    assert crps(draws, 0.0) == pytest.approx(2 * stats.norm.pdf(0) - 1 / np.sqrt(np.pi), abs=1e-3)


def test_score_covers_between_its_ends() -> None:
    score = Score.of(np.arange(1001), 25)
    assert (score.lower, score.upper) == pytest.approx((25, 975))
    assert score.is_covered
    assert not Score.of(np.arange(1001), 24).is_covered


def test_least_successes_is_missed_less_often_than_asked() -> None:
    for trials in (5, 12, 40):
        least = least_successes(trials, 0.95)
        assert stats.binom.cdf(least - 1, trials, 0.95) < 1e-3
        assert stats.binom.cdf(least, trials, 0.95) >= 1e-3


def test_share_interval_is_the_exact_one() -> None:
    """Clopper-Pearson ends from beta quantiles."""
    low, high = share_interval(190, 200)
    assert low == pytest.approx(stats.beta.ppf(0.025, 190, 11))
    assert high == pytest.approx(stats.beta.ppf(0.975, 191, 10))


def test_accuracy_counts() -> None:
    good = Outcome(1, 2.0, {}, {}, toll=Score(10, 11, 5, 20, 0.1), by_actor=(Score(10, 11, 5, 20, 0.1),))
    poor = Outcome(2, 4.0, {}, {"largest R-hat": 1.2}, toll=Score(30, 11, 5, 20, 0.9))
    stuck = Outcome(3, 6.0, {}, {}, error="sampling-frozen")
    found = Accuracy((good, poor, stuck))
    assert (found.cases, found.passed, found.frozen, covered(found.tolls)) == (3, 1, 1, 1)
    assert found.failures == {"largest R-hat": 1, "sampling-frozen": 1}
    assert found.actors == ()
    assert found.seconds == 4.0


def test_interleaved_rounds_take_turns() -> None:
    order: list[str] = []

    def run(name: str, number: int) -> int:
        order.append(name)
        return number

    found = interleaved({name: partial(run, name) for name in "abc"}, 3)
    assert order == ["a", "b", "c", "b", "c", "a", "c", "a", "b"]
    assert found == {name: [0, 1, 2] for name in "abc"}


def test_ratios_are_taken_round_by_round() -> None:
    assert ratios([2.0, 9.0, 8.0], [1.0, 3.0, 2.0]) == Spread(3.0, 2.0, 4.0, 3)


def test_the_table_in_its_three_forms() -> None:
    row = Row.of("core", "fit", Spread(1.2345, 1.0, 2.0, 3), "s", goal="<= 2", met=True, note="a remark")
    table = Table((row,), {"date": "today", "processor": "fast", "cores": "2", "system": "any", "python": "3"})
    assert "| core | fit | 1.23 [1, 2] s | <= 2 | met |" in as_markdown(table)
    assert "1.23 [1, 2] s" in as_text(table)
    assert read([as_json(table), as_json(table)]) == Table((row, row), table.machine)
    sheet = Sheet("side by side", ("one", "two"), (("a", "b"), ("c", "d")))
    both = replace(table, sheets=(sheet,))
    assert as_markdown(both).endswith("\n**side by side**\n\n| one | two |\n|---|---|\n| a | b |\n| c | d |\n")
    assert "side by side" in as_text(both)
    assert read([as_json(table), as_json(both)]) == Table((row, row), table.machine, (sheet,))
    assert [number(x) for x in (0.012345, 12.0, 1234.5, 9.96)] == ["0.0123", "12", "1234", "9.96"]


def test_a_table_goes_between_the_marks_of_its_name(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("a <!-- one --> old <!-- one --> b <!-- two --> kept <!-- two --> c", encoding="utf-8")
    fill(page, "new", "one")
    assert page.read_text(encoding="utf-8") == (
        "a <!-- one -->\n\nnew\n<!-- one --> b <!-- two --> kept <!-- two --> c"
    )
