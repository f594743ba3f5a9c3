"""Strata: their numbers and their selection."""

from __future__ import annotations

import pytest

from tests.builders import make_case, make_evidence, make_report
from undercount.models.strata import Strata

STRATA = Strata(("blue", "green", "red"), ("north", "south"), (("children", "killed"), ("civilians", "killed")))


def test_numbers_run_over_actors_areas_and_kinds() -> None:
    assert STRATA.shape == (3, 2, 2)
    assert STRATA.count == 12
    rows = list(zip(*STRATA.place, strict=True))
    assert rows == [(a, b, k) for a in range(3) for b in range(2) for k in range(2)]


def test_selection_agrees_with_the_places() -> None:
    for actors in [(), ("red",), ("blue", "red")]:
        for areas in [(), ("south",)]:
            for victims in (None, "children", "civilians"):
                expected = {
                    c
                    for c, (a, b, k) in enumerate(zip(*STRATA.place, strict=True))
                    if (not actors or STRATA.actors[a] in actors)
                    and (not areas or STRATA.areas[b] in areas)
                    and victims in (None, STRATA.kinds[k][0])
                }
                assert STRATA.select(actors, areas, victims) == expected
    assert STRATA.select((), (), "civilians", "hurt") == frozenset()
    assert STRATA.select(("violet",), ()) == frozenset()


def test_strata_of_a_case_are_sorted_and_hold_what_is_reported() -> None:
    dimensions = {
        "actor": {"levels": {"red": "R", "blue": "B"}},
        "area": {"levels": {"south": "S", "north": "N"}},
        "victims": {"levels": {"civilians": "C", "children": "K"}},
    }
    evidence = make_evidence([make_report()], case=make_case(dimensions=dimensions))
    assert Strata.of(evidence, evidence.reports) == Strata(
        ("blue", "red"), ("north", "south"), (("civilians", "killed"),)
    )
    children = make_report(report="r2", victims="children", value=10)
    evidence = make_evidence([make_report(), children], case=make_case(dimensions=dimensions))
    found = Strata.of(evidence, evidence.reports)
    assert found.kinds == (("children", "killed"), ("civilians", "killed"))
    # Sets compare by content; no order of a set may reach the numbers.
    assert found == Strata.of(evidence, evidence.reports[::-1])


@pytest.mark.parametrize("count", [1, 2, 5])
def test_strata_multiply(count: int) -> None:
    names = tuple(f"a{i}" for i in range(count))
    assert Strata(names, names, (("civilians", "killed"),)).count == count**2
