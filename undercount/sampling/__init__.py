"""Draws: takes a model, returns draws; knows nothing of casualties."""

from undercount.sampling.diagnostics import Diagnostics, diagnose
from undercount.sampling.nuts import Compiled
from undercount.sampling.progress import Callback, Progress

__all__ = ["Callback", "Compiled", "Diagnostics", "Progress", "diagnose"]
