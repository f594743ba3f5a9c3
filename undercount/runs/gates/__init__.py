"""Whether a figure may be released by itself, or a person must look first."""

from undercount.runs.gates.contract import Candidate, Verdict, Verdicts
from undercount.runs.gates.registry import GATES, apply_gates
from undercount.runs.gates.settings import GateSettings

__all__ = ["GATES", "Candidate", "GateSettings", "Verdict", "Verdicts", "apply_gates"]
