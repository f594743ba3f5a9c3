"""The finding, its uncertainty and what it depends on, in prose; every figure in it has its place in `summary.json`."""

from undercount.report.explaining.explain import explain
from undercount.report.explaining.explanation import Explanation, Figure, Name, Sentence
from undercount.report.explaining.overlap import explain_lists

__all__ = ["Explanation", "Figure", "Name", "Sentence", "explain", "explain_lists"]
