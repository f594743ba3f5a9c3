"""Pairs in doubt, written for people and read back."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from undercount.data.matching import Matches, draw_linkages, read_review, write_review
from undercount.data.matching.review import decisions, safe
from undercount.data.problems import InvalidEvidenceError

if TYPE_CHECKING:
    from pathlib import Path

type Rows = list[dict[str, str]]


@pytest.fixture
def rows(tmp_path: Path, matched: Matches) -> Rows:
    write_review(tmp_path / "review.csv", matched)
    return list(csv.DictReader(io.StringIO((tmp_path / "review.csv").read_text(encoding="utf-8"))))


def reread(tmp_path: Path, matched: Matches, rows: Rows) -> Matches:
    with (tmp_path / "decided.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return read_review(tmp_path / "decided.csv", matched)


def place(matched: Matches, row: dict[str, str]) -> int:
    records = matched.units.records
    keys = list(zip(records["source"].to_pylist(), records["record"].to_pylist(), strict=True))
    pair = [keys.index((row[f"source_{side}"], row[f"record_{side}"])) for side in (1, 2)]
    return int(np.flatnonzero((matched.pairs == sorted(pair)).all(axis=1))[0])


def test_the_most_doubtful_come_first_with_both_sides(rows: Rows, matched: Matches) -> None:
    doubts = [abs(float(row["probability"]) - 0.5) for row in rows]
    assert doubts == sorted(doubts)
    assert len(rows) == np.sum((matched.probability > 0.05) & (matched.probability < 0.95))
    assert all(row["decision"] == "" for row in rows)
    first = matched.units.records.slice(int(matched.pairs[place(matched, rows[0]), 0]), 1).to_pylist()[0]
    assert (rows[0]["start_1"], rows[0]["low_1"]) == (str(first["start"]), str(first["low"]))
    assert rows[0]["days"] in {level.name for level in matched.model.comparisons[0].levels}


def test_decisions_are_probabilities_of_one_and_zero(tmp_path: Path, rows: Rows, matched: Matches) -> None:
    rows[0]["decision"], rows[1]["decision"] = "Match", " no  match"
    found = reread(tmp_path, matched, rows)
    yes, no = place(matched, rows[0]), place(matched, rows[1])
    assert found.probability[[yes, no]].tolist() == [1, 0]
    assert np.flatnonzero(decisions(found)).tolist() == sorted([yes, no])
    together = draw_linkages(found, 30).together(matched.pairs[[yes, no]])
    assert together.tolist() == [1, 0]
    assert found.clusters[matched.pairs[yes, 0]] == found.clusters[matched.pairs[yes, 1]]
    assert found.clusters[matched.pairs[no, 0]] != found.clusters[matched.pairs[no, 1]]


def test_rivals_of_a_decided_pair_lose(tmp_path: Path, rows: Rows, matched: Matches) -> None:
    rows[0]["decision"] = "match"
    found = reread(tmp_path, matched, rows)
    one, other = matched.pairs[place(matched, rows[0])].tolist()
    first, second = matched.pairs.T
    rivals = (first == one) & (matched.source[second] == matched.source[other]) & (second != other)
    assert np.all(found.probability[rivals] < 1e-6)


def test_what_was_decided_stays_in_the_file(tmp_path: Path, rows: Rows, matched: Matches) -> None:
    rows[0]["decision"], rows[1]["decision"] = "match", "no match"
    found = reread(tmp_path, matched, rows)
    write_review(tmp_path / "again.csv", found)
    again = list(csv.DictReader(io.StringIO((tmp_path / "again.csv").read_text(encoding="utf-8"))))
    assert sorted(row["decision"] for row in again if row["decision"]) == ["match", "no match"]
    assert np.array_equal(reread(tmp_path, matched, again).probability, found.probability)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"decision": "maybe"}, "import-bad-decision"),
        ({"decision": "match", "record_2": "nobody"}, "import-unknown-pair"),
    ],
    ids=["another word", "unknown pair"],
)
def test_a_bad_decision_is_named_by_its_row(
    tmp_path: Path, rows: Rows, matched: Matches, change: dict[str, Any], code: str
) -> None:
    rows[3] |= change
    with pytest.raises(InvalidEvidenceError) as caught:
        reread(tmp_path, matched, rows)
    assert [(problem.code, problem.row) for problem in caught.value.problems] == [(code, 5)]


def test_contradictions_are_refused(tmp_path: Path, rows: Rows, matched: Matches) -> None:
    twice = [{**rows[0], "decision": "match"}, {**rows[0], "decision": "no match"}]
    with pytest.raises(InvalidEvidenceError, match="otherwise in a row above"):
        reread(tmp_path, matched, twice)
    by_record: dict[tuple[str, str, str], list[dict[str, str]]] = {}
    for row in rows:
        by_record.setdefault((row["source_1"], row["record_1"], row["source_2"]), []).append(row)
    rivals = next(those for those in by_record.values() if len(those) > 1)[:2]
    with pytest.raises(InvalidEvidenceError, match="of one source, or far apart"):
        reread(tmp_path, matched, [{**row, "decision": "match"} for row in rivals])


def test_no_cell_is_a_formula() -> None:
    assert safe("=1+1") == "'=1+1"
    assert safe("a\nb") == "a b"
    assert safe(-1.5) == -1.5
