"""What makes two runs the same: evidence, settings, code and versions."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from undercount.estimators.versions import CORE, versions_of
from undercount.runs.ledger.sealing import canonical, sha256_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from undercount.data.evidence import Evidence

_PACKAGE = Path(__file__).parent.parent


@cache
def code_sha256() -> str:
    """Hash of every source file of this package."""
    digest = hashlib.sha256()
    for path in sorted(_PACKAGE.rglob("*.py")):
        digest.update(f"{path.relative_to(_PACKAGE).as_posix()}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def versions_now() -> dict[str, str]:
    """Versions of everything that a figure depends on."""
    return {**versions_of(CORE), "undercount code": code_sha256()}


def key_of(evidence: Evidence, settings: Mapping[str, Any], versions: Mapping[str, str]) -> str:
    """Hash of all that a run depends on."""
    return sha256_of(canonical({"evidence": evidence.sha256, "settings": settings, "versions": versions}))
