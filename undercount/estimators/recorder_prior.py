"""`python -m undercount.estimators.recorder_prior` makes the prior of recorders that comes with the package.

It reads `coverage.csv` and `conflicts.toml` in `undercount/data/reporting_rates/`, or in the folder that is given, fits
`undercount.models.coverage` to the conflicts of the default, and writes `recorder_prior.json` beside them. The same
rows give the same figures, to the digit.
"""

from __future__ import annotations

import hashlib
import json
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from undercount.data.coverage import COVERAGE_FILE, PRIOR_FILE, folder, read_coverage
from undercount.models.coverage import LEVELS, SPREADS, posterior

if TYPE_CHECKING:
    from collections.abc import Sequence

    from undercount.data.coverage import Coverage

PLACES: Final = 4
PROBABILITIES: Final = (0.025, 0.25, 0.5, 0.75, 0.975)


def figures(coverages: Sequence[Coverage]) -> dict[str, Any]:
    """Fit the default conflicts: what is shipped, but for when and from which file it was made."""
    used = [coverage for coverage in coverages if coverage.is_default]
    found = posterior(used)

    def rounded(value: float) -> float:
        return round(value, PLACES)

    return {
        "inputs": {
            "conflicts": [coverage.title for coverage in used],
            "lists": sum(len(coverage.lists) for coverage in used),
            "tolls_by": {coverage.conflict: coverage.toll_by for coverage in used},
        },
        "hyperpriors": {row.name: [rounded(row.location), row.scale] for row in (*LEVELS, *SPREADS)},
        "posterior": {name: [rounded(x) for x in pair] for name, pair in found.summary.items()},
        "predictive": {
            **{str(p): rounded(found.quantile(p)) for p in PROBABILITIES},
            "above_one": rounded(1.0 - found.probability_below(1.0)),
        },
        "prior": {
            "location": rounded(found.location),
            "own_scale": rounded(found.own_scale),
            "common_scale": rounded(found.common_scale),
        },
    }


def main(arguments: Sequence[str]) -> None:
    """Write the prior into the folder that its inputs lie in."""
    path = Path(arguments[0]) if arguments else folder()
    made = {
        "command": "python -m undercount.estimators.recorder_prior",
        "date": datetime.now(tz=UTC).date().isoformat(),
        "versions": {name: version(name) for name in ("undercount", "numpy", "scipy")},
        "coverage_sha256": hashlib.sha256((path / COVERAGE_FILE).read_bytes()).hexdigest(),
    }
    text = json.dumps({"made": made, **figures(read_coverage(path))}, indent=1)
    (path / PRIOR_FILE).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
