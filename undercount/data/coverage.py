"""What lists of past conflicts hold of their tolls, and the prior of recorders that was made of it."""

from __future__ import annotations

import csv
import json
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from itertools import groupby
from math import isfinite, log
from pathlib import Path
from typing import TYPE_CHECKING, Final

from undercount.errors import EvidenceError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TOGETHER: Final = "*"
"""In place of a list's name: the victims who are on any list."""
COLUMNS: Final = ("conflict", "list", "size", "log_toll", "log_toll_sd", "toll_by")
COVERAGE_FILE: Final = "coverage.csv"
CONFLICT_FILE: Final = "conflicts.toml"
PRIOR_FILE: Final = "recorder_prior.json"


def folder() -> Path:
    """Where the files lie."""
    return Path(str(files("undercount.data"))) / "reporting_rates"


@dataclass(frozen=True)
class Coverage:
    """Sizes of the lists of one conflict beside the posterior of its toll."""

    conflict: str
    sizes: Mapping[str, int]
    """Victims on each list; those on any list under `TOGETHER`."""
    log_toll: float
    """Mean of the log of the toll."""
    log_toll_sd: float
    toll_by: str
    """The estimator or publication of the toll."""
    title: str = ""
    reference: str = ""
    is_default: bool = True

    def __post_init__(self) -> None:
        numbers = (self.log_toll, self.log_toll_sd)
        is_sound = bool(self.sizes) and min(self.sizes.values()) > 0 and all(map(isfinite, numbers))
        if not (is_sound and self.log_toll_sd >= 0 and log(self.sizes.get(TOGETHER, 1)) < self.log_toll):
            raise EvidenceError(
                f"sizes {dict(self.sizes)} of a log toll of {self.log_toll:g} ± {self.log_toll_sd:g}",
                code="coverage-range",
                where=self.conflict,
                hint="give lists that hold somebody, together not everybody, and a toll with a finite error",
            )

    @property
    def lists(self) -> tuple[str, ...]:
        """Names of the single lists."""
        return tuple(name for name in self.sizes if name != TOGETHER)


def read_coverage(path: Path | None = None) -> tuple[Coverage, ...]:
    """Read the coverage of all conflicts, by default those that come with the package.

    Parameters
    ----------
    path : Path, optional
        A folder with `coverage.csv` and `conflicts.toml`.

    Raises
    ------
    EvidenceError
        If the rows of a conflict contradict each other, or nothing is known of it.

    Examples
    --------
    >>> [conflict.conflict for conflict in read_coverage() if not conflict.is_default]
    ['uk-2013']
    """
    path = folder() if path is None else path
    conflicts = tomllib.loads((path / CONFLICT_FILE).read_text(encoding="utf-8"))
    with (path / COVERAGE_FILE).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return tuple(
        _coverage(name, list(group), conflicts.get(name))
        for name, group in groupby(sorted(rows, key=lambda row: row["conflict"]), lambda row: row["conflict"])
    )


def _coverage(name: str, rows: Sequence[Mapping[str, str]], about: Mapping[str, str | bool] | None) -> Coverage:
    tolls = {(row["log_toll"], row["log_toll_sd"], row["toll_by"]) for row in rows}
    if about is None or len(tolls) > 1 or len({row["list"] for row in rows}) < len(rows):
        raise EvidenceError(
            f"{len(tolls)} tolls in {len(rows)} rows" if about else "nothing is known of this conflict",
            code="coverage-rows",
            where=f"{COVERAGE_FILE}: {name}",
            hint=f"give each list once, all with one toll, and an entry in {CONFLICT_FILE}",
        )
    ((log_toll, log_toll_sd, toll_by),) = tolls
    return Coverage(
        name,
        {row["list"]: int(row["size"]) for row in rows},
        float(log_toll),
        float(log_toll_sd),
        toll_by,
        str(about["title"]),
        str(about["reference"]),
        bool(about["is_default"]),
    )


def write_coverage(coverages: Sequence[Coverage], path: Path | None = None) -> None:
    """Write `coverage.csv`, the log tolls to four places."""
    with ((folder() if path is None else path) / COVERAGE_FILE).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for each in sorted(coverages, key=lambda coverage: coverage.conflict):
            toll = (f"{each.log_toll:.4f}", f"{each.log_toll_sd:.4f}", each.toll_by)
            writer.writerows((each.conflict, name, size, *toll) for name, size in each.sizes.items())


@dataclass(frozen=True)
class RecorderPrior:
    """Log reporting rate of a new recorder in a new conflict: normal, the sum of a common and an own part."""

    location: float
    own_scale: float
    common_scale: float
    """Of what the recorders of one conflict share; it holds the uncertainty of `location`."""
    median: float
    lower: float
    upper: float
    """Of the predictive distribution itself, 95 %, as rates."""
    lists: int
    conflicts: tuple[str, ...]
    """Their titles."""


def recorder_prior() -> RecorderPrior:
    """Read the prior that comes with the package.

    Examples
    --------
    >>> 0.05 < recorder_prior().median < 0.5
    True
    """
    found = json.loads((folder() / PRIOR_FILE).read_text(encoding="utf-8"))
    prior, predictive, inputs = found["prior"], found["predictive"], found["inputs"]
    return RecorderPrior(
        prior["location"],
        prior["own_scale"],
        prior["common_scale"],
        predictive["0.5"],
        predictive["0.025"],
        predictive["0.975"],
        inputs["lists"],
        tuple(inputs["conflicts"]),
    )


__all__ = [
    "TOGETHER",
    "Coverage",
    "RecorderPrior",
    "folder",
    "read_coverage",
    "recorder_prior",
    "write_coverage",
]
