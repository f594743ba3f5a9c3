"""`Lists`: one order and one hash, whatever the order they came in; parts of them; nothing that is not a count."""

from __future__ import annotations

import dataclasses
import pickle
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.data.lists.tables import good, records, roles, some_lists
from undercount.data.lists import Lists, Table
from undercount.errors import EvidenceError

few = settings(max_examples=25, deadline=None)


@few
@given(some_lists(), st.randoms(use_true_random=False))
def test_order_does_not_matter(lists: Lists, random: Any) -> None:
    frame = lists.to_frame()
    rows, columns = random.sample(range(len(frame)), len(frame)), random.sample(list(frame.columns), frame.shape[1])
    again = Lists.from_frame(frame.iloc[rows][columns], **roles(lists))
    assert again == lists
    assert again.sha256 == lists.sha256
    tables = random.sample(list(lists.tables), len(lists.tables))
    assert Lists("other", tuple(tables)).sha256 == lists.sha256


@few
@given(some_lists(least=1))
def test_records_and_patterns_agree(lists: Lists) -> None:
    frame = records(lists)
    assert Lists.from_frame(frame, **roles(lists)) == lists
    weighted = frame.assign(weight=1)
    assert Lists.from_frame(weighted, count="weight", aggregate=True, **roles(lists)) == lists


@few
@given(some_lists(), st.data())
def test_any_change_changes_the_hash(lists: Lists, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(lists.tables) - 1))
    table = lists.tables[place]
    counts = table.counts.copy()
    counts[data.draw(st.integers(1, len(counts) - 1))] += 1
    names = (*table.names[:-1], "z")
    for changed in (
        Table(table.stratum, table.replicate, table.names, counts),
        Table(table.stratum, table.replicate, names, table.counts),
    ):
        other = Lists(lists.name, (*lists.tables[:place], changed, *lists.tables[place + 1 :]))
        assert other.sha256 != lists.sha256
        assert other != lists


def test_the_hash_is_what_it_was() -> None:
    """The format is part of what estimates record; a change of it needs a new version."""
    assert Lists.from_frame(good()).sha256.startswith("4edda27799a2")


def test_a_stratum_of_another_name_is_another_content() -> None:
    north, south = (Lists.from_frame(good().assign(area=area), stratum="area") for area in ("north", "south"))
    assert north.sha256 != south.sha256
    assert north.sha256 != Lists.from_frame(good()).sha256


def test_name_source_and_caveats_are_no_content() -> None:
    lists = Lists.from_frame(good())
    other = dataclasses.replace(lists, name="other", source="somewhere", caveats=("beware",))
    assert other == lists
    assert hash(other) == hash(lists)
    assert lists != "lists"


@pytest.mark.parametrize("kind", ["pandas", "objects", "nullable", "bools", "floats", "polars", "pyarrow", "mappings"])
def test_every_kind_of_frame_gives_the_same(kind: str) -> None:
    frame = pd.concat([good().assign(area=area, draw=draw) for area in ("north", "south") for draw in (3, 7)])
    rows = frame.to_dict("records")
    marks = dict.fromkeys("ABC", bool)
    given: Any = {
        "pandas": frame,
        "objects": frame.astype(object),
        "nullable": frame.convert_dtypes(),
        "bools": frame.astype(marks),
        "floats": frame.astype({**dict.fromkeys("ABC", float), "count": float, "draw": float}),
        "polars": pl.DataFrame(rows),
        "pyarrow": pa.Table.from_pylist(rows),
        "mappings": rows,
    }[kind]
    lists = Lists.from_frame(given, stratum="area", replicate="draw")
    assert lists.names == ("A", "B", "C")
    assert lists.strata == ("north", "south")
    assert lists.replicates == 2
    assert [table.counts.tolist() for table in lists.tables] == [[0, 5, 4, 2, 3, 2, 1, 0]] * 4
    assert lists.sha256 == Lists.from_frame(frame, stratum="area", replicate="draw").sha256


def test_strata_may_be_numbers_and_days() -> None:
    days = pd.to_datetime(["2003-05-01", "2003-05-02"])
    frame = pd.concat([good().assign(when=day) for day in days])
    assert Lists.from_frame(frame, stratum="when").strata == ("2003-05-01", "2003-05-02")
    frame = pd.concat([good().assign(when=float(year)) for year in (2004, 2003)])
    assert Lists.from_frame(frame, stratum="when").strata == ("2003", "2004")


def test_patterns_that_are_left_out_are_zero() -> None:
    assert Lists.from_frame(good()) == Lists.from_frame(
        [*good().to_dict("records"), {**dict.fromkeys("ABC", 1), "count": 0}]
    )


def test_only_named_columns_are_read() -> None:
    frame = good().assign(victim="somebody", age=40)
    assert Lists.from_frame(frame, lists=["C", "A", "B"]) == Lists.from_frame(good())


