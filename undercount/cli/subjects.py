"""What a command is about: a run, the last release of a case, or a stored estimate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from undercount.cli.stores import RunName, RunType
from undercount.errors import EvidenceError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from undercount.estimators import Estimate
    from undercount.estimators.overlap import OverlapEstimate
    from undercount.runs.ledger.runs import Release

ESTIMATE: Final = "estimate.nc"
_SUFFIX: Final = ".nc"


class Subject(NamedTuple):
    """An estimate, and how it was found."""

    estimate: Estimate | OverlapEstimate
    name: str
    """Of its case or lists, and of the run where one was asked for: what its files are called."""
    words: str
    """What was found, such as "release 2 of ./my-case (run 3)"."""
    command: str = ""
    """What makes the figures of a run again."""
    release: Release | None = None
    """If it was released."""


def subject_argument[F: Callable[..., Any]](function: F) -> F:
    """Take the argument that names a run, a case or a file of an estimate."""
    return click.argument("subject", metavar="RUN|CASE|estimate.nc")(function)


def subject_of(text: str, store_folder: Path | None = None) -> Subject:
    """Find the estimate that a command is about.

    Parameters
    ----------
    text : str
        A file that ends in ``.nc``; a run as `CASE:NUMBER`; or a case, of which the last release stands, or else the
        ``estimate.nc`` in its folder or in ``./NAME``.
    store_folder : Path, optional
        Of the ledger, where it is not beside the case.

    Returns
    -------
    Subject

    Raises
    ------
    EvidenceError
        If there is no such case.
    RunError
        If there is no such run, or it has no figure.
    StoreError
        If nothing was estimated yet, or a file is missing or damaged.
    """
    if text.endswith(_SUFFIX):
        return _of_file(Path(text))
    try:
        run = RunType().convert(text, None, None)
    except click.UsageError:
        return _of_case(text, store_folder)
    return _of_run(run, store_folder)


def _of_file(path: Path) -> Subject:
    from undercount.estimators import load

    found = load(path)
    return Subject(found, _name(found), f"the estimate in {path}")


def _name(estimate: Estimate | OverlapEstimate) -> str:
    from undercount.estimators.overlap import OverlapEstimate

    return estimate.lists.name if isinstance(estimate, OverlapEstimate) else estimate.evidence.name


def _of_run(run: RunName, store_folder: Path | None) -> Subject:
    from undercount.cli.stores import store_of
    from undercount.runs.judging import estimate_of
    from undercount.runs.ledger.runs import Release, Run

    with store_of(run.case, store_folder) as store:
        found = estimate_of(store, run.number)
        with store.ledger.reading() as connection:
            status = Run.read(connection, run.number, store.name).status
            releases = [one for one in Release.all(connection, store.name) if one.run == run.number]
    release = releases[-1] if releases else None
    standing = f"{status}, not released" if release is None else f"release {release.release}"
    return Subject(
        found, f"{store.name}-{run.number}", f"run {run} ({standing})", f"undercount reproduce {run}", release
    )


def _of_case(case: str, store_folder: Path | None) -> Subject:
    released = _released(case, store_folder)
    if released is not None:
        return released
    for folder in _folders(case):
        if (folder / ESTIMATE).is_file():
            return _of_file(folder / ESTIMATE)
    raise StoreError(
        "nothing was estimated of this case yet, or the files lie elsewhere",
        code="store-no-estimate",
        where=case,
        hint=f"estimate it first: `undercount estimate {case}` or `undercount run {case}`; or name an estimate.nc",
    )


def _released(case: str, store_folder: Path | None) -> Subject | None:
    """The release that stands; None where there is no store, or none was released."""
    from undercount.cli.stores import store_of
    from undercount.runs.judging import estimate_of
    from undercount.runs.ledger.runs import Release

    try:
        store = store_of(case, store_folder)
    except (EvidenceError, StoreError) as error:
        if store_folder is None and error.code in ("store-missing", "evidence-unknown-case"):
            return None
        raise
    with store:
        with store.ledger.reading() as connection:
            release = Release.last(connection, store.name)
        if release is None:
            return None
        found = estimate_of(store, release.run)
    run = RunName(case, release.run)
    words = f"release {release.release} of {case} (run {release.run})"
    return Subject(found, store.name, words, f"undercount reproduce {run}", release)


def _folders(case: str) -> list[Path]:
    """Where the files of `undercount estimate` or `overlap` may lie."""
    from undercount.data.bundled import find_case
    from undercount.data.case_file import CASE_FILE, read_case_file

    named = Path(case)
    try:
        folder = find_case(case)
    except EvidenceError:
        if (named / ESTIMATE).is_file():
            return [named]
        raise
    found, _ = read_case_file(folder / CASE_FILE)
    names = [Path(found.case)] if found is not None and Path(found.case).name == found.case else []
    return [folder, *names]
