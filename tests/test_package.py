"""What a package can lack although its sources are whole: files of data, and the command."""

from __future__ import annotations

from importlib.metadata import entry_points
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest

from undercount.cli.main import main
from undercount.data import case_names, check_case, init_case, load_case
from undercount.data.coverage import read_coverage, recorder_prior
from undercount.data.imports.formats.mapped import TEMPLATE
from undercount.data.imports.registry import OWN, formats
from undercount.data.lists import load_lists
from undercount.data.lists.bundled import lists_names
from undercount.errors.catalogue import FAMILIES, all_entries
from undercount.report.schema import summary_schema
from undercount.report.words import LANGUAGES, words

if TYPE_CHECKING:
    from pathlib import Path


def test_the_command_is_installed() -> None:
    (command,) = entry_points(group="console_scripts", name="undercount")
    assert command.load() is main


def test_it_says_that_it_is_typed() -> None:
    assert files("undercount").joinpath("py.typed").is_file()


def test_cases() -> None:
    assert [load_case(name).case.case for name in case_names()] == ["mosul-2017", "mosul-2017-extended"]


def test_lists() -> None:
    assert len([load_lists(name) for name in lists_names()]) == 5


def test_the_prior_of_recorders() -> None:
    assert len(read_coverage()) > 5
    assert recorder_prior().lists > 5


def test_the_example_of_a_case(tmp_path: Path) -> None:
    assert check_case(init_case(tmp_path / "mine")) == []


def test_formats_and_the_template_of_a_mapping() -> None:
    assert {*OWN} <= {*formats()}
    assert TEMPLATE.is_file()


@pytest.mark.parametrize("language", sorted({*LANGUAGES} - {"en"}))
def test_translations(language: str) -> None:
    assert words(language)("prior") != "prior"


def test_what_is_said_of_errors() -> None:
    assert {entry.code.partition("-")[0] for entry in all_entries()} == {*FAMILIES}


def test_the_schema_of_the_summary() -> None:
    assert summary_schema()["$schema"]
