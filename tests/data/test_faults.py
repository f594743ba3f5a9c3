"""Unknown keys of a case: the key that was meant is looked for in the table where it stands."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import make_case
from undercount.data.case_file import parse_case


@pytest.mark.parametrize(
    ("place", "key", "meant"),
    [
        ((), "titel", "title"),
        (("timeline",), "strat", "start"),
        (("estimand",), "actor", "actors"),
        (("dimensions", "actor"), "level", "levels"),
        (("incidents", 0), "are", "area"),
        (("priors", "rate"), "locaton", "location"),
        (("release",), "silent_day", "silent_days"),
    ],
    ids=str,
)
def test_the_key_that_was_meant(place: tuple[Any, ...], key: str, meant: str) -> None:
    content = make_case().model_dump(exclude_none=True)
    content["incidents"] = [{"incident": "i", "title": "t", "date": "d", "area": "a", "actors": {}}]
    content["priors"] = {"rate": {"location": 0.0, "scale": 1.0, "reason": "r"}}
    content["release"] = {}
    table = content
    for part in place:
        table = table[part]
    table[key] = 1
    _, problems = parse_case(content)
    (found,) = [problem for problem in problems if problem.code == "evidence-unknown-field"]
    assert found.field == ".".join(map(str, (*place, key)))
    assert f"did you mean {meant}? write one of: " in found.hint
