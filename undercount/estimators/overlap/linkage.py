"""Errors of linkage: what they do to a toll, and the interval that holds it whatever they are within reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Final

import numpy as np

from undercount.data.lists import Lists, Table
from undercount.data.problems import shown
from undercount.errors import ModelError
from undercount.estimators.overlap.front import DEFAULT_SEED
from undercount.estimators.settings import bad_setting
from undercount.models.overlap import linkage

if TYPE_CHECKING:
    import pandas as pd

    from undercount.estimators.overlap.estimate import OverlapEstimate
    from undercount.estimators.overlap.front import OverlapEstimator
    from undercount.models.overlap.pattern_counts import Counts

MISSED: Final = (0.0, 0.05, 0.1)
FALSE: Final = (0.0, 0.02, 0.05)


@dataclass(frozen=True, eq=False)
class LinkageErrors:
    """An estimate under the assumption that the linkage made these errors.

    Parameters
    ----------
    missed : float
        Share of the true links that were missed.
    false : float
        Share of the links made that are false.
    estimate : OverlapEstimate
        From the lists without these errors.
    """

    missed: float
    false: float
    estimate: OverlapEstimate


@dataclass(frozen=True, eq=False, repr=False)
class LinkageSensitivity:
    """Estimates from the same lists, for each pair of shares of linkage errors.

    Parameters
    ----------
    scenarios : sequence of LinkageErrors
    """

    scenarios: Sequence[LinkageErrors]

    @property
    def interval(self) -> tuple[float, float]:
        """From the lowest end of all intervals to the highest: it leans on no opinion about which shares are likely."""
        ends = [scenario.estimate.toll().interval for scenario in self.scenarios]
        return min(low for low, _ in ends), max(high for _, high in ends)

    @property
    def passed(self) -> bool:
        """Whether every estimate passed its gates."""
        return all(scenario.estimate.check().passed for scenario in self.scenarios)

    def frame(self) -> pd.DataFrame:
        """One row for each pair of shares.

        Returns
        -------
        pandas.DataFrame
            missed, false, observed, median, mean, sd, lower, upper, ci_prob, ci_kind, passed.
        """
        import pandas as pd

        return pd.DataFrame([
            {"missed": s.missed, "false": s.false, "observed": s.estimate.documented(), **s.estimate.toll().describe(),
             "passed": s.estimate.check().passed}
            for s in self.scenarios
        ])  # fmt: skip

    def __repr__(self) -> str:
        first, (low, high) = self.scenarios[0].estimate, self.interval
        spans = ", ".join(f"{name} {_span(name, self.scenarios)}" for name in ("missed", "false"))
        verdict = "gates passed" if self.passed else "GATES FAILED: do not quote"
        return f"LinkageSensitivity({first.estimator}, {verdict}; {spans}: {low:,.0f} - {high:,.0f})"


def linkage_sensitivity(
    estimator: OverlapEstimator,
    lists: Lists,
    *,
    missed: Sequence[float] = MISSED,
    false: Sequence[float] = FALSE,
    seed: int = DEFAULT_SEED,
) -> LinkageSensitivity:
    """Estimate the toll for every pair of shares of missed and false links.

    Parameters
    ----------
    estimator : OverlapEstimator
    lists : Lists
        As they were linked, with errors.
    missed : sequence of float
        Plausible shares of the true links that were missed, each from 0 to below 1.
    false : sequence of float
        Plausible shares of the links made that are false, each from 0 to below 1.
    seed : int
        Of every fit.

    Returns
    -------
    LinkageSensitivity
        The more links were missed, the lower the toll is without these errors; the more are false, the higher.

    Raises
    ------
    ModelError
        If a share makes no sense, or the lists cannot have come about with so many errors.
    EvidenceError, SamplingError
        As `OverlapEstimator.fit`.

    Examples
    --------
    >>> from undercount.data.lists import load_lists
    >>> from undercount.estimators.overlap import LowerBound
    >>> linkage_sensitivity(LowerBound(), load_lists("kosovo-1999"), missed=(0, 0.1), false=(0, 0.05))
    LinkageSensitivity(LowerBound, gates passed; missed 0% to 10%, false 0% to 5%: ... - ...)
    """
    for name, shares in (("missed", missed), ("false", false)):
        if not len(shares):
            raise bad_setting("linkage_sensitivity", name, shares, "at least one share of the links")
    return LinkageSensitivity(tuple(_scenarios(estimator, lists, missed, false, seed)))


def _scenarios(
    estimator: OverlapEstimator, lists: Lists, missed: Sequence[float], false: Sequence[float], seed: int
) -> Iterator[LinkageErrors]:
    for one, other in product(missed, false):
        mended = relinked(lists, missed=one, false=other)
        yield LinkageErrors(float(one), float(other), estimator.fit(mended, seed=seed))


def mislinked(lists: Lists, *, missed: float = 0.0, false: float = 0.0) -> Lists:
    """Give what a linkage with errors would be expected to make of lists without.

    Parameters
    ----------
    lists : Lists
    missed : float
        Share of the true links that are missed, from 0 to below 1.
    false : float
        Share of the links made that are false, from 0 to below 1.

    Returns
    -------
    Lists
        In whole victims; every list is as long as before. See `undercount.models.overlap.linkage`.

    Raises
    ------
    ModelError
        If a share makes no sense, or a table has too few victims for so many false links, or more than 8 lists.
    """
    return _changed(lists, lambda table: linkage.mislinked(table.counts, missed, false, table.names))


def relinked(lists: Lists, *, missed: float = 0.0, false: float = 0.0) -> Lists:
    """Give the lists from which `mislinked` is expected to make these: undo errors of linkage.

    Parameters
    ----------
    lists : Lists
    missed, false : float
        As for `mislinked`.

    Returns
    -------
    Lists
        In whole victims; every list is as long as before.

    Raises
    ------
    ModelError
        If a share makes no sense, or a table cannot have come about with so many errors, or has more than 8 lists.
    """
    return _changed(lists, lambda table: linkage.relinked(table.counts, missed, false, table.names))


def _changed(lists: Lists, change: Callable[[Table], Counts]) -> Lists:
    return replace(lists, tables=tuple(_changed_table(table, change) for table in lists.tables))


def _changed_table(table: Table, change: Callable[[Table], Counts]) -> Table:
    if table.observed == 0:
        return table
    try:
        return Table(table.stratum, table.replicate, table.names, change(table))
    except ModelError as error:
        raise _of_stratum(error, table) from error


def _of_stratum(error: ModelError, table: Table) -> ModelError:
    if not table.stratum:
        return error
    where = f"stratum {shown(table.stratum)}, {error.where}"
    return ModelError(error.message, code=error.code, where=where, hint=error.hint)


def _span(name: str, scenarios: Sequence[LinkageErrors]) -> str:
    shares = np.array([getattr(scenario, name) for scenario in scenarios])
    return f"{shares.min():.0%} to {shares.max():.0%}"
