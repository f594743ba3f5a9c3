"""When and by whom, for people who look later: nothing is decided by either."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime


def now() -> str:
    """Time in UTC, to the second, ISO 8601."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def somebody() -> str:
    """Name of the account that runs this; ``unknown`` where it has none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"
