"""People at risk: read from a table, and known on any day with what is not known of it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from undercount.data.imports.casework import How, into_case
from undercount.data.imports.people import DAILY, UNSURE, People, at_risk, read_people
from undercount.data.imports.registry import read_file
from undercount.data.schema import Population
from undercount.errors import EvidenceError

FIXTURES = Path(__file__).parent / "fixtures"
AREAS = {"west-mosul": "west Mosul", "east-mosul": "east Mosul"}
FIRST = date(2017, 2, 19)
Z = 1.959963984540054


def people(day: int, number: int, error: float = 0.0) -> People:
    when = FIRST + timedelta(days=day)
    return People(Population(area="west-mosul", date=when, people=number, basis="census"), error)


def test_a_table_is_read(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(
        "Date;Governorate;Population;Low;High;Source\n28/03/2017;west Mosul;400 000;350 000;450 000;OCHA\n"
        "19/02/2017;West-Mosul;600 000;;;\n30/03/2017;east Mosul;٥٠٠٠;;;census\n",
        encoding="utf-8",
    )
    found = read_people(path, AREAS)
    assert [(one.point.area, one.point.date, one.point.people, one.point.basis) for one in found] == [
        ("east-mosul", date(2017, 3, 30), 5000, "census"),
        ("west-mosul", date(2017, 2, 19), 600_000, "people.csv"),
        ("west-mosul", date(2017, 3, 28), 400_000, "OCHA"),
    ]
    assert [one.error for one in found] == pytest.approx([UNSURE, UNSURE, np.log(450 / 350) / (2 * Z)])


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("2017-03-28,Atlantis,400,,", "Atlantis is no area of the case"),
        ("2017-03-28,west-mosul,,,", "a number of people is missing"),
        (",west-mosul,400,,", "a day or a number"),
        ("2017-03-28,west-mosul,0,,", "a number of people is missing"),
        ("2017-03-28,west-mosul,400,500,600", "not in this order"),
        ("2017-03-28,west-mosul,400,300,", "not in this order"),
        ("2017-03-28,west-mosul,many,,", "people is many"),
        ("yesterday,west-mosul,400,,", "date is yesterday"),
    ],
)  # fmt: skip
def test_a_row_that_makes_no_sense_is_refused(tmp_path: Path, row: str, words: str) -> None:
    path = tmp_path / "people.csv"
    path.write_text(f"date,area,people,low,high\n2017-02-19,west-mosul,600,,\n{row}\n", encoding="utf-8")
    with pytest.raises(EvidenceError, match=words) as caught:
        read_people(path, AREAS)
    assert caught.value.code == "import-bad-people"
    assert "people.csv" in caught.value.where


def test_on_a_known_day_only_its_own_error_counts() -> None:
    points = [people(0, 600_000, 0.05), people(37, 400_000, 0.1)]
    (first, last) = at_risk(points, [FIRST, FIRST + timedelta(days=37)])
    assert first == pytest.approx([600_000, 600_000 * np.exp(-Z * 0.05), 600_000 * np.exp(Z * 0.05)])
    assert last == pytest.approx([400_000, 400_000 * np.exp(-Z * 0.1), 400_000 * np.exp(Z * 0.1)])


def test_between_two_days_it_is_a_bridge() -> None:
    """The slow twin: Brownian paths, held at both ends."""
    rng = np.random.default_rng(3)
    steps = DAILY * rng.standard_normal((40_000, 30))
    walk = np.cumsum(steps, axis=1)
    bridge = walk - np.arange(1, 31) / 30 * walk[:, -1:]
    found = at_risk([people(0, 1000), people(30, 500)], [FIRST + timedelta(days=day) for day in (10, 15)])
    for day, row in zip((10, 15), found, strict=True):
        assert row[0] == pytest.approx(1000 * 0.5 ** (day / 30))
        spread = np.log(row[2] / row[0]) / Z
        assert spread == pytest.approx(bridge[:, day - 1].std(), rel=4 / np.sqrt(2 * 40_000))


def test_beyond_the_last_day_it_is_constant_and_less_and_less_sure() -> None:
    points = [people(0, 1000), people(30, 500, 0.1)]
    late, later = at_risk(points, [FIRST + timedelta(days=130), FIRST + timedelta(days=430)])
    assert late[0] == pytest.approx(500)
    assert later[0] == pytest.approx(500)
    assert np.log(late[2] / 500) / Z == pytest.approx(np.hypot(0.1, DAILY * 10))
    assert np.log(later[2] / 500) / Z == pytest.approx(np.hypot(0.1, DAILY * 20))


@given(
    st.lists(st.tuples(st.integers(0, 500), st.integers(1, 10**7)), min_size=1, max_size=6, unique_by=lambda p: p[0])
)
def test_the_order_of_points_does_not_matter(rows: list[tuple[int, int]]) -> None:
    points = [people(*row, 0.1) for row in rows]
    days = [FIRST + timedelta(days=day) for day in (-10, 0, 77, 600)]
    found = at_risk(points, days)
    assert np.array_equal(found, at_risk(points[::-1], days))
    assert (found[:, 1] <= found[:, 0]).all()
    assert (found[:, 0] <= found[:, 2]).all()
    numbers = [number for _, number in rows]
    assert found[:, 0].min() >= min(numbers) * (1 - 1e-9)
    assert found[:, 0].max() <= max(numbers) * (1 + 1e-9)


def test_people_enter_the_case_and_stay(tmp_path: Path) -> None:
    table = tmp_path / "people.csv"
    table.write_text("date,area,people\n2031-03-01,Marun province,40000\n", encoding="utf-8")
    published = date(2031, 12, 31)
    ged, old = (read_file(FIXTURES / name) for name in ("ged.csv", "ged_old.csv"))
    first = into_case(ged, tmp_path / "case", How(published=published, people=table)).evidence
    (point,) = first.case.population
    assert (point.area, point.people, point.basis) == ("marun-province", 40_000, "people.csv")
    second = into_case(old, tmp_path / "case", How(published=published)).evidence
    assert second.case.population == first.case.population
