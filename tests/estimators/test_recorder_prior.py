"""The shipped prior of recorders is made from the shipped rows, to the digit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from undercount.data.coverage import CONFLICT_FILE, COVERAGE_FILE, PRIOR_FILE, folder, read_coverage
from undercount.estimators.recorder_prior import figures, main

if TYPE_CHECKING:
    from pathlib import Path


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
