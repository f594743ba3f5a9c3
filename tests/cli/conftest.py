"""The command line in this process, with a stand-in for the sampler."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest
from click.testing import CliRunner

from tests.cli.stand_in import StandIn
from undercount import estimators
from undercount.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result


class Invoke(Protocol):
    """Call the command line with arguments."""

    def __call__(self, *arguments: object) -> Result: ...


@pytest.fixture
def undercount(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Invoke:
    """`undercount`, in an empty folder, without a sampler; what it does not catch on purpose is raised."""
    monkeypatch.setattr(estimators, "CountFusion", StandIn)
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments: object) -> Result:
        return CliRunner().invoke(main, [*map(str, arguments)], catch_exceptions=False, prog_name="undercount")

    return invoke
