"""`export`: the format asked for, all files or none, and refusals that say what to do."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from undercount.errors import RunError, StoreError
from undercount.estimators import load
from undercount.report.exports import FORMATS, csv_files
from undercount.report.exports.front import OF_LISTS, SUFFIXES

if TYPE_CHECKING:
    from undercount.estimators import Estimate
    from undercount.estimators.overlap import OverlapEstimate

ONE_FILE = {name: suffix for name, suffix in SUFFIXES.items() if suffix}


@pytest.mark.parametrize(("name", "suffix"), ONE_FILE.items(), ids=ONE_FILE)
def test_the_suffix_says_the_format(name: str, suffix: str, estimate: Estimate, tmp_path: Path) -> None:
    by_suffix, by_name = tmp_path / f"x{suffix.upper()}", tmp_path / f"y{suffix}"
    assert estimate.export(by_suffix) == (by_suffix,)
    assert estimate.export(str(by_name), name) == (by_name,)
    assert sorted(tmp_path.iterdir()) == [by_suffix, by_name]
    assert by_suffix.stat().st_mode & 0o777 == 0o644
    if name != "netcdf":  # HDF5 notes when a file was made
        assert by_suffix.read_bytes() == by_name.read_bytes()


def test_netcdf_is_what_save_writes(estimate: Estimate, tmp_path: Path) -> None:
    estimate.export(tmp_path / "x.nc")
    assert load(tmp_path / "x.nc").toll().median == estimate.toll().median


@pytest.mark.parametrize(
    ("target", "kind", "code"),
    [
        ("out", None, "export-no-format"),
        ("out.txt", None, "export-no-format"),
        ("out.csv", None, "export-one-file"),
        ("out.parquet", None, "export-one-file"),
        ("out.xlsx", "csv", "export-one-file"),
        ("out.xlsx", "pdf", "export-unknown-format"),
    ],
)
def test_what_is_unclear_is_refused(target: str, kind: Any, code: str, estimate: Estimate, tmp_path: Path) -> None:
    with pytest.raises(RunError) as caught:
        estimate.export(tmp_path / target, kind)
    assert caught.value.code == code
    assert caught.value.hint
    assert [*tmp_path.iterdir()] == []


def test_a_folder_keeps_what_else_is_in_it(estimate: Estimate, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    (tmp_path / "toll.csv").write_text("old")
    estimate.export(tmp_path, "csv")
    assert (tmp_path / "mine.txt").read_text() == "mine"
    assert (tmp_path / "toll.csv").read_text() != "old"


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet", "json-ld"])
def test_a_place_that_cannot_be_written_is_a_typed_error(kind: str, estimate: Estimate, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(StoreError) as caught:
        estimate.export(tmp_path / "file" / "out", kind)
    assert caught.value.code == "store-not-written"
    assert "--" not in caught.value.hint
    assert (tmp_path / "file").read_text() == "mine"


def test_a_folder_is_not_replaced_by_a_file(estimate: Estimate, tmp_path: Path) -> None:
    (tmp_path / "out.bib").mkdir()
    with pytest.raises(StoreError):
        estimate.export(tmp_path / "out.bib")
    assert (tmp_path / "out.bib").is_dir()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_interrupt_leaves_the_folder_as_it_was(
    kind: str, estimate: Estimate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "toll.csv").write_text("old")
    replace = Path.replace

    def interrupted(self: Path, target: Path) -> Path:
        signal.raise_signal(signal.SIGINT)
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        estimate.export(tmp_path / ("x.xlsx" if kind == "xlsx" else ""), kind)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"toll.csv": "old"}


def test_a_fault_leaves_nothing(estimate: Estimate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> str:
        raise ZeroDivisionError

    monkeypatch.setattr(csv_files, "csv_text", fail)
    with pytest.raises(ZeroDivisionError):
        estimate.export(tmp_path / "deep" / "out", "csv")
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("kind", FORMATS)
def test_formats_of_lists(kind: str, large: OverlapEstimate, tmp_path: Path) -> None:
    if kind in OF_LISTS:
        assert all(path.is_file() for path in large.export(tmp_path / "out", kind))
    else:
        with pytest.raises(RunError, match="no format of this estimate"):
            large.export(tmp_path / "out", kind)
