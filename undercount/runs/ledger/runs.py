"""Runs, their files and releases, as rows of the ledger."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import insert, select, update

from undercount.errors import RunError
from undercount.runs.clock import now
from undercount.runs.ledger.sealing import canonical, number_of, sealed, unsealed
from undercount.runs.ledger.tables import ARTEFACTS, RELEASES, RUNS

if TYPE_CHECKING:
    from sqlalchemy import Connection, RowMapping

RUNNING: Final = "running"
RELEASED: Final = "released"
HELD: Final = "held"
RECORDED: Final = "recorded"
"""Of a day before what was released: kept, never published."""
INTERRUPTED: Final = "interrupted"
FAILED: Final = "failed"
FINISHED: Final = (RELEASED, HELD, RECORDED)


@dataclass(frozen=True)
class Run:
    """One re-estimation."""

    number: int
    case_name: str
    key: str
    """Hash of evidence, settings, code and versions."""
    as_of: str
    evidence_sha256: str
    last_entry: int
    """Of the ledger, when the run began."""
    settings: Mapping[str, Any]
    versions: Mapping[str, str]
    begun: str
    ended: str = ""
    status: str = RUNNING
    why: Sequence[str] = ()
    """Reasons of the status, each a sentence."""
    content: Mapping[str, Any] | None = None
    """Figures, gates, changes, and what moved the figure."""

    @classmethod
    def begin(cls, connection: Connection, **values: Any) -> Run:
        """Write that a run began."""
        row = cls(number=0, begun=now(), **values)._values()
        return cls.read(connection, number_of(connection, insert(RUNS).values(row)))

    @classmethod
    def read(cls, connection: Connection, number: int, case: str | None = None) -> Run:
        """Read a run.

        Raises
        ------
        RunError
            If there is none; code ``"run-unknown"``.
        """
        row = connection.execute(select(RUNS).where(RUNS.c.number == number)).mappings().first()
        if row is None or (case is not None and row["case_name"] != case):
            raise RunError(
                f"there is no run {number}", code="run-unknown", where="RUN", hint="see `undercount history CASE`"
            )
        return _run(row)

    @classmethod
    def all(cls, connection: Connection, case: str) -> list[Run]:
        """Every run of a case, the first one first."""
        query = select(RUNS).where(RUNS.c.case_name == case).order_by(RUNS.c.number)
        return [_run(row) for row in connection.execute(query).mappings()]

    @classmethod
    def finished(cls, connection: Connection, case: str, key: str, *, is_past: bool) -> Run | None:
        """The run that makes another one needless.

        Of a day in the past: one of the same key that came to an end. Of now: the last one, if it has this key; where
        the evidence went back to what it was before, the figure goes back by a run of its own.
        """
        query = select(RUNS).where(RUNS.c.case_name == case, RUNS.c.status.in_(FINISHED))
        runs = [_run(row) for row in connection.execute(query.order_by(RUNS.c.number.desc())).mappings()]
        if is_past:
            return next((run for run in runs if run.key == key), None)
        last = next((run for run in runs if not run.is_past), None)
        return last if last is not None and last.key == key else None

    @property
    def is_past(self) -> bool:
        """Whether it is of a day before something that counted already."""
        return bool((self.content or {}).get("is_past"))

    def end(self, connection: Connection, status: str, why: Sequence[str] = (), content: Any = None) -> Run:
        """Write how it ended."""
        found = replace(self, status=status, why=list(why), ended=now(), content=content or self.content)
        connection.execute(update(RUNS).where(RUNS.c.number == self.number).values(found._values()))
        return found

    def _values(self) -> dict[str, Any]:
        values = asdict(self)
        del values["number"]
        for name in _JSON:
            values[name] = canonical(values[name])
        return sealed(**values)


_JSON: Final = ("settings", "versions", "why", "content")


def _run(row: RowMapping) -> Run:
    values = unsealed(row, "runs")
    found = {field.name: values[field.name] for field in fields(Run)}
    return Run(**found | {name: json.loads(found[name]) for name in _JSON})


@dataclass(frozen=True)
class Artefact:
    """A file of a run."""

    name: str
    sha256: str
    bytes: int

    def add(self, connection: Connection, run: int) -> None:
        """Write that it belongs to a run."""
        connection.execute(insert(ARTEFACTS).values(sealed(run=run, **asdict(self))))

    @classmethod
    def of(cls, connection: Connection, run: int) -> dict[str, Artefact]:
        """The files of a run by their names."""
        query = select(ARTEFACTS).where(ARTEFACTS.c.run == run).order_by(ARTEFACTS.c.name)
        rows = [unsealed(row, "artefacts") for row in connection.execute(query).mappings()]
        return {row["name"]: cls(row["name"], row["sha256"], row["bytes"]) for row in rows}


@dataclass(frozen=True)
class Release:
    """A run whose figure was published."""

    case_name: str
    release: int
    """1, 2, 3 ... of the case."""
    run: int
    released: str
    released_by: str
    """``gates``, or the name of a person."""
    reason: str = ""

    @classmethod
    def all(cls, connection: Connection, case: str) -> list[Release]:
        """Every release of a case, the first one first."""
        query = select(RELEASES).where(RELEASES.c.case_name == case).order_by(RELEASES.c.release)
        names = [field.name for field in fields(cls)]
        rows = [unsealed(row, "releases") for row in connection.execute(query).mappings()]
        return [cls(**{name: row[name] for name in names}) for row in rows]

    @classmethod
    def last(cls, connection: Connection, case: str) -> Release | None:
        """The one that stands; None before the first."""
        return next(reversed(cls.all(connection, case)), None)

    @classmethod
    def add(cls, connection: Connection, run: Run, by: str, reason: str = "") -> Release:
        """Write that a run was published."""
        before = cls.last(connection, run.case_name)
        found = cls(run.case_name, (before.release if before else 0) + 1, run.number, now(), by, reason)
        connection.execute(insert(RELEASES).values(sealed(**asdict(found))))
        return found
