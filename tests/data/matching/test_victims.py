"""Lists of victims, linked by names that stay where they are."""

from __future__ import annotations

import csv
import io
import logging
import pickle
import re
import traceback
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.data.matching.people import people
from tests.data.matching.world import joined
from undercount.data.matching import draw_linkages, link_victims, overlap_lists
from undercount.data.matching import engine as engines
from undercount.data.matching import persons as reading
from undercount.data.matching.persons import persons_of
from undercount.data.matching.victims import VictimMatches, VictimSettings, write_clusters
from undercount.errors import EvidenceError

if TYPE_CHECKING:
    from numpy.typing import NDArray

CANARY = "كناريةزرقاء"
LATIN = "Bluecanarybird"
SALT = b"0123456789abcdef"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("victims") / "victims.csv"


@pytest.fixture(scope="module")
def truth(file: Path) -> NDArray[np.int64]:
    rows = people(5, file)
    told = [reading._person(row) for row in csv.DictReader(io.StringIO(file.read_text(encoding="utf-8")))]
    order = sorted(range(len(told)), key=lambda place: tuple(map(str, told[place])))
    return rows[order]


@pytest.fixture(scope="module")
def linked(file: Path, truth: NDArray[np.int64]) -> VictimMatches:
    assert truth.size
    return link_victims(file, VictimSettings(salt=SALT))


def test_most_victims_are_found_and_hardly_any_falsely(linked: VictimMatches, truth: NDArray[np.int64]) -> None:
    both = np.unique(truth * 10_000 + linked.clusters, return_inverse=True)[1]
    assert joined(both) / joined(linked.clusters) > 0.97
    assert joined(both) / joined(truth) > 0.85


def test_the_lists_are_counts_of_victims(linked: VictimMatches, truth: NDArray[np.int64]) -> None:
    lists = overlap_lists(draw_linkages(linked, 5), "war", unit="victims")
    assert (lists.names, lists.replicates, lists.unit) == (("families", "morgue", "press"), 5, "victims")
    assert lists.tables[0].list_sizes.tolist() == np.bincount(linked.source).tolist()
    assert abs(lists.tables[0].observed - len(set(truth.tolist()))) < 0.08 * len(set(truth.tolist()))


def test_the_order_of_rows_does_not_matter_and_keys_are_those_of_the_salt(
    tmp_path: Path, file: Path, linked: VictimMatches
) -> None:
    lines = file.read_text(encoding="utf-8").splitlines()
    shuffled = [lines[0], *np.random.default_rng(1).permutation(np.array(lines[1:], dtype=object)).tolist()]
    (tmp_path / "shuffled.csv").write_text("\n".join(shuffled) + "\n", encoding="utf-8")
    again = link_victims(tmp_path / "shuffled.csv", VictimSettings(salt=SALT))
    assert again.keys == linked.keys
    assert len(set(again.keys)) == len(again.keys)
    assert np.array_equal(again.probability, linked.probability)


def test_keys_are_new_in_every_run(tmp_path: Path) -> None:
    people(1, tmp_path / "few.csv", victims=12)
    one, other = (link_victims(tmp_path / "few.csv") for _ in range(2))
    assert not set(one.keys) & set(other.keys)
    assert one.settings.salt is None
    assert "salt" not in repr(VictimSettings(salt=SALT))
    with pytest.raises(EvidenceError, match="too short"):
        VictimSettings(salt=b"short")


BAD = [
    ("list,name\na,{}\nb,{}\n", {"list": ""}, "name of a list"),
    ("list,name,age\na,{},{}\nb,x,1\n", {}, "not an age"),
    ("list,name,date\na,{},{}\nb,x,2020-01-01\n", {}, "not a day"),
    ("list,name,sex\na,{},{}\nb,x,f\n", {}, "neither female nor male"),
    ("list,name\na,{}\n", {}, "1 lists"),
    ("list,person\na,{}\n", {}, "name"),
    ("list,name\na,{},{}\n", {}, "cells"),
    ('list,name\na,"{}\n', {}, "csv row"),
    ("{},{},name,name\n", {}, ""),
]


