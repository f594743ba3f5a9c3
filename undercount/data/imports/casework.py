"""Imported records as a case: a new one, or more evidence of one that imports made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from undercount.data.case_file import CASE_FILE, case_text
from undercount.data.draft import REPORT_FILE, SOURCE_FILE
from undercount.data.evidence import Evidence
from undercount.data.export import replaced_folder
from undercount.data.imports.incidents import FIELDS
from undercount.data.imports.linking import reported
from undercount.data.imports.merging import FILE, from_file, merged, merged_schema
from undercount.data.imports.rows import write_rows
from undercount.data.imports.windows import EVERYWHERE, RECORDS
from undercount.data.reading import read_case
from undercount.data.schema import Attribution, Case, Dimension, Estimand, Population, Source, Window
from undercount.errors import EvidenceError
from undercount.errors.naming import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from undercount.data.imports.incidents import Incidents

JOURNAL: Final = "imports/imports.json"
_MINE: Final = frozenset({CASE_FILE, SOURCE_FILE, REPORT_FILE, Path(JOURNAL).name, Path(RECORDS).name})
QUANTITY: Final = "killed"
UNKNOWN: Final = "unknown"
"""Actor of a case for whoever is not named."""
PARTS: Final[Mapping[str, frozenset[str]]] = {"civilians": frozenset({"children", "other-civilians"})}
"""Class of victims -> classes that are parts of it."""
VICTIMS: Final = "civilians"


@dataclass(frozen=True)
class How:
    """How records become a case.

    Parameters
    ----------
    window : str
        One of `windows.WINDOWS`; empty: that of the case, or a week.
    published : date
        Day of the export: later records are dropped, and those that do not say it were published on it.
    timezone, title : str
        Of the case; empty: what it has, or UTC and its name.
    usual : str
        Window of a new case.
    people : path, optional
        Table of the people at risk: see `people.read_people`; by default the case keeps those that it has.
    """

    window: str = ""
    published: date = field(default_factory=date.today)
    timezone: str = ""
    title: str = ""
    usual: str = "week"
    people: Path | None = None


@dataclass(frozen=True)
class Imported:
    """What an import came to."""

    folder: Path
    evidence: Evidence
    account: Mapping[str, Any]
    """Of the rows of the file: see `Account.counts`."""
    records: int
    """In the case now, of all imports."""
    known: int
    """Records of the file that were there already: in the case, or in the file itself."""
    conflicts: int
    """Records of which several imports say different things."""
    strangers: tuple[tuple[str, str], ...] = ()
    """Sources that have no area in common: perhaps they call the same places by different names."""


def into_case(incidents: Incidents, folder: Path, how: How | None = None) -> Imported:
    """Write a case out of records, or add them to one.

    Parameters
    ----------
    incidents : Incidents
    folder : Path
        New or empty, or of a case that imports made and nobody edited since.
    how : How, optional

    Returns
    -------
    Imported

    Raises
    ------
    EvidenceError
        If there is no record, the case is another's work, was imported with another window, or breaks a rule. Nothing
        is then changed.
    """
    asked = how or How()
    happened = incidents.records["start"].to_numpy() <= np.datetime64(asked.published)
    incidents = incidents.only(happened, f"it lies after {asked.published}, the day of the export")
    if not len(incidents):
        raise _nothing(incidents)
    before = _before(folder, asked)
    window = asked.window or before.window or asked.usual
    mine = from_file(incidents.records, incidents.sha256)
    _release_memory()
    records, conflicts = merged([*before.tables, mine])
    sources = tuple({one.source: one for one in (*before.sources, *incidents.sources)}.values())
    names = _joined(before.names, incidents.names)
    table, reports = reported(records, sources, window, asked.published)
    evidence = Evidence(case=_case(folder.name, table, names, asked, before.case), sources=sources, reports=reports)
    account = incidents.account.counts()
    entry = {"file": incidents.file, "sha256": incidents.sha256, "format": incidents.format, **account}
    journal = {
        "window": window,
        "names": names,
        "imports": [*(one for one in before.imports if one["sha256"] != incidents.sha256), entry],
    }
    with replaced_folder(folder, _MINE) as place:
        _write(place, evidence, table, journal)
        write_rows(place / "imports", incidents, table)
    known = sum(table.num_rows for table in (*before.tables, mine)) - records.num_rows
    return Imported(folder, read_case(folder), account, records.num_rows, known, conflicts, _strangers(table))


def _release_memory() -> None:
    """Give back what reading a large file took."""
    import pyarrow as pa

    pa.default_memory_pool().release_unused()


@dataclass(frozen=True)
class _Before:
    """What stood in the folder."""

    tables: Sequence[pa.Table] = ()
    sources: tuple[Source, ...] = ()
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    imports: Sequence[Mapping[str, Any]] = ()
    case: Case | None = None
    window: str = ""


def _before(folder: Path, asked: How) -> _Before:
    if not folder.exists() or not any(folder.iterdir()):
        return _Before()
    import pyarrow.parquet as pq

    content, evidence = unedited(folder)
    if asked.window not in ("", content["window"]):
        raise EvidenceError(
            f"the case was imported by {content['window']}, and now --window {asked.window} is asked for",
            code="import-other-window",
            where="--window",
            hint=f"import with --window {content['window']}, or into a new folder",
        )
    table = pq.read_table(folder / RECORDS).select([*FIELDS, FILE]).cast(merged_schema())
    return _Before([table], evidence.sources, content["names"], content["imports"], evidence.case, content["window"])


def unedited(folder: Path) -> tuple[dict[str, Any], Evidence]:
    """Read a case that imports made, with the journal of these.

    Raises
    ------
    EvidenceError
        If no import made it, or it was edited since.
    """
    journal = folder / JOURNAL
    if not journal.is_file():
        raise EvidenceError(
            f"{plain(str(folder))} is a case that no import made",
            code="import-into-own-case",
            where="--into",
            hint="import into a new folder, and take its rows of reports.csv and sources.csv over yourself",
        )
    content = json.loads(journal.read_text(encoding="utf-8"))
    evidence = read_case(folder)
    if evidence.sha256 != content["evidence"]:
        raise EvidenceError(
            f"the case in {plain(str(folder))} was edited since it was imported",
            code="import-into-edited-case",
            where="--into",
            hint="import into a new folder, and take the new rows over yourself: an import would undo your changes",
        )
    return content, evidence


def _joined(one: Mapping[str, Mapping[str, str]], other: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Names of identifiers; of two the first in the alphabet, so that the order of imports does not matter."""
    found: dict[str, dict[str, str]] = {}
    for names in (one, other):
        for dimension, known in names.items():
            own = found.setdefault(dimension, {})
            for level, name in known.items():
                own[level] = min(own.get(level, name), name)
    return {dimension: dict(sorted(found[dimension].items())) for dimension in sorted(found)}


