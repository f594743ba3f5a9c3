"""Estimators: `fit(evidence)` gives an `Estimate`."""

from undercount.estimators.count_fusion import CountFusion
from undercount.estimators.estimate import Estimate
from undercount.estimators.gates import Check, Checks
from undercount.estimators.quantity import Quantity
from undercount.estimators.sensitivity import Sensitivity
from undercount.estimators.store import load

__all__ = ["Check", "Checks", "CountFusion", "Estimate", "Quantity", "Sensitivity", "load"]
