"""Feeds as they are: each gives the right estimate, or is refused or held by name."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.runs.feeds import COUNTS, ESTIMATOR, Remembering, feed, judged, sources, total, week, weeks
from tests.validation.accuracy import errors_apart
from undercount.data import InvalidEvidenceError
from undercount.data.schema import Kind, Qualifier
from undercount.runs.moves import moves

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from undercount.data import Evidence
    from undercount.data.schema import Report

WEEKS = 8
BASE = [*weeks(WEEKS), *weeks(WEEKS, "clinic", 0.6), total(WEEKS, 480, "press")]
CLINIC = round(0.6 * COUNTS[WEEKS])
NEXT = [week(9, COUNTS[WEEKS]), week(9, CLINIC, "clinic")]


def changed(name: str, **fields: Any) -> list[Report]:
    """The base with one report changed."""
    return [type(one).model_validate({**one.model_dump(), **fields}) if one.report == name else one for one in BASE]


def log_toll(evidence: Evidence) -> NDArray[np.float64]:
    draws: NDArray[np.float64] = np.log(ESTIMATOR.fit(evidence).toll().draws)
    return draws


def holding(after: Evidence, before: Evidence | None = None) -> tuple[str, ...]:
    return judged(after, feed(BASE) if before is None else before).holding


def test_the_next_week_is_released() -> None:
    found = judged(feed(BASE, NEXT), feed(BASE))
    assert found.passed, found.words()
    assert judged(feed(BASE)).passed


def test_a_source_that_goes_silent_is_held() -> None:
    later = [week(n, COUNTS[n - 1]) for n in (9, 10)] + [week(n, 38, report=f"un-w{n}") for n in (11, 12)]
    found = judged(feed(BASE, later), feed(BASE))
    assert found.holding == ("silent source",)
    (clinic,) = [verdict for verdict in found.held if verdict.gate == "silent source"]
    assert clinic.about == ("clinic",)
    assert clinic.words == (
        "clinic published every 7 days and has been silent for 28, since 2020-02-27: silence is no count of zero. "
        "Look whether it stopped, moved, or its feed broke"
    )
    again = [*later, week(13, 35, report="un-w13")]
    assert holding(feed(BASE, again), feed(BASE, later)) == ()  # it was released in silence


def test_a_source_that_starts_again_is_released() -> None:
    silent = [week(n, 38, report=f"un-w{n}") for n in (9, 10, 11, 12)]
    back = [*silent, week(12, CLINIC, "clinic")]
    assert holding(feed(BASE, back), feed(BASE, silent)) == ()


def test_a_report_that_is_revised_down_is_held() -> None:
    found = judged(feed(changed("un-w05", value=25)), feed(BASE))
    assert found.holding == ("revised down",)
    assert found.held[0].about == ("un", "un-w05")
    assert "un lowered un-w05 from 52 to 25" in found.held[0].words


def test_a_later_total_that_is_smaller_is_held() -> None:
    found = judged(feed(BASE, total(9, 390, "press", report="press-again")), feed(BASE))
    assert found.holding == ("revised down",)
    assert "press-again of press counts 390 where its earlier press-t08 counted 480" in found.held[0].words


def test_a_report_that_is_revised_up_is_released() -> None:
    assert holding(feed(changed("un-w05", value=60))) == ()


@pytest.mark.parametrize(
    ("code", "make"),
    [
        ("duplicate-report", lambda: feed(BASE, week(1, 31))),
        ("contradictory", lambda: feed(BASE, week(1, 33, report="again"))),
        ("more-deaths-than-people", lambda: feed(BASE, week(9, 140_000))),
        ("outside-quantity", lambda: feed(BASE, week(9, 160, quantity="killed-and-wounded"))),
        ("unknown-quantity", lambda: feed(BASE, week(9, 160, quantity="casualties"))),
        ("no-figure", lambda: feed(BASE, week(9, None))),
        ("unknown-column", lambda: renamed({"value": "deaths"})),
        ("missing-column", lambda: renamed({"source": "origin"})),
        ("not-an-integer", lambda: with_texts("about 31")),
        ("circular-derived-from", lambda: feed(BASE, citing("un", "clinic"), citing("clinic", "un"))),
        ("derived-from-itself", lambda: feed(BASE, week(9, 40, derived_from=("un-w09",)))),
    ],
)  # fmt: skip
def test_what_the_rules_of_the_evidence_refuse(code: str, make: Callable[[], Evidence]) -> None:
    with pytest.raises(InvalidEvidenceError) as caught:
        make()
    assert f"evidence-{code}" in {problem.code for problem in caught.value.problems}


def citing(source: str, other: str) -> Report:
    return week(9, 40, source, derived_from=(f"{other}-w09",))


def renamed(columns: dict[str, str]) -> Evidence:
    return feed(BASE).with_reports(feed(BASE).to_frame().rename(columns=columns))


def with_texts(text: str) -> Evidence:
    frame = feed(BASE).to_frame()
    frame["value"] = [text, *(str(value) for value in frame["value"][1:])]
    return feed(BASE).with_reports(frame)


def test_a_report_entered_twice_under_two_names_changes_nothing() -> None:
    twice = feed(BASE, week(8, COUNTS[7], report="again"))
    assert holding(twice) == ()
    assert errors_apart(log_toll(twice), log_toll(feed(BASE))) < 4


def test_a_relayed_copy_changes_nothing_to_the_bit() -> None:
    copy = week(8, COUNTS[7], report="copy", relay="wire", derived_from=("un-w08",), published=date(2020, 3, 1))
    found = judged(feed(BASE, copy), feed(BASE))
    assert found.passed, found.words()
    assert np.array_equal(log_toll(feed(BASE, copy)), log_toll(feed(BASE)))


def test_vintages_out_of_order_give_what_they_give_in_order() -> None:
    first, revised = total(9, 520, "press", report="early"), total(9, 560, "press", report="late")
    late = revised.model_copy(update={"published": date(2020, 3, 20)})
    in_order, late_alone = feed(BASE, NEXT, first, late), feed(BASE, NEXT, late)
    assert holding(in_order, late_alone) == ()
    assert ESTIMATOR.fit(in_order).dropped["early"].startswith("superseded by late")
    assert errors_apart(log_toll(in_order), log_toll(late_alone)) < 4


def test_a_unit_that_changed_is_held() -> None:
    """Hundreds where single deaths were counted, below what the people at risk would refuse."""
    found = judged(feed(BASE, week(9, 100 * COUNTS[8])), feed(BASE))
    assert "jump" in found.holding
    words = next(verdict.words for verdict in found.held if verdict.gate == "jump")
    assert "What moved it most: report un-w09: +" in words


@pytest.mark.parametrize("times", [4, 10, 15])
@pytest.mark.parametrize("has_peer", [True, False])
def test_killed_and_wounded_called_killed_are_held(times: int, has_peer: bool) -> None:
    """Three wounded for each dead, and more, in a week that the other source counts as before, or not yet."""
    new = [week(9, times * COUNTS[8]), *([week(9, CLINIC, "clinic")] if has_peer else [])]
    found = judged(feed(BASE, new), feed(BASE))
    first = next(verdict for verdict in found.held if verdict.gate == "surprise")
    assert first.about == ("un", "un-w09")
    assert f"un-w09 of un says {times * COUNTS[8]}; without it, 1" in first.words
    assert "killed and wounded together" in first.words


def test_a_week_twice_as_deadly_is_released() -> None:
    assert holding(feed(BASE, week(9, 2 * COUNTS[8]), week(9, 2 * CLINIC, "clinic"))) == ()


def test_a_running_total_says_what_its_weeks_say() -> None:
    totals = [total(n + 1, sum(COUNTS[: n + 1]), "un") for n in range(WEEKS)]
    others = [*weeks(WEEKS, "clinic", 0.6), total(WEEKS, 480, "press")]
    assert errors_apart(log_toll(feed(totals, others)), log_toll(feed(BASE))) < 4


def test_a_running_total_that_is_called_a_week_is_held() -> None:
    assert "jump" in holding(feed(BASE, week(9, sum(COUNTS[:9]))))


def test_a_week_that_is_called_a_running_total_is_held() -> None:
    totals = [total(n + 1, sum(COUNTS[: n + 1]), "un") for n in range(WEEKS)]
    before = [*totals, *weeks(WEEKS, "clinic", 0.6), total(WEEKS, 480, "press")]
    found = judged(feed(before, total(9, COUNTS[8], "un"), week(9, CLINIC, "clinic")), feed(before))
    (fall,) = [verdict for verdict in found.held if verdict.gate == "revised down"]
    assert fall.about == ("un", "un-t08", "un-t09")


def test_missing_is_not_zero() -> None:
    missing = week(9, None, used=False, reason="not published")
    zero = week(9, 0)
    assert holding(feed(BASE, missing)) == ()
    assert np.array_equal(log_toll(feed(BASE, missing)), log_toll(feed(BASE)))
    assert np.median(log_toll(feed(BASE, zero))) < np.median(log_toll(feed(BASE))) - 0.1


def test_a_single_vague_claim_is_held() -> None:
    hundreds = total(WEEKS, None, "press", low=200, high=999, qualifier=Qualifier.WORDS)
    found = judged(feed(hundreds))
    assert found.holding == ("prior-driven",)
    assert found.held[0].about == ("press",)


def test_a_model_that_changed_is_held_without_new_evidence() -> None:
    other = Remembering(priors={"recorder": {"location": 0.0, "scale": 0.1, "reason": "all were counted"}})
    found = judged(feed(BASE), feed(BASE), other)
    (moved,) = [verdict for verdict in found.held if verdict.check.name == "moved without new evidence"]
    assert "priors recorder location was absent, is 0.0" in moved.words


def test_a_source_of_another_kind_is_named_as_what_moved_the_figure() -> None:
    kinds = [one.model_copy(update={"kind": Kind.CLAIMANT}) if one.source == "un" else one for one in sources()]
    after = feed(BASE, sources=kinds)
    (part,) = moves(ESTIMATOR, ESTIMATOR.fit(feed(BASE)), ESTIMATOR.fit(after)).parts
    assert part.name == "source un"
    assert part.effect is not None
    assert part.effect.is_beyond(4, 0.02)


def test_a_later_rerun_gives_the_same_verdict() -> None:
    """Nothing but the evidence says what day it is."""
    after = feed(BASE, [week(n, 38, report=f"un-w{n}") for n in (9, 10, 11, 12)])
    assert judged(after, feed(BASE)) == judged(after, feed(BASE))
