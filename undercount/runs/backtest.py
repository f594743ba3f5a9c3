"""The estimate as it would have stood at each day of publication."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from undercount.errors import RunError, UndercountError, not_written
from undercount.estimators import scoping
from undercount.estimators.batches import fit_many
from undercount.estimators.batches.columns import HELD, PASSED
from undercount.estimators.batches.settings import versions
from undercount.estimators.count_fusion import DEFAULT_SEED
from undercount.estimators.gates import Check, Checks
from undercount.estimators.matched import lists_of

if TYPE_CHECKING:
    import os

    import pandas as pd
    from matplotlib.figure import Figure

    from undercount.data.evidence import Evidence
    from undercount.estimators.batches import BatchCallback
    from undercount.estimators.batches.work import Estimator

type Row = Mapping[str, Any]

COLUMNS: Final[Mapping[str, str]] = {
    "date": "day as of which it is known",
    "reports": "used reports that were published by then",
    "sources": "sources that these come from",
    "median": "median of the toll; empty where nothing can be estimated",
    "lower": "lower end of the interval",
    "upper": "upper end of the interval",
    "ci_prob": "probability that the interval holds",
    "ci_kind": "kind of the interval; eti is equal-tailed",
    "gates_passed": "whether every gate of the estimate passed: if not, do not quote it",
    "failed_gates": "each gate that failed: name = value (limit)",
    "reason": "why there is no estimate",
    "evidence_sha256": "hash of what was known",
}
_FIGURES: Final = ("median", "lower", "upper", "ci_prob", "ci_kind")


@dataclass(frozen=True, eq=False, repr=False)
class Backtest:
    """Estimates of one scope, each from what was known on a day.

    Parameters
    ----------
    evidence : Evidence
        All of it.
    rows : tuple of mapping
        One for each day, in order, with the keys of `COLUMNS`.
    seed : int
    versions : mapping of str to str
    """

    evidence: Evidence
    rows: tuple[Row, ...]
    seed: int
    versions: Mapping[str, str]

    @property
    def title(self) -> str:
        """Title of the case."""
        return self.evidence.case.title

    @property
    def sha256(self) -> str:
        """Hash of the whole evidence."""
        return self.evidence.sha256

    @property
    def estimand(self) -> str:
        """The scope in words."""
        return scoping.in_words(self.evidence.case, self.evidence.case.estimand)

    def check(self) -> Checks:
        """Whether every estimate passed its gates."""
        failed = sum(row["gates_passed"] is False for row in self.rows)
        return Checks((Check("days whose gates failed", failed, "= 0", failed == 0),))

    def to_frame(self) -> pd.DataFrame:
        """Give the rows as a pandas frame with the columns of `COLUMNS`."""
        import pandas as pd

        return pd.DataFrame([dict(row) for row in self.rows], columns=list(COLUMNS))

    def to_csv(self, path: str | os.PathLike[str]) -> Path:
        """Write the rows as csv, safe to open in a spreadsheet.

        Raises
        ------
        StoreError
            If the file cannot be written.
        """
        target = Path(path)
        text: str = import_module("undercount.report.backtest").backtest_csv(self)
        try:
            target.write_text(text, encoding="utf-8", newline="\n")
        except OSError as error:
            raise not_written(
                "the table", target, error, "name a file in a folder that is there and is yours"
            ) from error
        return target

    def plot(self) -> Figure:
        """Draw median and interval over the day of publication, and the counts that were published."""
        figure: Figure = import_module("undercount.report.charts.vintages").figure(self)
        return figure

    def __len__(self) -> int:
        return len(self.rows)

    def _repr_html_(self) -> str:
        html: str = import_module("undercount.report.notebook").backtest_html(self)
        return html

    def __repr__(self) -> str:
        lines = [f"Backtest({self.estimand}: {len(self)} days)"]
        for row in self.rows:
            if row["median"] is None:
                lines.append(f"  {row['date']}: no estimate, {row['reason'].splitlines()[0][:150]}")
                continue
            mark = "" if row["gates_passed"] else "  GATES FAILED: do not quote"
            figures = f"{row['median']:,.0f} [{row['lower']:,.0f} - {row['upper']:,.0f}]"
            lines.append(f"  {row['date']}: {figures} from {row['reports']} reports{mark}")
        return "\n".join(lines)


def backtest(
    estimator: Estimator,
    evidence: Evidence,
    *,
    dates: Sequence[date | str] | None = None,
    seed: int = DEFAULT_SEED,
    workers: int | None = None,
    progress: BatchCallback | None = None,
) -> Backtest:
    """Estimate the toll as of each day, from what was published by then.

    Parameters
    ----------
    estimator : CountFusion
        Fitted to each vintage, as `fit_many` does it.
    evidence : Evidence
        Its scope stays, and so do population figures and incidents, whenever they became known.
    dates : sequence of date or str, optional
        By default every day on which a used report was published.
    seed : int
        Of every day.
    workers : int, optional
        Processes; by default one for each processor.
    progress : callable, optional
        Called with a `BatchProgress` in the calling thread; what it raises stops the work.

    Returns
    -------
    Backtest
        A row for each day; a day on which nothing can be estimated says why.

    Raises
    ------
    RunError
        If a date cannot be read, or none is given.
    ModelError
        If a setting makes no sense, or it is not known when matched lists became known.
    """
    days = publication_days(evidence) if dates is None else _days(dates)
    known = {day: _known(evidence, day) for day in days}
    vintages = {day: found for day, found in known.items() if not isinstance(found, str)}
    fitted: dict[str, Row] = {}
    for lists, group in _by_lists(estimator, vintages):
        batch = fit_many(
            _with_lists(estimator, lists),
            {day.isoformat(): vintages[day] for day in group},
            seed=seed,
            workers=workers,
            progress=progress,
        )
        fitted |= {row["case"]: row for row in batch.to_arrow().to_pylist()}
    rows = tuple(_row(day, known[day], fitted.get(day.isoformat())) for day in days)
    return Backtest(evidence, rows, seed, versions())


def publication_days(evidence: Evidence, most: int | None = None) -> list[date]:
    """Days on which used reports were published.

    Parameters
    ----------
    evidence : Evidence
    most : int, optional
        At least two. Of more days, so many are given, evenly among them, the first and the last one included.
    """
    days = sorted({report.published for report in evidence.used})
    if most is None or len(days) <= most:
        return days
    return [days[round(place * (len(days) - 1) / (most - 1))] for place in range(most)]


def _days(dates: Sequence[date | str]) -> list[date]:
    found = set()
    for one in dates:
        try:
            day = one if isinstance(one, date) and not isinstance(one, datetime) else date.fromisoformat(str(one))
        except ValueError as error:
            raise RunError(
                f"{str(one)[:50]!r} is not a date",
                code="run-bad-date",
                where="dates",
                hint="write YYYY-MM-DD, such as 2017-03-28",
            ) from error
        found.add(day)
    if not found:
        raise RunError(
            "no date is given", code="run-no-dates", where="dates", hint="give at least one, or leave it out"
        )
    return sorted(found)


def _known(evidence: Evidence, day: date) -> Evidence | str:
    """What was known, or why nothing can be made of it."""
    try:
        return evidence.as_of(day)
    except UndercountError as error:
        return error.message


def _by_lists(estimator: Any, vintages: Mapping[date, Evidence]) -> list[tuple[Any, list[date]]]:
    """Days by the matched lists that were known: none, or all of the estimator's."""
    setting = getattr(estimator, "lists", None)
    groups: list[tuple[Any, list[date]]] = []
    for day, known in vintages.items():
        lists = None if setting is None else lists_of(setting, known, day)
        if not groups or (groups[-1][0] is None) != (lists is None):
            groups.append((lists, []))
        groups[-1][1].append(day)
    return groups


def _with_lists(estimator: Estimator, lists: Any) -> Estimator:
    if getattr(estimator, "lists", None) is None:
        return estimator
    other = copy.copy(estimator)
    vars(other)["lists"] = lists
    return other


def _row(day: date, known: Evidence | str, fitted: Row | None) -> Row:
    row: dict[str, Any] = dict.fromkeys(COLUMNS)
    row |= {"date": day, "reports": 0, "sources": 0, "failed_gates": (), "reason": ""}
    if isinstance(known, str) or fitted is None:
        return row | {"reason": known if isinstance(known, str) else "not fitted"}
    row["reports"], row["sources"] = len(known.used), len({report.source for report in known.used})
    row["evidence_sha256"] = known.sha256
    if fitted["status"] not in (PASSED, HELD):
        return row | {"reason": fitted["error"]}
    figures = {name: fitted[name] for name in _FIGURES}
    return row | figures | {"gates_passed": fitted["status"] == PASSED, "failed_gates": tuple(fitted["failed_gates"])}
