"""Estimates in files: whole or refused, never a figure that silently differs."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import xarray as xr

from tests.builders import FIRST, make_case, make_evidence, make_report
from tests.estimators.synthetic import equal_trees, make_estimate
from tests.permissions import permissions_hold
from undercount.errors import StoreError
from undercount.estimators import load, store
from undercount.estimators.draws import Draws

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from undercount.estimators.estimate import Estimate

KEPT = {"posterior": ["deaths", "reporting_rate"], "prior": ["reporting_rate"], "sample_stats": ["energy", "diverging"]}
FLIPS, CUTS = 200, 20


@pytest.fixture(scope="module")
def whole() -> Estimate:
    """Every group, with a question and a setting of its own."""
    evidence = make_evidence(validation=({"quantity": "morgue", "value": "9,606"},))
    made = make_estimate(evidence, chains=2, draws=6, prior=4)
    configuration = dict(made.configuration) | {
        "priors": {"rate": {"location": -1.0, "scale": 0.5, "reason": "Ärger, 日本"}},
        "as_of": "2020-05-01",
    }
    changed = replace(made, configuration=configuration, seed=2**62 + 1)
    return changed.about(window=("2020-01-05", "2020-02-03"), scope={"actor": "red"})


@pytest.fixture(scope="module")
def tiny() -> Estimate:
    """Two days and three groups, so that hundreds of damaged files are read in seconds."""
    days = {"start": FIRST, "end": date(2020, 1, 2)}
    case = make_case(timeline=days, incidents=(), estimand={"window": days})
    made = make_estimate(make_evidence((make_report(window_end=days["end"]),), case=case), chains=2, draws=4, prior=4)
    groups = {name: made.draws[name].to_dataset()[kept] for name, kept in KEPT.items()}
    return replace(made, sampled=Draws.from_tree(xr.DataTree.from_dict(groups)))


@pytest.fixture(scope="module")
def written(tiny: Estimate, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("written") / "estimate.nc"
    tiny.save(path)
    return path.read_bytes()


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def same(one: Estimate, other: Estimate) -> bool:
    fields = ("evidence", "configuration", "seed", "versions", "question")
    return equal_trees(one.draws, other.draws) and all(getattr(one, f) == getattr(other, f) for f in fields)


def test_what_is_loaded_is_what_was_saved(whole: Estimate, tmp_path: Path) -> None:
    path = tmp_path / "estimate.nc"
    whole.save(path)
    found = load(path)
    assert same(found, whole)
    assert found.evidence.sha256 == whole.evidence.sha256
    assert found.estimand == whole.estimand
    assert found.scope.actors == ("red",)
    assert found.priors["rate"].reason == "Ärger, 日本"
    np.testing.assert_array_equal(found.toll().draws, whole.toll().draws)
    assert found.toll(by="week").equals(whole.toll(by="week"))
    assert json.dumps(found.summary()) == json.dumps(whole.summary())


def test_the_real_estimate_survives(estimate: Estimate, tmp_path: Path) -> None:
    estimate.save(str(tmp_path / "estimate.nc"))
    found = load(str(tmp_path / "estimate.nc"))
    assert same(found, estimate)
    assert found.summary() == estimate.summary()
    assert found.check().passed


def test_saving_leaves_the_estimate_as_it_was(whole: Estimate, tmp_path: Path) -> None:
    before = whole.draws.copy(deep=True)
    whole.save(tmp_path / "a.nc")
    assert whole.draws.attrs == before.attrs == {}
    assert equal_trees(whole.draws, before)


def test_a_saved_file_can_be_saved_again(whole: Estimate, tmp_path: Path) -> None:
    whole.save(tmp_path / "a.nc")
    load(tmp_path / "a.nc").save(tmp_path / "b.nc")
    assert same(load(tmp_path / "b.nc"), whole)
    load(tmp_path / "b.nc").save(tmp_path / "b.nc")  # over itself
    assert same(load(tmp_path / "b.nc"), whole)


def test_others_can_read_the_draws_and_the_file(whole: Estimate, tmp_path: Path) -> None:
    path = tmp_path / "estimate.nc"
    whole.save(path)
    with xr.open_datatree(path, engine="netcdf4") as tree:
        np.testing.assert_array_equal(tree["posterior"]["deaths"], whole.draws["posterior"]["deaths"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert names(tmp_path) == ["estimate.nc"]


def outcome(path: Path, content: bytes, tiny: Estimate) -> str:
    path.write_bytes(content)
    try:
        found = load(path)
    except StoreError as error:
        return error.code
    return "same" if same(found, tiny) else "silently different"


def test_every_flipped_bit_is_noticed(tiny: Estimate, written: bytes, tmp_path: Path) -> None:
    path = tmp_path / "estimate.nc"
    assert outcome(path, written, tiny) == "same"
    rng = np.random.default_rng(31)
    bits = [*rng.choice(8 * len(written), FLIPS, replace=False), 0, 8 * len(written) - 1]
    for bit in map(int, bits):
        damaged = bytearray(written)
        damaged[bit // 8] ^= 1 << bit % 8
        assert outcome(path, bytes(damaged), tiny) == "store-damaged", f"bit {bit}"
    # A damaged file leaves nothing behind in the process: the whole one still reads.
    assert outcome(path, written, tiny) == "same"


def test_every_truncation_is_noticed(tiny: Estimate, written: bytes, tmp_path: Path) -> None:
    rng = np.random.default_rng(32)
    lengths = [0, 1, 100, len(written) - 1, *rng.choice(len(written), CUTS, replace=False)]
    for length in map(int, lengths):
        assert outcome(tmp_path / "estimate.nc", written[:length], tiny) == "store-damaged", f"{length} bytes"
    assert outcome(tmp_path / "estimate.nc", written + b"\n", tiny) == "store-damaged"


def reseal(path: Path) -> None:
    """Make the outer hash right again, as somebody would who edits the file."""
    body = path.read_bytes().rpartition(store.SEAL)[0]
    path.write_bytes(body)
    store._seal(path)


def edit(path: Path, change: dict[str, Any]) -> None:
    """Change the attributes, or the deaths, inside the file."""
    import netCDF4

    body = path.read_bytes().rpartition(store.SEAL)[0]
    path.write_bytes(body)
    with netCDF4.Dataset(path, "r+") as file:
        for name, value in change.items():
            if name == "deaths":
                file["posterior/deaths"][0, 0, 0, 0, 0] = value
            else:
                file.setncattr(name, value)
    store._seal(path)


def test_the_hashes_inside_hold_without_the_outer_one(tiny: Estimate, tmp_path: Path) -> None:
    path = tmp_path / "estimate.nc"
    tiny.save(path)
    reseal(path)
    assert same(load(path), tiny)
    edit(path, {"deaths": 1_000})
    with pytest.raises(StoreError) as caught:
        load(path)
    assert caught.value.code == "store-damaged"
    tiny.save(path)
    tree = xr.open_datatree(path)
    content = json.loads(tree.attrs["content"])
    tree.close()
    content["estimate"] = content["estimate"].replace('"value": 100', '"value": 900')
    assert "900" in content["estimate"]
    edit(path, {"content": json.dumps(content)})
    with pytest.raises(StoreError) as caught:
        load(path)
    assert caught.value.code == "store-damaged"


def test_another_format_is_named(tiny: Estimate, tmp_path: Path) -> None:
    path = tmp_path / "estimate.nc"
    tiny.save(path)
    edit(path, {"format": "undercount-estimate/9"})
    with pytest.raises(
        StoreError, match="its format is 'undercount-estimate/9', none of undercount-estimate/1, undercount-overlap/1"
    ) as caught:
        load(path)
    assert caught.value.code == "store-other-format"


@pytest.mark.parametrize("kind", ["missing", "folder", "text", "empty", "netcdf"])
def test_what_is_no_estimate_is_refused(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "estimate.nc"
    if kind == "folder":
        path.mkdir()
    elif kind == "text":
        path.write_text("killed: 9,606\n")
    elif kind == "empty":
        path.touch()
    elif kind == "netcdf":
        xr.Dataset({"x": ("draw", [1.0, 2.0])}).to_netcdf(path)
    with pytest.raises(StoreError) as caught:
        load(path)
    assert caught.value.code == ("store-missing" if kind in ("missing", "folder") else "store-damaged")
    assert caught.value.where == str(path)


@pytest.fixture
def folder(written: bytes, tmp_path: Path) -> Iterator[Path]:
    """A folder with an older estimate, which must outlive every failure to write, and nothing else."""
    (tmp_path / "estimate.nc").write_bytes(written)
    yield tmp_path
    assert names(tmp_path) == ["estimate.nc"]
    assert (tmp_path / "estimate.nc").read_bytes() == written


def refused(estimate: Estimate, path: Path) -> StoreError:
    with pytest.raises(StoreError, match="the estimate cannot be written") as caught:
        estimate.save(path)
    assert caught.value.code == "store-not-written"
    assert caught.value.where == str(path)
    return caught.value


def test_a_folder_that_is_not_there(whole: Estimate, folder: Path) -> None:
    assert "No such file" in refused(whole, folder / "away" / "estimate.nc").message


def test_a_folder_in_place_of_the_file(whole: Estimate, tmp_path: Path) -> None:
    (tmp_path / "estimate.nc").mkdir()
    refused(whole, tmp_path / "estimate.nc")
    assert names(tmp_path) == ["estimate.nc"]
    assert names(tmp_path / "estimate.nc") == []


def test_a_file_in_place_of_the_folder(whole: Estimate, folder: Path) -> None:
    refused(whole, folder / "estimate.nc" / "estimate.nc")


def test_a_folder_that_is_read_only(whole: Estimate, folder: Path) -> None:
    folder.chmod(0o555)
    try:
        with permissions_hold():
            assert "Permission denied" in refused(whole, folder / "estimate.nc").message
    finally:
        folder.chmod(0o755)


@pytest.mark.parametrize(
    "error", [OSError(30, "Read-only file system"), OSError(28, "No space left on device"), RuntimeError("HDF error")]
)
@pytest.mark.parametrize(
    "step", ["tempfile.mkstemp", "xarray.DataTree.to_netcdf", "os.fsync", "pathlib.Path.replace", "pathlib.Path.chmod"]
)
def test_a_failure_at_any_step_leaves_the_old_file(
    monkeypatch: pytest.MonkeyPatch, whole: Estimate, folder: Path, step: str, error: Exception
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(step, fail)
    told = refused(whole, folder / "estimate.nc")
    assert told.message.endswith(str(getattr(error, "strerror", None) or error))
    assert told.__cause__ is error
    monkeypatch.undo()


def test_a_disk_that_is_full_leaves_the_old_file(estimate: Estimate, folder: Path) -> None:
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    try:
        refused(estimate, folder / "estimate.nc")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_an_interrupt_leaves_the_old_file(monkeypatch: pytest.MonkeyPatch, whole: Estimate, folder: Path) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        whole.save(folder / "estimate.nc")
    monkeypatch.undo()
