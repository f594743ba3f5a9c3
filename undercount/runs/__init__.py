"""Scheduled re-estimation: what changed, what moved the figure, and whether it may be released."""
