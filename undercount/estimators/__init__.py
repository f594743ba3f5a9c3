"""Estimators: `fit(evidence) -> Estimate`, one contract for all of them; loaded on first use."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from undercount.estimators.count_fusion import CountFusion
    from undercount.estimators.estimate import Estimate
    from undercount.estimators.gates import Check, Checks
    from undercount.estimators.quantity import Quantity
    from undercount.estimators.sensitivity import Sensitivity
    from undercount.estimators.store import load

_HOMES = {
    "Check": "gates",
    "Checks": "gates",
    "CountFusion": "count_fusion",
    "Estimate": "estimate",
    "Quantity": "quantity",
    "Sensitivity": "sensitivity",
    "load": "store",
}

__all__ = ["Check", "Checks", "CountFusion", "Estimate", "Quantity", "Sensitivity", "load"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'undercount.estimators' has no attribute '{name}'")
    return getattr(import_module(f"undercount.estimators.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
