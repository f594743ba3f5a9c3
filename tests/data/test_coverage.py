"""Coverage of past lists: the shipped rows, and rows that contradict each other."""

from __future__ import annotations

import hashlib
import json
from math import exp, inf, log, nan
from typing import TYPE_CHECKING, Any

import pytest

from undercount.data.coverage import (
    CONFLICT_FILE,
    COVERAGE_FILE,
    PRIOR_FILE,
    TOGETHER,
    Coverage,
    folder,
    read_coverage,
    recorder_prior,
    write_coverage,
)
from undercount.errors import EvidenceError

if TYPE_CHECKING:
    from pathlib import Path

ABOUT = '[here]\ntitle = "Here"\nreference = "a survey"\nis_default = true\n'
HEAD = "conflict,list,size,log_toll,log_toll_sd,toll_by\n"


def put(path: Path, rows: str, about: str = ABOUT) -> Path:
    (path / COVERAGE_FILE).write_text(HEAD + rows)
    (path / CONFLICT_FILE).write_text(about)
    return path


def test_shipped_sizes_are_those_of_the_published_tables() -> None:
    sizes = {coverage.conflict: coverage.sizes for coverage in read_coverage()}
    # Kosovo: Ball et al. 2002, the 15 observed patterns of EXH, ABA, OSCE and HRW.
    assert sizes["kosovo-1999"] == {"EXH": 1910, "ABA": 1528, "OSCE": 1786, "HRW": 685, TOGETHER: 4400}
    # Gaza: Jamaluddine et al. 2025; Korea: Ball, Shin and Yang 2018; UK: Silverman 2014, PFNCA as one list.
    assert sizes["gaza-2024"] == {"hospital": 22347, "survey": 7581, "social_media": 3190, TOGETHER: 29271}
    assert sizes["korea"] == {"b": 77, "c": 71, "d": 59, TOGETHER: 123}
    assert sizes["uk-2013"] == {"LA": 94, "NG": 567, "PFNCA": 1169, "GO": 807, "GP": 336, TOGETHER: 2744}


@pytest.mark.parametrize(
    ("conflict", "documented", "toll"),
    [
        ("syria", 143_350, 306_887),  # OHCHR, 28 June 2022
        ("colombia", 121_769, 214_418),  # JEP-CEV-HRDAG 2022, forced disappearances
        ("peru", 25_000, 69_280),  # Rendon 2019, abstract; CVR 2003, annex on the total of victims
    ],
)
def test_shipped_shares_are_those_of_the_publications(conflict: str, documented: int, toll: int) -> None:
    (coverage,) = (c for c in read_coverage() if c.conflict == conflict)
    assert coverage.sizes[TOGETHER] == documented
    assert exp(coverage.log_toll) == pytest.approx(toll, rel=1e-4)


def test_no_list_holds_more_than_all_together() -> None:
    for coverage in read_coverage():
        assert max(coverage.sizes.values()) == coverage.sizes[TOGETHER]
        assert coverage.title
        assert coverage.reference


def test_the_shipped_prior_was_made_from_the_shipped_rows() -> None:
    made = json.loads((folder() / PRIOR_FILE).read_text())
    assert made["made"]["coverage_sha256"] == hashlib.sha256((folder() / COVERAGE_FILE).read_bytes()).hexdigest()
    used = [coverage for coverage in read_coverage() if coverage.is_default]
    prior = recorder_prior()
    assert prior.conflicts == tuple(coverage.title for coverage in used)
    assert prior.lists == sum(len(coverage.lists) for coverage in used)
    assert prior.lower < prior.median < prior.upper


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    (tmp_path / CONFLICT_FILE).write_bytes((folder() / CONFLICT_FILE).read_bytes())
    write_coverage(read_coverage()[::-1], tmp_path)
    assert (tmp_path / COVERAGE_FILE).read_bytes() == (folder() / COVERAGE_FILE).read_bytes()
    assert read_coverage(tmp_path) == read_coverage()


@pytest.mark.parametrize(
    ("rows", "about", "says"),
    [
        ("here,a,10,7.0,0.1,us\nhere,b,12,7.1,0.1,us\n", ABOUT, "2 tolls in 2 rows"),
        ("here,a,10,7.0,0.1,us\nhere,a,12,7.0,0.1,us\n", ABOUT, "1 tolls in 2 rows"),
        ("there,a,10,7.0,0.1,us\n", ABOUT, "nothing is known of this conflict"),
    ],
    ids=["two-tolls", "twice", "unknown"],
)
def test_rows_that_contradict_each_other_are_refused(tmp_path: Path, rows: str, about: str, says: str) -> None:
    with pytest.raises(EvidenceError, match=says) as refusal:
        read_coverage(put(tmp_path, rows, about))
    assert refusal.value.code == "coverage-rows"


@pytest.mark.parametrize(
    "changes",
    [
        {"sizes": {}},
        {"sizes": {"a": 0}},
        {"sizes": {"a": 10, TOGETHER: 100}, "log_toll": log(100)},
        {"log_toll": nan},
        {"log_toll_sd": inf},
        {"log_toll_sd": -0.1},
    ],
    ids=["no-list", "nobody", "everybody", "nan", "inf", "negative"],
)
def test_a_coverage_that_makes_no_sense_is_refused(changes: dict[str, Any]) -> None:
    fields: dict[str, Any] = {"sizes": {"a": 10}, "log_toll": 7.0, "log_toll_sd": 0.1} | changes
    with pytest.raises(EvidenceError) as refusal:
        Coverage("here", toll_by="us", **fields)
    assert (refusal.value.code, refusal.value.where) == ("coverage-range", "here")


def test_a_list_may_hold_more_than_the_toll() -> None:
    assert Coverage("here", {"a": 2000}, 7.0, 0.1, "us").lists == ("a",)
