"""Names in one form."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undercount.data.matching.names import normalised

SAME = [
    ("محمد", "مُحَمَّد"),
    ("محمد", "محمـــد"),
    ("فاطمة", "فاطمه"),
    ("هدى", "هدي"),
    ("إسراء أحمد", "اسرا احمد"),
    ("مؤمن", "مومن"),
    ("علی کریم", "علي كريم"),
    ("الحسين", "حسين"),
    ("عبد الرحمن الجبوري", "عبدالرحمن جبوري"),
    ("أبو بكر", "ابوبكر"),
    ("ﻣﺤﻤﺪ", "محمد"),
    ("Al-Hassan, José", "hassan jose"),
    ("Abd el Rahman", "Abdulrahman"),
    ("  Omar\tKhalid ", "omar khalid"),
    ("O'Brien", "OBRIEN"),
]
OTHER = [("محمد", "محمود"), ("علي حسن", "حسن علي"), ("Omar", "عمر"), ("Mohammed", "Muhammad"), ("الي", "لي")]


@pytest.mark.parametrize(("one", "other"), SAME, ids=range(len(SAME)))
def test_one_name_in_two_spellings(one: str, other: str) -> None:
    assert normalised(one) == normalised(other) != ""


@pytest.mark.parametrize(("one", "other"), OTHER, ids=range(len(OTHER)))
def test_other_names_stay_apart(one: str, other: str) -> None:
    assert normalised(one) != normalised(other)


@given(st.text(max_size=300))
def test_any_text_gives_plain_words(text: str) -> None:
    found = normalised(text)
    assert found == " ".join(found.split())
    assert not any(unicodedata.combining(one) for one in found)
    assert len(found) <= 20 * 200


@given(st.text(alphabet=" محمدعليحسنفاطمة", max_size=40), st.sampled_from("\u064b\u064e\u0651\u0652\u0640"))
def test_marks_between_letters_do_not_count(text: str, mark: str) -> None:
    assert normalised("".join(one + mark if one != " " else one for one in text)) == normalised(text)
