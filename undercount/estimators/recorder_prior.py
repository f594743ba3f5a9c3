"""`python -m undercount.estimators.recorder_prior` makes the prior of recorders that comes with the package.

It reads `coverage.csv` and `conflicts.toml` in `undercount/data/reporting_rates/`, or in the folder that is given, fits
`undercount.models.coverage` to the conflicts of the default, and writes `recorder_prior.json` beside them. The same
rows give the same figures, to the digit. With `--tolls` it first estimates the tolls of the bundled lists again, by
`LatentClass`, and writes them into `coverage.csv`.
"""

from __future__ import annotations

import hashlib
import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from undercount.data.coverage import COVERAGE_FILE, PRIOR_FILE, folder, read_coverage, write_coverage
from undercount.data.lists import lists_names, load_lists
from undercount.errors import SamplingError
from undercount.models.coverage import LEVELS, SPREADS, posterior

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from undercount.data.coverage import Coverage

Array = NDArray[np.float64]
LogToll = Callable[[str], tuple[Array, str]]

SEED: Final = 2017
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


def with_tolls(coverages: Sequence[Coverage], names: Collection[str], log_toll: LogToll) -> list[Coverage]:
    """Put estimates in place of the tolls of some conflicts.

    Parameters
    ----------
    coverages : sequence of Coverage
    names : collection of str
        Conflicts to estimate; names of no conflict are left alone.
    log_toll : callable
        From the name of a conflict to draws of the log of its toll, and what drew them.
    """
    found = []
    for coverage in coverages:
        if coverage.conflict in names:
            draws, by = log_toll(coverage.conflict)
            mean, sd = float(np.mean(draws)), float(np.std(draws))
            found.append(replace(coverage, log_toll=mean, log_toll_sd=sd, toll_by=by))
        else:
            found.append(coverage)
    return found


def latent_class(name: str) -> tuple[Array, str]:
    """Log toll of bundled lists by `LatentClass`."""
    from undercount.estimators.overlap import LatentClass

    estimate = LatentClass().fit(load_lists(name), seed=SEED)
    if not estimate.check().passed:
        raise SamplingError(
            f"gates failed: {estimate.check().failed}",
            code="sampling-gates",
            where=name,
            hint="a prior is made of estimates that passed; give LatentClass more draws",
        )
    return np.log(estimate.toll().draws), f"LatentClass, seed {SEED}"


def main(arguments: Sequence[str]) -> None:
    """Write the prior into the folder that its inputs lie in."""
    parser = ArgumentParser(prog="python -m undercount.estimators.recorder_prior", description="Make the prior.")
    parser.add_argument("folder", nargs="?", type=Path, default=folder(), help="of coverage.csv and conflicts.toml")
    parser.add_argument("--tolls", action="store_true", help="estimate the tolls of the bundled lists again")
    given = parser.parse_args(arguments)
    if given.tolls:
        write_coverage(with_tolls(read_coverage(given.folder), lists_names(), latent_class), given.folder)
    made = {
        "command": parser.prog,
        "date": datetime.now(tz=UTC).date().isoformat(),
        "versions": {name: version(name) for name in ("undercount", "numpy", "scipy")},
        "coverage_sha256": hashlib.sha256((given.folder / COVERAGE_FILE).read_bytes()).hexdigest(),
    }
    text = json.dumps({"made": made, **figures(read_coverage(given.folder))}, indent=1)
    (given.folder / PRIOR_FILE).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