@pytest.mark.parametrize(("text", "_", "words"), BAD[1:], ids=range(len(BAD) - 1))
def test_no_error_holds_a_cell(tmp_path: Path, text: str, _: Any, words: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text.replace("{}", f"{CANARY} {LATIN}"), encoding="utf-8")
    with pytest.raises(EvidenceError) as caught:
        link_victims(path)
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value.__dict__) + repr(caught.value)
    assert words in str(caught.value)
    assert not re.search(f"{CANARY}|{LATIN}", told, re.IGNORECASE)


def test_records_with_names_are_neither_shown_nor_pickled(tmp_path: Path) -> None:
    people(1, tmp_path / "few.csv", victims=12, mark=CANARY)
    persons = persons_of(tmp_path / "few.csv")
    assert any("كناري" in name for name in persons.names)
    assert "كناري" not in repr(persons)
    with pytest.raises(TypeError):
        pickle.dumps(persons)


def test_canaries_get_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """The whole way, with a name in every record that is searched for in every byte that comes out."""
    source = tmp_path / "in" / "victims.csv"
    source.parent.mkdir()
    people(2, source, victims=150, mark=f"{CANARY} {LATIN}")
    out = tmp_path / "out"
    out.mkdir()
    for name in ("TMPDIR", "TEMP", "HOME"):
        monkeypatch.setenv(name, str(out))
    monkeypatch.chdir(out)
    caplog.set_level(1)
    for name in ("splink", "duckdb", "undercount"):
        logging.getLogger(name).setLevel(1)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        linked = link_victims(source)
        drawn = draw_linkages(linked, 3)
        lists = overlap_lists(drawn, unit="victims")
        write_clusters(out / "clusters.csv", linked)
        lists.to_frame().to_csv(out / "lists.csv", index=False)
        (out / "pickled").write_bytes(pickle.dumps((linked, drawn, lists)))
        shown = (linked, linked.scored, linked.__dict__, drawn, lists, lists.content())
        (out / "shown.txt").write_text(repr(shown), encoding="utf-8")
    monkeypatch.undo()
    told = capfd.readouterr()
    texts = [caplog.text, *map(str, warned), told.out, told.err]
    written = [path.read_bytes() for path in out.rglob("*") if path.is_file()]
    assert len(written) == 4
    pieces = [CANARY[:6], "كناري", LATIN[:8], LATIN[:8].lower(), LATIN[:8].upper()]
    for piece in pieces:
        assert not any(piece in text for text in texts)
        for code in ("utf-8", "utf-16-le", "utf-32-le", "unicode_escape"):
            assert not any(piece.encode(code) in content for content in written)
    assert piece_is_found(source, pieces)


def piece_is_found(source: Path, pieces: list[str]) -> bool:
    """Whether the search would find them: they are in the file that was read."""
    return any(piece.encode() in source.read_bytes() for piece in pieces)


def test_the_database_writes_nothing_and_reads_nothing(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("a\n1\n")
    with engines.database() as connection:
        settings = dict(
            connection.sql(
                "SELECT name, value FROM duckdb_settings() "
                "WHERE name IN ('temp_directory', 'enable_external_access', 'threads')"
            ).fetchall()
        )
        assert settings == {"temp_directory": "", "enable_external_access": "false", "threads": "1"}
        with pytest.raises(Exception, match=r"[Pp]ermission"):
            connection.read_csv(str(tmp_path / "other.csv"))
        with pytest.raises(Exception, match=r"[Pp]ermission"):
            connection.sql(f"COPY (SELECT 1) TO '{tmp_path}/written.csv'")
    assert [path.name for path in tmp_path.iterdir()] == ["other.csv"]
