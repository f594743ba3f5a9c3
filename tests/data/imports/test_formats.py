"""Every format on a fixture: what is read, what is dropped and why, what is in doubt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.data.imports.imported import FIXTURES, doubted, dropped, fixture, records, written
from undercount.data.imports.contract import Asked
from undercount.data.imports.formats.ged import PARTS
from undercount.data.imports.incidents import FIELDS, NEEDED
from undercount.data.imports.registry import read_file
from undercount.errors import EvidenceError

if TYPE_CHECKING:
    from pathlib import Path

    from undercount.data.imports.incidents import Incidents

MAPPING: dict[str, Any] = {"mapping": FIXTURES / "mapped.toml"}
ALL: dict[str, dict[str, Any]] = {
    "airwars.csv": {},
    "airwars_page.csv": {},
    "ged.csv": {},
    "ged_old.csv": {},
    "acled.csv": {},
    "ibc.csv": {},
    "monthly.csv": {},
    "monthly_wide.csv": {"form": "wide"},
    "monthly_ar.csv": {},
    "monthly_1256.csv": {},
    "mapped.csv": MAPPING,
}


def form_of(name: str) -> str:
    return name.partition(".")[0].partition("_")[0]


@pytest.mark.parametrize("name", ALL)
def test_every_row_is_accounted_for(name: str) -> None:
    incidents = fixture(name, form_of(name), **ALL[name])
    rows = [*incidents.account.read.tolist(), *(row for rows in dropped(incidents).values() for row in rows)]
    lines = (FIXTURES / name).read_bytes().count(b"\n")
    assert sorted(rows) == list(range(2, lines + 1))
    for rows in doubted(incidents).values():
        assert set(rows) <= set(incidents.account.read.tolist())


@pytest.mark.parametrize("name", ALL)
def test_records_are_whole(name: str) -> None:
    incidents = fixture(name, form_of(name), **ALL[name])
    table = incidents.records
    assert table.column_names == [*FIELDS]
    assert {field for field in NEEDED if table[field].null_count} == set()
    keys = records(incidents, "source", "record", "victims", "quantity")
    assert len(set(keys)) == len(keys)
    for low, best, high in records(incidents, "low", "best", "high"):
        assert 0 <= low <= (low if best is None else best)
        assert high is None or (low if best is None else best) <= high
    for start, end in records(incidents, "start", "end"):
        assert start <= end
    for level in {area for (area,) in records(incidents, "area")} - {""}:
        assert incidents.names["area"][level]
    assert {source for (source,) in records(incidents, "source")} <= {one.source for one in incidents.sources}


@pytest.mark.parametrize("name", [name for name in ALL if name not in {"mapped.csv", "monthly_wide.csv"}])
def test_formats_are_recognised_by_their_columns(name: str) -> None:
    assert fixture(name).format == form_of(name)


FIGURES = ("record", "low", "high", "victims", "quantity")


def killed(incidents: Incidents) -> dict[str, tuple[int, int | None]]:
    return {
        record: (low, high) for record, low, high, _, quantity in records(incidents, *FIGURES) if quantity == "killed"
    }


def test_airwars_gives_least_and_most() -> None:
    incidents = fixture("airwars.csv")
    assert killed(incidents) == {
        "VA001": (3, 5), "VA002": (4, 4), "VA003": (1000, 1200), "VA005": (2, 2), "VA006": (1, 3), "VA011": (2, 2),
    }  # fmt: skip
    assert [one for one in records(incidents, *FIGURES) if one[4] == "injured"] == [
        ("VA001", 2, 2, "civilians", "injured")
    ]


def test_airwars_names_who_is_suspected_or_known() -> None:
    found = dict.fromkeys(records(fixture("airwars.csv"), "record", "actors", "attribution", "grade"))
    assert list(found) == [
        ("VA001", "northern-alliance", "stated", "Confirmed"),
        ("VA002", "northern-alliance;southern-front", "stated", "Fair"),
        ("VA003", "southern-front", "contested", "Contested"),
        ("VA005", "", "unattributed", "Weak"),
        ("VA006", "southern-front", "stated", "Weak"),
        ("VA011", "southern-front", "stated", "Fair"),
    ]


def test_airwars_drops_what_is_no_evidence() -> None:
    incidents = fixture("airwars.csv")
    assert dropped(incidents) == {
        "no day": [9],
        "discounted by Airwars: the dead were combatants, or others killed them": [5],
        "civilian_non_combatants_killed_min is not a number, such as a family": [11],
        "its least number of civilians killed is larger than its most": [10],
        "nobody was killed or injured, by its own figures": [8],
        "no figure in it": [13],
    }
    assert doubted(incidents) == {
        "it names no area: it may be any of the case": [12],
        "its coordinates are no place: left out": [4],
    }


def test_airwars_never_keeps_a_summary() -> None:
    assert set(records(fixture("airwars.csv"), "quote")) == {(None,)}


def test_airwars_counts_no_child_twice() -> None:
    within, apart = fixture("airwars.csv"), fixture("airwars.csv", children="apart")
    whole = killed(within)
    parts: dict[str, list[tuple[int, int]]] = {}
    for record, low, high, victims, quantity in records(apart, *FIGURES):
        assert victims in {"children", "other-civilians"}
        if quantity == "killed":
            parts.setdefault(record, []).append((low, high))
    assert parts["VA001"] == [(1, 2), (1, 4)]
    assert parts["VA003"] == [(200, 200), (800, 1000)]
    for record, spans in parts.items():
        low, high = whole[record]
        assert high is not None
        assert sum(least for least, _ in spans) <= low
        assert all(most <= high for _, most in spans)


def test_airwars_in_the_words_of_its_pages() -> None:
    incidents = fixture("airwars_page.csv")
    assert killed(incidents) == {"VA001": (3, 5), "VA021": (4, None), "VA023": (1, 1)}
    assert dict(records(incidents, "record", "place_error")) == {
        "VA001": 2.0, "VA021": 0.1, "VA022": 0.1, "VA023": 100.0,
    }  # fmt: skip
    assert doubted(incidents) == {"it has no grading": [5]}


@pytest.mark.parametrize(
    ("latitude", "longitude", "place"),
    [
        ("36.311", "43.118", (36.311, 43.118)),
        ("-1.250", "+36.817", (-1.25, 36.817)),
        ("36,311", "43,1", (36.311, 43.1)),
    ],
)
def test_a_point_in_a_coordinate_never_separates_thousands(
    tmp_path: Path, latitude: str, longitude: str, place: tuple[float, float]
) -> None:
    header = "code,date,grading,civilians_killed_min,civilians_killed_max,latitude,longitude"
    path = written(tmp_path / "a.csv", header, [f'A1,2031-01-01,Fair,1,2,"{latitude}","{longitude}"'])
    incidents = read_file(path, "airwars")
    assert records(incidents, "latitude", "longitude") == [place]
    assert not any("itude" in reason or "coordinates" in reason for reason in doubted(incidents))


def test_airwars_in_the_words_of_its_spreadsheets(tmp_path: Path) -> None:
    header = (
        "CivCas code,Date,Country,Location,Geolocation accuracy,Civilian harm status,Belligerent,Minimum civilian "
        "non-combatants killed,Maximum civilian non-combatants killed,Minimum alleged belligerents killed"
    )
    path = written(tmp_path / "a.csv", header, ['LC1,2031-05-01,Varenia,Kesh,1.City,Weak,"Front, Alliance",1,2,9'])
    incidents = read_file(path)
    assert records(incidents, "record", "low", "high", "actors", "grade") == [("LC1", 1, 2, "alliance;front", "Weak")]


def test_airwars_needs_a_column_of_civilians_killed(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "code,date,grading", ["A1,2031-01-01,Fair"])
    with pytest.raises(EvidenceError, match="lacks a column of civilians killed") as caught:
        read_file(path, "airwars")
    assert caught.value.code == "import-missing-column"


def test_an_airwars_workbook_reads_as_its_csv(tmp_path: Path) -> None:
    import openpyxl
    import pyarrow.csv

    table = pyarrow.csv.read_csv(FIXTURES / "airwars.csv")
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(table.column_names)
    for row in zip(*(column.to_pylist() for column in table.columns), strict=True):
        sheet.append(row)
    book.save(tmp_path / "airwars.xlsx")
    found = read_file(tmp_path / "airwars.xlsx")
    assert found.records.equals(fixture("airwars.csv").records)
    assert dropped(found) == dropped(fixture("airwars.csv"))


def test_ged_splits_an_event_by_who_was_killed() -> None:
    incidents = fixture("ged.csv")
    assert records(incidents, "record", "low", "best", "high", "victims") == [
        ("500001", 1, 2, 3, "civilians"), ("500001", 3, 4, 5, "side-a"), ("500001", 2, 3, 5, "side-b"),
        ("500001", 1, 1, 1, "unknown"), ("500002", 5, 5, 5, "civilians"), ("500003", 0, 0, 6, "unknown"),
        ("500006", 0, 1, 1, "side-a"), ("500006", 1, 1, 1, "side-b"), ("500006", 1, 3, 3, "unknown"),
    ]  # fmt: skip
    assert set(records(incidents, "actors", "attribution")) == {("", "unattributed")}


def test_ged_says_what_it_doubts() -> None:
    incidents = fixture("ged.csv")
    assert dropped(incidents) == {
        "its last day is before its first": [6],
        "nobody was killed, by its own figures": [5],
    }
    assert doubted(incidents) == {
        "its parts do not add up to best: the rest is read as unknown": [7],
        "best does not lie between low and high: the range is widened to it": [7],
        "its day is known to a month only": [3],
        "its day is known to more than a month only": [4],
        "it names no area: it may be any of the case": [4],
    }
    assert dict(records(incidents, "record", "place_error"))["500002"] == 150.0
    assert dict(records(incidents, "record", "cites"))["500001"] == "Varen Post;Reuters News"


def test_ged_of_an_old_version() -> None:
    incidents = fixture("ged_old.csv")
    assert records(incidents, "record", "start", "low", "best", "high", "victims") == [
        ("VAR-1993-1-1-1", "1993-05-01", 1, 1, 2, "side-a")
    ]


def test_the_parts_of_a_ged_event_add_up(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    header = "id,date_start,date_end,country,best,low,high,deaths_civilians,deaths_a,deaths_b,deaths_unknown"
    lines, told = [], {}
    for number in range(400):
        parts = rng.integers(0, rng.integers(1, 40), size=4)
        best = int(parts.sum())
        low, high = int(rng.integers(0, best + 1)), best + int(rng.integers(0, 60))
        lines.append(f"{number},2031-01-01,2031-01-01,Varenia,{best},{low},{high},{','.join(map(str, parts))}")
        told[str(number)] = low, best, high
    incidents = read_file(written(tmp_path / "ged.csv", header, lines))
    found: dict[str, list[int]] = {}
    for record, low, best, high in records(incidents, "record", "low", "best", "high"):
        assert low <= best <= high
        found.setdefault(record, [0, 0, 0])
        found[record] = [sum(pair) for pair in zip(found[record], (low, best, high), strict=True)]
    whole = {record: list(figures) for record, figures in told.items() if figures[2] > 0}
    assert found == whole
    assert len(PARTS) == 4


def test_acled_has_words_for_ten_and_a_hundred() -> None:
    incidents = fixture("acled.csv")
    assert killed(incidents) == {
        "VAR101": (3, 3), "VAR102": (10, 99), "VAR103": (100, 999), "VAR104": (10, 10), "VAR105": (1, 1),
    }  # fmt: skip
    assert dropped(incidents) == {"nobody was killed, by its own figures": [7]}
    assert doubted(incidents)["10 stands for a word in its notes: read as 10 to 99"] == [3]
    assert doubted(incidents)["100 stands for a word in its notes: read as 100 to 999"] == [4]


@pytest.mark.parametrize(
    ("fatalities", "notes", "high"),
    [
        (10, "On 10 March 2031, several fighters were killed.", 99),
        (10, "On 10 March 2031 fighters killed tens of people. Fatalities coded as 10.", 99),
        (10, "On 10 March 2031, at least 10 fighters were killed and dozens wounded.", 10),
        (10, "Ten local residents were killed, and many houses burned.", 10),
        (10, "10 people and several children were wounded. Coded as 10.", 99),
        (12, "Dozens of fighters were killed in a clash.", 99),
        (12, "12 civilians were killed and dozens wounded.", 12),
        (12, "Many people fled.", 12),
        (100, "Hundreds of people were killed.", 999),
        (100, "Some 100 people were killed, and hundreds fled.", 100),
        (1000, "Thousands of people were killed.", 9999),
        (1000, "1,000 people were killed, thousands fled.", 1000),
        (3, "Several people were killed.", 3),
    ],
)
def test_acled_numbers_stand_for_words_unless_notes_have_the_number(
    tmp_path: Path, fatalities: int, notes: str, high: int
) -> None:
    header = "event_id_cnty,event_date,event_type,country,fatalities,notes"
    path = written(tmp_path / "a.csv", header, [f'V1,2031-03-10,Battles,Varenia,{fatalities},"{notes}"'])
    assert killed(read_file(path)) == {"V1": (fatalities, high)}


def test_acled_names_who_killed_civilians_only() -> None:
    assert records(fixture("acled.csv"), "record", "victims", "actors", "attribution") == [
        ("VAR101", "civilians", "southern-front", "stated"),
        ("VAR102", "unknown", "", "unattributed"),
        ("VAR103", "civilians", "military-forces-of-varenia", "stated"),
        ("VAR104", "unknown", "", "unattributed"),
        ("VAR105", "civilians", "", "unattributed"),
    ]


def test_acled_days_are_as_wide_as_what_is_known() -> None:
    found = records(fixture("acled.csv"), "record", "start", "end", "published", "place_error")
    assert found[:3] == [
        ("VAR101", "2031-03-02", "2031-03-02", "2031-06-23", 5.0),
        ("VAR102", "2031-03-03", "2031-03-09", "2031-06-23", 25.0),
        ("VAR103", "2031-03-01", "2031-03-31", "2031-06-24", 100.0),
    ]


def test_ibc_is_of_nobody_and_of_anywhere() -> None:
    incidents = fixture("ibc.csv")
    assert killed(incidents) == {"v0001": (12, 15), "v0002": (3, 3), "v0003": (1, 1)}
    assert set(records(incidents, "area", "actors", "victims")) == {("", "", "civilians")}
    assert records(incidents, "start", "end")[1:] == [("2031-02-28", "2031-03-02"), ("2031-03-05", "2031-03-05")]
    assert dropped(incidents) == {
        "nobody was killed, by its own figures": [5], "its minimum is larger than its maximum": [6],
    }  # fmt: skip
    assert set(records(fixture("ibc.csv", area="Varenia"), "area")) == {("varenia",)}


def test_monthly_tables_are_read_and_their_totals_checked() -> None:
    incidents = fixture("monthly.csv")
    assert records(incidents, "record", "start", "end", "low", "high", "quantity") == [
        ("2031-01-marun", "2031-01-01", "2031-01-31", 120, 120, "killed"),
        ("2031-01-marun", "2031-01-01", "2031-01-31", 200, 200, "injured"),
        ("2031-01-sahla", "2031-01-01", "2031-01-31", 30, None, "killed"),
        ("2031-01-sahla", "2031-01-01", "2031-01-31", 45, 45, "injured"),
        ("2031-02-marun", "2031-02-01", "2031-02-28", 0, 0, "killed"),
        ("2031-02-marun", "2031-02-01", "2031-02-28", 5, 5, "injured"),
        ("2031-02-sahla", "2031-02-01", "2031-02-28", 12, 12, "killed"),
    ]
    assert dropped(incidents) == {"a total of other rows": [4, 7], "no month": [9], "no figure in it": [8]}
    assert doubted(incidents) == {
        "men, women and children do not add up to its killed": [6],
        "rows do not add up to the total of killed that the table gives": [5, 6],
    }


def test_a_wide_table_is_the_long_one_turned() -> None:
    incidents = fixture("monthly_wide.csv", "monthly", form="wide", source="UNAMI")
    assert records(incidents, "record", "low", "quantity", "source") == [
        ("2031-01-marun", 120, "killed", "unami"), ("2031-01-marun", 200, "injured", "unami"),
        ("2031-02-marun", 3, "killed", "unami"), ("2031-01-sahla", 30, "killed", "unami"),
        ("2031-01-sahla", 45, "injured", "unami"),
    ]  # fmt: skip
    assert incidents.sources[0].name == "UNAMI"


def test_groups_of_columns_have_totals(tmp_path: Path) -> None:
    lines = [",Killed,,,Injured,,", "Month,Men,Women,Total,Men,Women,Total", "January 2031,50,20,70,100,30,135",
             "February 2031,40,10,55,90,20,120", "Total,90,30,125,190,50,255"]  # fmt: skip
    incidents = read_file(written(tmp_path / "m.csv", "Civilian casualties in Varenia,,,,,,", lines))
    assert records(incidents, "start", "low", "quantity") == [
        ("2031-01-01", 70, "killed"), ("2031-01-01", 135, "injured"),
        ("2031-02-01", 55, "killed"), ("2031-02-01", 120, "injured"),
    ]  # fmt: skip
    assert doubted(incidents) == {}


def test_a_total_of_a_year_is_of_its_months(tmp_path: Path) -> None:
    lines = ["2030,January,849", "2030,February,670", "2030,TOTAL,1519", "2031,January,382", "2031,Total,383"]
    incidents = read_file(written(tmp_path / "m.csv", "Year,Month,Killed", lines))
    assert dropped(incidents) == {"a total of other rows": [4, 6]}
    assert doubted(incidents) == {"rows do not add up to the total of killed that the table gives": [5]}


@pytest.mark.parametrize("total", ["Sub-total", "Subtotal", "Total Varenia", "Grand Total", "Varenia, total"])
def test_totals_have_many_names(tmp_path: Path, total: str) -> None:
    lines = ["Jan-31,Marun,210", "Jan-31,Sahla,128", f'Jan-31,"{total}",338', "Total 2031,,338"]
    incidents = read_file(written(tmp_path / "m.csv", "Period,Governorate,Killed", lines))
    assert dropped(incidents) == {"a total of other rows": [4, 5]}
    assert doubted(incidents) == {}
    assert {area for (area,) in records(incidents, "area")} == {"marun", "sahla"}


def test_months_and_figures_in_arabic() -> None:
    utf8, windows = fixture("monthly_ar.csv"), fixture("monthly_1256.csv")
    assert killed(utf8) == {"2031-01-مارون": (120, 120), "2031-02-مارون": (7, 7), "2031-02-سهلة": (3, 3)}
    assert windows.records.equals(utf8.records)
    assert any("Windows-1256" in note for note in windows.account.notes)
    assert utf8.names["area"]["مارون"] == "مارون"


@pytest.mark.parametrize(
    ("printed", "month"),
    [
        ("March 2031", 3), ("Mar-31", 3), ("2031-03", 3), ("03/2031", 3), ("3/2031", 3), ("2031-03-01", 3),
        ("آذار 2031", 3), ("مارس ٢٠٣١", 3), ("September, 2031", 9), ("Sept. 2031", 9), ("تشرين الأول 2031", 10),
    ],
)  # fmt: skip
def test_months_are_written_in_many_ways(tmp_path: Path, printed: str, month: int) -> None:
    path = written(tmp_path / "m.csv", "Month;Killed", [f"{printed};5"])
    assert records(read_file(path), "start") == [(f"2031-{month:02d}-01",)]


def test_a_mapping_reads_any_table() -> None:
    incidents = fixture("mapped.csv", "mapped", **MAPPING)
    assert records(incidents, "record", "start", "low", "high", "actors", "attribution", "place_error", "cites") == [
        ("L-1", "2031-03-04", 3, 5, "government", "stated", 0.5, "Airwars"),
        ("L-2", "2031-03-17", 10, None, "front;government", "contested", None, "Airwars;Varen Post"),
        ("L-3", "2031-03-05", 1, 1, "", "unattributed", None, ""),
    ]
    assert dropped(incidents) == {
        "Status is rejected: dropped by the mapping": [7],
        "it has no area, which the mapping requires": [5],
        "it has no record, which tells it from others": [8],
        'its attribution has no meaning yet; write perhaps = "contested" in [values.attribution]': [6],
    }
    assert incidents.names["actor"]["government"] == "Government forces"


def test_the_template_of_a_mapping_is_a_mapping(tmp_path: Path) -> None:
    from undercount.data.imports.registry import template_of

    (tmp_path / "events.toml").write_text(template_of("mapped"))
    header = "ID,Date,Killed (min),Killed (max),Governorate,Perpetrator"
    path = written(tmp_path / "e.csv", header, ["1,2031-01-01,2,3,Marun,Gov. forces", "2,2031-01-02,1,1,Marun,n/k"])
    incidents = read_file(path, "mapped", Asked({"mapping": tmp_path / "events.toml"}))
    assert records(incidents, "low", "high", "actors") == [(2, 3, "government"), (1, 1, "")]


def test_a_table_of_losses_holds_no_incidents(tmp_path: Path) -> None:
    line = "3,100,Military deaths-Russia,U,Day,Russia,0,0,Military deaths,U-Russia"
    header = "days,loss_count,loss_type,claim_source,time_frame,loss_country,minimum,maximum,category,source_target"
    path = written(tmp_path / "loss.csv", header, [line])
    with pytest.raises(EvidenceError, match="holds reports, not incidents") as caught:
        read_file(path)
    assert caught.value.code == "import-no-incidents"
