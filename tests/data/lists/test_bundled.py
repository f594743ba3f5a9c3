"""The tables that come with the package, against what was published of them."""

from __future__ import annotations

import tomllib

import pytest

from undercount.data.lists import lists_names, load_lists
from undercount.data.lists.bundled import PATTERN_FILE, TABLE_FILE, _folders
from undercount.errors import EvidenceError

PUBLISHED = {
    # Jamaluddine et al. 2025, Lancet 405, 469-477: sizes of the lists and people on any of them
    "gaza-2024": (29_271, {"hospital": 22_347, "survey": 7_581, "social_media": 3_190}),
    # Ball, Shin, Yang 2018, HRDAG technical report, Figure 1, as in the R package MultipleSystemsEstimation
    "korea": (123, {"b": 77, "c": 71, "d": 59}),
    # Ball et al. 2002, report to the ICTY; R package LCMCR, documentation of kosovo_aggregate: n = 4400
    "kosovo-1999": (4_400, {"ABA": 1_528, "EXH": 1_910, "HRW": 685, "OSCE": 1_786}),
    # Wittes, Colton, Sidel 1974, as in the documentation of Congenital in the R package CARE1
    "spina-bifida": (
        537,
        {"obstetric": 183, "other_hospital": 215, "public_health": 36, "mental_health": 263, "schools": 252},
    ),
    # Silverman 2014, Home Office; R package SparseMSE, UKdat_5
    "uk-2013": (2_744, {"LA": 94, "NG": 567, "PFNCA": 1_169, "GO": 807, "GP": 336}),
}


def test_names() -> None:
    assert lists_names() == tuple(PUBLISHED)


@pytest.mark.parametrize("name", PUBLISHED)
def test_sizes_are_those_published(name: str) -> None:
    lists = load_lists(name)
    observed, sizes = PUBLISHED[name]
    (table,) = lists.tables
    assert table.observed == observed
    assert dict(zip(table.names, table.list_sizes.tolist(), strict=True)) == sizes
    assert lists.name == name
    lists.check()


def test_cells_of_kosovo() -> None:
    """Ball et al. 2002: killings on one list only, and on all four."""
    (table,) = load_lists("kosovo-1999").tables
    assert table.names == ("ABA", "EXH", "HRW", "OSCE")
    assert table.counts.tolist() == [0, 845, 1131, 177, 306, 31, 106, 18, 936, 217, 228, 181, 123, 32, 42, 27]


def test_who_is_on_all_lists() -> None:
    assert {name: int(load_lists(name).tables[0].counts[-1]) for name in lists_names()} == {
        "gaza-2024": 197,
        "korea": 12,
        "kosovo-1999": 27,
        "spina-bifida": 2,
        "uk-2013": 0,
    }


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_table_says_what_it_is(name: str) -> None:
    folder = _folders() / name
    about = tomllib.loads((folder / TABLE_FILE).read_text(encoding="utf-8"))
    assert set(about) == {"title", "unit", "period", "place", "citations", "caveats", "terms", "lists"}
    assert all(about.values())
    lists = load_lists(name)
    assert set(about["lists"]) == set(lists.names)
    assert lists.caveats == tuple(about["caveats"])
    assert all(citation in lists.source for citation in about["citations"])
    assert len((folder / "README.md").read_text(encoding="utf-8")) > 300


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_pattern_is_written_out(name: str) -> None:
    lines = (_folders() / name / PATTERN_FILE).read_text(encoding="utf-8").splitlines()
    assert len(lines) == 2 ** len(load_lists(name).names)


@pytest.mark.parametrize("name", ["kosovo", "../cases", "", "KOSOVO-1999", "\0"], ids=ascii)
def test_an_unknown_name_is_refused_with_the_list(name: str) -> None:
    with pytest.raises(EvidenceError, match="write one of: gaza-2024, korea, kosovo-1999") as caught:
        load_lists(name)
    assert caught.value.code == "lists-unknown-name"
    assert "read_lists" in caught.value.hint
