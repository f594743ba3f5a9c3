"""Matched incidents: their content, what they leave out, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.data.folders import good_folder
from undercount.data.lists import Lists, MatchedIncidents, Table, matched_of_content, read_incidents
from undercount.data.lists.incident_file import INCIDENTS, incidents_text
from undercount.data.reading import read_case
from undercount.errors import EvidenceError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def made(**more: Any) -> MatchedIncidents:
    tables = [
        Table(stratum, replicate, ("un", "red"), np.array([0, 30 + replicate, 20, 12]))
        for stratum in ("north, 0 to below 4 dead", "north, 4 or more dead")
        for replicate in range(2)
    ]
    dead = tuple(table.counts * (7 / 3) for table in tables)
    squares = tuple(table.counts * 8.0 for table in tables)
    lists = Lists("valley", tuple(tables), unit="incidents")
    return MatchedIncidents(**{"lists": lists, "dead": dead, "squares": squares, **more})


def test_content_and_back() -> None:
    matched = made(published="2020-04-01", size_error=0.2)
    again = matched_of_content(json.loads(json.dumps(matched.content)))
    assert isinstance(again, MatchedIncidents)
    assert again == matched
    assert again.sha256 == matched.sha256
    for one, other in zip((*again.dead, *again.squares), (*matched.dead, *matched.squares), strict=True):
        np.testing.assert_array_equal(one, other)
    assert again.day == matched.day
    assert hash(again) == hash(matched)
    assert again != made()


@pytest.mark.parametrize("place", [1, 2, 3], ids=["incidents", "dead", "squares"])
def test_numbers_that_were_changed_are_refused(place: int) -> None:
    content = json.loads(json.dumps(made().content))
    content["tables"][0]["counts"][0][place] += 1
    with pytest.raises(EvidenceError) as caught:
        matched_of_content(content)
    assert caught.value.code == "lists-bad-incidents"


def test_without_a_source() -> None:
    left = made().without("un")
    assert left.names == ("red",)
    table, dead = left.lists.tables[0], left.dead[0]
    assert table.counts.tolist() == [0, 20 + 12]
    assert dead.tolist() == [0, pytest.approx(7 / 3 * (20 + 12))]


@pytest.mark.parametrize(
    "setting",
    [
        {"lists": 3},
        {"dead": (np.zeros(4),)},
        {"dead": (np.full(4, np.nan),) * 4},
        {"squares": (np.array([0.0, -1.0, 1.0, 1.0]),) * 4},
        {"dead": (np.array([5.0, 1.0, 1.0, 1.0]),) * 4},
        {"size_error": 0.0},
        {"size_error": "0.1"},
        {"published": "yesterday"},
    ],
    ids=["lists", "too few", "nan", "negative", "dead of none", "no error", "text", "no day"],
)
def test_settings_that_make_no_sense(setting: dict[str, Any]) -> None:
    with pytest.raises(EvidenceError) as caught:
        made(**setting)
    assert caught.value.code == "lists-bad-setting"
    assert caught.value.where == "MatchedIncidents"


def left_in(folder: Path, text: str) -> Path:
    path = folder / INCIDENTS
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return folder


def test_what_matching_left_is_read_back(tmp_path: Path) -> None:
    folder = good_folder(tmp_path)
    matched = made(published="2020-04-01")
    assert read_incidents(left_in(folder, incidents_text(matched, read_case(folder).sha256))) == matched


def _older(folder: Path) -> str:
    del folder
    return incidents_text(made(), "0" * 64)


def _less(folder: Path) -> str:
    content = json.loads(incidents_text(made(), read_case(folder).sha256))
    del content["tables"][0]["counts"]
    return json.dumps(content)


def _odd(folder: Path) -> str:
    content = json.loads(incidents_text(made(), read_case(folder).sha256))
    content["tables"][0]["names"] = ["un"] * 40
    return json.dumps(content)


@pytest.mark.parametrize(
    "text", [_older, _less, _odd, lambda _: "[]", lambda _: "{", lambda _: "[" * 100_000],
    ids=["older case", "no counts", "too many lists", "a list", "no JSON", "deep"],
)  # fmt: skip
def test_a_file_that_is_not_of_this_case_is_refused(tmp_path: Path, text: Callable[[Path], str]) -> None:
    folder = good_folder(tmp_path)
    with pytest.raises(EvidenceError) as caught:
        read_incidents(left_in(folder, text(folder)))
    assert caught.value.code == "lists-bad-incidents"
    assert "undercount match" in caught.value.hint


def test_a_case_that_was_not_matched(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError) as caught:
        read_incidents(good_folder(tmp_path))
    assert caught.value.code == "lists-no-incidents"


def test_they_are_of_recorders_and_of_all_deaths(tmp_path: Path) -> None:
    evidence = read_case(good_folder(tmp_path))
    of_recorder = made().without("red")
    (one,) = of_recorder.listed(evidence)
    assert one.scope == evidence.case.estimand
    with pytest.raises(EvidenceError) as caught:
        made().listed(evidence)
    assert caught.value.code == "lists-unknown-source"
    part = evidence.case.estimand.model_copy(update={"areas": ("north",)})
    with pytest.raises(EvidenceError) as caught:
        of_recorder.listed(replace(evidence, case=evidence.case.model_copy(update={"estimand": part})))
    assert caught.value.code == "lists-incidents-beyond"
