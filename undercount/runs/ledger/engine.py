"""`Ledger`: one database, SQLite beside the case or PostgreSQL for a team, and its transactions."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from sqlalchemy import URL, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from undercount.errors import RunError, StoreError, not_written
from undercount.runs.ledger.migrations import FORMAT, format_of, migrate
from undercount.runs.ledger.sealing import NOT_HALF_WRITTEN, damaged

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

VARIABLE: Final = "UNDERCOUNT_LEDGER"
"""Environment variable with the address of a database for a team."""
FILE: Final = "ledger.sqlite"
WAIT_SECONDS: Final = 600.0
"""How long a writer waits for another one."""
_OF_DAMAGE: Final = ("malformed", "not a database", "encrypted")
_OF_ROOM: Final = ("full", "readonly", "read-only", "unable to open", "disk i/o")


class Ledger:
    """A ledger that is open.

    Parameters
    ----------
    folder : Path
        Of the store; the SQLite file stands in it.
    address : str, optional
        Of a PostgreSQL database, such as ``postgresql+psycopg://host/name``; by default what `VARIABLE` says.

    Raises
    ------
    StoreError
        If it cannot be opened, is damaged, or was written by a newer version.
    RunError
        If the address is none.
    """

    def __init__(self, folder: Path, address: str | None = None) -> None:
        self.folder = folder
        self.address = address if address is not None else os.environ.get(VARIABLE, "")
        self.path = None if self.address else folder / FILE
        self._engine = _engine(self.address, self.path)

    def __enter__(self) -> Self:
        try:
            self._look()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _look(self) -> None:
        if self.path is not None and self.path.exists():
            with self.reading() as connection:
                if (found := connection.execute(text("PRAGMA quick_check")).scalar()) != "ok":
                    raise damaged(str(self.path), str(found))
        with self.reading() as connection:
            is_current = self.path is not None and format_of(connection) == FORMAT
        if not is_current:
            with self.writing("format of the ledger") as connection:
                migrate(connection, self._back_up)

    def _back_up(self, before: int) -> None:
        if self.path is not None:
            copy_sqlite(self.path, self.path.with_name(f"ledger.format-{before}.sqlite"))

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Read one state of the ledger, whatever is written meanwhile."""
        with self._typed(), self._engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN")
            yield connection

    @contextmanager
    def writing(self, subject: str) -> Iterator[Connection]:
        """Write all that is written in the block, or nothing; no other process writes about the subject meanwhile.

        Parameters
        ----------
        subject : str
            Usually the name of the case.
        """
        with self._typed(), self._engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:subject, 0))"),
                                   {"subject": subject})  # fmt: skip
            yield connection
            connection.commit()

    @contextmanager
    def _typed(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise _told(error, self.path) from error


def _engine(address: str, path: Path | None) -> Engine:
    if path is not None:
        if path.exists() and not os.access(path.parent, os.W_OK):
            return create_engine("sqlite://", creator=lambda: _connect_to_read(path))
        engine = create_engine(URL.create("sqlite", database=str(path)), connect_args={"timeout": WAIT_SECONDS})
        event.listen(engine, "connect", _begin_sqlite)
        return engine
    try:
        url = make_url(address)
        if url.get_backend_name() != "postgresql":
            raise ArgumentError("not PostgreSQL")
        return create_engine(url, isolation_level="READ COMMITTED", pool_pre_ping=True)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise RunError(
            f"the address of the ledger is none that can be used: {error}",
            code="run-ledger-address",
            where=VARIABLE,
            hint='write postgresql+psycopg://user@host/name, and install "undercount[postgresql]"; or leave it out',
        ) from error


def _connect_to_read(path: Path) -> sqlite3.Connection:
    """Open a database on a medium that cannot be written, with what its log holds if there is one."""
    how = "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "mode=ro&immutable=1"
    return sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, isolation_level=None, check_same_thread=False)


def _begin_sqlite(connection: Any, _: object) -> None:
    # The driver would begin transactions of its own, too late for a read that a write follows.
    connection.isolation_level = None
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "cell_size_check = ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _told(error: SQLAlchemyError, path: Path | None) -> StoreError:
    """What a database says, as an error of this package; never the address, which may hold a password."""
    cause = getattr(error, "orig", None) if isinstance(error, DBAPIError) else None
    words = str(cause or type(error).__name__).strip().partition("\n")[0]
    where = str(path) if path is not None else "the database of UNDERCOUNT_LEDGER"
    if any(part in words.lower() for part in _OF_DAMAGE):
        return damaged(where, words)
    if any(part in words.lower() for part in _OF_ROOM):
        return not_written("the ledger", where, Exception(words), NOT_HALF_WRITTEN)
    hint = "run again; where this stays, see `undercount doctor`"
    return StoreError(f"the ledger cannot be used: {words}", code="store-not-used", where=where, hint=hint)


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a database as one state of it, though others write to it."""
    with sqlite3.connect(source) as old, sqlite3.connect(target) as new:
        old.backup(new)
    new.close()
    old.close()
    descriptor = os.open(target, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
