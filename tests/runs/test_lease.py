"""One process at a time works on a case, and a dead one does not block it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from sqlalchemy import update

from undercount.errors import RunError, StoreError
from undercount.runs.ledger import Ledger, lease
from undercount.runs.ledger.lease import Lease, holder
from undercount.runs.ledger.tables import LEASES
from undercount.runs.processes import is_dead, is_here, me


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path, "") as found:
        yield found


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "BEAT_SECONDS", 0.05)
    monkeypatch.setattr(lease, "WATCHED_SECONDS", 0.6)


def owned_by(ledger: Ledger, owner: str) -> None:
    """Make a lease that somebody else has."""
    with Lease(ledger, "x"):
        pass
    with ledger.writing("x") as connection:
        connection.execute(update(LEASES).values(owner=owner))


def owner_of(ledger: Ledger) -> str:
    with ledger.reading() as connection:
        return holder(connection, "x")


def test_a_second_one_is_refused_and_the_next_one_is_not(ledger: Ledger) -> None:
    with Lease(ledger, "x"):
        assert owner_of(ledger) == me()
        with pytest.raises(RunError) as caught, Lease(ledger, "x"):
            pass
        assert caught.value.code == "run-lease-held"
        with Lease(ledger, "another case"):
            pass
    with Lease(ledger, "x"):
        pass
    assert owner_of(ledger) == ""


def test_a_process_that_ended_is_known_to_be_dead() -> None:
    code = "from undercount.runs.processes import me; print(me(), flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=-1, stdout=-1, text=True) as process:
        assert process.stdout is not None
        owner = process.stdout.readline().strip()
        assert is_here(owner)
        assert not is_dead(owner)
        process.kill()
        process.wait()
    assert is_dead(owner)
    assert not is_dead(me())


def test_another_process_of_the_same_number_is_not_the_owner() -> None:
    machine, number, began = me().split(" ")
    assert is_dead(f"{machine} {number} {int(began) - 1}")


def test_the_lease_of_a_dead_process_is_taken_at_once(ledger: Ledger) -> None:
    machine, number, began = me().split(" ")
    owned_by(ledger, f"{machine} {number} {int(began) - 1}")
    begun = time.monotonic()
    with Lease(ledger, "x"):
        assert time.monotonic() - begun < 5.0


def test_a_lease_that_could_not_be_given_back_is_not_held(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process may live on and run again, when the disk has room."""

    def fail(_: str) -> NoReturn:
        raise StoreError("no room", code="store-not-written", where="ledger", hint="make room")

    with monkeypatch.context() as patch, Lease(ledger, "x"):
        patch.setattr(ledger, "writing", fail)
    assert owner_of(ledger) == me()
    with Lease(ledger, "x"), pytest.raises(RunError, match="another run"), Lease(ledger, "x"):
        pass
    assert owner_of(ledger) == ""


@pytest.mark.usefixtures("quick")
def test_the_lease_of_another_machine_is_taken_when_its_beat_stands_still(ledger: Ledger) -> None:
    owned_by(ledger, "elsewhere 1 1")
    begun = time.monotonic()
    with Lease(ledger, "x"):
        assert time.monotonic() - begun >= 0.6


@pytest.mark.usefixtures("quick")
def test_the_lease_of_another_machine_is_left_while_it_beats(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    with Lease(ledger, "x") as held:
        monkeypatch.setattr(lease, "is_here", lambda _: False)
        monkeypatch.setattr(lease, "is_dead", lambda _: False)
        with pytest.raises(RunError, match="another run"), Lease(ledger, "x"):
            pass
        held.check()


@pytest.mark.usefixtures("quick")
def test_an_owner_that_was_taken_for_dead_writes_nothing(ledger: Ledger) -> None:
    with Lease(ledger, "x") as slow:
        with ledger.writing("x") as connection:
            connection.execute(update(LEASES).values(owner="elsewhere 1 1", token=LEASES.c.token + 1))
        with pytest.raises(RunError) as caught, ledger.writing("x") as connection:
            slow.hold(connection)
        assert caught.value.code == "run-lease-lost"
        until = time.monotonic() + 10.0
        while not slow._lost.is_set() and time.monotonic() < until:
            time.sleep(0.01)
        with pytest.raises(RunError, match="taken for dead"):
            slow.check()
    assert owner_of(ledger) == "elsewhere 1 1"


@pytest.mark.usefixtures("quick")
def test_clocks_that_jump_do_no_harm(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    with Lease(ledger, "x"):
        monkeypatch.setattr(time, "time", lambda: 0.0)
        with pytest.raises(RunError), Lease(ledger, "x"):
            pass
        monkeypatch.setattr(time, "time", lambda: 1e11)
        with pytest.raises(RunError), Lease(ledger, "x"):
            pass
