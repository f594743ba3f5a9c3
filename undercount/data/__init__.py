"""Evidence: what each source counted, where and when; read, checked and frozen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from undercount.data.bundled import case_names, find_case, init_case, load_case
from undercount.data.evidence import Evidence
from undercount.data.loss_table import read_loss_table
from undercount.data.problems import InvalidEvidenceError, Problem
from undercount.data.reading import check_case, read_case
from undercount.data.schema import (
    DIMENSIONS,
    REPORT_COLUMNS,
    SOURCE_COLUMNS,
    Attribution,
    Case,
    Dimension,
    Estimand,
    Incident,
    Kind,
    Population,
    PriorChange,
    Qualifier,
    Report,
    Source,
    Window,
)

if TYPE_CHECKING:
    from undercount.data.lists import (
        Lists,
        MatchedIncidents,
        MatchedLists,
        lists_names,
        load_lists,
        read_incidents,
        read_lists,
    )

_LISTS = ("Lists", "MatchedIncidents", "MatchedLists", "lists_names", "load_lists", "read_incidents", "read_lists")
"""Loaded on first use: they need numpy, and evidence does not."""

__all__ = [
    "DIMENSIONS",
    "REPORT_COLUMNS",
    "SOURCE_COLUMNS",
    "Attribution",
    "Case",
    "Dimension",
    "Estimand",
    "Evidence",
    "Incident",
    "InvalidEvidenceError",
    "Kind",
    "Lists",
    "MatchedIncidents",
    "MatchedLists",
    "Population",
    "PriorChange",
    "Problem",
    "Qualifier",
    "Report",
    "Source",
    "Window",
    "case_names",
    "check_case",
    "find_case",
    "init_case",
    "lists_names",
    "load_case",
    "load_lists",
    "read_case",
    "read_incidents",
    "read_lists",
    "read_loss_table",
]


def __getattr__(name: str) -> Any:
    if name not in _LISTS:
        raise AttributeError(f"module 'undercount.data' has no attribute '{name}'")
    from undercount.data import lists

    return getattr(lists, name)
