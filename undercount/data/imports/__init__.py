"""Exports of others as evidence: files of any kind opened, read as incidents, and written as a case."""
