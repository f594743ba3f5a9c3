"""A case folder, its store, and one run of it that many tests look at."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runs.cases import case_folder, runner
from undercount.runs.store import Store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return case_folder(tmp_path)


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    with Store.of(folder) as found:
        yield found


@pytest.fixture(scope="session")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case folder with one release; to be copied, not written to."""
    folder = case_folder(tmp_path_factory.mktemp("ran"))
    with Store.of(folder) as store:
        assert runner(store).run().status == "released"
    return folder


@pytest.fixture
def released(ran: Path, tmp_path: Path) -> Iterator[Store]:
    """The store of a case with one release, of which a test may do what it likes."""
    place = tmp_path / "testland"
    shutil.copytree(ran, place, symlinks=True)
    with Store.of(place) as found:
        yield found
