"""Cases that come with the package, and the example from which a new one starts."""

from __future__ import annotations

import os
import shutil
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from undercount.data.case_file import CASE_FILE
from undercount.data.export import new_folder
from undercount.data.problems import shown, write_one_of
from undercount.data.reading import read_case
from undercount.errors import EvidenceError

if TYPE_CHECKING:
    from undercount.data.evidence import Evidence


def _cases() -> Path:
    return Path(str(files("undercount.data"))) / "cases"


def case_names() -> tuple[str, ...]:
    """Give the names of the cases that come with the package, sorted.

    Examples
    --------
    >>> "mosul-2017" in case_names()
    True
    """
    if not _cases().is_dir():
        return ()
    return tuple(sorted(folder.name for folder in _cases().iterdir() if (folder / CASE_FILE).is_file()))


def load_case(name: str) -> Evidence:
    """Read a case that comes with the package.

    Parameters
    ----------
    name : str
        One of `case_names`; for a folder of your own use `read_case`.

    Returns
    -------
    Evidence

    Raises
    ------
    EvidenceError
        If there is no such case.

    Examples
    --------
    >>> evidence = load_case("mosul-2017")
    >>> evidence.case.timezone
    'Asia/Baghdad'
    """
    return read_case(_bundled(name))


def find_case(name_or_path: str | os.PathLike[str]) -> Path:
    """Find the folder of a case, as the command line means it.

    Parameters
    ----------
    name_or_path : str or path
        A folder, if it holds a path separator or is one with a ``case.toml``; otherwise a bundled name.

    Returns
    -------
    Path
        The folder; whether its content is valid is for `read_case` to say.

    Raises
    ------
    EvidenceError
        If it is neither a folder nor a bundled name.
    """
    text = os.fspath(name_or_path)
    separators = {os.sep, os.altsep or os.sep}
    if any(mark in text for mark in separators) or (Path(text) / CASE_FILE).is_file():
        return Path(text)
    return _bundled(text)


def _bundled(name: str) -> Path:
    names = case_names()
    if name not in names:
        raise EvidenceError(
            f"{shown(name)} is not a bundled case",
            code="evidence-unknown-case",
            where="case",
            hint=f"{write_one_of(name, names)}; or give the path of a folder, such as ./my-case",
        )
    return _cases() / name


def init_case(folder: str | os.PathLike[str]) -> Path:
    """Write a commented, valid example case to start from.

    Parameters
    ----------
    folder : path
        Must not exist, or be empty.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    EvidenceError
        If the folder holds anything, or cannot be written.
    """
    template = Path(str(files("undercount.data"))) / "template"
    with new_folder(folder) as place:
        for file in sorted(template.iterdir()):
            if file.is_file():
                shutil.copyfile(file, place / file.name)
    return Path(folder)
