"""Who is told apart in a case."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.data.imports.imported import written
from undercount.data.imports.actors import MOST, OTHERS, told_apart
from undercount.data.imports.casework import How, into_case
from undercount.data.imports.merging import from_file
from undercount.data.imports.registry import read_file
from undercount.data.imports.windows import RECORDS

if TYPE_CHECKING:
    from undercount.data.imports.incidents import Incidents

COLUMNS = "event_id_cnty,event_date,time_precision,event_type,actor1,actor2,country,admin1,location,notes,fatalities"
KILLED = {"Red": 9, "Blue": 5, "Green": 7, "Grey": 7, "Pink": 1, "Teal": 3, "Gold": 2}


def events(folder: Path, killed: dict[str, int], name: str = "a") -> Incidents:
    lines = [
        f"{name}{actor},0{sorted(KILLED).index(actor) + 1} March 2031,1,Violence against civilians,{actor},"
        f"Civilians (Varenia),Varenia,Marun,Kesh,{dead} killed,{dead}"
        for actor, dead in killed.items()
    ]
    return read_file(written(folder / f"{name}.csv", COLUMNS, lines), "acled")


def actors(incidents: Incidents, most: int) -> set[str]:
    table, named = told_apart(from_file(incidents.records, incidents.sha256), most)
    assert named == len(set(incidents.records["actors"].to_pylist()) - {None})
    return set(table["actors"].to_pylist())


def test_those_who_killed_most_are_told_apart(tmp_path: Path) -> None:
    read = events(tmp_path, KILLED)
    assert actors(read, 7) == {name.lower() for name in KILLED}
    assert actors(read, 2) == {"red", "green", OTHERS}  # of two alike, the first in the alphabet
    assert actors(read, 0) == {OTHERS}


def test_a_case_tells_few_apart_and_keeps_whom_its_records_name(tmp_path: Path) -> None:
    published = date(2031, 7, 1)
    first = into_case(events(tmp_path, KILLED), tmp_path / "case", How(published=published))
    assert (first.actors, first.most_actors) == (len(KILLED), MOST)
    assert set(first.evidence.case.dimensions["actor"].levels) == {"red", "blue", "green", "grey", "teal", OTHERS}
    assert sum(report.value or 0 for report in first.evidence.reports) == sum(KILLED.values())
    kept = pq.read_table(tmp_path / "case" / RECORDS, columns=["actors"])["actors"].to_pylist()
    assert set(kept) == {name.lower() for name in KILLED}

    more = into_case(events(tmp_path, {"Pink": 20}, "b"), tmp_path / "case", How(published=published))
    assert set(more.evidence.case.dimensions["actor"].levels) == {"red", "blue", "green", "grey", "pink", OTHERS}
    fewer = into_case(events(tmp_path, {"Pink": 1}, "c"), tmp_path / "case", How(published=published, actors=1))
    assert set(fewer.evidence.case.dimensions["actor"].levels) == {"pink", OTHERS}
    again = into_case(events(tmp_path, {"Pink": 1}, "d"), tmp_path / "case", How(published=published))
    assert again.most_actors == 1
    assert sum(report.value or 0 for report in again.evidence.reports) == sum(KILLED.values()) + 22


@settings(deadline=None, max_examples=20)
@given(
    st.dictionaries(st.sampled_from(sorted(KILLED)), st.integers(1, 9), min_size=1), st.integers(0, 8),
    st.sets(st.sampled_from(sorted(KILLED))),
)  # fmt: skip
def test_two_halves_are_the_whole(killed: dict[str, int], most: int, first: set[str]) -> None:
    how = How(published=date(2031, 7, 1), actors=most)
    halves = [{name: killed[name] for name in killed if (name in first) is mine} for mine in (True, False)]
    with TemporaryDirectory() as place:
        folder = Path(place)
        once = into_case(events(folder, killed), folder / "once", how).evidence
        for half in filter(None, halves):
            twice = into_case(events(folder, half), folder / "twice", how).evidence
    assert twice.reports == once.reports
    assert twice.case.dimensions == once.case.dimensions
