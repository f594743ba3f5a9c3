"""Probability models of what each source sees; no files, no sampling, no plots."""
