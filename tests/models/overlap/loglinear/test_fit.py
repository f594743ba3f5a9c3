"""The fit of one model: closed forms, criteria, invariances, refusals by name."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import poisson

from tests.models.overlap.loglinear import slow_twin
from tests.models.overlap.loglinear.tables import ARTIFICIAL, GAZA, KOREA, KOSOVO, KOSOVO_LISTS, UK, UK_LISTS
from undercount.errors import ModelError
from undercount.models.overlap.loglinear.existence import Existence
from undercount.models.overlap.loglinear.fit import fit_model, refuse
from undercount.models.overlap.loglinear.hierarchy import close, hierarchical_models
from undercount.models.overlap.loglinear.names import parse_model
from undercount.models.overlap.loglinear.refusal import explain

MODELS = hierarchical_models(4).tolist()


def test_closed_forms() -> None:
    """Bishop, Fienberg and Holland 1975, *Discrete Multivariate Analysis*, chapter 6."""
    a, b, ab, c, ac, bc, abc = (float(y) for y in GAZA[1:])
    saturated = fit_model(GAZA, parse_model("[A*B, A*C, B*C]", "ABC"))
    assert saturated.unlisted == pytest.approx(a * b * c * abc / (ab * ac * bc), rel=1e-10)
    assert saturated.deviance == pytest.approx(0.0, abs=1e-9)
    without_ab = fit_model(GAZA, parse_model("[A*C, B*C]", "ABC"))
    assert without_ab.unlisted == pytest.approx(a * b / ab, rel=1e-10)
    joint = fit_model(GAZA, parse_model("[A*B, C]", "ABC"))
    assert joint.unlisted == pytest.approx((a + b + ab) * c / (ac + bc + abc), rel=1e-10)


@pytest.mark.parametrize("model", MODELS[::23])
def test_criteria_are_those_of_poisson_counts(model: int) -> None:
    fit = fit_model(KOSOVO, model)
    value = float(np.sum(poisson.logpmf(KOSOVO[1:], fit.expected[1:])))
    parameters = model.bit_count()
    assert fit.log_likelihood == pytest.approx(value, rel=1e-12)
    assert fit.aic == pytest.approx(2 * parameters - 2 * value, rel=1e-12)
    assert fit.bic == pytest.approx(parameters * log(4400) - 2 * value, rel=1e-12)
    assert fit.expected.sum() == pytest.approx(fit.toll, rel=1e-10)


@pytest.mark.parametrize("model", MODELS[::23])
def test_the_standard_error_is_from_the_information(model: int) -> None:
    fit = fit_model(KOSOVO, model)
    holds = slow_twin.design(model, 4)
    information = holds.T @ np.diag(fit.expected[1:]) @ holds
    assert fit.standard_error == pytest.approx(np.linalg.inv(information)[0, 0] ** 0.5, rel=1e-9)
    low, high = fit.interval(0.9)
    assert (low - 4400) * (high - 4400) == pytest.approx(fit.unlisted**2, rel=1e-10)
    assert log((high - 4400) / fit.unlisted) == pytest.approx(1.6448536 * fit.standard_error, rel=1e-7)


@settings(max_examples=30, deadline=None)
@given(st.permutations(range(4)), st.sampled_from(MODELS))
def test_the_order_of_the_lists_does_not_matter(order: list[int], model: int) -> None:
    other = sum(1 << t for t in range(16) if model >> slow_twin.permuted_term(t, order) & 1)
    first, second = fit_model(KOSOVO, model), fit_model(slow_twin.permuted(KOSOVO, order), other)
    assert second.toll == pytest.approx(first.toll, rel=1e-9)
    assert second.deviance == pytest.approx(first.deviance, rel=1e-9, abs=1e-9)
    assert second.standard_error == pytest.approx(first.standard_error, rel=1e-9)


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 10_000), st.sampled_from(MODELS))
def test_more_of_all_victims_is_as_many_times_more(factor: int, model: int) -> None:
    once, often = fit_model(KOSOVO, model), fit_model(factor * KOSOVO, model)
    assert often.toll == pytest.approx(factor * once.toll, rel=1e-9)
    assert often.deviance == pytest.approx(factor * once.deviance, rel=1e-8, abs=1e-6)
    assert often.standard_error == pytest.approx(once.standard_error / factor**0.5, rel=1e-8)


def test_parameters_at_minus_infinity_are_named() -> None:
    model = parse_model("[LA*NG*PFNCA, PFNCA*GO, LA*GP, NG*GP]", UK_LISTS)
    fit = fit_model(UK, model, UK_LISTS)
    assert fit.existence is Existence.EXTENDED
    assert fit.infinite == (0b10001,)  # no victim is known to both local authorities and the general public
    assert fit.parameters == model.bit_count()
    assert fit.expected[0b10001] == 0.0
    assert fit.toll == pytest.approx(slow_twin.fit(UK, model).toll, rel=1e-9)


def test_a_total_without_all_parameters() -> None:
    """As `test_log_linear` has it from Cormack, Chang and Smith 2000, for four lists; here the smallest one."""
    counts = np.array([0, 2, 1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 2, 0, 2, 0])
    for model in MODELS:
        twin = slow_twin.fit(counts, model)
        if np.isfinite(twin.toll) and twin.rank < model.bit_count():
            fit = fit_model(counts, model)
            assert fit.existence in {Existence.EXTENDED, Existence.PARTIAL}
            assert fit.toll == pytest.approx(twin.toll, rel=1e-7)


@pytest.mark.parametrize(
    ("model", "code", "what"),
    [
        ("[A*B, C]", "overlap-unbounded", "grows with the number of victims without bound"),
        ("[A*B, A*C]", "overlap-unbounded", "without bound"),
        ("[A*B, A*C, B*C]", "overlap-undetermined", "fit the table equally well"),
    ],
)
def test_a_model_without_an_estimate_is_refused_by_name(model: str, code: str, what: str) -> None:
    with pytest.raises(ModelError, match=what) as refusal:
        fit_model(ARTIFICIAL, parse_model(model, "ABC"))
    assert refusal.value.code == code
    assert model in refusal.value.message
    assert "A*C, B*C have no victims" in refusal.value.hint


def test_no_victims_are_missed_where_the_likelihood_says_so() -> None:
    """Saturated for pairs, the unlisted are a product that has an empty pattern of one list in its numerator."""
    counts = np.array([0, 0, 5, 4, 6, 3, 2, 7])
    with pytest.raises(ModelError) as refusal:
        fit_model(counts, parse_model("[A*B, A*C, B*C]", "ABC"))
    assert refusal.value.code == "overlap-none-missed"
    assert "the patterns A have no victims" in refusal.value.hint


def test_the_reason_agrees_with_the_closed_form() -> None:
    assert explain(KOREA, parse_model("[A*B, A*C, B*C]", "ABC")).code == "overlap-unbounded"
    both = np.array([0, 0, 5, 0, 6, 3, 2, 7])  # 0 / 0
    assert explain(both, parse_model("[A*B, A*C, B*C]", "ABC")).code == "overlap-undetermined"


def test_the_lists_are_called_by_their_names() -> None:
    model = close([0b0111, 0b1001, 0b1100], lists=4)
    assert fit_model(KOSOVO, model, KOSOVO_LISTS).name == "[EXH*ABA*OSCE, EXH*HRW, OSCE*HRW]"
    assert fit_model(KOSOVO, model).name == "[A*B*C, A*D, C*D]"
    error = refuse(KOSOVO, model, Existence.FAILED, KOSOVO_LISTS)
    assert error.code == "overlap-not-converged"
    assert "[EXH*ABA*OSCE, EXH*HRW, OSCE*HRW]" in error.message


@pytest.mark.parametrize("probability", [0.0, 1.0, 95.0])
def test_an_interval_that_cannot_be_is_refused(probability: float) -> None:
    with pytest.raises(ModelError) as refusal:
        fit_model(KOSOVO, MODELS[0]).interval(probability)
    assert refusal.value.code == "overlap-probability"
