"""Mappings: every key that can be wrong is named, with its value and the rule."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.data.imports.imported import FIXTURES
from undercount.data.imports.contract import Asked
from undercount.data.imports.mapping import read_description
from undercount.data.imports.registry import read_file
from undercount.errors import EvidenceError

if TYPE_CHECKING:
    from pathlib import Path

GOOD = (FIXTURES / "mapped.toml").read_text(encoding="utf-8")


def test_the_fixture_is_a_mapping() -> None:
    found = read_description(FIXTURES / "mapped.toml")
    assert found.columns_of("record") == ("ID",)
    assert found.columns_of("place") == ()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('kind = "recorder"', 'kind = "witness"', "source.kind.*witness"),
        ('source = "local-monitor"', 'source = " a;b"', "source.source"),
        ('name = "Local Monitor"', "", "source.name.*a value is needed"),
        ('record = "ID"', "", "columns.record.*tells the rows apart"),
        ('start = "Date"', "", "columns.start.*gives the day"),
        ('start = "Date"', 'start = "Date"\nday = "Date"', "columns.day.*not known here"),
        ('start = "Date"', "start = 4", "columns.start"),
        ('figure = "Dead"', "", "column of figures"),
        ('figure = "Dead"', 'figure = "Dead"\nlow = "Dead"', "columns.figure.*low or high"),
        ('victims = "civilians"', "", "victims.*column or a constant"),
        ('victims = "civilians"', 'victims = "civilians"\ngrade = "x"', "constants.grade.*not known here"),
        ('sure = "stated"', 'sure = "certain"', "values.attribution.sure.*certain"),
        ("[values.attribution]", "[values.places]", "values.places"),
        ("[names.actor]", "[names.actors]", "names.actors.*did you mean actor"),
        ('order = "dmy"', 'order = "dym"', "rules.order.*dym"),
        ('between_actors = "/"', 'between_actors = "("', "rules.between_actors.*regular expression"),
        ('place_error_in = "m"', 'place_error_in = "yards"', "rules.place_error_in.*yards"),
        ('required = ["area"]', 'required = ["grade"]', "rules.required.*grade"),
        ('required = ["area"]', 'needed = ["area"]', "rules.needed.*not known"),
        ("[rules]", "[rules", "not valid TOML"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert GOOD.count(old) == 1
    (tmp_path / "bad.toml").write_text(GOOD.replace(old, new))
    with pytest.raises(EvidenceError) as caught:
        read_description(tmp_path / "bad.toml")
    assert re.search(told, str(caught.value), re.DOTALL), str(caught.value)
    assert "bad.toml" in str(caught.value)


def test_a_mapping_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="there is no file"):
        read_description(tmp_path / "none.toml")


def test_a_column_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text(GOOD.replace('"Dead"', '"Deaths"'))
    with pytest.raises(EvidenceError, match="it lacks Deaths") as caught:
        read_file(FIXTURES / "mapped.csv", "mapped", Asked({"mapping": tmp_path / "m.toml"}))
    assert caught.value.code == "import-missing-column"


def test_a_mapping_must_be_given() -> None:
    with pytest.raises(EvidenceError, match="none is given") as caught:
        read_file(FIXTURES / "mapped.csv", "mapped")
    assert caught.value.code == "import-no-mapping"
