"""Fitting anew what an estimate stands on, as it was fitted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from undercount.data.schema import PriorChange
from undercount.errors import ModelError
from undercount.estimators.count_fusion import CountFusion
from undercount.estimators.fitting import Fit
from undercount.sampling.draws import Plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from undercount.estimators.estimate import Estimate


def fit_like(estimate: Estimate, changes: Mapping[str, PriorChange]) -> Fit:
    """State the model of an estimate again, with further changes to its priors.

    Raises
    ------
    ModelError
        If it was extended.
    """
    _refuse_extended(estimate)
    used = estimate.configuration
    plan = Plan(used["draws"], used["tune"], used["chains"], used["target_accept"])
    before = {name: PriorChange.model_validate(change) for name, change in used["priors"].items()}
    return Fit(estimate.evidence, {**before, **changes}, plan, used["sampler"], lists=estimate.lists)


def estimator_like(estimate: Estimate) -> CountFusion:
    """Give an estimator with the settings of an estimate, for other evidence.

    Raises
    ------
    ModelError
        If its model was extended.
    """
    _refuse_extended(estimate)
    names = ("chains", "draws", "tune", "target_accept", "sampler", "priors")
    return CountFusion(**{name: estimate.configuration[name] for name in names}, lists=estimate.lists)


def _refuse_extended(estimate: Estimate) -> None:
    extension = estimate.configuration.get("extension")
    if extension is not None:
        raise ModelError(
            f"the model was extended by {extension}, which an estimate does not keep",
            code="model-extended",
            where="sensitivity",
            hint="turn leave_one_out, recorder_prior and attributions off, or fit again yourself",
        )
