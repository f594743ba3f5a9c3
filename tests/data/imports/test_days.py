"""Dates in every order, language and calendar that exports have; what could be two days is refused."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from undercount.data.imports.texts import Parsed, dates, flags, texts

if TYPE_CHECKING:
    from undercount.data.imports.days import Order

DAY = date(2017, 3, 17)


def read(*cells: str | None, order: Order | None = None, serials: bool = False) -> Parsed:
    return dates(pa.array(cells, pa.string()), order, serials=serials)


@pytest.mark.parametrize(
    "text",
    """
    2017-03-17 2017-3-17 2017/03/17 2017.03.17 20170317 2017-03-17T00:00:00Z 2017-03-17_10:30:00 17/03/2017
    17.3.2017 17-03-2017 03/17/2017 17/03/17 17_March_2017 17-Mar-17 17_Mar._2017 March_17,_2017
    March_17th,_2017 17th_of_March_2017 Friday,_17_March_2017 17_March_2017,_14:05 2017_March_17 ١٧/٠٣/٢٠١٧
    ١٧_آذار_٢٠١٧ 17_اذار_2017 17_مارس_2017 17_آذار/مارس_2017 يوم_الجمعة_17_آذار_2017م 17ی_ئازاری_2017
    17_mars_2017 17_березня_2017 17_марта_2017_г. 1438-06-18 1438/6/18_هـ 18/06/1438 18_جمادى_الآخرة_1438
    18_جمادى_الثانية_1438_هـ 18_Jumada_al-Akhirah_1438_AH ١٨_جُمادى_الآخرة_١٤٣٨
    """.split(),
)
def test_one_day_in_many_ways(text: str) -> None:
    found = read(text.replace("_", " "))
    assert (found.values.to_pylist(), dict(found.faults)) == ([DAY], {})


_LEVANT = "كانون الثاني;شباط;آذار;نيسان;أيار;حزيران;تموز;آب;أيلول;تشرين الأول;تشرين الثاني;كانون الأول"
_GULF = "يناير;فبراير;مارس;أبريل;مايو;يونيو;يوليو;أغسطس;سبتمبر;أكتوبر;نوفمبر;ديسمبر"
_HIJRI = "محرم;صفر;ربيع الأول;ربيع الآخر;جمادى الأولى;جمادى الآخرة;رجب;شعبان;رمضان;شوال;ذو القعدة;ذو الحجة"


@pytest.mark.parametrize("names", [_LEVANT, _GULF], ids=["Levant", "Gulf"])
def test_arabic_months(names: str) -> None:
    found = read(*(f"5 {name} 2016" for name in names.split(";")))
    assert found.values.to_pylist() == [date(2016, month, 5) for month in range(1, 13)]


def test_hijri_months() -> None:
    named = read(*(f"5 {name} 1438" for name in _HIJRI.split(";")))
    assert named.values.to_pylist() == read(*(f"1438-{month}-5" for month in range(1, 13))).values.to_pylist()
    assert named.notes == (
        "12 dates of the Hijri calendar were converted (Umm al-Qura; a day more or less may be meant)",
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("March 2017", "the day is missing"),
        ("2017-03", "the day is missing"),
        ("2017", "the day is missing"),
        ("17 March", "the year is missing"),
        ("after 17 March 2017", "not a date"),
        ("17 March - 18 March 2017", "not a date"),
        ("12 killed on 17 March 2017", "not a date"),
        ("2017-02-30", "no such day"),
        ("31/04/2017", "no such day"),
        ("30 صفر 1438", "no such day"),
        ("17/03/1817", "outside of 1900 to 2100"),
        ("2217-03-17", "outside of 1900 to 2100"),
        ("1396-01-01", "lunar or solar"),
        ("42811", "a number, not a date"),
        ("soon", "not a date"),
        ("04/03/2017", "2017-03-04 (day first) or 2017-04-03 (month first)"),
    ],
)
def test_no_day(text: str, why: str) -> None:
    found = read(text)
    assert found.values.to_pylist() == [None]
    assert why in found.faults[text]


def test_the_column_shows_what_comes_first() -> None:
    found = read("04/03/2017", "17/03/2017")
    assert found.values.to_pylist() == [date(2017, 3, 4), DAY]
    assert found.notes == ("the day comes first, as 17/3/2017 shows",)
    found = read("04/03/2017", "03/17/2017")
    assert found.values.to_pylist() == [date(2017, 4, 3), DAY]
    assert found.notes == ("the month comes first, as 3/17/2017 shows",)
    mixed = read("04/03/2017", "17/03/2017", "03/17/2017")
    assert mixed.values.to_pylist() == [None, DAY, DAY]
    assert "a spreadsheet may have turned some around" in mixed.notes[0]


def test_what_comes_first_is_asked_for() -> None:
    assert read("04/03/2017", order="dmy").values.to_pylist() == [date(2017, 3, 4)]
    assert read("04/03/2017", order="mdy").values.to_pylist() == [date(2017, 4, 3)]
    assert read("17/03/04", order="ymd").values.to_pylist() == [date(2017, 3, 4)]
    assert read("03/17/2017", order="dmy").faults == {"03/17/2017": "there is no such day"}


def test_notes_count_cells() -> None:
    found = read(
        "17-Mar-17", "17-Mar-17", "17-Mar-69", "17-Mar-70", None, "n/a", "2017-03-17 10:00", "2017-03-17 00:00"
    )
    assert found.values.to_pylist()[2:4] == [date(2069, 3, 17), date(1970, 3, 17)]
    assert found.notes == (
        "2 cells are empty or say that nothing is known ('n/a')",
        "4 years have two digits, read as 1970 to 2069",
        "1 time of day was left out",
    )


def test_days_as_spreadsheets_count_them() -> None:
    found = read("42811", "42811.75", None, serials=True)
    assert found.values.to_pylist() == [DAY, DAY, None]
    assert list(read("60", "999999", "42811", serials=True).faults) == ["60", "999999"]
    assert list(read("42811", "2017-03-17", serials=True).faults) == ["42811"]


@given(
    st.lists(st.dates(date(1990, 1, 1), date(2060, 12, 31)), min_size=1),
    st.sampled_from(["%d/%m/%Y", "%m/%d/%Y", "%d.%m.%y"]),
)
def test_dates_read_back_or_are_refused(days: list[date], form: str) -> None:
    found = read(*(day.strftime(form) for day in days))
    for day, value in zip(days, found.values.to_pylist(), strict=True):
        assert value == day or (value is None and day.strftime(form) in found.faults)
    order: Order = "mdy" if form.startswith("%m") else "dmy"
    assert read(*(day.strftime(form) for day in days if day.year < 2060), order=order).faults == {}


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=20))
def test_any_text_is_a_date_nothing_or_a_fault(text: str) -> None:
    found = read(text)
    assert not (found.values[0].is_valid and found.faults)


def test_a_long_text_takes_no_time() -> None:
    for sign in ", T1-/:٠ه":
        assert list(read(sign * 200_000 + "x").faults.values()) == ["not a date"]


def test_flags() -> None:
    found = flags(pa.array(["Yes", "نعم", "1", "no", "لا", "FALSE", "maybe", "n/a", None]))
    assert found.values.to_pylist() == [True, True, True, False, False, False, None, None, None]
    assert found.faults == {"maybe": "neither yes nor no"}


def test_texts() -> None:
    found = texts(pa.array(["  e\u0301\u200f ", "unknown", " ", None, "a  b"]))
    assert found.values.to_pylist() == ["é", "unknown", None, None, "a  b"]
    assert found.notes == ("2 cells are empty",)
