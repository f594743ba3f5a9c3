"""`export`: an estimate in the files that other programs read, all of them or none."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from undercount.data.problems import shown
from undercount.errors import RunError
from undercount.estimators.overlap import OverlapEstimate
from undercount.report.files import text_writer
from undercount.report.transaction import write_all

if TYPE_CHECKING:
    import os

    from undercount.report.exports.about import Exported
    from undercount.report.exports.tables import Filled
    from undercount.report.transaction import Writer

SUFFIXES: Final = {
    "csv": ".zip", "xlsx": ".xlsx", "parquet": "", "netcdf": ".nc", "json-ld": ".jsonld", "bibtex": ".bib",
}  # fmt: skip
"""Format -> suffix of its file; one with none, or that of an archive, can be a folder."""
FORMATS: Final = tuple(SUFFIXES)
OF_LISTS: Final = ("csv", "xlsx", "parquet", "netcdf")
"""Formats of an estimate from lists, which has no documents to name."""
_FOLDERS: Final = ("csv", "parquet")
_ARCHIVE: Final = ".zip"
_DAY: Final = (1980, 1, 1, 0, 0, 0)
"""Of the files in an archive: the same estimate gives the same bytes."""
_HINT: Final = "name a folder or file that is yours and has room"


def export(estimate: Exported, path: str | os.PathLike[str], format: str | None = None) -> tuple[Path, ...]:
    """Write an estimate in a format.

    Parameters
    ----------
    estimate : Estimate or OverlapEstimate
    path : path
        A file; of csv and parquet a folder, in which files of the same names are replaced, or a file that ends in
        ``.zip``.
    format : {"csv", "xlsx", "parquet", "netcdf", "json-ld", "bibtex"}, optional
        By default that of the suffix of the path.

    Returns
    -------
    tuple of Path
        What was written.

    Raises
    ------
    RunError
        If there is no such format, it is not one of this estimate, or the path does not say which.
    StoreError
        If it cannot be written. Then, and if interrupted, no new file is there and the old ones are as before.
    """
    target = Path(path)
    kind = _format(estimate, target, format)
    if kind not in _FOLDERS:
        return write_all(target.parent, {target.name: _writer(estimate, kind)}, hint=_HINT)
    files = _files(estimate, kind)
    if _is_archive(target):
        return write_all(target.parent, {target.name: lambda place: _pack(files, place)}, hint=_HINT)
    return write_all(target, {name: _bytes_writer(content) for name, content in files.items()}, hint=_HINT)


def _is_archive(target: Path) -> bool:
    return target.suffix.lower() == _ARCHIVE and not target.is_dir()


def _format(estimate: Exported, target: Path, asked: str | None) -> str:
    known = OF_LISTS if isinstance(estimate, OverlapEstimate) else FORMATS
    suffix = target.suffix.lower()
    known_by = {**{own: name for name, own in SUFFIXES.items() if own}, **{f".{name}": name for name in _FOLDERS}}
    found = asked or known_by.get(suffix)
    if found is None:
        raise RunError(
            f"{shown(target.name)} does not say in which format",
            code="export-no-format",
            where="format",
            hint=f"name one of {', '.join(known)}",
        )
    if found not in known:
        raise RunError(
            f"{shown(found)} is no format of this estimate",
            code="export-unknown-format",
            where="format",
            hint=f"name one of {', '.join(known)}",
        )
    if found in _FOLDERS and suffix not in ("", _ARCHIVE) and not target.is_dir():
        raise RunError(
            f"{found} is a folder of tables, and {shown(target.name)} looks like one file",
            code="export-one-file",
            where="path",
            hint="name a folder, such as out/, or a file that ends in .zip",
        )
    return found


def tables_of(estimate: Exported) -> tuple[Filled, ...]:
    """The tables of an estimate, filled."""
    if isinstance(estimate, OverlapEstimate):
        from undercount.report.overlap.tables import overlap_tables

        return overlap_tables(estimate)
    from undercount.report.exports.tables import estimate_tables

    return estimate_tables(estimate)


def _files(estimate: Exported, kind: str) -> dict[str, bytes]:
    from undercount.report.exports.csv_files import csv_files
    from undercount.report.exports.parquet import parquet_files

    make = csv_files if kind == "csv" else parquet_files
    return make(estimate, tables_of(estimate))


def _writer(estimate: Exported, kind: str) -> Writer:
    from undercount.report.exports.bibtex import bibtex
    from undercount.report.exports.json_ld import json_ld
    from undercount.report.exports.xlsx import write_xlsx

    if kind == "xlsx":
        tables = tables_of(estimate)
        return lambda path: write_xlsx(estimate, tables, path)
    if kind == "netcdf":
        refuse_small_counts(estimate)
        return estimate.save
    of_counts: Any = estimate
    return text_writer(json_ld(of_counts) if kind == "json-ld" else bibtex(of_counts))


def refuse_small_counts(estimate: Exported) -> None:
    """Refuse an estimate whose file would hold counts of a few persons on lists.

    Raises
    ------
    RunError
        If a pattern of its lists counts 1 to 7 persons.
    """
    from undercount.data.lists.export import is_small
    from undercount.data.lists.incidents import KIND as INCIDENTS

    matched = None if isinstance(estimate, OverlapEstimate) else estimate.lists
    lists = estimate.lists if isinstance(estimate, OverlapEstimate) else None if matched is None else matched.lists
    if lists is None or lists.unit == INCIDENTS:
        return
    if any(is_small(int(number)) for table in lists.tables for number in table.counts):
        raise RunError(
            "netCDF holds the lists as they are, and some of their counts are of 1 to 7 persons",
            code="export-small-counts",
            where="format",
            hint="export csv, xlsx or parquet, which leave such counts out, or keep the file for yourself with save()",
        )


def _bytes_writer(content: bytes) -> Writer:
    return lambda path: path.write_bytes(content)


def _pack(files: dict[str, bytes], path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _DAY)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, content)
