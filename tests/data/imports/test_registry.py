"""Formats by name and by column, those of others too."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.data.imports.imported import FIXTURES, dropped, fixture, records, written
from undercount.data.imports.contract import Asked
from undercount.data.imports.registry import OWN, format_named, formats, read_file
from undercount.errors import EvidenceError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MODULE = """
from undercount.data.imports.columns import Field
from undercount.data.imports.contract import Format
from undercount.data.imports.drafting import Draft
from undercount.data.schema import Kind, Source

def fields(asked):
    return tuple(Field(name, also, True) for name, also in {"key": (), "when": ("the day",), "dead": ()}.items())

def read(columns, asked):
    draft = Draft(columns)
    start, end = draft.days("when")
    dead = draft.counts("dead")
    draft.add(dead > 0, record=draft.texts("key"), source="archive", start=start, end=end, low=dead, high=dead,
              attribution="unattributed", victims="civilians", quantity="killed", area="")
    return draft.finish("archive", (Source(source="archive", name="Archive", kind=Kind.RECORDER),))

FORMAT = Format("archive", "An archive", "the dead of an archive", "its own", "its own", fields, read)
"""


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A distribution on the path that brings a format of its own."""
    place = tmp_path / "site"
    told = place / "archive_format-1.0.dist-info"
    told.mkdir(parents=True)
    (place / "archive_format.py").write_text(MODULE)
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: archive-format\nVersion: 1.0\n")
    entry = "archive = archive_format:FORMAT\nged = archive_format:FORMAT\n"
    (told / "entry_points.txt").write_text(f"[undercount.formats]\n{entry}")
    monkeypatch.syspath_prepend(str(place))
    yield
    sys.modules.pop("archive_format", None)


def test_all_formats_have_a_name_and_say_what_they_are() -> None:
    assert tuple(formats()) == OWN
    for name, one in formats().items():
        assert one.name == name
        for words in (one.title, one.about, one.licence, one.citation):
            assert words == words.strip() != ""


@pytest.mark.usefixtures("archive")
def test_a_format_of_others_stands_beside(tmp_path: Path) -> None:
    assert tuple(formats()) == (*OWN, "archive")
    path = written(tmp_path / "a.csv", "key,The day,dead", ["a,2031-01-01,3", "b,2031-01-02,x", "c,2031-01-03,0"])
    incidents = read_file(path)
    assert incidents.format == "archive"
    assert records(incidents, "record", "low") == [("a", 3)]
    assert dropped(incidents) == {"dead is not a number, such as x": [3], "no figure in it": [4]}


@pytest.mark.usefixtures("archive")
def test_no_other_format_takes_the_name_of_ours() -> None:
    assert format_named("ged").title.startswith("UCDP")


@pytest.mark.parametrize(
    ("name", "called", "code"),
    [
        ("ibc.csv", "icb", "import-unknown-format"),
        ("ibc.csv", "ged", "import-missing-column"),
        ("mapped.csv", "auto", "import-unrecognised"),
        ("none.csv", "auto", "import-no-file"),
    ],
)
def test_what_cannot_be_read_is_refused(name: str, called: str, code: str) -> None:
    with pytest.raises(EvidenceError) as caught:
        read_file(FIXTURES / name, called)
    assert caught.value.code == code


@pytest.mark.parametrize(("options", "code"), [({"chlidren": "apart"}, "unknown"), ({"children": "yes"}, "bad")])
def test_options_are_checked(options: dict[str, str], code: str) -> None:
    with pytest.raises(EvidenceError) as caught:
        fixture("airwars.csv", **options)
    assert caught.value.code == f"import-{code}-option"


def test_conditions_choose_rows_and_every_other_is_dropped_by_them() -> None:
    asked = Asked(where=(("country_name", "Varenia"), ("Region", "Marun"), ("region", "")))
    incidents = read_file(FIXTURES / "airwars.csv", asked=asked)
    assert [row for (row,) in dict.fromkeys(records(incidents, "row"))] == [2, 3, 12]
    assert dropped(incidents)["not asked for: region is not Marun or empty"] == [4, 6, 7]


def test_conditions_on_no_column_are_refused() -> None:
    with pytest.raises(EvidenceError, match="no column reigon") as caught:
        read_file(FIXTURES / "airwars.csv", asked=Asked(where=(("reigon", "Marun"),)))
    assert caught.value.code == "import-unknown-column"
