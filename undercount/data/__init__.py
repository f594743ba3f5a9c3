"""Evidence: what each source counted, where and when; read, checked and frozen."""

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
    "load_case",
    "read_case",
    "read_loss_table",
]
