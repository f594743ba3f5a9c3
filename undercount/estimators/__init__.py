"""Estimators: ``fit(evidence)`` gives an ``Estimate``."""
