"""Words: catalogues that are whole, numbers and dates of each language, English as it was."""

from __future__ import annotations

import math
import pickle
import re
from datetime import date
from gettext import c2py
from string import Formatter
from typing import TYPE_CHECKING

import pytest
from babel.messages.catalog import Catalog
from hypothesis import given
from hypothesis import strategies as st

from undercount.data.schema import Window
from undercount.errors import RunError
from undercount.report.words import LANGUAGES, Words, words
from undercount.report.words.catalogue import TRANSLATED, read_catalogue
from undercount.report.words.update import is_whole, messages, names, updated, written

if TYPE_CHECKING:
    from babel.messages.catalog import Message

WESTERN = str.maketrans("٠١٢٣٤٥٦٧٨٩٬٫", "0123456789,.")


@pytest.fixture(scope="module")
def found() -> Catalog:
    return messages()


def forms(texts: object) -> list[str]:
    return [texts] if isinstance(texts, str) else list(texts or ())  # type: ignore[call-overload]


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def key(entry: Message) -> tuple[object, str | None]:
    return tuple(forms(entry.id)), entry.context


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_has_every_message_and_no_other(language: str, found: Catalog) -> None:
    catalogue = read_catalogue(language)
    wanted = {key(entry) for entry in found if entry.id}
    assert {key(entry) for entry in catalogue if entry.id} == wanted, "python -m undercount.report.words.update"
    assert len(wanted) > 40
    assert not catalogue.obsolete, "python -m undercount.report.words.update --prune"


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_message_is_translated_with_the_same_placeholders(language: str) -> None:
    for entry in read_catalogue(language):
        if not entry.id:
            continue
        assert is_whole(entry), entry.id
        assert entry.context or forms(entry.string) != forms(entry.id) or not re.search(r"[a-z]{3} ", str(entry.id))
        wanted = set[str]().union(*map(fields, forms(entry.id)))
        for form in forms(entry.string):
            # A form of its own for none, one or two may say the number in words.
            optional = {"count"} if entry.pluralizable else set[str]()
            assert wanted - optional <= fields(form) <= wanted, entry.id


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_is_written_as_it_is_read(language: str, found: Catalog) -> None:
    catalogue = updated(language, found)
    assert [key(entry) for entry in catalogue] == [key(entry) for entry in updated(language, catalogue)]
    assert catalogue.get("95 % interval") is not None
    again = written(catalogue, keeps_obsolete=True)
    assert not any(wrong in again for wrong in (b"EMAIL", b"python-format"))


def test_a_translation_survives_that_its_message_is_gone(found: Catalog) -> None:
    fewer = Catalog(charset="utf-8")
    for entry in found:
        if entry.id and entry.id != "not known":
            fewer.add(entry.id, context=entry.context)
    gone = updated("ar", fewer)
    assert [entry.string for entry in gone.obsolete.values()] == ["غير معروف"]
    kept, pruned = (written(gone, keeps_obsolete=keeps).decode() for keeps in (True, False))
    assert '#~ msgid "not known"\n#~ msgstr "غير معروف"' in kept
    assert "not known" not in pruned


def test_names_of_the_bundled_cases_are_translated() -> None:
    assert words("ar").name("west Mosul") == "غرب الموصل"
    assert "Airwars" in set(names())
    assert words("ar").name("<b>unknown</b>") == "<b>unknown</b>"
    assert words("ar").name("") == words("ar")("") == ""


def test_what_nobody_has_checked_says_so_in_both_languages() -> None:
    assert words().is_checked
    assert words().notice == ""
    for language in TRANSLATED:
        w = words(language)
        assert not w.is_checked
        assert "No native speaker" in w.notice
        assert w("not known") in {"غير معروف", "نەزانراو"}


def test_directions() -> None:
    assert {language: words(language).direction for language in LANGUAGES} == {"en": "ltr", "ar": "rtl", "ckb": "rtl"}


@pytest.mark.parametrize(("wrong", "near"), [("arr", "ar"), ("CKB", "ckb"), ("english", "en"), ("ku", "ckb")])
def test_an_unknown_language_is_refused(wrong: str, near: str) -> None:
    with pytest.raises(RunError, match="is not a language") as caught:
        words(wrong)
    assert caught.value.code == "run-unknown-language"
    assert f"'{wrong}'" in caught.value.message
    assert near in caught.value.hint


@given(st.floats(-1e12, 1e12))
def test_counts_are_those_of_python(value: float) -> None:
    plain = f"{value:,.0f}"
    assert words().count(value) == ("0" if plain == "-0" else plain)
    assert words("ar").count(value).translate(WESTERN).replace("\u061c", "") == words().count(value)
    assert words("ckb").count(value).translate(WESTERN).replace("\u200f", "") == words().count(value)


@given(st.floats(0.001, 1e6))
def test_rates_have_the_same_digits_in_every_language(value: float) -> None:
    shown = words().rate(value)
    assert math.isclose(float(shown.replace(",", "")), value, rel_tol=0.051)
    assert words("ckb").rate(value).translate(WESTERN) == shown


def test_numbers_of_each_language() -> None:
    ar, ckb = words("ar"), words("ckb")
    assert ar.count(12345.6) == "١٢٬٣٤٦"
    assert ckb.rate(0.4249) == "٠٫٤٢"
    assert ar.percent(0.0025) == "٠٫٢٥٪"
    assert ckb.number(1.01) == "١٫٠١"
    assert ar.between(4900, 21300) == "من ٤٬٩٠٠ إلى ٢١٬٣٠٠"
    assert ar.interval_name(0.95, "eti") == "٩٥٪ (متساوي الذيلين)"
    assert ckb.allowed(0, 150) == "تا ١٥٠"
    assert ar.listed(["A", "B", "C"]) == "A وB وC"
    assert ar.listed(["A", "B، C", "D"]) == "A؛ وB، C وD"


@pytest.mark.parametrize(
    ("language", "shown"), [("en", "19 Feb 2017"), ("ar", "١٩ شباط ٢٠١٧"), ("ckb", "١٩ی شوباتی ٢٠١٧")]
)
def test_dates_have_the_months_of_iraq(language: str, shown: str) -> None:
    day = date(2017, 2, 19)
    assert words(language).date(day) == shown
    assert words(language).days(Window(start=day, end=day)) == shown


def test_arabic_has_six_forms() -> None:
    choose = c2py(read_catalogue("ar").plural_expr)
    assert [choose(n) for n in (0, 1, 2, 3, 10, 11, 99, 100, 103, 111)] == [0, 1, 2, 3, 3, 4, 4, 5, 3, 4]


def test_values_are_put_in_after_translation() -> None:
    w = words()
    assert w("{who} counted {number} dead", who="{who} <b>", number=1200) == "{who} <b> counted 1,200 dead"
    assert w.parts("The toll is {median}.", median=(2.5, " or ", 3)) == ("The toll is ", 2.5, " or ", 3, ".")
    assert w.several("{count} report", "{count} reports", 1) == "1 report"
    with pytest.raises(KeyError):
        w("{who}")


def test_words_are_plain_values() -> None:
    assert pickle.loads(pickle.dumps(words("ar"))) == Words("ar")
