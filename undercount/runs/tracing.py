"""From a figure to the reports, quotes and documents that it stands on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from undercount.data.problems import write_one_of
from undercount.data.schema import REPORT_COLUMNS
from undercount.errors import RunError
from undercount.runs.judging import estimate_of
from undercount.runs.ledger.entries import REPORT, Entries
from undercount.runs.ledger.runs import Artefact, Run
from undercount.runs.ledger.sealing import unsealed
from undercount.runs.ledger.tables import BATCHES

if TYPE_CHECKING:
    from undercount.estimators import Estimate
    from undercount.runs.store import Store


@dataclass(frozen=True)
class Trace:
    """What a figure stands on."""

    run: Run
    figure: str
    median: float
    interval: tuple[float, float]
    ci_prob: float
    estimand: str
    draws_sha256: str
    """Of the file with the draws."""
    reports: Sequence[Mapping[str, Any]]
    """Those in the likelihood: columns of `reports.csv`, and file, row, taken_in, file_sha256, document_sha256."""


def trace(store: Store, number: int, figure: str = "toll") -> Trace:
    """Trace a figure.

    Parameters
    ----------
    store : Store
        Open.
    number : int
        Of the run.
    figure : str
        ``"toll"``, ``"actor=LEVEL"`` or ``"area=LEVEL"``, or ``"source=SOURCE"`` for a reporting rate.

    Raises
    ------
    RunError
        If there is no such run or figure.
    StoreError
        If what it stands on is damaged.
    """
    with store.ledger.reading() as connection:
        run = Run.read(connection, number, store.name)
        entries = Entries.read(connection, store.name).until(run.last_entry)
        files = Artefact.of(connection, number)
        batches = {row["number"]: unsealed(row, "batches") for row in connection.execute(select(BATCHES)).mappings()}
    estimate = estimate_of(store, number)
    median, lower, upper, prob, sources = _figure(estimate, figure)
    valid = entries.valid(_day(run.as_of))
    rows = []
    for report in estimate.evidence.used:
        if sources and report.source not in sources:
            continue
        entry = valid[REPORT, report.report]
        batch = batches[entry.batch]
        values = {name: getattr(report, name) for name in REPORT_COLUMNS}
        rows.append({
            **values, "file": batch["file"], "row": entry.row, "taken_in": batch["taken_in"],
            "file_sha256": batch["sha256"], "document_sha256": entry.document_sha256,
        })  # fmt: skip
    draws = files["estimate.nc"].sha256
    return Trace(run, figure, median, (lower, upper), prob, estimate.estimand, draws, rows)


def _figure(estimate: Estimate, figure: str) -> tuple[float, float, float, float, frozenset[str]]:
    if figure == "toll":
        toll = estimate.toll()
        return toll.median, *toll.interval, toll.ci_prob, frozenset()
    key, _, level = figure.partition("=")
    if key in {"actor", "area"}:
        found = [row for row in estimate.rows.toll(key) if str(row[key]) == level]
        levels = [f"{key}={row[key]}" for row in estimate.rows.toll(key)]
    else:
        found = [row for row in estimate.rows.reporting_rates() if key == "source" and row["source"] == level]
        levels = [f"source={row['source']}" for row in estimate.rows.reporting_rates()]
    if not found:
        raise RunError(
            f"{figure!r} is no figure of this run",
            code="run-unknown-figure",
            where="FIGURE",
            hint=write_one_of(figure, ["toll", *levels]),
        )
    row = found[0]
    sources = frozenset({level}) if key == "source" else frozenset()
    return row["median"], row["lower"], row["upper"], row["ci_prob"], sources


def _day(text: str) -> Any:
    from datetime import date

    return date.fromisoformat(text) if text else None
