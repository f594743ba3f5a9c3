"""The folder that the files of a command go to."""

from __future__ import annotations

import os
from pathlib import Path

from undercount.errors import RunError


def folder_of(asked: Path | None, name: str) -> Path:
    """Find the folder of the files, and refuse it before the fit if it cannot be one.

    Parameters
    ----------
    asked : Path, optional
        What `--out` says.
    name : str
        Of the case or lists: the folder, where none was asked for.

    Raises
    ------
    RunError
        If the name is none for a folder, or the folder cannot be written.
    """
    if asked is None and (Path(name).name != name or name.startswith(".") or "\\" in name):
        raise RunError(
            f"the evidence is called {name!r}, which is no name for a folder",
            code="run-no-folder-name",
            where="--out",
            hint="name a folder with --out, or use --no-files",
        )
    folder = asked or Path(name)
    nearest = next((path for path in (folder, *folder.absolute().parents) if path.exists()), Path())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        raise RunError(
            f"the files cannot be written to {str(folder)!r}",
            code="run-folder-not-writable",
            where="--out",
            hint="name a folder that is yours with --out, or use --no-files",
        )
    return folder


def as_argument(path: str) -> str:
    """Write the path of a case as it must be typed: a bare name would be taken for a bundled case.

    Examples
    --------
    >>> as_argument("my-case"), as_argument("/tmp/my case")
    ('./my-case', "'/tmp/my case'")
    """
    import shlex

    return shlex.quote(path if "/" in path or "\\" in path else f"./{path}")
