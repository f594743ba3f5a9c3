"""The tables of the ledger. Rows are added; only the state of a run and the lease ever change."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, String, Table, Text, UniqueConstraint

METADATA: Final = MetaData()


def _number() -> Column[int]:
    return Column("number", Integer, primary_key=True, autoincrement=True)


def _case() -> Column[str]:
    return Column("case_name", String, nullable=False)


def _seal() -> Column[str]:
    """SHA-256 of the other values of a row."""
    return Column("seal", String(64), nullable=False)


BATCHES: Final = Table(
    "batches",
    METADATA,
    _number(),
    _case(),
    Column("taken_in", String, nullable=False),  # UTC, ISO 8601: for people; nothing is decided by it
    Column("taken_in_by", String, nullable=False),
    Column("file", String, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("rows", Integer, nullable=False),
    Column("listing", Text, nullable=False),  # JSON: kind and key of each row, and the hash of its content
    _seal(),
)
"""Files that were taken in."""

ENTRIES: Final = Table(
    "entries",
    METADATA,
    _number(),
    _case(),
    Column("kind", String, nullable=False),  # case, source or report
    Column("key", String, nullable=False),
    Column("content", Text, nullable=False),  # canonical JSON
    Column("sha256", String(64), nullable=False),
    Column("published", String, nullable=False),  # of a report, YYYY-MM-DD; else empty
    Column("row", Integer, nullable=False),  # line of the file; 0 where it has none
    Column("document_sha256", String(64), nullable=False),  # of the report's document, empty where it was not at hand
    Column("corrects", Integer, nullable=False),  # 1: it voids versions that were published after it
    Column("batch", ForeignKey("batches.number"), nullable=False),
    Column("chain", String(64), nullable=False),  # of the entry before and this one
    Index("entries_of_case", "case_name", "kind", "key"),
)
"""Versions of the case, its sources and reports."""

RUNS: Final = Table(
    "runs",
    METADATA,
    _number(),
    _case(),
    Column("key", String(64), nullable=False),  # of evidence, settings, code and versions
    Column("as_of", String, nullable=False),
    Column("evidence_sha256", String(64), nullable=False),
    Column("last_entry", Integer, nullable=False),  # of the ledger, when the run began
    Column("settings", Text, nullable=False),
    Column("versions", Text, nullable=False),
    Column("begun", String, nullable=False),
    Column("ended", String, nullable=False),
    Column("status", String, nullable=False),
    Column("why", Text, nullable=False),
    Column("content", Text, nullable=False),  # figures, gates, what moved: JSON
    _seal(),
    Index("runs_of_case", "case_name", "key"),
)
"""Re-estimations."""

ARTEFACTS: Final = Table(
    "artefacts",
    METADATA,
    _number(),
    Column("run", ForeignKey("runs.number"), nullable=False, index=True),
    Column("name", String, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("bytes", Integer, nullable=False),
    _seal(),
    UniqueConstraint("run", "name"),
)
"""Files of a run; the hash is their name in the store."""

RELEASES: Final = Table(
    "releases",
    METADATA,
    _number(),
    _case(),
    Column("release", Integer, nullable=False),  # 1, 2, 3 ... of the case
    Column("run", ForeignKey("runs.number"), nullable=False, unique=True),
    Column("released", String, nullable=False),
    Column("released_by", String, nullable=False),
    Column("reason", Text, nullable=False),
    _seal(),
    UniqueConstraint("case_name", "release"),
)
"""Runs whose figures were published."""

LEASES: Final = Table(
    "leases",
    METADATA,
    Column("case_name", String, primary_key=True),
    Column("owner", String, nullable=False),  # host, process, start of the process
    Column("token", Integer, nullable=False),  # grows with every taking
    Column("beat", Integer, nullable=False),  # grows while the owner lives; no clock is compared
)
"""Who works on a case."""
