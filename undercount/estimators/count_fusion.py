"""`CountFusion`: the estimator that fuses reported counts of several sources."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np

from undercount.data.schema import PriorChange
from undercount.estimators.deaths import LEVELS, TIMES
from undercount.estimators.estimate import Estimate
from undercount.estimators.fitting import Fit
from undercount.estimators.matched import is_lists, lists_of
from undercount.estimators.room import check_room, memory, needed
from undercount.estimators.settings import bad_setting, check_choice
from undercount.estimators.versions import CORE, NUTPIE, PYMC, versions_of
from undercount.sampling.draws import Plan

if TYPE_CHECKING:
    from distributed import Client

    from undercount.data.evidence import Evidence
    from undercount.estimators.batches import Batch, BatchCallback
    from undercount.estimators.batches.cases import CaseLike, Cases
    from undercount.estimators.gates import Checks
    from undercount.estimators.matched import ListsOf
    from undercount.estimators.samplers import Extension
    from undercount.sampling.progress import Callback

DEFAULT_SEED: Final = 2017
CAREFUL_ACCEPT: Final = 0.95
ENOUGH_DRAWS: Final = 2000
"""With fewer draws in all, gates fail for want of draws and not for want of care."""
_SAMPLERS: Final = ("auto", CORE, NUTPIE, PYMC)


class CountFusion:
    """Fuse the counts that several sources reported into a posterior of the toll.

    The model is stated in `undercount.models.fusion`. The constructor only keeps its parameters; they
    are checked by `fit`.

    Parameters
    ----------
    chains : int
        Independent chains; the gates want at least 4.
    draws, tune : int
        Kept and warm-up draws of each chain.
    target_accept : float
        Mean acceptance that the sampler adapts to, in (0, 1).
    cores : int, optional
        Chains that run at the same time; the draws do not depend on it.
    retry : bool
        Sample once more, with twice the warm-up and smaller steps, where a gate of the sampler failed, and with
        twice the draws where these mixed too slowly; the configuration of the estimate says what was used.
    sampler : {"auto", "undercount", "nutpie", "pymc"}
        The compiled core of this package, or another sampler on the model's PyMC graph. ``"auto"`` is the core
        unless the model is extended, and nutpie then.
    extend : callable, optional
        Called as ``extend(model, design)`` in the context of the PyMC model, to add terms or variables to it.
    priors : mapping, optional
        Changes to the prior table, by name: a mapping with `location`, `scale` and `reason`. They stand
        over the changes of the case.
    lists : Lists, MatchedLists, MatchedIncidents or mapping, optional
        Matched lists of some of the recorders, each named as its source: what their overlap says of the toll is fitted
        with the counts (`undercount.models.joint`). `MatchedLists` says which days and strata they are about, where
        that is not the whole estimand. A mapping has the lists of each case, or None, by its identifier.

    Examples
    --------
    >>> CountFusion(chains=2)
    CountFusion(chains=2)
    """

    breakdowns: ClassVar = (*LEVELS, *TIMES)
    """What the toll can be given by."""

    def __init__(  # noqa: PLR0913 - the settings of an estimator, by keyword
        self,
        *,
        chains: int = 4,
        draws: int = 1000,
        tune: int = 500,
        target_accept: float = 0.85,
        cores: int | None = None,
        retry: bool = True,
        sampler: str = "auto",
        extend: Extension | None = None,
        priors: Mapping[str, PriorChange | Mapping[str, Any]] | None = None,
        lists: ListsOf = None,
    ) -> None:
        self.chains = chains
        self.draws = draws
        self.tune = tune
        self.target_accept = target_accept
        self.cores = cores
        self.retry = retry
        self.sampler = sampler
        self.extend = extend
        self.priors = priors
        self.lists = lists

    def __repr__(self) -> str:
        defaults = CountFusion.__init__.__kwdefaults__ or {}
        changed = {name: value for name, value in vars(self).items() if value != defaults[name]}
        return f"CountFusion({', '.join(f'{k}={v!r}' for k, v in changed.items())})"

    def fit(
        self,
        evidence: Evidence,
        *,
        seed: int = DEFAULT_SEED,
        as_of: date | str | None = None,
        progress: Callback | None = None,
    ) -> Estimate:
        """Estimate the toll.

        Parameters
        ----------
        evidence : Evidence
        seed : int
            The same evidence, settings, seed and versions give the same draws to the bit.
        as_of : date or str, optional
            Only reports published by then count.
        progress : callable, optional
            Called with a `Progress` as the fit goes on, in the calling thread.

        Returns
        -------
        Estimate
            Also when gates fail: ask `Estimate.check()` before quoting.

        Raises
        ------
        ModelError
            If a setting or prior makes no sense, or no report is usable.
        EvidenceError
            If nothing usable was published by `as_of`, or the lists cannot be about the deaths of the case.
        SamplingError
            If the sampler did not return complete, finite draws, or these would not fit into memory.
        """
        plan, sampler, changes = self._checked(seed)
        known = evidence if as_of is None else evidence.as_of(as_of)
        check_room(known, plan)
        fit = Fit(known, changes, plan, sampler, self.extend, lists_of(self.lists, known, as_of))
        estimate = self._estimate(fit, seed, as_of, progress)
        if self.retry and plan.chains * plan.draws >= ENOUGH_DRAWS and (found := estimate.check()).is_mendable:
            careful = _careful(plan, found)
            if needed(known, careful) <= memory():
                del estimate  # not the draws of two fits at once
                estimate = self._estimate(fit.with_plan(careful), seed, as_of, progress)
        return estimate

    def fit_many(  # noqa: PLR0913 - the settings of a batch, by keyword
        self,
        cases: Cases,
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
        """Fit many cases at once; a case that cannot be fitted is named, and never stops the others.

        Parameters
        ----------
        cases : iterable or mapping
            Evidence, names of bundled cases or case folders; the keys of a mapping are the names that the cases go
            by, and a name may come once. A generator is taken as the work goes on.
        seed : int
            Of every case: its figures are those of `fit` with this seed, to the bit, whatever is fitted beside it.
        out : path, optional
            Folder for ``results.parquet`` and all that is needed to go on after a kill: a next call with the same
            `out` fits only what is missing, changed, or broke down. Without it the rows are kept in memory.
        engine : {"local", "dask"}
            Processes of this machine, or a `dask.distributed` cluster (``pip install "undercount[dask]"``).
        workers : int, optional
            Processes of the local engine; by default one for each processor.
        client : distributed.Client or str, optional
            The cluster of the dask engine, or the address of its scheduler.
        files : bool
            Keep the estimate of each case in ``out/estimates``, for `Batch.load`.
        by : str or sequence of str
            Any of actor, area, day, week, month: rows beside those of the totals.
        progress : callable, optional
            Called with a `BatchProgress` a few times a second, in the calling thread; what it raises stops the batch.

        Returns
        -------
        Batch
            One row for each case and level; `Batch.not_passed` names every case that has no figure to quote.

        Raises
        ------
        ModelError
            If a setting makes no sense or cannot be sent to another process; before anything is fitted.
        StoreError
            If `out` belongs to another batch or process, is damaged, or cannot be written.
        RunError
            If worker processes do not start, or the cluster is lost.
        KeyboardInterrupt
            If interrupted; what was finished is stored in `out`, and no worker is left.
        """
        from undercount.estimators.batches import fit_many

        self._checked(seed)
        return fit_many(
            self, cases, seed=seed, out=out, engine=engine, workers=workers, client=client, files=files, by=by,
            progress=progress,
        )  # fmt: skip

    @staticmethod
    def read(source: CaseLike) -> Evidence:
        """Evidence itself, or that of a bundled case or a folder.

        Raises
        ------
        EvidenceError
            If there is none, or it breaks a rule.
        """
        from undercount.data.bundled import find_case
        from undercount.data.evidence import Evidence
        from undercount.data.reading import read_case
        from undercount.estimators.batches.cases import not_a_case

        if isinstance(source, Evidence):
            return source
        if not isinstance(source, str | os.PathLike):
            raise not_a_case(source, "evidence, the name of a bundled case, or the folder of a case")
        return read_case(find_case(source))

    def _estimate(self, fit: Fit, seed: int, as_of: date | str | None, progress: Callback | None) -> Estimate:
        plan = fit.plan
        estimate = Estimate(
            evidence=fit.evidence,
            sampled=fit.run(seed, progress),
            configuration={
                "estimator": "CountFusion",
                "sampler": fit.sampler,
                "chains": plan.chains,
                "draws": plan.draws,
                "tune": plan.tune,
                "target_accept": plan.target_accept,
                "extension": None if self.extend is None else getattr(self.extend, "__qualname__", repr(self.extend)),
                "priors": {name: change.model_dump(mode="json") for name, change in sorted(fit.changes.items())},
                "as_of": None if as_of is None else str(as_of),
                "lists": None if fit.lists is None else fit.lists.content,
            },
            seed=int(seed),
            versions=versions_of(fit.sampler),
        )
        # What it would make of its evidence and priors.
        estimate.__dict__["design"] = fit.design
        return estimate

    def _checked(self, seed: int) -> tuple[Plan, str, dict[str, PriorChange]]:
        for name, least in (("chains", 1), ("draws", 4), ("tune", 100), ("cores", 1)):
            value: Any = getattr(self, name)
            if name == "cores" and value is None:
                continue
            if not isinstance(value, int | np.integer) or isinstance(value, bool) or value < least:
                raise bad_setting("CountFusion", name, value, f"a whole number of at least {least}")
        start: Any = seed
        if not isinstance(start, int | np.integer) or isinstance(start, bool) or not 0 <= start < 2**63:
            raise bad_setting("CountFusion", "seed", seed, "a whole number from 0 to 2^63 - 1")
        accept: Any = self.target_accept
        if not isinstance(accept, float | np.floating) or not 0 < accept < 1:
            raise bad_setting("CountFusion", "target_accept", accept, "a number between 0 and 1")
        if not is_lists(self.lists):
            raise bad_setting(
                "CountFusion",
                "lists",
                self.lists,
                "Lists, MatchedLists, MatchedIncidents, or a mapping of these by case",
            )
        changes = {}
        for name, change in (self.priors or {}).items():
            try:
                changes[name] = change if isinstance(change, PriorChange) else PriorChange(**change)
            except (TypeError, ValueError) as error:
                raise bad_setting(
                    "CountFusion", f"priors['{name}']", change, "location, scale > 0 and a reason"
                ) from error
        cores = min(self.chains, os.cpu_count() or 1) if self.cores is None else int(self.cores)
        plan = Plan(int(self.draws), int(self.tune), int(self.chains), float(self.target_accept), cores=cores)
        return plan, self._sampler(), changes

    def _sampler(self) -> str:
        check_choice("CountFusion", "sampler", self.sampler, _SAMPLERS)
        if self.extend is None:
            return CORE if self.sampler == "auto" else self.sampler
        if not callable(self.extend):
            raise bad_setting("CountFusion", "extend", self.extend, "a function of the model and the design")
        if self.sampler == CORE:
            raise bad_setting("CountFusion", "sampler", self.sampler, "auto, nutpie or pymc for an extended model")
        return NUTPIE if self.sampler == "auto" else self.sampler


def _careful(plan: Plan, found: Checks) -> Plan:
    return replace(
        plan,
        draws=(2 if found.is_short else 1) * plan.draws,
        tune=2 * plan.tune,
        target_accept=max(plan.target_accept, CAREFUL_ACCEPT),
    )
