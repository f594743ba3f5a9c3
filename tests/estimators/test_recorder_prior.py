"""The shipped prior of recorders is made from the shipped rows, to the digit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from undercount.data.coverage import CONFLICT_FILE, COVERAGE_FILE, PRIOR_FILE, folder, read_coverage
from undercount.estimators.recorder_prior import figures, main, with_tolls

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def test_a_rerun_gives_the_shipped_figures(tmp_path: Path) -> None:
    for name in (CONFLICT_FILE, COVERAGE_FILE):
        (tmp_path / name).write_bytes((folder() / name).read_bytes())
    main([str(tmp_path)])
    shipped, again = (json.loads((path / PRIOR_FILE).read_text()) for path in (folder(), tmp_path))
    assert shipped.pop("made").keys() == again["made"].keys()
    assert shipped.pop("inputs") == again["inputs"]
    assert shipped == {name: again[name] for name in shipped}


def test_only_the_default_conflicts_count() -> None:
    coverages = read_coverage()
    default = [coverage for coverage in coverages if coverage.is_default]
    assert len(default) < len(coverages)
    assert figures(coverages) == figures(default)


def test_estimated_tolls_take_the_place_of_those_before() -> None:
    asked = []

    def log_toll(name: str) -> tuple[NDArray[np.float64], str]:
        asked.append(name)
        return np.array([9.0, 9.2, 9.4]), "an estimator"

    before = read_coverage()
    after = {c.conflict: c for c in with_tolls(before, ["kosovo-1999", "no-conflict"], log_toll)}
    assert asked == ["kosovo-1999"]
    kosovo = after["kosovo-1999"]
    assert kosovo.toll_by == "an estimator"
    assert kosovo.log_toll == pytest.approx(9.2)
    assert kosovo.log_toll_sd == pytest.approx(np.std([9.0, 9.2, 9.4]))
    assert [after[c.conflict] for c in before if c.conflict != "kosovo-1999"] == [
        c for c in before if c.conflict != "kosovo-1999"
    ]