def stratified() -> Lists:
    frame = pd.concat(
        good().assign(area=area, draw=draw, count=good()["count"] + draw)
        for area in ("south", "north")
        for draw in (0, 1)
    )
    return Lists.from_frame(frame, stratum="area", replicate="draw", name="mine")


def test_select_strata() -> None:
    lists = stratified()
    assert lists.select().tables == lists.tables
    assert lists.select("north").strata == ("north",)
    assert lists.select(["south", "north"]) == lists
    assert lists.select("north").replicates == 2


def test_select_a_replicate_makes_it_the_only_one() -> None:
    chosen = stratified().select(replicate=1)
    assert [(table.stratum, table.replicate, table.observed) for table in chosen.tables] == [
        ("north", 0, 23),
        ("south", 0, 23),
    ]
    assert chosen == Lists.from_frame(chosen.to_frame(), stratum="stratum")


@pytest.mark.parametrize(
    ("chosen", "code", "message"),
    [
        ({"stratum": "nort"}, "lists-unknown-stratum", "did you mean north"),
        ({"stratum": ["north", "west"]}, "lists-unknown-stratum", "'west' is not one of the strata"),
        ({"replicate": 2}, "lists-unknown-replicate", "numbered from 0 to 1"),
    ],
)
def test_select_what_is_not_there(chosen: dict[str, Any], code: str, message: str) -> None:
    with pytest.raises(EvidenceError, match=message) as caught:
        stratified().select(**chosen)
    assert caught.value.code == code
    assert caught.value.where == "mine"


def test_split_gives_each_stratum_with_its_replicates() -> None:
    parts = list(stratified().split())
    assert [(part.strata, part.replicates, part.name) for part in parts] == [
        (("north",), 2, "mine"),
        (("south",), 2, "mine"),
    ]
    assert Lists("mine", tuple(table for part in parts for table in part.tables)) == stratified()
    assert list(Lists.from_frame(good()).split()) == [Lists.from_frame(good())]


@few
@given(some_lists())
def test_without_is_without_in_every_table(lists: Lists) -> None:
    name = lists.names[0]
    left = lists.without(name)
    assert left.names == lists.names[1:]
    assert left.tables == tuple(table.without(name) for table in lists.tables)


def test_without_an_unknown_list_is_refused() -> None:
    with pytest.raises(EvidenceError, match="write one of: A, B, C") as caught:
        stratified().without("D")
    assert caught.value.code == "lists-unknown-list"


@few
@given(some_lists())
def test_usable_leaves_out_what_says_nothing(lists: Lists) -> None:
    for before, after in zip(lists.tables, lists.usable().tables, strict=True):
        assert after.names == before.usable
    assert lists.tables == Lists("same", lists.tables).tables


def test_usable_may_differ_between_strata() -> None:
    frame = pd.concat([good().assign(area="north"), good().query("C == 0").assign(area="south")])
    usable = Lists.from_frame(frame, stratum="area").usable()
    assert [table.names for table in usable.tables] == [("A", "B", "C"), ("A", "B")]
    assert usable.names == ("A", "B", "C")
    assert Lists.from_frame(usable.to_frame(), stratum="stratum").usable() == usable


@pytest.mark.parametrize("replicates", [(0, 0), (1,), (0, 2), (1, 2)])
def test_replicates_are_numbered_from_zero_each_once(replicates: tuple[int, ...]) -> None:
    counts = np.array([0, 1, 2, 3])
    with pytest.raises(EvidenceError, match="each once") as caught:
        Lists("mine", tuple(Table("north", replicate, ("a", "b"), counts) for replicate in replicates))
    assert caught.value.code == "lists-missing-replicate"
    assert caught.value.where == "mine, stratum north"


def test_one_of_several_strata_without_a_name_is_refused() -> None:
    counts = np.array([0, 1, 2, 3])
    with pytest.raises(EvidenceError, match="no name") as caught:
        Lists("mine", tuple(Table(stratum, 0, ("a", "b"), counts) for stratum in ("", "north")))
    assert caught.value.code == "lists-missing-stratum"


def test_lists_of_no_table_are_refused() -> None:
    with pytest.raises(EvidenceError, match="no table"):
        Lists("mine", ())
    with pytest.raises(EvidenceError, match="empty"):
        Lists.from_frame(good(), name="")


def test_a_pickle_is_equal_and_as_frozen() -> None:
    lists = stratified()
    again = pickle.loads(pickle.dumps(lists))
    assert again == lists
    assert again.sha256 == lists.sha256
    with pytest.raises(ValueError, match="read-only"):
        again.tables[0].counts[1] = 9
    with pytest.raises(dataclasses.FrozenInstanceError):
        again.name = "other"


def test_repr_shows_names_of_lists_and_counts() -> None:
    lists = Lists.from_frame(good())
    assert repr(lists) == f"<Lists 'lists': 17 victims, 3 lists (A, B, C), sha256 {lists.sha256[:12]}>"
    assert "34 victims, 3 lists, 2 strata, 2 replicates (A, B, C)" in repr(stratified())
