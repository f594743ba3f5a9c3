"""A batch in a folder: what is there is never fitted twice, what is damaged is found; fitted in this process."""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.estimators.batches.stand_in import StandIn, case, cases, comparable, fits, inline
from tests.estimators.synthetic import equal_trees
from undercount.data.schema import PriorChange
from undercount.errors import StoreError
from undercount.estimators import CountFusion
from undercount.estimators.batches import Batch, BatchProgress, fit_many, front, parts, settings
from undercount.estimators.batches.cases import writable
from undercount.estimators.batches.folder import Folder, file_name

if TYPE_CHECKING:
    from undercount.data import Evidence


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "fit_locally", inline)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "out"


@pytest.fixture
def every_case_a_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "FLUSH_SECONDS", 0.0)


def flip(path: Path, place: float = 0.5) -> None:
    content = bytearray(path.read_bytes())
    content[int(place * len(content))] ^= 1
    path.write_bytes(content)


def refusal(out: Path, *args: Any, **changes: Any) -> StoreError:
    settings_: dict[str, Any] = {"seed": 1, "out": out} | changes
    with pytest.raises(StoreError) as caught:
        fit_many(*(args or (StandIn(), cases(3))), **settings_)
    assert caught.value.hint
    return caught.value


def test_a_folder_gives_what_memory_gives(out: Path) -> None:
    cases_: list[Any] = [*cases(5), case("is-held"), case("has-a-bug"), "not-bundled"]
    batch = fit_many(StandIn(), cases_, seed=1, out=out, by="actor")
    assert comparable(batch) == comparable(fit_many(StandIn(), cases_, seed=1, by="actor"))
    assert batch.path == out
    assert batch.frame().equals(Batch(out, batch.sha256).frame())
    assert pq.read_table(out / "results.parquet", page_checksum_verification=True).num_rows == 5 * 3 + 3 + 2
    assert sorted(path.name for path in out.iterdir() if path.name != ".lock") == [
        "estimates", "parts", "results.parquet", "settings.json",
    ]  # fmt: skip


@pytest.mark.usefixtures("every_case_a_part")
@pytest.mark.parametrize("chunk", [1, 2, 2000])
def test_a_second_call_fits_what_is_missing_changed_or_broken(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(parts, "CHUNK", chunk)
    estimator = StandIn(str(tmp_path))
    first: list[Any] = [*cases(4), case("is-held"), case("is-refused"), case("has-a-bug"), "not-bundled"]
    fit_many(estimator, first, seed=1, out=out)
    before = len(fits(tmp_path))
    told: list[BatchProgress] = []
    second: list[Any] = [
        "not-bundled",
        case("new"),
        case("has-a-bug"),
        case("is-held"),
        case("is-refused"),
        *cases(4)[::-1],
    ]
    second[5] = case("case-3", 999)
    batch = fit_many(estimator, second, seed=1, out=out, progress=told.append)
    assert [line[0] for line in fits(tmp_path)[before:]] == ["case-3", "has-a-bug", "new"]
    assert told[-1].already == 5
    assert (told[-1].finished, told[-1].stored) == (9, 9)
    assert comparable(batch) == comparable(fit_many(StandIn(), second, seed=1))


def test_cases_that_are_not_asked_for_again_are_kept(out: Path, tmp_path: Path) -> None:
    estimator = StandIn(str(tmp_path))
    fit_many(estimator, cases(4), seed=1, out=out)
    assert len(fit_many(estimator, cases(2), seed=1, out=out)) == 2
    assert len(fit_many(estimator, cases(4), seed=1, out=out)) == 4
    assert len(fits(tmp_path)) == 4


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seed": 2}, "seed was 1, is 2"),
        ({"by": "actor"}, "by was [], is ['actor']"),
        ({"files": True}, "files was False, is True"),
    ],
    ids=str,
)
def test_other_settings_are_refused_by_name(out: Path, changes: dict[str, Any], message: str) -> None:
    fit_many(StandIn(), cases(1), seed=1, out=out)
    error = refusal(out, **changes)
    assert error.code == "store-other-settings"
    assert error.message.endswith(message)


