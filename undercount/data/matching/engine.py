"""The optional packages of matching: DuckDB in memory only, and splink, quiet."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from undercount.errors import EvidenceError

if TYPE_CHECKING:
    from collections.abc import Iterator

_CONFIG: Final = {
    "temp_directory": "",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "threads": "1",
}
"""Nothing on disk, nothing from a network, and sums in one order whatever the number of processors."""


def needed(name: str) -> Any:
    """Import an optional package.

    Raises
    ------
    EvidenceError
        If it is not installed.
    """
    try:
        return import_module(name)
    except ImportError:
        missing = name
    raise EvidenceError(
        f"matching needs the package {missing}, which is not installed",
        code="import-no-splink",
        where="matching",
        hint='install it: pip install "undercount[matching]"',
    )


@contextmanager
def database() -> Iterator[Any]:
    """Open a DuckDB database in memory, which neither writes nor reads a file."""
    connection = needed("duckdb").connect(":memory:", config=_CONFIG)
    try:
        connection.execute("SET enable_external_access = false")
        yield connection
    finally:
        connection.close()


@contextmanager
def quiet() -> Iterator[None]:
    """Keep splink, which prints its SQL and its progress, from the logs."""
    logger = logging.getLogger("splink")
    level, propagates = logger.level, logger.propagate
    logger.setLevel(logging.CRITICAL + 1)
    logger.propagate = False
    try:
        yield
    finally:
        logger.setLevel(level)
        logger.propagate = propagates
