"""Cases by name, cases by path, and the example to start from."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.data.folders import good_folder
from undercount.data import Evidence, bundled, case_names, check_case, find_case, init_case, load_case, read_case
from undercount.data.schema import Qualifier
from undercount.errors import EvidenceError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package that ships testland."""
    cases = tmp_path / "shipped"
    good_folder(cases)
    (cases / "no-case").mkdir()
    monkeypatch.setattr(bundled, "_cases", lambda: cases)
    return cases


def test_a_bundled_case_loads(shipped: Path) -> None:
    assert case_names() == ("testland",)
    assert load_case("testland") == read_case(shipped / "testland")


@pytest.mark.parametrize("name", ["testlan", "no-case", "../shipped/testland", "", "testland/", "\0"])
def test_an_unknown_name_is_refused_with_the_list(shipped: Path, name: str) -> None:
    assert shipped.is_dir()
    with pytest.raises(EvidenceError, match="write one of: testland") as caught:
        load_case(name)
    assert caught.value.code == "evidence-unknown-case"


def test_no_cases_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundled, "_cases", lambda: tmp_path / "none")
    assert case_names() == ()
    with pytest.raises(EvidenceError, match="evidence-unknown-case"):
        find_case("x")


def test_find_case(shipped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_case("testland") == shipped / "testland"
    monkeypatch.chdir(tmp_path)
    (tmp_path / "testland").mkdir()  # results of an earlier run
    assert find_case("testland") == shipped / "testland"
    assert str(find_case("./testland")) == "testland"
    shutil.copyfile(shipped / "testland" / "case.toml", tmp_path / "testland" / "case.toml")
    assert str(find_case("testland")) == "testland"
    with pytest.raises(EvidenceError, match="did you mean testland"):
        find_case("testlnd")


def test_the_example_is_valid_and_shows_what_can_be_said(tmp_path: Path) -> None:
    folder = init_case(tmp_path / "new" / "my-case")
    assert check_case(folder) == []
    evidence = read_case(folder)
    assert len({report.qualifier for report in evidence.reports} & {*Qualifier}) >= 5
    assert any(report.derived_from for report in evidence.used)
    assert any(report.incident for report in evidence.used)
    assert len(evidence.used) < len(evidence.reports)
    assert {file.name for file in folder.iterdir()} == {"case.toml", "reports.csv", "sources.csv", "README.md"}
    assert evidence == read_case(evidence.write(tmp_path / "again"))
    assert list((tmp_path / "new").iterdir()) == [folder]


def test_the_example_never_overwrites(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    with pytest.raises(EvidenceError, match="evidence-folder-exists"):
        init_case(tmp_path / "mine")
    with pytest.raises(EvidenceError, match="evidence-folder-exists"):
        init_case(tmp_path / "mine" / "notes.txt")
    assert [file.name for file in tmp_path.iterdir()] == ["mine"]


def test_an_example_that_fails_half_way_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(EvidenceError, match="No space left on device"):
        init_case(tmp_path / "mine")
    assert list(tmp_path.iterdir()) == []


def test_importing_and_reading_loads_neither_pandas_nor_samplers(tmp_path: Path) -> None:
    folder = good_folder(tmp_path)
    code = (
        "import sys, undercount.data as data; "
        f"data.read_case({str(folder)!r}); "
        "heavy = {'pandas', 'narwhals', 'polars', 'pyarrow', 'pymc', 'arviz', 'numba', 'scipy'}; "
        "print(sorted(heavy & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert Evidence.__module__ == "undercount.data.evidence"
