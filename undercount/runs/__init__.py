"""Scheduled re-estimation: a ledger of evidence and runs, gates, releases."""
