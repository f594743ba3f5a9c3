"""Checks that every explanation must pass: figures of the summary, shown as they are, and none elsewhere."""

from __future__ import annotations

import math
import re
from datetime import date
from typing import TYPE_CHECKING, Any

from undercount.report.explaining.figures import resolve
from undercount.report.words import words

if TYPE_CHECKING:
    from undercount.report.explaining import Explanation, Figure

WESTERN = str.maketrans("٠١٢٣٤٥٦٧٨٩٬٫٪", "0123456789,.%", "\u061c\u200f")


def number(shown: str) -> float:
    found = re.search(r"-?[\d.,]+", shown.translate(WESTERN))
    assert found
    return float(found[0].replace(",", ""))


def check_figure(figure: Figure, language: str) -> None:
    value, shown = figure.value, figure.shown
    if figure.form == "date":
        assert shown == words(language).date(date.fromisoformat(value))
    elif figure.form == "text":
        assert shown.translate(WESTERN).replace(",", "") == value
    elif value is None:
        assert shown == words(language)("undefined")
    elif figure.form == "percent" and 0.995 < value < 1:
        assert number(shown) == 99
        assert len(shown) > len("99 %")
    elif figure.form == "percent":
        assert math.isclose(number(shown), 100 * value, abs_tol=0.5 if value >= 0.01 else 0.05)
    else:
        assert figure.form in {"count", "number"}
        assert math.isclose(number(shown), value, rel_tol=1e-3, abs_tol=0.5 if figure.form == "count" else 0)


def check_explanation(told: Explanation, summary: dict[str, Any]) -> None:
    for sentence in told:
        plain = "".join(part for part in sentence.parts if isinstance(part, str))
        assert not [letter for letter in plain if letter.isdigit()], sentence.text
        assert sentence.text.endswith(".")
        assert "{" not in plain
        for figure in sentence.figures:
            assert resolve(summary, figure.pointer) == figure.value
            check_figure(figure, told.language)
