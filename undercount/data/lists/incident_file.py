"""The file in which matching leaves the incidents of a case for its fit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from undercount.data.lists.incidents import MatchedIncidents
from undercount.errors import EvidenceError
from undercount.errors.naming import plain

if TYPE_CHECKING:
    import os

INCIDENTS: Final = "imports/incidents.json"
LARGEST: Final = 64 * 2**20
"""Bytes."""


def incidents_text(matched: MatchedIncidents, evidence: str) -> str:
    """State matched incidents as JSON, with the hash of the evidence that their records are in."""
    content = {"evidence": evidence, **matched.content}
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def read_incidents(folder: str | os.PathLike[str]) -> MatchedIncidents:
    """Read the matched incidents of a case, for ``CountFusion(lists=...)``.

    Parameters
    ----------
    folder : path
        Of a case whose records `undercount match` has matched.

    Returns
    -------
    MatchedIncidents

    Raises
    ------
    EvidenceError
        If they were not matched, the file is damaged, or the case has changed since.
    """
    from undercount.data.reading import read_case

    path = Path(folder) / INCIDENTS
    if not path.is_file():
        raise EvidenceError(
            f"{plain(str(folder))} has no matched incidents",
            code="lists-no-incidents",
            where=INCIDENTS,
            hint="import the records of two sources or more into the case, then run `undercount match`, "
            "which says if too few incidents were seen by two of them",
        )
    content = _content(path)
    if content["evidence"] != read_case(Path(folder)).sha256:
        raise _wrong("the case has changed since its incidents were matched")
    try:
        return MatchedIncidents.of_content(content)
    except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
        raise _wrong("it does not hold matched incidents") from error


def _content(path: Path) -> dict[str, Any]:
    if path.stat().st_size > LARGEST:
        raise _wrong(f"it is larger than {LARGEST // 2**20} MiB")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise _wrong("it is no JSON") from error
    if not isinstance(content, dict) or "evidence" not in content:
        raise _wrong("it does not hold matched incidents")
    return content


def _wrong(rule: str) -> EvidenceError:
    return EvidenceError(rule, code="lists-bad-incidents", where=INCIDENTS, hint="run `undercount match` again")
