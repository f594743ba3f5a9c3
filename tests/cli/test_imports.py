"""`undercount import` and `undercount formats` as a user types them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from undercount.cli.main import main
from undercount.data.reading import read_case

if TYPE_CHECKING:
    from click.testing import Result

FIXTURES = Path(__file__).parent.parent / "data" / "imports" / "fixtures"
LOSSES = (
    "days,loss_count,loss_type,claim_source,time_frame,loss_country,minimum,maximum,category,source_target\n"
    "3,100,Military deaths-Russia,U,Cumulative,Russia,0,0,Military deaths,U-Russia\n"
    "4,20,Military deaths-Russia,U,Day,Russia,1,0,Military deaths,U-Russia\n"
)


def run(*line: str | Path) -> Result:
    return CliRunner().invoke(main, [str(part) for part in line], prog_name="undercount")


def imported(name: str, into: Path, *line: str | Path) -> Result:
    return run("import", FIXTURES / name, "--into", into, "--published", "2031-07-01", *line)


def test_an_import_says_what_became_of_every_row(tmp_path: Path) -> None:
    found = imported("airwars.csv", tmp_path / "case")
    assert found.exit_code == 0, found.output
    lines = found.output.splitlines()
    assert lines[0] == "airwars.csv: 12 rows in the format airwars, 6 read as 7 records"
    assert "  dropped 1: discounted by Airwars: the dead were combatants, or others killed them" in lines
    assert "  in doubt 1: it names no area: it may be any of the case" in lines
    assert lines[-1] == f"look at it, then run: undercount check {tmp_path / 'case'}"
    assert run("check", tmp_path / "case").exit_code == 0


def test_an_import_for_programs(tmp_path: Path) -> None:
    found = imported("ged.csv", tmp_path / "case", "--json")
    content = json.loads(found.stdout)
    assert (content["rows"], content["read"], content["records"]) == (6, 4, 9)
    assert sum(content["dropped"].values()) == 2
    assert content["sha256"] == read_case(tmp_path / "case").sha256


def test_rows_are_chosen(tmp_path: Path) -> None:
    found = imported("airwars.csv", tmp_path / "case", "--where", "region=Marun",
                "--since", "2031-03-03", "--json")  # fmt: skip
    content = json.loads(found.stdout)
    assert content["read"] == 1
    assert content["dropped"]["not asked for: it may lie before 2031-03-03"] == 1
    assert content["dropped"]["not asked for: region is not Marun"] == 4
    assert sum(content["dropped"].values()) == 11


def test_two_names_of_one_area(tmp_path: Path) -> None:
    imported("airwars.csv", tmp_path / "case")
    found = imported("ged.csv", tmp_path / "case")
    assert "airwars and ucdp-ged have no area in common" in found.output
    assert "--same 'area:Marun province=Marun' --same 'area:Sahla province=Sahla'" in found.output
    imported("airwars.csv", tmp_path / "same")
    found = imported("ged.csv", tmp_path / "same", "--same", "area:Marun province=Marun")
    assert "no area in common" not in found.output


def test_a_mapping_needs_no_format(tmp_path: Path) -> None:
    found = imported("mapped.csv", tmp_path / "case", "--mapping", FIXTURES / "mapped.toml")
    assert "7 rows in the format mapped, 3 read as 3 records" in found.output


def test_what_days_without_a_record_say_is_chosen(tmp_path: Path) -> None:
    line = "  days without a record count as none, in 5 reports (--silence)"
    assert line in imported("airwars.csv", tmp_path / "usual").output.splitlines()
    found = imported("airwars.csv", tmp_path / "unknown", "--silence", "unknown")
    assert "without a record" not in found.output
    mapped = ("mapped.csv", "--mapping", FIXTURES / "mapped.toml", "--json")
    for silence, told in (((), 0), (("--silence", "none"), 2)):
        found = imported(mapped[0], tmp_path / f"mapped-{told}", *mapped[1:], *silence)
        silent = [one for one in read_case(tmp_path / f"mapped-{told}").reports if one.value == 0]
        assert (json.loads(found.stdout)["silent"], len(silent)) == (told, told)


def test_actors_are_told_apart_as_asked(tmp_path: Path) -> None:
    told = "of 2 actors, the one who killed most is told apart, and all others are one (--actors)"
    assert "told apart" not in imported("acled.csv", tmp_path / "all").output
    assert told in imported("acled.csv", tmp_path / "one", "--actors", "1").output
    levels = read_case(tmp_path / "one").case.dimensions["actor"].levels
    assert len(levels) == 2
    assert levels["unknown"] == "others, or not known"
    content = json.loads(imported("acled.csv", tmp_path / "one", "--json").stdout)
    assert content["actors"] == {"named": 2, "most": 1}


def test_a_table_of_losses_is_a_case_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "loss.csv").write_text(LOSSES)
    found = run("import", tmp_path / "loss.csv", "--into", tmp_path / "case")
    assert "2 reports of 1 source, a report for each row" in found.output
    assert [report.value for report in read_case(tmp_path / "case").reports] == [100, 20]
    told = json.loads(run("import", tmp_path / "loss.csv", "--into", tmp_path / "other", "--json").stdout)
    assert told["reports"] == 2
    found = run("import", tmp_path / "loss.csv", "--into", tmp_path / "case")
    assert (found.exit_code, "is there and not empty" in found.output) == (1, True)
    found = run("import", tmp_path / "loss.csv", "--into", tmp_path / "third", "--since", "2022-03-01")
    assert (found.exit_code, "--since has no meaning" in found.output) == (2, True)


@pytest.mark.parametrize(
    ("line", "exit_code", "told"),
    [
        (["--where", "region"], 2, "'region' is not of the form COLUMN=VALUE"),
        (["--same", "Marun=M"], 2, "is not of the form area:NAME=NAME or actor:NAME=NAME"),
        (["--same", "place:Marun=M"], 2, "is not of the form area:NAME=NAME"),
        (["--same", "area:Marn=M"], 1, "the file names no area Marn"),
        (["--option", "children=maybe"], 1, "maybe is no value of children"),
        (["--option", "sex=apart"], 1, "the format airwars has no option sex"),
        (["--where", "regio=Marun"], 1, "did you mean region?"),
        (["--since", "2040-01-01"], 1, "none of its 12 rows gives a record"),
        (["--format", "airwar"], 1, "did you mean airwars?"),
        (["--format", "ged"], 1, "it lacks id (such as event_id); date_start"),
        (["--sheet", "One"], 1, "has no sheet"),
        (["--window", "year"], 2, "year"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, line: list[str], exit_code: int, told: str) -> None:
    found = imported("airwars.csv", tmp_path / "case", *line)
    assert (found.exit_code, told in found.output) == (exit_code, True), found.output
    assert not (tmp_path / "case").exists()


def test_formats_are_listed() -> None:
    text, rows = run("formats").output, json.loads(run("formats", "--format", "json").stdout)
    assert [row["name"] for row in rows] == ["airwars", "ged", "acled", "ibc", "monthly", "radford", "mapped"]
    for row in rows:
        assert f"{row['name']}: {row['title']}\n  {row['about']}\n" in text
        assert f"  licence: {row['licence']}\n" in text
    assert "do not pass its data on" in text
    assert "  needs: --mapping FILE\n" in text


def test_a_template_is_printed() -> None:
    found = run("formats", "--template", "mapped")
    assert found.output.startswith("# A mapping")
    found = run("formats", "--template", "ged")
    assert (found.exit_code, "there is one for mapped" in found.output) == (1, True)


def test_nothing_heavy_is_loaded() -> None:
    import subprocess
    import sys

    code = (
        "import sys\nfrom undercount.data.imports.registry import formats\nformats()\n"
        "print(sorted({'pandas', 'pymc', 'arviz', 'numba', 'pyarrow', 'matplotlib'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.mark.slow
def test_an_imported_case_is_estimated(tmp_path: Path) -> None:
    for name in ("airwars.csv", "ged.csv", "ibc.csv"):
        assert imported(name, tmp_path / "case").exit_code == 0
    found = run("estimate", tmp_path / "case", "--draws", "200", "--chains", "2", "--no-files")
    # Two chains are too few to be quoted: the estimate is made, and the gates say so.
    assert found.exit_code == 3
    assert "derived from airwars-" in found.output
