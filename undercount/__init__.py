"""How many people were killed, given what each side counted.

The public face is small and loaded on first use: `import undercount as uc` imports neither a
sampler nor a plotting library.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from undercount.data import Evidence, case_names, check_case, init_case, load_case, read_case, read_loss_table
    from undercount.data.lists import (
        Lists,
        MatchedIncidents,
        MatchedLists,
        lists_names,
        load_lists,
        read_incidents,
        read_lists,
    )
    from undercount.errors import EvidenceError, ModelError, RunError, SamplingError, StoreError, UndercountError
    from undercount.estimators import CountFusion, Estimate, Quantity, load
    from undercount.estimators.batches import Batch
    from undercount.estimators.overlap import (
        Comparison,
        DecomposableGraphs,
        LatentClass,
        LinkageSensitivity,
        LogLinear,
        LowerBound,
        OverlapEstimate,
        compare,
        linkage_sensitivity,
    )
    from undercount.runs.backtest import Backtest, backtest

__version__ = version("undercount")

_HOMES = {
    "Backtest": "undercount.runs.backtest",
    "Batch": "undercount.estimators.batches",
    "Comparison": "undercount.estimators.overlap",
    "CountFusion": "undercount.estimators",
    "DecomposableGraphs": "undercount.estimators.overlap",
    "Estimate": "undercount.estimators",
    "Evidence": "undercount.data",
    "EvidenceError": "undercount.errors",
    "LatentClass": "undercount.estimators.overlap",
    "LinkageSensitivity": "undercount.estimators.overlap",
    "Lists": "undercount.data.lists",
    "LogLinear": "undercount.estimators.overlap",
    "LowerBound": "undercount.estimators.overlap",
    "MatchedIncidents": "undercount.data.lists",
    "MatchedLists": "undercount.data.lists",
    "ModelError": "undercount.errors",
    "OverlapEstimate": "undercount.estimators.overlap",
    "Quantity": "undercount.estimators",
    "RunError": "undercount.errors",
    "SamplingError": "undercount.errors",
    "StoreError": "undercount.errors",
    "UndercountError": "undercount.errors",
    "backtest": "undercount.runs.backtest",
    "case_names": "undercount.data",
    "check_case": "undercount.data",
    "compare": "undercount.estimators.overlap",
    "init_case": "undercount.data",
    "linkage_sensitivity": "undercount.estimators.overlap",
    "lists_names": "undercount.data.lists",
    "load": "undercount.estimators",
    "load_case": "undercount.data",
    "load_lists": "undercount.data.lists",
    "read_case": "undercount.data",
    "read_incidents": "undercount.data.lists",
    "read_lists": "undercount.data.lists",
    "read_loss_table": "undercount.data",
}

__all__ = [
    "Backtest",
    "Batch",
    "Comparison",
    "CountFusion",
    "DecomposableGraphs",
    "Estimate",
    "Evidence",
    "EvidenceError",
    "LatentClass",
    "LinkageSensitivity",
    "Lists",
    "LogLinear",
    "LowerBound",
    "MatchedIncidents",
    "MatchedLists",
    "ModelError",
    "OverlapEstimate",
    "Quantity",
    "RunError",
    "SamplingError",
    "StoreError",
    "UndercountError",
    "backtest",
    "case_names",
    "check_case",
    "compare",
    "init_case",
    "linkage_sensitivity",
    "lists_names",
    "load",
    "load_case",
    "load_lists",
    "read_case",
    "read_incidents",
    "read_lists",
    "read_loss_table",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'undercount' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
