"""The same ledger on PostgreSQL, for a team."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.runs.cases import new_report, runner, some_reports
from tests.runs.driver import start
from tests.runs.postgresql import server
from tests.runs.test_ingest import changed, entries_of, write_reports
from tests.runs.test_run import releases_of, runs_of
from undercount.errors import RunError, StoreError
from undercount.runs.backing_up import back_up
from undercount.runs.ingest import ingest
from undercount.runs.ledger.engine import VARIABLE
from undercount.runs.store import Store
from undercount.runs.verifying import verify


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with server() as found:
        yield found


@pytest.fixture
def team(
    address: str, folder: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Store]:
    """A store whose ledger is on the server; each test has a case of its own there."""
    monkeypatch.setenv(VARIABLE, address)
    name = request.node.name.replace("_", "-")[:60]
    text = (folder / "case.toml").read_text()
    (folder / "case.toml").write_text(text.replace('"testland"', f'"{name}"', 1))
    with Store.of(folder) as store:
        yield store


def test_evidence_goes_in_and_comes_out(team: Store, tmp_path: Path) -> None:
    later = changed(some_reports()[1], value=190, published=date(2020, 3, 1))
    ingest(team, [write_reports(tmp_path / "later.csv", later)])
    assert [r.value for r in entries_of(team).reports() if r.report == "un-feb"] == [190]
    assert not (team.folder / "ledger.sqlite").exists()


def test_a_run_is_released_once(team: Store) -> None:
    assert runner(team).run().status == "released"
    assert not runner(team).run().is_new
    write_reports(team.case_folder / "reports.csv", *some_reports(), new_report())
    assert runner(team).run().status == "released"
    assert [one.release for one in releases_of(team)] == [1, 2]
    assert [one for one in verify(team) if one.fault] == []


def test_many_that_start_at_once_make_one_release(team: Store, address: str) -> None:
    processes = [start(team.case_folder, **{VARIABLE: address}) for _ in range(4)]
    told = [json.loads(process.communicate(timeout=240)[0]) for process in processes]
    assert {one.get("code", one.get("status")) for one in told} <= {"released", "run-lease-held"}
    assert sum(one.get("is_new", False) for one in told) == 1
    assert len(runs_of(team)) == 1


def test_a_kill_loses_nothing(team: Store, address: str) -> None:
    with start(team.case_folder, "run: written", **{VARIABLE: address}) as process:
        process.communicate(timeout=120)
    assert releases_of(team) == []
    assert runner(team).run().status == "released"
    assert [run.status for run in runs_of(team)] == ["interrupted", "released"]


def test_its_own_tools_back_it_up(team: Store, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="PostgreSQL") as caught:
        back_up(team, tmp_path / "backup")
    assert "pg_dump" in caught.value.hint


@pytest.mark.parametrize("wrong", ["mysql://x/y", "nonsense", "postgresql+nothing://x/y"])
def test_an_address_that_is_none_is_refused(wrong: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, wrong)
    with pytest.raises(RunError) as caught:
        Store.of(folder)
    assert caught.value.code == "run-ledger-address"


def test_a_server_that_is_not_there_is_told_without_its_password(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "postgresql+psycopg://tester:secret@127.0.0.1:1/postgres")
    with pytest.raises(StoreError) as caught, Store.of(folder):
        pass
    assert "secret" not in str(caught.value)
    assert caught.value.code == "store-not-used"
