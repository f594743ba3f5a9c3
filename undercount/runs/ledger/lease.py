"""Who works on a case: one process at a time, recovered when it dies, whatever the clocks say.

An owner counts its `beat` up while it lives. Who finds a lease asks first whether its owner is a process of this very
machine, which can be looked up; of one on another machine it watches whether the beat moves. No time of day is
compared, so that a clock that jumps does no harm. Each taking has a larger `token`, and what an owner writes is held
against it: an owner that was cut off and comes back late writes nothing (fencing tokens: Kleppmann 2017, *Designing
Data-Intensive Applications*, chapter 8).
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Self

from sqlalchemy import insert, select, update

from undercount.errors import RunError, StoreError
from undercount.runs.ledger.tables import LEASES
from undercount.runs.processes import is_dead, is_here, me

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

    from undercount.runs.ledger.engine import Ledger

BEAT_SECONDS: Final = 2.0
WATCHED_SECONDS: Final = 15.0
"""So long a beat must stand still before the lease of another machine is taken over."""
_LEFT: Final[set[tuple[str, str, int]]] = set()
"""Ledger, case and token of what this process could not give back, such as on a full disk, although it lives on."""


class Lease:
    """The right to work on a case; it ends with the block.

    Parameters
    ----------
    ledger : Ledger
    case : str

    Raises
    ------
    RunError
        If another run holds it; code ``"run-lease-held"``.
    """

    def __init__(self, ledger: Ledger, case: str) -> None:
        self._ledger, self._case = ledger, case
        self._owner = me()
        self._token = 0
        self._over = threading.Event()
        self._lost = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="lease", daemon=True)

    def __enter__(self) -> Self:
        self._token = self._take()
        _LEFT.discard(self._name(self._token))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        try:
            with self._ledger.writing(self._case) as connection:
                connection.execute(update(LEASES).where(*self._mine).values(owner=""))
        except StoreError:
            _LEFT.add(self._name(self._token))

    def _name(self, token: int) -> tuple[str, str, int]:
        return str(self._ledger.path or self._ledger.address), self._case, token

    @property
    def _mine(self) -> tuple[ColumnElement[bool], ...]:
        return LEASES.c.case_name == self._case, LEASES.c.token == self._token

    def _take(self) -> int:
        if (token := self._try(None)) is not None:
            return token
        held = self._held()
        if is_here(held[0]):
            raise _busy(self._case, held[0])
        until = time.monotonic() + WATCHED_SECONDS
        while time.monotonic() < until:
            time.sleep(min(BEAT_SECONDS, WATCHED_SECONDS) / 4)
            if self._held() != held:
                break
        else:
            if (token := self._try(held)) is not None:
                return token
        raise _busy(self._case, held[0])

    def _held(self) -> tuple[str, int, int]:
        with self._ledger.reading() as connection:
            return _row(connection, self._case) or ("", 0, 0)

    def _try(self, still: tuple[str, int, int] | None) -> int | None:
        """Take a lease that nobody holds, or that still is as it was when it was found; None if that is not so."""
        with self._ledger.writing(self._case) as connection:
            found = _row(connection, self._case)
            if found is None:
                connection.execute(insert(LEASES).values(case_name=self._case, owner=self._owner, token=1, beat=0))
                return 1
            owner, token, _ = found
            is_left = owner == self._owner and self._name(token) in _LEFT
            if owner and found != still and not is_dead(owner) and not is_left:
                return None
            values = {"owner": self._owner, "token": token + 1, "beat": 0}
            connection.execute(update(LEASES).where(LEASES.c.case_name == self._case).values(values))
            return token + 1

    def _beat(self) -> None:
        while not self._over.wait(BEAT_SECONDS):
            # A busy moment of the database is no reason to stop; losing the lease is.
            with suppress(StoreError), self._ledger.writing(self._case) as connection:
                told = connection.execute(update(LEASES).where(*self._mine).values(beat=LEASES.c.beat + 1))
                if told.rowcount == 0:
                    self._lost.set()
                    return

    def check(self) -> None:
        """Stop a run that was taken for dead.

        Raises
        ------
        RunError
            If another process has the lease; code ``"run-lease-lost"``.
        """
        if self._lost.is_set():
            raise _taken(self._case)

    def hold(self, connection: Connection) -> None:
        """Make sure, inside a transaction, that the lease is still this one's.

        Raises
        ------
        RunError
            If it is not; code ``"run-lease-lost"``.
        """
        found = _row(connection, self._case)
        if found is None or found[:2] != (self._owner, self._token):
            raise _taken(self._case)


def _row(connection: Connection, case: str) -> tuple[str, int, int] | None:
    query = select(LEASES.c.owner, LEASES.c.token, LEASES.c.beat).where(LEASES.c.case_name == case)
    found = connection.execute(query).first()
    return None if found is None else (found.owner, found.token, found.beat)


def holder(connection: Connection, case: str) -> str:
    """Who holds the lease of a case; empty if nobody does."""
    found = _row(connection, case)
    return "" if found is None else found[0]


def _busy(case: str, owner: str) -> RunError:
    return RunError(
        f"another run works on {case!r}",
        code="run-lease-held",
        where=f"lease of {owner}" if owner else "lease",
        hint="wait until it has ended; the next scheduled run goes on from there",
    )


def _taken(case: str) -> RunError:
    return RunError(
        f"this run of {case!r} was taken for dead, and another one has gone on",
        code="run-lease-lost",
        where="lease",
        hint="nothing of this run was published; look at `undercount history`",
    )
