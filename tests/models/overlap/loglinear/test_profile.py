"""Profile-likelihood intervals, against a search over all parameters."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq, minimize, minimize_scalar
from scipy.special import gammaln
from scipy.stats import chi2

from tests.models.overlap.loglinear import slow_twin
from tests.models.overlap.loglinear.tables import GAZA, INJURIES, KOREA, KOSOVO
from undercount.errors import ModelError
from undercount.models.overlap.loglinear.fit import fit_model
from undercount.models.overlap.loglinear.hierarchy import hierarchical_models
from undercount.models.overlap.loglinear.names import parse_model
from undercount.models.overlap.loglinear.profile import Profile, profile_interval
from undercount.models.overlap.loglinear.tables import Whole, count_lists


def log_likelihood(counts: Whole, model: int, toll: float) -> float:
    """The multinomial one of a whole table, maximised over softmax parameters by a general optimiser."""
    lists = count_lists(counts)
    holds = np.vstack([np.eye(1, model.bit_count()), slow_twin.design(model, lists)])[:, 1:]
    y = counts.astype(float)
    y[0] = toll - y.sum()

    def negative(theta: np.ndarray) -> tuple[float, np.ndarray]:
        eta = holds @ theta
        top = eta.max()
        logs = eta - top - np.log(np.exp(eta - top).sum())
        return -float(y @ logs), -holds.T @ (y - toll * np.exp(logs))

    found = minimize(negative, np.zeros(holds.shape[1]), jac=True, method="BFGS", options={"gtol": 1e-9})
    return float(gammaln(toll + 1) - gammaln(y[0] + 1) - found.fun)


def slow_profile(counts: Whole, model: int, width: float) -> Profile:
    """By bisection, in as many victims as are missed; `width` times the estimate is beyond the upper end."""
    fit = fit_model(counts, model)

    def level(unlisted: float) -> float:
        return log_likelihood(counts, model, fit.listed + unlisted)

    top = minimize_scalar(
        lambda x: -level(x), bounds=(0.3 * fit.unlisted, 1.2 * fit.unlisted), method="bounded", options={"xatol": 1e-5}
    )
    limit = -top.fun - chi2.ppf(0.95, 1) / 2
    low = brentq(lambda x: level(x) - limit, 0.01 * fit.unlisted, top.x)
    high = brentq(lambda x: level(x) - limit, top.x, width * fit.unlisted)
    return Profile(fit.listed + top.x, fit.listed + low, fit.listed + high)


@pytest.mark.parametrize(
    ("counts", "text", "width"), [(KOREA, "[A*B, B*C]", 8.0), (KOREA, "[A*B, C]", 8.0), (GAZA, "[A*B, B*C]", 3.0)]
)
def test_intervals_are_those_of_a_general_optimiser(counts: Whole, text: str, width: float) -> None:
    model = parse_model(text, "ABC")
    found, expected = profile_interval(counts, fit_model(counts, model)), slow_profile(counts, model, width)
    assert found.toll == pytest.approx(expected.toll, rel=1e-5)
    assert found.low == pytest.approx(expected.low, rel=1e-6)
    assert found.high == pytest.approx(expected.high, rel=1e-6)


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(hierarchical_models(4).tolist()), st.sampled_from([0.5, 0.8, 0.95, 0.99]))
def test_intervals_hold_the_estimate_and_grow_with_their_probability(model: int, probability: float) -> None:
    fit = fit_model(KOSOVO, model)
    inner, outer = profile_interval(KOSOVO, fit, probability), profile_interval(KOSOVO, fit, 0.999)
    assert outer.low < inner.low < inner.toll < inner.high < outer.high
    assert inner.toll == pytest.approx(outer.toll, rel=1e-7)
    assert inner.toll < fit.toll < inner.high


def test_for_many_victims_it_is_nearly_the_interval_of_the_standard_error() -> None:
    counts = 400 * KOSOVO
    fit = fit_model(counts, int(hierarchical_models(4)[60]))
    found, (low, high) = profile_interval(counts, fit), fit.interval()
    assert found.low == pytest.approx(low, rel=2e-4)
    assert found.high == pytest.approx(high, rel=2e-4)


def test_an_interval_may_begin_with_those_listed() -> None:
    fit = fit_model(INJURIES, parse_model("[A, B, C, D]", "ABCD"))
    assert profile_interval(INJURIES, fit).low == 215.0


def test_an_end_beyond_all_bounds_is_infinite() -> None:
    """With one victim of two lists the likelihood falls as 1 / N, and not far enough before the search ends."""
    counts = np.array([0, 2, 2, 1, 1, 0, 0, 0])
    fit = fit_model(counts, parse_model("[A, B, C]", "ABC"))
    assert profile_interval(counts, fit, 0.999).high < 1e5
    assert profile_interval(counts, fit, 1.0 - 1e-14).high == inf


def test_a_probability_that_cannot_be_is_refused() -> None:
    with pytest.raises(ModelError):
        profile_interval(KOSOVO, fit_model(KOSOVO, int(hierarchical_models(4)[0])), 0.0)
