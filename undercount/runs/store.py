"""`Store`: the ledger and the files of a case, in a folder beside it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from undercount.data.bundled import find_case
from undercount.data.case_file import CASE_FILE, read_case_file
from undercount.data.problems import raise_problems
from undercount.errors import StoreError
from undercount.runs.ledger import Ledger
from undercount.runs.objects import Objects, writable

if TYPE_CHECKING:
    from undercount.data.schema import Case

FOLDER: Final = "ledger"
_PACKAGE: Final = Path(__file__).parent.parent


@dataclass(frozen=True)
class Store:
    """What is kept of a case from run to run."""

    case_folder: Path
    """Holds ``case.toml``."""
    name: str
    """Of the case."""
    folder: Path
    ledger: Ledger
    objects: Objects

    @classmethod
    def of(cls, case: str | os.PathLike[str], folder: Path | None = None, *, must_exist: bool = False) -> Store:
        """Find the store of a case; `with` opens it.

        Parameters
        ----------
        case : str or path
            Folder of the case, or name of a bundled one.
        folder : Path, optional
            Of the store; by default ``ledger`` in the folder of the case, of a bundled one in ``./NAME``.
        must_exist : bool
            Whether a store that is not there is refused, rather than made.

        Raises
        ------
        EvidenceError
            If there is no such case, or its ``case.toml`` cannot be read.
        StoreError
            If there is no store and there must be, or none can be made.
        """
        place = find_case(case)
        found = _case_of(place)
        where = folder or (Path(found.case) if place.is_relative_to(_PACKAGE) else place) / FOLDER
        if must_exist and not where.is_dir():
            raise StoreError(
                "nothing was taken in or run yet: there is no store",
                code="store-missing",
                where=str(where),
                hint=f"begin with `undercount run {os.fspath(case)}`, or name the store with --store",
            )
        with writable(where):
            where.mkdir(parents=True, exist_ok=True)
        return cls(place, found.case, where, Ledger(where), Objects(where))

    def __enter__(self) -> Self:
        self.ledger.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.ledger.close()


def _case_of(folder: Path) -> Case:
    case, problems = read_case_file(folder / CASE_FILE)
    if case is None:
        raise_problems(problems)
    return case
