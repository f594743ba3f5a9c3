"""The format of the ledger, by number: what each step adds, and the backup before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from undercount.errors import StoreError
from undercount.runs.ledger.tables import METADATA

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection


def _first(connection: Connection) -> None:
    METADATA.create_all(connection)


MIGRATIONS: Final[tuple[Callable[[Connection], None], ...]] = (_first,)
"""Step n leads from format n to format n + 1."""
FORMAT: Final = len(MIGRATIONS)


def format_of(connection: Connection) -> int:
    """Format of a ledger; 0 of an empty one."""
    if connection.dialect.name == "sqlite":
        return int(connection.execute(text("PRAGMA user_version")).scalar_one())
    connection.execute(text("CREATE TABLE IF NOT EXISTS ledger_format (format INTEGER NOT NULL)"))
    return int(connection.execute(text("SELECT max(format) FROM ledger_format")).scalar() or 0)


def migrate(connection: Connection, back_up: Callable[[int], None]) -> None:
    """Bring a ledger to this format, inside the transaction of the connection.

    Parameters
    ----------
    connection : Connection
        In a transaction that nobody else can write beside.
    back_up : callable
        Called with the format before, where there is anything to lose.

    Raises
    ------
    StoreError
        If a newer version wrote it; code ``"store-other-format"``.
    """
    found = format_of(connection)
    if found > FORMAT:
        raise StoreError(
            f"the ledger has format {found}, and this version knows formats to {FORMAT}",
            code="store-other-format",
            where="ledger",
            hint="use the version of undercount that wrote it, or a newer one",
        )
    if 0 < found < FORMAT:
        back_up(found)
    for step in MIGRATIONS[found:]:
        step(connection)
    if found < FORMAT:
        _set(connection)


def _set(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.execute(text(f"PRAGMA user_version = {FORMAT}"))
    else:
        connection.execute(text("INSERT INTO ledger_format VALUES (:format)"), {"format": FORMAT})
