"""Drawn linkages as lists of incidents with their dead, by place and size."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.data.matching.test_candidates import table
from undercount.data.matching import MatchSettings
from undercount.data.matching.linkages import Linkages
from undercount.data.matching.sizes import MOST_LISTS, incident_lists
from undercount.data.matching.strata import FEWEST
from undercount.data.matching.units import units_of
from undercount.errors import EvidenceError

if TYPE_CHECKING:
    import pyarrow as pa


class Only:
    """What `incident_lists` needs of matches."""

    def __init__(self, records: pa.Table) -> None:
        self.units = units_of(records, MatchSettings())


def pairs(*groups: tuple[int, str, int], sources: tuple[str, ...] = ("a", "b")) -> tuple[Any, Linkages]:
    """As many incidents of an area and a size as each group says, all seen by all sources."""
    rows: list[dict[str, Any]] = []
    for count, area, dead in groups:
        for _ in range(count):
            number = len(rows) // len(sources)
            told = {"record": f"{number:05d}", "area": area, "low": dead, "high": dead}
            rows += [{**told, "source": source} for source in sources]
    return linked(rows)


def linked(rows: list[dict[str, Any]]) -> tuple[Any, Linkages]:
    """Records of which those with one number are of one incident."""
    made = Only(table(*rows))
    number = np.array([int(record) for record in made.units.records["record"].to_pylist()])
    return made, Linkages(number[None], made.units.sources, made.units.source)


def test_strata_are_areas_and_sizes_that_are_seen_often_enough() -> None:
    found = incident_lists(*pairs((FEWEST, "x", 1), (FEWEST, "x", 9), (FEWEST, "y", 3), (3, "z", 3)))
    assert found.lists.strata == (
        "other areas, 0 or more dead", "x, 0 to below 8 dead", "x, 8 or more dead",
    )  # fmt: skip
    by_stratum = {
        one.stratum: (one.observed, dead.sum()) for one, dead in zip(found.lists.tables, found.dead, strict=True)
    }
    assert by_stratum["x, 8 or more dead"] == (FEWEST, 9.0 * FEWEST)
    assert by_stratum["other areas, 0 or more dead"] == (FEWEST + 3, 3.0 * (FEWEST + 3))


def test_every_incident_is_counted_once() -> None:
    made, linkages = pairs((60, "x", 1), (40, "x", 9), (30, "y", 3), (3, "z", 3))
    found = incident_lists(made, linkages)
    assert sum(one.observed for one in found.lists.tables) == 133
    assert sum(dead.sum() for dead in found.dead) == 60 + 360 + 90 + 9
    assert sum(squares.sum() for squares in found.squares) == 60 + 40 * 81 + 33 * 9


def test_the_dead_are_the_mean_of_what_sources_say() -> None:
    rows = []
    for number in range(FEWEST):
        rows += [
            {"record": f"{number}", "source": "a", "low": 2, "high": 4},
            {"record": f"{number}", "source": "b", "low": 5, "high": None},
            {"record": f"{number}", "source": "c", "low": 1, "best": 10, "high": 20},
        ]
    found = incident_lists(*linked(rows))
    assert sum(dead.sum() for dead in found.dead) == pytest.approx(FEWEST * (3 + 5 + 10) / 3)


def test_of_many_sources_the_largest_are_taken() -> None:
    sources = tuple("abcdefg")
    made, linkages = pairs((FEWEST, "x", 2), sources=sources)
    assert len(incident_lists(made, linkages).names) == MOST_LISTS


def test_too_few_are_refused() -> None:
    with pytest.raises(EvidenceError) as caught:
        incident_lists(*pairs((FEWEST - 1, "x", 2)))
    assert caught.value.code == "import-few-matched"


def test_records_of_long_times_are_no_incidents() -> None:
    made = Only(table({}, {"source": "b"}, {"source": "b", "record": "2", "end": date(2020, 3, 1)}))
    assert len(made.units) == 2
    assert made.units.left_alone == 1