def test_another_estimator_or_other_software_is_refused(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fit_many(StandIn(), cases(1), seed=1, out=out)
    assert "estimator seconds was 0.0, is 0.5" in refusal(out, StandIn(seconds=0.5), cases(1)).message
    assert "estimator name was StandIn, is CountFusion" in refusal(out, CountFusion(), []).message
    other = {**settings.versions(), "compiled sources": "another"}
    monkeypatch.setattr(front, "settings_of", lambda *_, **__: {"versions": other})
    assert "versions compiled sources was" in refusal(out).message


def test_cores_are_no_setting_of_the_figures(out: Path) -> None:
    fit_many(StandIn(cores=1), cases(1), seed=1, out=out)
    assert len(fit_many(StandIn(cores=2), cases(1), seed=1, out=out)) == 1


def test_a_function_with_another_body_is_another_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inspect.getsource", lambda _: "def extend(): one")
    before = settings.settings_of(CountFusion(extend=fits), seed=1, by=(), files=False)  # type: ignore[arg-type]
    monkeypatch.setattr("inspect.getsource", lambda _: "def extend(): two")
    after = settings.settings_of(CountFusion(extend=fits), seed=1, by=(), files=False)  # type: ignore[arg-type]
    assert "estimator extend source was" in settings.different(before, after)


@pytest.mark.parametrize("content", ["{", "[]", "", "\x00"])
def test_settings_that_cannot_be_read_are_refused(out: Path, content: str) -> None:
    fit_many(StandIn(), cases(1), seed=1, out=out)
    (out / "settings.json").write_text(content)
    assert refusal(out).code == "store-other-settings"


@pytest.mark.parametrize("place", [0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.9999])
@pytest.mark.parametrize("name", ["parts/part-*.parquet", "results.parquet"])
def test_a_flipped_bit_is_found(out: Path, name: str, place: float) -> None:
    batch = fit_many(StandIn(), cases(3), seed=1, out=out)
    (path,) = out.glob(name)
    flip(path, place)
    if name.startswith("parts"):
        error = refusal(out)
    else:
        with pytest.raises(StoreError) as caught:
            batch.frame()
        error = caught.value
    assert (error.code, error.where) == ("store-damaged", str(path))


def test_a_truncated_part_and_a_stranger_among_the_parts_are_found(out: Path) -> None:
    fit_many(StandIn(), cases(3), seed=1, out=out)
    (path,) = (out / "parts").iterdir()
    os.truncate(path, path.stat().st_size // 2)
    assert refusal(out).code == "store-damaged"
    path.unlink()
    (out / "parts" / "part-000000.parquet").touch()
    assert refusal(out).where.endswith("part-000000.parquet")


def test_a_part_that_was_removed_is_fitted_again(out: Path) -> None:
    before = comparable(fit_many(StandIn(), cases(3), seed=1, out=out))
    (path,) = (out / "parts").iterdir()
    path.unlink()
    assert comparable(fit_many(StandIn(), cases(3), seed=1, out=out)) == before


def test_a_kill_before_the_first_case_is_no_hindrance(out: Path) -> None:
    out.mkdir(parents=True)
    (out / ".half-settings.json").write_text("{")
    (out / ".lock").touch()
    assert len(fit_many(StandIn(), cases(1), seed=1, out=out)) == 1


def test_what_was_half_written_is_removed(out: Path) -> None:
    fit_many(StandIn(), cases(3), seed=1, out=out)
    halves = [out / ".half-results.parquet", out / "parts" / ".half-part-1", out / "estimates" / ".half-x.nc"]
    for half in halves:
        half.write_bytes(b"half")
    fit_many(StandIn(), cases(3), seed=1, out=out)
    assert not any(half.exists() for half in halves)


def test_a_folder_in_use_is_refused(out: Path) -> None:
    fit_many(StandIn(), cases(1), seed=1, out=out)
    plain = settings.settings_of(StandIn(), seed=1, by=(), files=False)
    with Folder(out, plain):
        assert refusal(out).code == "store-in-use"
    assert len(fit_many(StandIn(), cases(1), seed=1, out=out)) == 1


def test_a_folder_of_something_else_is_left_alone(out: Path) -> None:
    out.mkdir(parents=True)
    (out / "thesis.tex").write_text("years of work")
    error = refusal(out)
    assert (error.code, error.message) == ("store-not-a-batch", "the folder holds other files: 'thesis.tex'")
    assert sorted(path.name for path in out.iterdir()) == [".lock", "thesis.tex"]


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert refusal(tmp_path / "file" / "out").code == "store-not-written"


def test_a_full_disk_ends_the_batch_and_keeps_what_was_stored(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "FLUSH_SECONDS", 0.0)
    real = Path.write_bytes
    written: list[Path] = []

    def write(self: Path, content: bytes) -> int:
        if len(written) == 2:
            raise OSError(28, "No space left on device")
        written.append(self)
        return real(self, content)

    monkeypatch.setattr(Path, "write_bytes", write)
    error = refusal(out, StandIn(str(tmp_path)), cases(6))
    assert (error.code, "No space left on device" in error.message) == ("store-not-written", True)
    monkeypatch.setattr(Path, "write_bytes", real)
    done = len(fits(tmp_path))
    batch = fit_many(StandIn(str(tmp_path)), cases(6), seed=1, out=out)
    assert comparable(batch) == comparable(fit_many(StandIn(), cases(6), seed=1))
    assert len(fits(tmp_path)) - done == 4


def test_an_interrupt_stores_what_was_finished(out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("undercount.estimators.batches.progress.SECONDS_BETWEEN", 0.0)

    def stop(progress: BatchProgress) -> None:
        if progress.finished == 3:
            raise KeyboardInterrupt

    estimator = StandIn(str(tmp_path))
    with pytest.raises(KeyboardInterrupt):
        fit_many(estimator, cases(6), seed=1, out=out, progress=stop)
    assert not (out / "results.parquet").exists()
    assert len(pq.read_table(out / "parts")) == len(fits(tmp_path)) == 3
    fit_many(estimator, cases(6), seed=1, out=out)
    assert len(fits(tmp_path)) == 6


def test_files_hold_the_estimates(out: Path, tmp_path: Path) -> None:
    given_: dict[str, Evidence | str] = {"one": case("one"), "a/b": case("two"), "gone": "not-bundled"}
    estimator = StandIn(str(tmp_path))
    batch = fit_many(estimator, given_, seed=4, out=out, files=True)
    for name in ("one", "a/b"):
        wanted = StandIn().fit(given_[name], seed=4)  # type: ignore[arg-type]
        assert equal_trees(batch.load(name).draws, wanted.draws)
        assert batch.load(name).evidence == wanted.evidence
    named = batch.to_arrow()["file"].to_pylist()
    assert named[2] is None
    assert sorted(named[:2]) == sorted(f"estimates/{path.name}" for path in (out / "estimates").iterdir())
    (out / named[0]).unlink()
    again = fit_many(estimator, given_, seed=4, out=out, files=True)
    assert [line[0] for line in fits(tmp_path)] == ["one", "two", "one"]
    flip(out / named[1])
    with pytest.raises(StoreError, match="damaged"):
        again.load("a/b")


def test_a_case_that_changed_and_changed_back_has_the_file_of_its_evidence(out: Path) -> None:
    for value in (100, 200, 100):
        batch = fit_many(StandIn(), [case("one", value)], seed=4, out=out, files=True)
        assert batch.load("one").evidence == case("one", value)


HOSTILE = [
    "../../escape", "/etc/passwd", "..", ".", "", "a\0b", "nul\n", "x" * 5000, "CON", "é" * 300, "\u202egnp.exe",
    "a/b", "a-b", "A-B", "\udcff", "=cmd()",
]  # fmt: skip


def test_hostile_names_stay_inside_the_folder(out: Path, tmp_path: Path) -> None:
    batch = fit_many(
        StandIn(), {name: case(f"case-{i}") for i, name in enumerate(HOSTILE)}, seed=1, out=out, files=True
    )
    assert batch.counts["passed"] == len(HOSTILE)
    assert len(list((out / "estimates").iterdir())) == len(HOSTILE)
    assert [path.name for path in tmp_path.iterdir()] == ["deep"]
    assert batch.load("../../escape").evidence.case.case == "case-0"
    assert repr(batch).isprintable()


@given(st.text(), st.text())
def test_file_names_are_harmless_and_differ(one: str, other: str) -> None:
    name = file_name(writable(one), "a")
    assert len(name) < 100
    assert name.isascii()
    assert not set(name) & set("/\\:\0")
    assert not name.startswith((".", "-"))
    assert (name == file_name(writable(other), "a")) == (one == other)


def test_settings_are_written_for_people(out: Path) -> None:
    fit_many(StandIn(), cases(1), seed=1, out=out, by="week")
    read = json.loads((out / "settings.json").read_text())
    assert read["estimator"] == {"name": "StandIn", "folder": "", "seconds": 0.0}
    assert (read["seed"], read["by"], read["format"]) == (1, ["week"], "undercount-batch/1")
    assert {"undercount", "numpy", "python", "compiled sources"} <= read["versions"].keys()


def test_priors_and_numbers_of_numpy_are_plain_settings() -> None:
    change = {"location": -2.0, "scale": 0.5, "reason": "a wider look"}
    as_mapping = CountFusion(draws=500, priors={"rate": change})
    as_change = CountFusion(draws=np.int64(500), priors=MappingProxyType({"rate": PriorChange(**change)}))  # type: ignore[arg-type]
    one, other = (settings.settings_of(e, seed=1, by=(), files=False) for e in (as_mapping, as_change))
    assert one["estimator"]["priors"]["rate"]["reason"] == "a wider look"
    assert settings.different(one, other) == ""
    wider = settings.settings_of(CountFusion(priors={"rate": change | {"scale": 0.7}}), seed=1, by=(), files=False)
    assert "estimator priors rate scale was 0.5, is 0.7" in settings.different(one, wider)
