import json

import numpy as np
import pytest

import undercount as uc
from tests.validation.accuracy import standard_error
from tests.validation.figures import CASES, README, STORED, draws_of, estimate_block, validation_block

ALLOWED = 4.5
"""Standard errors; some dozens of figures are compared."""


@pytest.mark.parametrize(
    "case", [pytest.param(case, marks=[pytest.mark.slow] if "extended" in case else []) for case in CASES]
)
def test_the_model_gives_its_stored_figures(case: str) -> None:
    stored = json.loads(STORED.read_text())[case]
    evidence = uc.load_case(case)
    assert evidence.sha256 == stored["evidence"], "the evidence changed: make the figures again"
    estimate = uc.CountFusion().fit(evidence, seed=11)
    assert estimate.check().passed, estimate.check().failed
    for name, draws in draws_of(estimate).items():
        kept = stored["mean_log"][name]
        distance = abs(float(draws.mean()) - kept["mean"]) / np.hypot(standard_error(draws), kept["error"])
        assert distance < ALLOWED, f"{name}: {distance:.1f} standard errors from {kept['mean']:.3f}"


@pytest.mark.parametrize("case", CASES)
def test_stored_figures_stand_on_this_evidence(case: str) -> None:
    assert json.loads(STORED.read_text())[case]["evidence"] == uc.load_case(case).sha256


@pytest.mark.checkout
def test_the_readme_shows_the_stored_figures() -> None:
    stored, text = json.loads(STORED.read_text()), README.read_text()
    assert estimate_block(stored) in text
    assert validation_block(stored) in text


def test_validation_totals_are_in_no_report() -> None:
    for case in CASES:
        evidence = uc.load_case(case)
        reports = {report.report for report in evidence.reports}
        assert evidence.validation
        assert not reports & {row["id"] for row in evidence.validation}
