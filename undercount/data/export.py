"""Evidence on its way out: frames and case folders."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from undercount.data.case_file import CASE_FILE, case_text
from undercount.data.cells import as_cells
from undercount.data.draft import REPORT_FILE, SOURCE_FILE
from undercount.data.files import write_table
from undercount.data.problems import shown
from undercount.data.schema import REPORT_COLUMNS, SOURCE_COLUMNS, Case, Report, Source
from undercount.errors import EvidenceError, reason_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    import pandas as pd

_WHOLE = ("value", "low", "high", "window_uncertainty_days")
_DECIMAL = ("prior_median", "prior_scale")


def report_frame(reports: Sequence[Report]) -> pd.DataFrame:
    """Give reports as a pandas frame; see `Evidence.to_frame`."""
    return _frame(reports, REPORT_COLUMNS)


def source_frame(sources: Sequence[Source]) -> pd.DataFrame:
    """Give sources as a pandas frame; see `Evidence.sources_frame`."""
    return _frame(sources, SOURCE_COLUMNS)


def _frame(records: Sequence[Report] | Sequence[Source], columns: Sequence[str]) -> pd.DataFrame:
    import pandas as pd

    rows = [as_cells(record) for record in records]
    data: dict[str, pd.api.extensions.ExtensionArray] = {}
    for column in columns:
        if column in _WHOLE:
            data[column] = pd.array([getattr(record, column) for record in records], dtype="Int64")
        elif column in _DECIMAL:
            data[column] = pd.array([getattr(record, column) for record in records], dtype="Float64")
        else:
            data[column] = pd.array([row[column] for row in rows], dtype="str")
    return pd.DataFrame(data)


def write_case(
    folder: str | os.PathLike[str],
    case: Case,
    sources: Sequence[Source],
    reports: Sequence[Report],
    validation: Sequence[Mapping[str, str]],
) -> Path:
    """Write a case folder; see `Evidence.write`."""
    with new_folder(folder) as place:
        (place / CASE_FILE).write_text(case_text(case), encoding="utf-8", newline="\n")
        write_table(place / SOURCE_FILE, SOURCE_COLUMNS, map(as_cells, sources))
        write_table(place / REPORT_FILE, REPORT_COLUMNS, map(as_cells, reports))
        if validation:
            write_table(place / "validation.csv", list(validation[0]), validation)
    return Path(folder)


@contextmanager
def new_folder(folder: str | os.PathLike[str]) -> Iterator[Path]:
    """Fill a new folder beside its place and put it there in one step, whole or not at all.

    Parameters
    ----------
    folder : path
        Must not exist, or be empty.

    Yields
    ------
    Path
        A folder to write into.

    Raises
    ------
    EvidenceError
        If the folder holds anything, or cannot be written.
    """
    target = Path(folder).absolute()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise EvidenceError(
            f"{shown(str(folder))} is there and not empty",
            code="evidence-folder-exists",
            where=str(folder),
            hint="give a new folder, or empty this one yourself",
        )
    with _beside(target) as place:
        yield place


@contextmanager
def replaced_folder(folder: str | os.PathLike[str], names: AbstractSet[str]) -> Iterator[Path]:
    """Fill a folder beside its place and put it there, with what it holds besides.

    Parameters
    ----------
    folder : path
        Made if it is not there.
    names : set of str
        Files that will be written anew, wherever they stand in it; all others stay.

    Yields
    ------
    Path
        A folder to write these into.

    Raises
    ------
    EvidenceError
        If it cannot be written; it is then as before.
    """
    target = Path(folder).absolute()
    with _beside(target) as place:
        if target.exists():
            shutil.copytree(
                target, place, ignore=lambda _, found: {*names} & {*found}, copy_function=os.link, dirs_exist_ok=True
            )
        yield place


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A folder beside another, which takes its place at the end."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            dir=target.parent, prefix=".undercount-", ignore_cleanup_errors=True
        ) as beside:
            # The temporary folder itself is closed to others; one inside it has the usual permissions.
            place = Path(beside) / "case"
            place.mkdir()
            yield place
            _put(place, target, Path(beside) / "before")
    except (OSError, ValueError) as error:
        raise EvidenceError(
            f"the folder {shown(str(target))} cannot be written: {reason_of(error)}",
            code="evidence-folder-not-written",
            where=str(target),
            hint="check the path, its permissions and the space left",
        ) from error


def _put(place: Path, target: Path, before: Path) -> None:
    if target.exists():
        target.rename(before)
    try:
        place.rename(target)
    except OSError:
        if before.exists():
            before.rename(target)
        raise
