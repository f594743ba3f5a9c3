"""Every artefact type: flipped bits, truncation and loss are found; backups come back whole."""

from __future__ import annotations

import random
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.runs.cases import new_report, runner, some_reports
from tests.runs.test_ingest import write_reports
from tests.runs.test_run import releases_of, runs_of
from undercount.errors import EvidenceError, StoreError, UndercountError
from undercount.report.files import figures
from undercount.runs.backing_up import back_up, restore
from undercount.runs.examining import examine
from undercount.runs.judging import estimate_of
from undercount.runs.store import Store
from undercount.runs.verifying import Finding, verify

FLIPS = 12


def faults(store: Store, texts: object = figures) -> list[Finding]:
    return [one for one in verify(store, texts) if one.fault]  # type: ignore[arg-type]


def found_in(folder: Path) -> bool:
    """Whether a fault of a store is told, by opening it or by looking at everything."""
    try:
        with Store.of(folder) as store:
            return bool(faults(store, None))
    except UndercountError as error:
        return error.code in {"store-damaged", "store-not-used", "store-other-format"}


def flip(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place // 8] ^= 1 << (place % 8)
    path.chmod(0o644)
    path.write_bytes(content)


def files_of(folder: Path) -> dict[str, Path]:
    """One file of every type that a store holds."""
    found: dict[str, Path] = {}
    for path in sorted((folder / "ledger" / "objects").glob("*/*")):
        head = path.read_bytes()[:60]
        kind = "csv" if b"," in head and not head.startswith((b"\x89HDF", b"{")) else "other"
        kind = "estimate" if head.startswith(b"\x89HDF") else "summary" if head.startswith(b"{") else kind
        found.setdefault(kind, path)
    assert {"estimate", "summary", "csv"} <= set(found)
    return found


def test_a_sound_store_has_no_fault(released: Store) -> None:
    found = [*verify(released, figures)]
    assert [one for one in found if one.fault] == []
    assert {one.part for one in found} == {"ledger", "evidence", "files", "figures", "releases"}


@pytest.mark.parametrize("kind", ["estimate", "summary", "csv"])
def test_every_flipped_bit_and_every_truncation_of_a_file_is_found(released: Store, kind: str) -> None:
    path = files_of(released.case_folder)[kind]
    whole = path.read_bytes()
    rng = random.Random(kind)
    for place in rng.sample(range(8 * len(whole)), FLIPS):
        flip(path, place)
        assert faults(released, None)
        path.write_bytes(whole)
    for length in (0, 1, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        assert faults(released, None)
        path.write_bytes(whole)
    path.unlink()
    assert faults(released, None)


def test_every_changed_value_of_the_ledger_is_found(released: Store) -> None:
    """Values, not only pages: each cell of each table that is sealed."""
    tables = {"runs": "number", "artefacts": "number", "releases": "number", "batches": "number"}
    for table, key in tables.items():
        query = f"SELECT * FROM {table} ORDER BY {key} LIMIT 1"  # noqa: S608 - our own names
        with released.ledger.reading() as connection:
            row = dict(connection.execute(text(query)).mappings().one())
        for column, value in row.items():
            if column in {key, "run", "case_name"}:
                continue
            other = value + 1 if isinstance(value, int) else f"{value}x"
            _set(released, table, row[key], column, other)
            assert faults(released, None), (table, column)
            _set(released, table, row[key], column, value)
    assert faults(released, None) == []


def _set(store: Store, table: str, number: int, column: str, value: object) -> None:
    with store.ledger.writing("x") as connection:
        statement = f'UPDATE {table} SET "{column}" = :value WHERE number = :number'  # noqa: S608 - our own names
        connection.execute(text(statement), {"value": value, "number": number})


def test_flipped_bits_of_the_database_are_found_or_harmless(ran: Path, tmp_path: Path) -> None:
    """A flip may hit free space, which holds nothing; whatever is read without complaint is what was written."""
    with Store.of(ran) as store:
        sound = [runs_of(store), releases_of(store)]
    size = (ran / "ledger" / "ledger.sqlite").stat().st_size
    rng = random.Random(5)
    told = 0
    for number, place in enumerate(rng.sample(range(8 * size), 40)):
        folder = tmp_path / str(number)
        folder.mkdir()
        shutil.copytree(ran, folder / "testland", symlinks=True)
        flip(folder / "testland" / "ledger" / "ledger.sqlite", place)
        if found_in(folder / "testland"):
            told += 1
            continue
        with Store.of(folder / "testland") as store:
            assert [runs_of(store), releases_of(store)] == sound
    assert told > 5


def test_a_figure_that_does_not_follow_from_the_draws_is_found(released: Store) -> None:
    def other(estimate: object) -> Mapping[str, str]:
        return {name: words.replace("1", "2") for name, words in figures(estimate).items()}  # type: ignore[arg-type]

    assert {one.part for one in faults(released, other)} == {"figures"}


def test_a_damaged_release_folder_is_found_and_made_anew(released: Store) -> None:
    path = released.folder / "releases" / "0001" / "summary.json"
    path.write_text("{}")
    assert [one.part for one in faults(released, None)] == ["releases"]
    shutil.rmtree(path.parent)
    runner(released).run()
    assert faults(released, None) == []


def test_a_backup_comes_back(released: Store, tmp_path: Path) -> None:
    back_up(released, tmp_path / "backup")
    before = estimate_of(released, 1).sampled["posterior"].variables
    released.ledger.close()
    (released.folder / "ledger.sqlite").write_bytes(b"lost")
    restore(tmp_path / "backup", released.folder, released.name)
    with Store.of(released.case_folder) as store:
        assert runner(store).run().is_new is False
        assert faults(store) == []
        after = estimate_of(store, 1).sampled["posterior"].variables
    assert all((before[name].values == after[name].values).all() for name in before)
    assert (released.case_folder / "ledger.before-restore-1" / "ledger.sqlite").read_bytes() == b"lost"


def test_a_damaged_backup_is_refused_and_changes_nothing(released: Store, tmp_path: Path) -> None:
    back_up(released, tmp_path / "backup")
    path = next(iter(sorted((tmp_path / "backup" / "objects").glob("*/*"))))
    flip(path, 100)
    with pytest.raises(StoreError, match="damaged"):
        restore(tmp_path / "backup", released.folder, released.name)
    flip(path, 100)
    with pytest.raises(StoreError, match="backup is of"):
        restore(tmp_path / "backup", released.folder, "otherland")
    with pytest.raises(StoreError, match="no whole backup"):
        restore(tmp_path, released.folder, released.name)
    with pytest.raises(EvidenceError, match="not empty"):
        back_up(released, tmp_path / "backup")
    assert faults(released, None) == []


def test_a_backup_holds_one_state_though_runs_go_on(released: Store, tmp_path: Path) -> None:
    back_up(released, tmp_path / "backup")
    write_reports(released.case_folder / "reports.csv", *some_reports(), new_report())
    runner(released).run()
    restore(tmp_path / "backup", tmp_path / "elsewhere", released.name)
    with Store.of(released.case_folder, tmp_path / "elsewhere") as store:
        assert len(runs_of(store)) == 1


def test_the_doctor_finds_a_sound_store_well_and_a_lost_one_not(released: Store, tmp_path: Path) -> None:
    assert all(sign.is_well for sign in examine(str(released.case_folder)))
    assert not all(sign.is_well for sign in examine(str(released.case_folder), tmp_path / "nowhere"))
    (released.case_folder / "reports.csv").write_text("nothing")
    signs = {sign.what: sign for sign in examine(str(released.case_folder))}
    assert not signs["evidence of the case folder"].is_well
