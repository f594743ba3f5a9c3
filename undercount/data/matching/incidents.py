"""Clusters as named incidents of a case: one toll, and what each source reports of it."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from undercount.data.case_file import CASE_FILE, case_text
from undercount.data.draft import REPORT_FILE
from undercount.data.evidence import Evidence
from undercount.data.export import replaced_folder
from undercount.data.imports.actors import OTHERS
from undercount.data.imports.journal import JOURNAL, unedited
from undercount.data.imports.windows import RECORDS, REPORT
from undercount.data.schema import Incident, Qualifier, Report

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from undercount.data.matching.matches import Matches

_MINE: Final = frozenset({CASE_FILE, REPORT_FILE, Path(JOURNAL).name})


class Named(NamedTuple):
    """An incident, and the reports of it."""

    incident: Incident
    reports: tuple[Report, ...]


def with_incidents(folder: Path, matches: Matches, least: int) -> int:
    """Let the clusters of a case with many dead enter it as incidents.

    Parameters
    ----------
    folder : Path
        Of a case that imports made and nobody edited since.
    matches : Matches
        Of its records.
    least : int
        How many dead at least, by the lowest number of the source that counts the most.

    Returns
    -------
    int
        How many incidents it has now: those of an earlier call are taken out. Each source's report of an incident lies
        within its report of the whole window. So the case can be imported into as before, which takes the incidents out
        again.

    Raises
    ------
    EvidenceError
        If the case is another's work, or was edited, or would break a rule. Nothing is then changed.
    """
    journal, evidence = unedited(folder)
    plain = evidence.case.model_copy(update={"incidents": ()})
    windows = {report.report: report for report in evidence.reports if report.incident is None}
    named = [one for one in _named(matches, windows, least) if one.reports]
    case = plain.model_copy(update={"incidents": tuple(one.incident for one in named)})
    reports = (*windows.values(), *(report for one in named for report in one.reports))
    found = Evidence(case=case, sources=evidence.sources, reports=reports)
    with replaced_folder(folder, _MINE) as place:
        _write(place, found, {**journal, "evidence": found.sha256})
    return len(named)


def _write(place: Path, evidence: Evidence, journal: Mapping[str, Any]) -> None:
    from undercount.data.cells import as_cells
    from undercount.data.files import write_table
    from undercount.data.schema import REPORT_COLUMNS

    (place / CASE_FILE).write_text(case_text(evidence.case), encoding="utf-8", newline="\n")
    write_table(place / REPORT_FILE, REPORT_COLUMNS, map(as_cells, evidence.reports))
    text = json.dumps(journal, ensure_ascii=False, indent=1, sort_keys=True)
    (place / JOURNAL).write_text(text + "\n", encoding="utf-8", newline="\n")


def _named(matches: Matches, windows: Mapping[str, Report], least: int) -> Iterator[Named]:
    """The clusters of several records with so many dead, in the order of their days."""
    labels = matches.clusters
    low = np.zeros(int(labels.max(initial=-1)) + 1)
    np.maximum.at(low, labels, matches.units.low)
    chosen = np.flatnonzero((low >= least) & (np.bincount(labels) > 1))
    for label in chosen.tolist():
        rows = matches.units.records.take(np.flatnonzero(labels == label)).to_pylist()
        yield _incident(rows, windows)


def _incident(rows: Sequence[Mapping[str, Any]], windows: Mapping[str, Report]) -> Named:
    """An incident of its records: on the day and in the area that most of them name, or else the first."""
    parents = [windows[row[REPORT]] for row in rows]
    day = _most([row["start"] for row in rows if row["start"] == row["end"]] or [row["start"] for row in rows])
    area = _most([area for parent in parents for area in parent.areas])
    actors = sorted({actor for parent in parents for actor in parent.actors}) or [OTHERS]
    mark = hashlib.sha256("|".join(sorted(f"{row['source']}:{row['record']}" for row in rows)).encode()).hexdigest()[:8]
    incident = Incident(
        incident=f"incident-{day:%Y%m%d}-{area[:40]}-{mark}",
        title=next((row["place"] for row in rows if row["place"]), area)[:100],
        date=day,
        area=area,
        actors=dict.fromkeys(actors, 1 / len(actors)),
        basis=f"Matched records: {len(rows)}.",
    )
    there = [(row, parent) for row, parent in zip(rows, parents, strict=True) if area in parent.areas]
    reports = {
        f"{incident.incident}-{row['source'][:40]}-{number}": (row, parent)
        for number, (row, parent) in enumerate(there, start=1)
    }
    return Named(incident, tuple(_reports(incident, reports)))


def _most[T: (str, date)](values: Sequence[T]) -> T:
    """The value that stands most often; of several the first."""
    return min(values, key=lambda one: (-values.count(one), one))


def _reports(incident: Incident, told: Mapping[str, tuple[Mapping[str, Any], Report]]) -> Iterator[Report]:
    """What each source says, within what it says of the whole window; what only repeats another names that one."""
    for name, (row, parent) in told.items():
        origins = tuple(sorted(one for one, (_, other) in told.items() if other.report in parent.derived_from))
        if parent.derived_from and not origins:
            continue
        off = max((row["start"] - incident.date).days, (incident.date - row["end"]).days, 0)
        yield Report(
            report=name,
            source=row["source"],
            document=row["document"] or RECORDS,
            quote=row["quote"] or "",
            published=row["published"] or parent.published,
            published_basis=parent.published_basis,
            quantity=row["quantity"],
            victims=row["victims"],
            actors=parent.actors,
            attribution=parent.attribution,
            areas=(incident.area,),
            window_start=row["start"],
            window_end=row["end"],
            window_basis="days of its record",
            window_uncertainty_days=off,
            incident=incident.incident,
            within=parent.report,
            derived_from=origins,
            used=True,
            note=f"Record {row['record']}.",
            **_figures(row),
        )


def _figures(row: Mapping[str, Any]) -> dict[str, Any]:
    low, high = int(row["low"]), row["high"]
    if high is None:
        return {"value": low, "qualifier": Qualifier.AT_LEAST, "qualifier_printed": "open end"}
    if int(high) <= low:
        return {"value": low, "qualifier": Qualifier.EXACT}
    return {"low": low, "high": int(high), "qualifier": Qualifier.RANGE}
