"""What imports leave in the folder of a case, and what the next one finds there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from undercount.data.case_file import CASE_FILE, case_text
from undercount.data.draft import REPORT_FILE, SOURCE_FILE
from undercount.data.export import replaced_folder
from undercount.data.imports.incidents import FIELDS, record_schema
from undercount.data.imports.merging import FILE, merged_schema
from undercount.data.imports.pools import pooled, spelled
from undercount.data.imports.rows import write_rows
from undercount.data.imports.windows import RECORDS, REPORT
from undercount.data.reading import read_case
from undercount.errors import EvidenceError
from undercount.errors.naming import plain

if TYPE_CHECKING:
    import pyarrow as pa

    from undercount.data.evidence import Evidence
    from undercount.data.imports.incidents import Account, Incidents
    from undercount.data.schema import Case, Source

JOURNAL: Final = "imports/imports.json"
_MINE: Final = frozenset({CASE_FILE, SOURCE_FILE, REPORT_FILE, Path(JOURNAL).name, Path(RECORDS).name})
_POOLED: Final = (FILE, REPORT)
"""Fields of a record whose texts are held once on disk, too."""
_ROW_GROUP: Final = 2**20


class Entry(NamedTuple):
    """An import, without its records."""

    file: str
    sha256: str
    format: str
    account: Account
    lists_events: bool

    @property
    def content(self) -> dict[str, Any]:
        """Ready for JSON."""
        told = {"file": self.file, "sha256": self.sha256, "format": self.format, "lists_events": self.lists_events}
        return {**told, **self.account.counts()}

    @classmethod
    def of(cls, incidents: Incidents) -> Entry:
        """Say of a file what the journal keeps."""
        return cls(incidents.file, incidents.sha256, incidents.format, incidents.account, incidents.lists_events)


@dataclass(frozen=True)
class Found:
    """What stands in a folder that an import goes into."""

    tables: list[pa.Table] = field(default_factory=list)
    """Records of earlier imports, in one table, if there are any."""
    sources: tuple[Source, ...] = ()
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    imports: tuple[Mapping[str, Any], ...] = ()
    case: Case | None = None
    validation: tuple[Mapping[str, str], ...] = ()
    window: str = ""
    actors: int | None = None
    """How many are told apart."""


def found_in(folder: Path, window: str) -> Found:
    """Find the case that an import adds to.

    Parameters
    ----------
    folder : Path
    window : str
        That is asked for; empty: that of the case.

    Raises
    ------
    EvidenceError
        If it is a case that no import made, was edited since, or was imported with another window.
    """
    if not folder.exists() or not any(folder.iterdir()):
        return Found()
    import pyarrow as pa
    import pyarrow.parquet as pq

    content, evidence = unedited(folder)
    if window not in ("", content["window"]):
        raise EvidenceError(
            f"the case was imported by {content['window']}, and now --window {window} is asked for",
            code="import-other-window",
            where="--window",
            hint=f"import with --window {content['window']}, or into a new folder",
        )
    texts = [field.name for field in record_schema() if field.type == pa.string()]
    table = pq.read_table(folder / RECORDS, columns=[*FIELDS, FILE], read_dictionary=texts)
    return Found(
        [pooled(table).cast(merged_schema())], evidence.sources, content["names"], tuple(content["imports"]),
        evidence.case, evidence.validation, content["window"], content.get("actors"),
    )  # fmt: skip


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


def write_import(folder: Path, evidence: Evidence, table: pa.Table, entry: Entry, journal: Mapping[str, Any]) -> None:
    """Put a case with its records and journal in the place of what stood in a folder, whole or not at all.

    Parameters
    ----------
    folder : Path
    evidence : Evidence
    table : pyarrow.Table
        All its records, with their reports.
    entry : Entry
        The import that made it.
    journal : mapping
        Window, number of actors, names and earlier imports.
    """
    from undercount.data.cells import as_cells
    from undercount.data.files import write_table
    from undercount.data.schema import REPORT_COLUMNS, SOURCE_COLUMNS

    account, sha256 = entry.account, entry.sha256
    imports = [*(one for one in journal["imports"] if one["sha256"] != sha256), entry.content]
    content = {"evidence": evidence.sha256, **journal, "imports": imports}
    text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)
    with replaced_folder(folder, _MINE) as place:
        (place / "imports").mkdir(exist_ok=True)
        (place / CASE_FILE).write_text(case_text(evidence.case), encoding="utf-8", newline="\n")
        write_table(place / SOURCE_FILE, SOURCE_COLUMNS, map(as_cells, evidence.sources))
        write_table(place / REPORT_FILE, REPORT_COLUMNS, map(as_cells, evidence.reports))
        _write_records(place / RECORDS, table)
        (place / JOURNAL).write_text(text + "\n", encoding="utf-8", newline="\n")
        write_rows(place / "imports", sha256, account, table)


def _write_records(path: Path, table: pa.Table) -> None:
    """Write records with their texts in their cells, some at a time."""
    import pyarrow.parquet as pq

    schema = spelled(table.slice(0, 0), _POOLED).schema
    with pq.ParquetWriter(path, schema, compression="zstd", write_page_checksum=True) as writer:
        for first in range(0, table.num_rows, _ROW_GROUP):
            writer.write_table(spelled(table.slice(first, _ROW_GROUP), _POOLED), _ROW_GROUP)
