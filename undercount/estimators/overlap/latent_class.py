"""`LatentClass`: victims fall into classes, within which the lists are independent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, ClassVar, override

from undercount.estimators.gates import Check, sampler_checks
from undercount.estimators.overlap.front import OverlapEstimator, of_table, setting, table_seed, whole_number
from undercount.estimators.overlap.results import TableResult
from undercount.estimators.settings import check_choice
from undercount.sampling.draws import Plan

if TYPE_CHECKING:
    from undercount.data.lists import Table
    from undercount.estimators.overlap.class_draws import ClassDraws
    from undercount.models.overlap.latent_class import LatentClassPriors
    from undercount.sampling.progress import Callback


class LatentClass(OverlapEstimator):
    """Estimate the toll by latent classes of victims, whose number a Dirichlet process leaves open.

    The model is that of Manrique-Vallier 2016, Biometrics 72: 1246-1254; it is stated in
    `undercount.models.overlap.latent_class`.

    Parameters
    ----------
    classes : int
        Classes at most.
    priors : mapping of str to float, optional
        Other hyperpriors, by the names of `undercount.models.overlap.latent_class.priors.DEFAULTS`.
    chains : int
        Independent chains; the gates want at least 4.
    draws, tune : int
        Kept and warm-up draws of each chain.
    target_accept : float
        Mean acceptance that the sampler adapts to, in (0, 1).
    retry : bool
        Whether a table that fails a gate of the sampler is sampled again: by longer chains, and if need be by chains
        that are led over the hills of the posterior by hotter ones (replica exchange).
    cores : int, optional
        Threads; the draws do not depend on them.

    Examples
    --------
    >>> LatentClass(classes=5)
    LatentClass(classes=5)
    """

    ASSUMPTION: ClassVar = (
        "the victims fall into a few classes, within each of which the lists are independent; persons who could not be "
        "on any list are in no class."
    )

    def __init__(  # noqa: PLR0913 - the settings of an estimator, by keyword
        self,
        *,
        classes: int = 10,
        priors: Mapping[str, float] | None = None,
        chains: int = 4,
        draws: int = 1000,
        tune: int = 500,
        target_accept: float = 0.8,
        retry: bool = True,
        cores: int | None = None,
    ) -> None:
        self.classes = classes
        self.priors = priors
        self.chains = chains
        self.draws = draws
        self.tune = tune
        self.target_accept = target_accept
        self.retry = retry
        self.cores = cores

    @override
    def _checked(self) -> None:
        for name, least in (("classes", 1), ("chains", 1), ("draws", 4), ("tune", 100)):
            whole_number(self, name, least)
        if self.cores is not None:
            whole_number(self, "cores", 1)
        accept: Any = self.target_accept
        if not isinstance(accept, float) or not 0 < accept < 1:
            raise setting(self, "target_accept", accept, "a number between 0 and 1")
        self._hyperpriors()

    def _hyperpriors(self) -> LatentClassPriors:
        from undercount.models.overlap.latent_class import LatentClassPriors

        names = [field.name for field in fields(LatentClassPriors) if field.name != "classes"]
        for name in self.priors or {}:
            check_choice(type(self).__name__, "a name in priors", name, names)
        try:
            return LatentClassPriors(classes=self.classes, **(self.priors or {}))
        except TypeError as error:
            raise setting(self, "priors", self.priors, "a mapping of names of the prior table to numbers") from error

    @override
    def _fit_tables(self, tables: Sequence[Table], seed: int, progress: Callback | None) -> Sequence[TableResult]:
        from undercount.estimators.overlap.class_draws import sample_tables

        jobs = [(table.counts, table_seed(seed, table)) for table in tables]
        found = []
        for place, draws in sample_tables(
            jobs, self._hyperpriors(), plans=self._plans(), cores=self.cores or 0, progress=progress
        ):
            if isinstance(draws, Exception):
                raise of_table(draws, tables[place])
            found.append(_result(draws, self.draws))
        return found

    def _plans(self) -> tuple[Plan, ...]:
        from undercount.estimators.overlap.class_draws import attempts

        first = Plan(self.draws, self.tune, self.chains, self.target_accept)
        return attempts(first) if self.retry else (first,)


def _result(draws: ClassDraws, kept: int) -> TableResult:
    """Gates of all draws; of a longer attempt every second, or fourth, is kept, so that strata can be added."""
    step = draws.plan.draws // kept
    bounded = draws.bounded
    notes: dict[str, Any] = {
        "share of the toll on any list": float(draws.seen.mean()),
        "temperatures": draws.plan.levels,
        "draws of each chain": draws.plan.draws,
    }
    if bounded.reasons:
        notes["not bounded by the data"] = "; ".join(bounded.reasons)
    unbounded = Check(
        "reasons to think the data do not bound the toll", len(bounded.reasons), "= 0", bounded.is_bounded
    )
    return TableResult(
        draws=draws.toll[:, step - 1 :: step],
        checks=(*sampler_checks(draws.diagnostics), unbounded),
        stats={name: values[:, step - 1 :: step] for name, values in draws.stats.items()},
        notes=notes,
    )
