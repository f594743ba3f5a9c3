"""Thousands of cases at once: one table, a file for each case, nothing lost at a kill."""

from undercount.estimators.batches.batch import Batch, Trouble
from undercount.estimators.batches.front import fit_many
from undercount.estimators.batches.progress import BatchCallback, BatchProgress

__all__ = ["Batch", "BatchCallback", "BatchProgress", "Trouble", "fit_many"]
