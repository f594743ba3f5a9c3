"""What all estimators of overlapping lists have in common: settings, refusals, seeds, batches."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np

from undercount.data.lists import Lists, find_lists
from undercount.data.problems import shown
from undercount.estimators.overlap.combining import seed_of
from undercount.estimators.overlap.estimate import BREAKDOWNS, OverlapEstimate
from undercount.estimators.settings import bad_setting, check_choice
from undercount.estimators.versions import CORE, versions_of

if TYPE_CHECKING:
    from distributed import Client

    from undercount.data.lists import Table
    from undercount.errors import ModelError, UndercountError
    from undercount.estimators.batches import Batch, BatchCallback
    from undercount.estimators.batches.cases import Cases
    from undercount.estimators.overlap.results import TableResult
    from undercount.sampling.progress import Callback

DEFAULT_SEED: Final = 2017


class OverlapEstimator(ABC):
    """An estimator of the toll from the overlap of lists; its attributes are its settings.

    A subclass checks its settings in `_checked`, and fits tables in `_fit_tables`.
    """

    ASSUMPTION: ClassVar[str]
    """What must be true of the lists for the figures to be right; printed wherever they are."""
    LEAST_LISTS: ClassVar[int] = 3
    breakdowns: ClassVar[tuple[str, ...]] = BREAKDOWNS
    """What the toll can be given by."""

    def __repr__(self) -> str:
        defaults = type(self).__init__.__kwdefaults__ or {}
        changed = {name: value for name, value in vars(self).items() if value != defaults[name]}
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in changed.items())})"

    def fit(self, lists: Lists, *, seed: int = DEFAULT_SEED, progress: Callback | None = None) -> OverlapEstimate:
        """Estimate the toll of every stratum and of all together.

        Parameters
        ----------
        lists : Lists
        seed : int
            The same lists, settings, seed and versions give the same draws to the bit, and a stratum has the same draws
            alone as among others.
        progress : callable, optional
            Called with a `Progress` as the fit goes on, in the calling thread.

        Returns
        -------
        OverlapEstimate
            Also when gates fail: ask `OverlapEstimate.check()` before quoting.

        Raises
        ------
        ModelError
            If a setting makes no sense.
        EvidenceError
            If a stratum cannot be estimated, with the list or stratum and the reason.
        SamplingError
            If a sampler did not return complete, finite draws.
        """
        self._checked()
        _check_seed(seed)
        lists.check(least=self.LEAST_LISTS)
        results = self._fit_tables(lists.tables, int(seed), progress)
        return OverlapEstimate(
            lists=lists,
            results=tuple(results),
            assumption=self.ASSUMPTION,
            configuration={"estimator": type(self).__name__, **self._settings()},
            seed=int(seed),
            versions=versions_of(CORE),
        )

    def fit_many(  # noqa: PLR0913 - the settings of a batch, by keyword
        self,
        cases: Lists | Cases,
        *,
        seed: int = DEFAULT_SEED,
        out: str | os.PathLike[str] | None = None,
        engine: str = "local",
        workers: int | None = None,
        client: Client | str | None = None,
        files: bool = False,
        by: str | Sequence[str] = (),
        progress: BatchCallback | None = None,
    ) -> Batch:
        """Fit many lists at once; one that cannot be fitted is named, and never stops the others.

        Parameters
        ----------
        cases : Lists, iterable or mapping
            Lists whose strata are fitted one by one, each with all of its replicates; or several lists, bundled names
            or files, as `CountFusion.fit_many` takes cases.
        seed, out, engine, workers, client, files, by, progress
            As `CountFusion.fit_many` has them; `by` may be stratum.

        Returns
        -------
        Batch
            One row for each of the lists, and level.

        Raises
        ------
        ModelError, StoreError, RunError
            As `CountFusion.fit_many`.
        """
        from undercount.estimators.batches import fit_many

        self._checked()
        _check_seed(seed)
        parts: Any = (
            {part.strata[0] or part.name: part for part in cases.split()} if isinstance(cases, Lists) else cases
        )
        return fit_many(
            self, parts, seed=seed, out=out, engine=engine, workers=workers, client=client, files=files, by=by,
            progress=progress,
        )  # fmt: skip

    @staticmethod
    def read(source: Any) -> Lists:
        """Lists themselves, or those of a name or file.

        Raises
        ------
        EvidenceError
            If there are none, or they break a rule.
        """
        return find_lists(source)

    @abstractmethod
    def _checked(self) -> None:
        """Refuse settings that make no sense."""

    @abstractmethod
    def _fit_tables(self, tables: Sequence[Table], seed: int, progress: Callback | None) -> Sequence[TableResult]:
        """Fit every table; a result must not depend on the other tables."""

    def _settings(self) -> Mapping[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "cores"}


def table_seed(seed: int, table: Table) -> int:
    """Seed of a table, the same whatever is fitted beside it."""
    return seed_of(seed, table.stratum, table.replicate)


def of_table(error: UndercountError, table: Table) -> UndercountError:
    """The same error, with the stratum that it is about."""
    if not table.stratum:
        return error
    return type(error)(
        error.message,
        code=error.code,
        where=f"stratum {shown(table.stratum)}",
        hint=f"{error.hint}; fit_many goes on without a stratum that cannot be estimated",
    )


def whole_number(owner: object, name: str, least: int, most: int = 2**31) -> None:
    """Refuse a setting that is no whole number within bounds."""
    value = getattr(owner, name)
    if not isinstance(value, int | np.integer) or isinstance(value, bool) or not least <= value <= most:
        raise setting(owner, name, value, f"a whole number of at least {least}")


def positive(owner: object, name: str) -> None:
    """Refuse a setting that is no positive, finite number."""
    value = getattr(owner, name)
    if not isinstance(value, int | float | np.number) or isinstance(value, bool) or not 0 < value < np.inf:
        raise setting(owner, name, value, "a number above 0")


def one_of(owner: object, name: str, known: Sequence[str]) -> None:
    """Refuse a setting that is none of some words."""
    check_choice(type(owner).__name__, name, getattr(owner, name), known)


def setting(owner: object, name: str, value: object, rule: str) -> ModelError:
    """A setting of an estimator that makes no sense."""
    return bad_setting(type(owner).__name__, name, value, rule)


def _check_seed(seed: Any) -> None:
    if not isinstance(seed, int | np.integer) or isinstance(seed, bool) or not 0 <= seed < 2**63:
        raise bad_setting("fit", "seed", seed, "a whole number from 0 to 2^63 - 1")
