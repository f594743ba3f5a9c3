"""Imported records as a case: a new one, or more evidence of one that imports made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from undercount.data.evidence import Evidence
from undercount.data.files import MOST_ROWS
from undercount.data.imports.actors import MOST, OTHERS, told_apart
from undercount.data.imports.journal import Entry, found_in, write_import
from undercount.data.imports.linking import reported
from undercount.data.imports.merging import FILE, from_file, merged
from undercount.data.imports.pools import give_back
from undercount.data.imports.silences import silences
from undercount.data.imports.windows import EVERYWHERE
from undercount.data.schema import Attribution, Case, Dimension, Estimand, Kind, Population, Window
from undercount.errors import EvidenceError
from undercount.errors.naming import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from undercount.data.imports.incidents import Incidents
    from undercount.data.schema import Report

QUANTITY: Final = "killed"
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
    actors : int, optional
        How many actors are told apart: see `actors.told_apart`; by default those of the case, or `actors.MOST`.
    """

    window: str = ""
    published: date = field(default_factory=date.today)
    timezone: str = ""
    title: str = ""
    usual: str = "week"
    people: Path | None = None
    actors: int | None = None


@dataclass(frozen=True)
class Imported:
    """What an import came to."""

    folder: Path
    evidence: Evidence
    file: str
    format: str
    account: Mapping[str, Any]
    """Of the rows of the file: see `Account.counts`."""
    read: int
    """Records of the file."""
    records: int
    """In the case now, of all imports."""
    known: int
    """Records of the file that were there already: in the case, or in the file itself."""
    conflicts: int
    """Records of which several imports say different things."""
    silent: int = 0
    """Reports of days without a record: see `silences`."""
    actors: int = 0
    """Whom all records name."""
    most_actors: int = 0
    """Of these, how many may be told apart."""
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
    before = found_in(folder, asked.window)
    window = asked.window or before.window or asked.usual
    most = next(number for number in (asked.actors, before.actors, MOST) if number is not None)
    tables = [*before.tables, from_file(incidents.records, incidents.sha256)]
    counts = [table.num_rows for table in tables]
    sources = tuple({one.source: one for one in (*before.sources, *incidents.sources)}.values())
    names = _joined(before.names, incidents.names)
    entry = Entry.of(incidents)
    # From here on records are held in one table only, if nobody else holds them.
    del incidents
    before.tables.clear()
    records, conflicts = merged(tables)
    tables.clear()
    give_back()
    lists = _lists_of_events(records, [*before.imports, entry.content])
    named = records["actors"]
    records, actors = told_apart(records, most)
    table, told = reported(records, sources, window, asked.published)
    del records
    silent = silences(told, {one.source for one in sources if one.kind is Kind.RECORDER} & lists)
    reports = (*told, *silent)
    _check_number(reports)
    case = _case(folder.name, table, names, asked, before.case)
    evidence = Evidence(case=case, sources=sources, reports=reports, validation=before.validation)
    journal = {"window": window, "actors": most, "names": names, "imports": before.imports}
    # The records keep whom they name: another import may tell others apart.
    write_import(folder, evidence, table.set_column(table.schema.get_field_index("actors"), "actors", named), entry,
                 journal)  # fmt: skip
    return Imported(
        folder, evidence, entry.file, entry.format, entry.account.counts(), counts[-1], table.num_rows,
        sum(counts) - table.num_rows, conflicts, len(silent), actors, most, _strangers(table),
    )  # fmt: skip


def _lists_of_events(records: pa.Table, imports: Sequence[Mapping[str, Any]]) -> set[str]:
    """Sources of which every file is a list of events."""
    known = {one["sha256"]: bool(one.get("lists_events")) for one in imports}
    pairs = records.select(["source", FILE]).group_by(["source", FILE]).aggregate([]).to_pylist()
    others = {pair["source"] for pair in pairs if not known.get(pair[FILE])}
    return {pair["source"] for pair in pairs} - others


def _check_number(reports: Sequence[Report]) -> None:
    """Refuse more reports than a case may have: it could not be read again."""
    if len(reports) > MOST_ROWS:
        raise EvidenceError(
            f"the case would have {len(reports):,} reports, more than {MOST_ROWS:,}",
            code="import-too-many-reports",
            where="--into",
            hint="import by month (--window month), or only some rows (--since, --until, --where)",
        )


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
        used["actor"].add(OTHERS)
    used["area"] = used["area"] or {EVERYWHERE}
    _check_apart(used["victims"])
    names = {**names, "actor": {**names.get("actor", {}), OTHERS: "others, or not known"}}
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


def _nothing(incidents: Incidents) -> EvidenceError:
    reasons = "; ".join(f"{reason}: {rows.size:,}" for reason, rows in incidents.account.dropped.items())
    return EvidenceError(
        f"none of its {incidents.account.rows.size:,} rows gives a record",
        code="import-nothing",
        where=plain(incidents.file),
        hint=f"look at why they were dropped: {reasons or 'there is no row'}",
    )
