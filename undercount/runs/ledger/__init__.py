"""The system of record: what was reported, what was estimated of it, and what was published."""

from undercount.runs.ledger.engine import Ledger

__all__ = ["Ledger"]
