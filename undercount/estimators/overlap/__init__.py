"""Estimators of the toll from overlapping lists of victims."""

from undercount.estimators.overlap.comparison import Comparison, compare
from undercount.estimators.overlap.decomposable_graphs import DecomposableGraphs
from undercount.estimators.overlap.estimate import OverlapEstimate
from undercount.estimators.overlap.latent_class import LatentClass
from undercount.estimators.overlap.linkage import LinkageSensitivity, linkage_sensitivity, mislinked, relinked
from undercount.estimators.overlap.log_linear import LogLinear
from undercount.estimators.overlap.lower_bound import LowerBound

__all__ = [
    "Comparison",
    "DecomposableGraphs",
    "LatentClass",
    "LinkageSensitivity",
    "LogLinear",
    "LowerBound",
    "OverlapEstimate",
    "compare",
    "linkage_sensitivity",
    "mislinked",
    "relinked",
]
