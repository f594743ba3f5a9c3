"""Units, candidates and their facts."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pytest

from undercount.data.imports.incidents import record_schema
from undercount.data.matching.candidates import candidates_of, kilometres
from undercount.data.matching.facts import facts_of
from undercount.data.matching.settings import MatchSettings
from undercount.data.matching.units import Units, units_of
from undercount.data.schema import Kind, Source
from undercount.errors import EvidenceError

if TYPE_CHECKING:
    from tests.data.matching.world import World

FAR: Final = MatchSettings(days=40, kilometres=90, longest=3)
BASE = {
    "row": 2, "record": "1", "source": "a", "start": date(2020, 1, 1), "end": date(2020, 1, 1), "low": 5, "high": 5,
    "attribution": "stated", "victims": "civilians", "quantity": "killed", "area": "x", "latitude": 36.0,
    "longitude": 43.0, "place_error": 2.0,
}  # fmt: skip


def table(*changes: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist([{**BASE, **change} for change in changes], schema=record_schema())


def two(**change: Any) -> Units:
    return units_of(table({}, {"source": "b", **change}), MatchSettings())


def fact(name: str, one: dict[str, Any], other: dict[str, Any]) -> Any:
    units = units_of(table(one, {"source": "b", **other}), MatchSettings())
    return facts_of(units, np.array([[0, 1]]))[name].to_pylist()[0]


def slowly(units: Units, settings: MatchSettings) -> list[tuple[int, int]]:
    """Every pair, looked at one after another."""
    areas = units.records["area"].to_pylist()
    found = []
    for one in range(len(units)):
        for other in range(one + 1, len(units)):
            apart = max(units.first[one] - units.last[other], units.first[other] - units.last[one])
            far = kilometres(units, np.array([[one, other]]))[0]
            near = areas[one] == areas[other] if np.isnan(far) else (
                far <= settings.kilometres + units.error[one] + units.error[other]
            )  # fmt: skip
            short = max(units.span[one], units.span[other]) <= settings.longest
            if units.source[one] != units.source[other] and apart <= settings.days and near and short:
                found.append((one, other))
    return found


@pytest.mark.parametrize(
    "settings", [MatchSettings(), MatchSettings(days=0, kilometres=1), FAR], ids=["default", "near", "far"]
)
def test_blocking_finds_every_pair_that_is_near_and_no_other(made: World, settings: MatchSettings) -> None:
    units = units_of(made.records.take(pa.array(np.arange(0, made.records.num_rows, 2))), settings)
    assert [tuple(pair) for pair in candidates_of(units, settings).tolist()] == slowly(units, settings) != []


def test_a_degree_of_latitude_and_half_the_earth() -> None:
    pair = np.array([[0, 1]])
    assert kilometres(two(latitude=37.0), pair)[0] == pytest.approx(111.195, abs=0.001)
    assert kilometres(two(latitude=-36.0, longitude=-137.0), pair)[0] == pytest.approx(np.pi * 6371.0088)
    assert kilometres(two(longitude=44.0), pair)[0] == pytest.approx(111.195 * np.cos(np.radians(36)), rel=1e-3)


def test_the_order_of_rows_does_not_matter(made: World) -> None:
    order = pa.array(np.random.default_rng(1).permutation(made.records.num_rows))
    one, other = (units_of(records, MatchSettings()) for records in (made.records, made.records.take(order)))
    assert one.records.drop_columns("row").equals(other.records.drop_columns("row"))


@pytest.mark.parametrize(
    ("name", "one", "other", "expected"),
    [
        ("days", {}, {"start": date(2020, 1, 3), "end": date(2020, 1, 3)}, 2),
        ("days", {"start": date(2019, 12, 2)}, {"start": date(2019, 12, 5), "end": date(2019, 12, 6)}, 0),
        ("span", {}, {"end": date(2020, 1, 7)}, 7),
        ("km", {}, {"latitude": None}, None),
        ("error", {}, {"place_error": None}, float(np.hypot(2, 5))),
        ("same_place", {"place": "Al Salam"}, {"place": "al-salam", "latitude": None}, True),
        ("same_place", {"place": "Al Salam"}, {"place": "al-salam"}, None),
        ("ratio", {"low": 2, "high": 9}, {"low": 9, "high": 12}, 1.0),
        ("ratio", {"low": 2, "high": 3}, {"low": 7, "high": None}, 2.0),
        ("same_size", {}, {"high": None}, False),
        ("actors", {"actors": "army;militia"}, {"actors": "militia"}, 1.0),
        ("actors", {"actors": "army;militia"}, {"actors": "militia;army"}, 2.0),
        ("actors", {"actors": "army"}, {}, None),
        ("citations", {"cites": "press"}, {"cites": "A"}, 2.0),
        ("citations", {"cites": "press"}, {"cites": "Press;radio"}, 1.0),
        ("citations", {"cites": "press"}, {}, 0.0),
        ("citations", {}, {}, None),
        ("crowd", {}, {}, 1),
    ],
    ids=range(18),
)  # fmt: skip
def test_facts(name: str, one: dict[str, Any], other: dict[str, Any], expected: Any) -> None:
    assert fact(name, one, other) == expected


def test_a_source_is_cited_by_its_name() -> None:
    source = Source(source="b", name="Body Count", kind=Kind.RECORDER)
    records = table({"cites": "Iraq; body count"}, {"source": "b"})
    assert units_of(records, MatchSettings(), [source]).cites[0] == {"b", "iraq"}


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([{}, {"record": "2"}], "import-cannot-match"),
        ([{"victims": "soldiers"}], "import-cannot-match"),
        ([{}, {}, {"source": "b"}], "import-record-twice"),
    ],
    ids=["one source", "no such victims", "one record twice"],
)
def test_records_that_cannot_be_matched(rows: list[dict[str, Any]], code: str) -> None:
    with pytest.raises(EvidenceError) as caught:
        units_of(table(*rows), MatchSettings())
    assert caught.value.code == code


@pytest.mark.parametrize("setting", [{"days": -1}, {"threshold": 1.0}, {"kilometres": 0}, {"longest": 0}], ids=str)
def test_settings_that_make_no_sense(setting: dict[str, Any]) -> None:
    with pytest.raises(EvidenceError, match=next(iter(setting))):
        MatchSettings(**setting)