def _case(name: str, table: pa.Table, names: Mapping[str, Mapping[str, str]], asked: How, before: Case | None) -> Case:
    """The frame: every day, actor and area of the records; its toll is of civilians killed where there are any."""
    timeline = Window(start=min(_distinct(table, "from")), end=max(_distinct(table, "to")))
    used = {
        "actor": {one for cell in _distinct(table, "actors") for one in (cell or "").split(";") if one},
        "area": _distinct(table, "area") - {""},
        "victims": _distinct(table, "victims"),
        "quantity": _distinct(table, "quantity"),
    }
    if _distinct(table, "attribution") != {Attribution.STATED}:
        used["actor"].add(UNKNOWN)
    used["area"] = used["area"] or {EVERYWHERE}
    _check_apart(used["victims"])
    names = {**names, "actor": {**names.get("actor", {}), UNKNOWN: "others, or not known"}}
    dimensions = {
        key: Dimension(levels={level: names.get(key, {}).get(level, level) for level in sorted(levels)})
        for key, levels in used.items()
    }
    victims = VICTIMS if VICTIMS in used["victims"] else min(used["victims"])
    quantity = QUANTITY if QUANTITY in used["quantity"] else min(used["quantity"])
    return Case(
        population=_population(dimensions["area"].levels, asked, before),
        case=name,
        title=asked.title or (before.title if before else name),
        timezone=asked.timezone or (before.timezone if before else "UTC"),
        timeline=timeline,
        dimensions=dimensions,
        estimand=Estimand(quantity=quantity, victims=victims, window=timeline),
    )


def _population(areas: Mapping[str, str], asked: How, before: Case | None) -> tuple[Population, ...]:
    """Those of the table that was given, or those that the case had."""
    if asked.people is None:
        return () if before is None else tuple(one for one in before.population if one.area in areas)
    from undercount.data.imports.people import read_people

    return tuple(one.point for one in read_people(asked.people, areas))


def _distinct(table: pa.Table, name: str) -> set[Any]:
    return set(table[name].unique().to_pylist())


def _strangers(table: pa.Table) -> tuple[tuple[str, str], ...]:
    areas: dict[str, set[str]] = {}
    pairs = table.select(["source", "area"]).group_by(["source", "area"]).aggregate([]).to_pylist()
    for pair in pairs:
        if pair["area"]:
            areas.setdefault(pair["source"], set()).add(pair["area"])
    return tuple(pair for pair in combinations(sorted(areas), 2) if not areas[pair[0]] & areas[pair[1]])


def _check_apart(victims: set[str]) -> None:
    """Refuse a class of victims beside a part of it: they would be counted twice."""
    for whole, parts in PARTS.items():
        inside = sorted(victims & parts)
        if whole in victims and inside:
            raise EvidenceError(
                f"the case would hold {plain(whole)}, and {plain(inside[0])}, who are some of them",
                code="import-counted-twice",
                where="--into",
                hint="import all files with the same option for classes of victims, or into two cases",
            )


def _write(place: Path, evidence: Evidence, table: pa.Table, journal: dict[str, Any]) -> None:
    import pyarrow.parquet as pq

    from undercount.data.cells import as_cells
    from undercount.data.files import write_table
    from undercount.data.schema import REPORT_COLUMNS, SOURCE_COLUMNS

    (place / "imports").mkdir(exist_ok=True)
    (place / CASE_FILE).write_text(case_text(evidence.case), encoding="utf-8", newline="\n")
    write_table(place / SOURCE_FILE, SOURCE_COLUMNS, map(as_cells, evidence.sources))
    write_table(place / REPORT_FILE, REPORT_COLUMNS, map(as_cells, evidence.reports))
    pq.write_table(table, place / RECORDS, compression="zstd", write_page_checksum=True)
    content = {"evidence": evidence.sha256, **journal}
    text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)
    (place / JOURNAL).write_text(text + "\n", encoding="utf-8", newline="\n")


def _nothing(incidents: Incidents) -> EvidenceError:
    reasons = "; ".join(f"{reason}: {rows.size:,}" for reason, rows in incidents.account.dropped.items())
    return EvidenceError(
        f"none of its {incidents.account.rows.size:,} rows gives a record",
        code="import-nothing",
        where=plain(incidents.file),
        hint=f"look at why they were dropped: {reasons or 'there is no row'}",
    )
