"""Names of models, there and back."""

from __future__ import annotations

import pytest

from tests.models.overlap.loglinear.tables import KOSOVO_LISTS
from undercount.errors import ModelError
from undercount.models.overlap.loglinear.hierarchy import close, hierarchical_models, main_effects
from undercount.models.overlap.loglinear.names import list_names, model_name, parse_model


def test_every_name_reads_back_to_its_model() -> None:
    models = hierarchical_models(4).tolist()
    names = [model_name(model, KOSOVO_LISTS) for model in models]
    assert len(set(names)) == 113
    assert [parse_model(name, KOSOVO_LISTS) for name in names] == models


def test_names_are_generators_in_the_order_of_the_lists() -> None:
    model = close([0b0111, 0b1001, 0b1100], lists=4)
    assert model_name(model, KOSOVO_LISTS) == "[EXH*ABA*OSCE, EXH*HRW, OSCE*HRW]"
    assert model_name(main_effects(3), list_names(None, 3)) == "[A, B, C]"


@pytest.mark.parametrize(
    "text",
    [
        "[EXH*ABA*OSCE, EXH*HRW, OSCE*HRW]",
        "HRW*OSCE,HRW*EXH,OSCE*ABA*EXH",
        " [ OSCE * HRW , ABA*EXH*OSCE,EXH*HRW, ABA ] ",
    ],
)
def test_order_and_spaces_do_not_matter(text: str) -> None:
    assert parse_model(text, KOSOVO_LISTS) == close([0b0111, 0b1001, 0b1100], lists=4)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("[EXH*ABA, OSCE]", "has nothing on HRW"),
        ("[EXH*ABA*OSCE*HRW]", "all lists depend on each other"),
        ("[EXH*UN, ABA, OSCE, HRW]", "names 'UN', which is no list"),
        ("[EXH, ABA, OSCE, HRW,]", "names '', which is no list"),
        ("", "names ''"),
    ],
)
def test_a_name_of_no_model_is_refused(text: str, what: str) -> None:
    with pytest.raises(ModelError, match=what) as refusal:
        parse_model(text, KOSOVO_LISTS)
    assert refusal.value.code == "overlap-model"
    assert refusal.value.hint


@pytest.mark.parametrize(
    "names", [("A", "A", "C"), ("A*B", "C", "D"), ("A,", "B", "C"), (" A", "B", "C"), ("", "B", "C")]
)
def test_lists_whose_names_cannot_stand_in_a_model_are_refused(names: tuple[str, ...]) -> None:
    with pytest.raises(ModelError) as refusal:
        parse_model("[A, B, C]", names)
    assert refusal.value.code == "overlap-list-names"


def test_as_many_names_as_lists() -> None:
    assert list_names(["b", "c", "d"], 3) == ("b", "c", "d")
    with pytest.raises(ModelError, match="3 names are given for 4 lists"):
        list_names(["b", "c", "d"], 4)
    with pytest.raises(ModelError):
        list_names(["b", "b", "d"], 3)
