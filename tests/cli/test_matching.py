"""`undercount match`."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.stand_in import StandIn
from tests.data.matching.world import imported, world
from undercount import estimators
from undercount.data.imports.casework import How, into_case
from undercount.data.lists import read_incidents, read_lists
from undercount.data.reading import read_case

if TYPE_CHECKING:
    from tests.cli.conftest import Invoke

FEW = ("--draws", "4")


@pytest.fixture
def case(tmp_path: Path) -> Path:
    into_case(imported(world(3, incidents=60, days=60)), tmp_path / "case", How(window="month"))
    return tmp_path / "case"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_case_is_matched_with_files(undercount: Invoke, case: Path) -> None:
    before = read_case(case)
    done = undercount("match", str(case), *FEW)
    assert done.exit_code == 0, done.output
    assert "4 sources" in done.stdout
    assert "airwars + ged" in done.stdout
    told = json.loads(undercount("match", str(case), *FEW, "--format", "json").stdout)
    clusters, pairs = rows(case / "imports/clusters.csv"), rows(case / "imports/matches.csv")
    assert told["records"] == len(clusters)
    assert told["clusters"] == len({row["cluster"] for row in clusters})
    assert told["sure"] == sum(float(row["probability"]) >= 0.9 for row in pairs)
    assert told["unsure"] == len(rows(case / "imports/review.csv"))
    lists = read_lists(case / "imports/overlap.csv", replicate="replicate")
    assert (lists.names, lists.replicates) == (("airwars", "ged", "ibc", "rights"), 4)
    assert sum(row["clusters"] for row in told["overlap"]) == told["clusters"]
    assert read_case(case) == before


def test_decisions_are_read_and_never_written_over(undercount: Invoke, case: Path) -> None:
    undercount("match", str(case), *FEW)
    review = case / "imports/review.csv"
    decided = rows(review)
    decided[0]["decision"] = "match"
    with review.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, decided[0])
        writer.writeheader()
        writer.writerows(decided)
    refused = undercount("match", str(case), *FEW)
    assert refused.exit_code == 1
    assert "import-decisions-lost" in refused.output
    done = undercount("match", str(case), *FEW, "--review", str(review))
    assert "1 decided" in done.stdout
    assert [row["decision"] for row in rows(review)].count("match") == 1


def test_clusters_enter_the_case_as_incidents_and_leave_it_with_the_next_import(undercount: Invoke, case: Path) -> None:
    before = read_case(case)
    done = undercount("match", str(case), *FEW, "--incidents", "6", "--threshold", "0.8")
    assert done.exit_code == 0, done.output
    found = read_case(case)
    incidents = {incident.incident: incident for incident in found.case.incidents}
    reports = [report for report in found.reports if report.incident]
    assert incidents
    assert {report.incident for report in reports} == set(incidents)
    windows = {report.report: report for report in before.reports}
    for report in reports:
        parent = windows[report.within or ""]
        assert (parent.source, parent.victims) == (report.source, report.victims)
        assert parent.window.contains(report.window)
    assert undercount("check", str(case)).exit_code == 0
    undercount("match", str(case), *FEW, "--incidents", "6", "--threshold", "0.8")
    assert read_case(case) == found
    into_case(imported(world(3, incidents=60, days=60)), case)
    assert read_case(case) == before


def test_a_case_of_somebody_is_refused(undercount: Invoke) -> None:
    refused = undercount("match", "mosul-2017")
    assert refused.exit_code == 1
    assert "import-into-own-case" in refused.output


def test_what_sources_saw_alike_is_told_and_fitted_on_demand(
    undercount: Invoke, case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    into_case(imported(world(4, incidents=150, days=100)), case.parent / "larger", How(window="month"))
    larger = case.parent / "larger"
    refused = undercount("estimate", str(larger), "--matched", "--no-files")
    assert refused.exit_code == 1
    assert "lists-no-incidents" in refused.output
    done = undercount("match", str(larger), *FEW)
    assert "incidents there were: " in done.stdout
    assert f"or: undercount estimate {larger} --matched" in done.stdout
    told = json.loads(undercount("match", str(larger), *FEW, "--format", "json").stdout)
    shares = {(row["of"], row["source"]): row["share"] for row in told["shares"]}
    assert set(shares) == {(of, name) for of in ("incidents", "dead") for name in (*told["sources"], "any")}
    assert all(0 < share <= shares[of, "any"] for (of, _), share in shares.items())

    given = []

    class Kept(StandIn):
        def __init__(self, **settings: Any) -> None:
            given.append(settings["lists"])
            super().__init__(**settings)

    monkeypatch.setattr(estimators, "CountFusion", Kept)
    for option, is_told in (((), True), (("--matched",), False)):
        done = undercount("estimate", str(larger), *option, "--no-files")
        assert done.exit_code == 0
        assert ("with --matched their overlap is fitted, too" in done.stderr) == is_told
    assert given == [None, read_incidents(larger)]


def test_too_few_to_fit_are_told(undercount: Invoke, tmp_path: Path) -> None:
    into_case(imported(world(3, incidents=20, days=60)), tmp_path / "small", How(window="month"))
    done = undercount("match", str(tmp_path / "small"), *FEW)
    assert done.exit_code == 0
    assert re.search(r"nothing to fit with the counts: [\d.]+ incidents were seen by two sources", done.stdout)
    assert "--matched" not in done.stdout
    assert not (tmp_path / "small/imports/incidents.json").exists()


def test_an_import_makes_matched_incidents_stale(undercount: Invoke, case: Path) -> None:
    undercount("match", str(case), *FEW, "--incidents", "6")
    read_incidents(case)
    into_case(imported(world(5, incidents=10, days=60)), case, How(window="month"))
    refused = undercount("estimate", str(case), "--matched", "--no-files")
    assert "the case has changed since its incidents were matched" in refused.output
