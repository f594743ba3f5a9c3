"""Lower bounds against published formulas, other software, and what they must be below of."""

from __future__ import annotations

from itertools import combinations
from math import exp, log, sqrt
from typing import Literal

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.models.overlap import tables
from tests.models.overlap.graphs.strategies import small_tables
from undercount.errors import ModelError
from undercount.models.overlap.lower_bound import Bound, chao, zelterman

Array = NDArray[np.float64]
Lists = Literal["unequal", "equal"]


def of_frequencies(frequencies: dict[int, int], lists: int) -> tables.Counts:
    """A table with so many victims on 1, 2, ... lists, all of one pattern each."""
    counts = np.zeros(2**lists, np.int64)
    for size, count in frequencies.items():
        counts[2**size - 1] = count
    return counts


def expected_counts(odds: Array, persons: list[tuple[float, float]]) -> Array:
    """Expected counts of patterns, given the odds of lists, and (number, factor of the odds) of kinds of persons."""
    patterns = np.arange(2**odds.size)
    found = np.zeros(patterns.size)
    for number, factor in persons:
        rates = factor * odds / (1.0 + factor * odds)
        on = patterns[:, None] >> np.arange(odds.size) & 1
        found += number * np.prod(np.where(on == 1, rates, 1.0 - rates), axis=1)
    return found


def bound_of(expected: Array, lists: Lists) -> tuple[float, float]:
    """Missing victims that the bound finds in expected counts, and the true ones."""
    scaled = np.rint(expected * 1e14).astype(np.int64)
    missing, scaled[0] = scaled[0], 0
    found = chao(scaled, lists=lists, is_corrected=False)
    return float(found.toll - found.observed) / 1e14, float(missing) / 1e14


def values(bound: Bound) -> list[float]:
    return [float(x) for x in (bound.toll, bound.sd, bound.low, bound.high, bound.least)]


def test_kosovo_by_hand() -> None:
    """f1 = 1131 + 845 + 936 + 306 = 3218, f2 = 177 + 228 + 217 + 106 + 31 + 123 = 882, n = 4400."""
    f1, f2, n = 3218, 882, 4400
    assert float(chao(tables.KOSOVO, lists="equal", is_corrected=False).toll) == pytest.approx(
        n + 0.75 * f1**2 / (2 * f2), rel=1e-14
    )
    assert float(chao(tables.KOSOVO, lists="equal").toll) == pytest.approx(
        n + 0.75 * f1 * (f1 - 1) / (2 * (f2 + 1)), rel=1e-14
    )
    products = sum(a * b for a, b in combinations((1131, 845, 936, 306), 2))
    assert float(chao(tables.KOSOVO, is_corrected=False).toll) == pytest.approx(n + products / f2, rel=1e-14)
    assert float(chao(tables.KOSOVO).toll) == pytest.approx(n + products / (f2 + 1), rel=1e-14)


def test_chao_for_equal_lists_equals_another_program() -> None:
    """R package vegan 2.5, `specpool(BCI)`: 225 species in 50 plots, Chao 236.3732, standard error 6.54361.

    Its first-order jackknife, 245.58, says that 21 species are in one plot; then 19 are in two.
    """
    f1, f2, lists = 21, 19, 50
    shrunk = of_frequencies({1: f1, 2: f2, 3: 225 - f1 - f2}, 5)
    found = chao(shrunk, lists="equal", is_corrected=False)
    # The same formula for 5 lists instead of 50: the tables of 2^50 patterns do not exist.
    ratio, share = f1 / f2, 4 / 5
    variance = f2 * (share * ratio**2 / 2 + share**2 * ratio**3 + share**2 * ratio**4 / 4)
    assert float(found.toll) == pytest.approx(225 + share * f1**2 / (2 * f2), rel=1e-14)
    assert float(found.sd) == pytest.approx(sqrt(variance), rel=1e-12)
    share = (lists - 1) / lists
    variance = f2 * (share * ratio**2 / 2 + share**2 * ratio**3 + share**2 * ratio**4 / 4)
    assert 225 + share * f1**2 / (2 * f2) == pytest.approx(236.3732, abs=5e-5)
    assert sqrt(variance) == pytest.approx(6.54361, abs=5e-6)


def test_the_interval_is_log_normal() -> None:
    """Chao 1987, p. 787: n + F / C and n + F C with C = exp(1.96 √ln(1 + var / F²))."""
    found = chao(tables.KOSOVO, lists="equal", is_corrected=False)
    missing = float(found.toll) - 4400
    spread = sqrt(log(1 + float(found.sd) ** 2 / missing**2))
    assert float(found.low) == pytest.approx(4400 + missing * exp(-1.959963984540054 * spread), rel=1e-12)
    assert float(found.high) == pytest.approx(4400 + missing * exp(1.959963984540054 * spread), rel=1e-12)
    assert float(found.least) == pytest.approx(4400 + missing * exp(-1.6448536269514722 * spread), rel=1e-12)
    assert found.probability == 0.95


def test_the_variance_without_pairs_is_that_of_the_published_formula() -> None:
    """f2 = 0: Chao and Colwell 2017, eq. 5, second line (in SpadeR: `SpecInciChao2`)."""
    f1, share = 12, 2 / 3
    found = chao(of_frequencies({1: f1, 3: 5}, 3), lists="equal")
    toll = 17 + share * f1 * (f1 - 1) / 2
    variance = share * f1 * (f1 - 1) / 2 + share**2 * f1 * (2 * f1 - 1) ** 2 / 4 - share**2 * f1**4 / 4 / toll
    assert float(found.toll) == pytest.approx(toll, rel=1e-14)
    assert float(found.sd) == pytest.approx(sqrt(variance), rel=1e-12)


def missing_in_digits(kind: str, counts: list[mp.mpf], lists: int) -> mp.mpf:
    """Each number of missing victims as a formula of all counts."""
    alone = [counts[1 << j] for j in range(lists)]
    once = mp.fsum(alone)
    twice = mp.fsum(counts[1 << i | 1 << j] for i, j in combinations(range(lists), 2))
    share = mp.mpf(lists - 1) / lists
    if kind == "zelterman":
        odds = 2 * twice / ((lists - 1) * once)
        return mp.fsum(counts[1:]) / ((1 + odds) ** lists - 1)
    return {
        "equal": share * once**2 / (2 * twice),
        "equal corrected": share * once * (once - 1) / (2 * (twice + 1)),
        "unequal": (once**2 - mp.fsum(z**2 for z in alone)) / (2 * twice),
        "unequal corrected": (once**2 - mp.fsum(z**2 for z in alone)) / (2 * (twice + 1)),
    }[kind]


def found_as(kind: str, counts: tables.Counts) -> Bound:
    if kind == "zelterman":
        return zelterman(counts)
    lists: Lists = "unequal" if kind.startswith("unequal") else "equal"
    return chao(counts, lists=lists, is_corrected=kind.endswith("corrected"))


@pytest.mark.parametrize("name", ["KOSOVO", "UK", "KOREA", "GAZA"])
@pytest.mark.parametrize("kind", ["equal", "equal corrected", "unequal", "unequal corrected", "zelterman"])
def test_the_variance_is_that_of_the_delta_method(kind: str, name: str) -> None:
    """Derivatives by all counts in 40 digits, multinomial covariances with the estimated toll."""
    counts: tables.Counts = getattr(tables, name)
    lists = counts.size.bit_length() - 1
    with mp.workdps(40):
        exact = [mp.mpf(int(y)) for y in counts]
        missing = missing_in_digits(kind, exact, lists)
        toll = mp.fsum(exact) + missing
        squares = mean = mp.mpf(0)
        step = mp.mpf(10) ** -15
        for cell in range(1, counts.size):
            if not counts[cell]:
                continue
            moved = [[y + way * step * (k == cell) for k, y in enumerate(exact)] for way in (1, -1)]
            rise = (missing_in_digits(kind, moved[0], lists) - missing_in_digits(kind, moved[1], lists)) / (2 * step)
            squares += (1 + rise) ** 2 * exact[cell]
            mean += (1 + rise) * exact[cell]
        variance = squares - mean**2 / toll
        found = found_as(kind, counts)
        assert float(found.toll) == pytest.approx(float(toll), rel=1e-12)
        assert float(found.sd) == pytest.approx(float(mp.sqrt(variance)), rel=1e-9)


odds = st.lists(st.floats(0.02, 3.0), min_size=2, max_size=5).map(np.array)
persons = st.lists(st.tuples(st.floats(10.0, 1000.0), st.floats(0.05, 5.0)), min_size=1, max_size=3)


@settings(max_examples=150, deadline=None)
@given(odds, persons)
def test_for_unequal_lists_it_is_a_bound_whatever_persons_differ_in(
    odds: Array, persons: list[tuple[float, float]]
) -> None:
    found, missing = bound_of(expected_counts(odds, persons), "unequal")
    assert found <= missing * (1 + 1e-5) + 1e-5
    alike, missing = bound_of(expected_counts(odds, persons[:1]), "unequal")
    assert alike == pytest.approx(missing, rel=1e-4, abs=1e-5)


@settings(max_examples=100, deadline=None)
@given(st.floats(0.05, 3.0), st.integers(2, 5), persons)
def test_for_equal_lists_it_is_below_if_they_are(odds: float, lists: int, persons: list[tuple[float, float]]) -> None:
    found, missing = bound_of(expected_counts(np.full(lists, odds), persons), "equal")
    assert found <= missing * (1 + 1e-5) + 1e-5


def test_for_lists_that_differ_the_bound_for_equal_lists_is_none() -> None:
    found, missing = bound_of(expected_counts(np.array([2.0, 0.2, 0.02]), [(1000.0, 1.0)]), "equal")
    assert found > 1.5 * missing
    found, missing = bound_of(expected_counts(np.array([2.0, 0.2, 0.02]), [(1000.0, 1.0)]), "unequal")
    assert found == pytest.approx(missing, rel=1e-4)


def test_lists_that_exclude_each_other_break_the_bound() -> None:
    """Of 400 persons, half are known to lists 0 and 1 half of the time and never to lists 2 and 3, half the reverse."""
    half = expected_counts(np.ones(2), [(200.0, 1.0)])
    counts = np.zeros(16)
    counts[:4] += half
    counts[[0, 4, 8, 12]] += half
    found, missing = bound_of(counts, "unequal")
    assert missing == pytest.approx(100.0)
    assert found > 1.4 * missing


@given(small_tables(4))
def test_for_equal_lists_it_is_never_below_that_for_unequal_lists(counts: tables.Counts) -> None:
    if not sum(counts[1 << i | 1 << j] for i, j in combinations(range(4), 2)):
        return
    equal, unequal = (chao(counts, lists=lists, is_corrected=False) for lists in ("equal", "unequal"))
    assert float(equal.toll) >= float(unequal.toll) - 1e-9


def test_with_two_lists_it_is_the_estimate_of_lincoln_and_petersen() -> None:
    counts = np.array([0, 60, 45, 30])
    assert float(chao(counts, is_corrected=False).toll) == pytest.approx(90 * 75 / 30, rel=1e-14)


def test_zelterman_with_many_lists_is_that_of_poisson_counts() -> None:
    """n / (1 - exp(-2 f2 / f1)) (Zelterman 1988), variance n G + n² G² λ² (1/f1 + 1/f2) (Böhning 2008).

    What is left falls as 1/K, so that twice the figure for 14 lists less that for 7 is nearly the limit.
    """
    f1, f2, n = 300, 60, 369
    rate = 2 * f2 / f1
    seven, fourteen = (zelterman(of_frequencies({1: f1, 2: f2, 3: 9}, lists)) for lists in (7, 14))
    g = exp(-rate) / (1 - exp(-rate)) ** 2
    limit = sqrt(n * g + (n * g * rate) ** 2 * (1 / f1 + 1 / f2))
    assert 2 * float(fourteen.toll) - float(seven.toll) == pytest.approx(n / (1 - exp(-rate)), rel=0.01)
    assert 2 * float(fourteen.sd) - float(seven.sd) == pytest.approx(limit, rel=0.01)
    theta = 2 * f2 / (13 * f1)
    assert float(fourteen.toll) == pytest.approx(n / (1 - (1 + theta) ** -14), rel=1e-13)


def test_zelterman_finds_the_rate_where_persons_and_lists_are_alike() -> None:
    expected = np.rint(expected_counts(np.full(4, 0.4), [(1e6, 1.0)])).astype(np.int64)
    expected[0] = 0
    assert float(zelterman(expected).toll) == pytest.approx(1e6, rel=1e-4)


def test_a_batch_is_each_table_by_itself() -> None:
    rng = np.random.default_rng(2)
    batch = rng.poisson(tables.KOSOVO / 10.0, (2, 30, 16))
    batch[..., 0] = 0
    for kind in ("equal", "equal corrected", "unequal", "unequal corrected", "zelterman"):
        whole = found_as(kind, batch)
        assert whole.toll.shape == (2, 30)
        for place in ((0, 0), (1, 29), (1, 3)):
            one = found_as(kind, batch[place])
            assert values(one) == [float(x[place]) for x in (whole.toll, whole.sd, whole.low, whole.high, whole.least)]


@settings(max_examples=100, deadline=None)
@given(small_tables(3) | small_tables(2), st.sampled_from(["unequal", "equal"]), st.floats(0.5, 0.99))
def test_the_bound_lies_in_its_interval_and_above_what_was_observed(
    counts: tables.Counts, lists: Lists, probability: float
) -> None:
    found = chao(counts, lists=lists, probability=probability)
    assert int(found.observed) == counts.sum()
    assert int(found.observed) <= float(found.low) <= float(found.least) <= float(found.toll) <= float(found.high)
    assert np.isfinite(values(found)).all()


def test_where_nobody_is_on_exactly_one_list_nobody_is_found_missing() -> None:
    found = chao(np.array([0, 0, 0, 7, 0, 2, 5, 9]))
    assert (float(found.toll), float(found.low), float(found.high)) == (23.0, 23.0, 23.0)


@pytest.mark.parametrize("kind", ["equal", "unequal", "zelterman"])
def test_without_pairs_what_would_be_infinite_is_refused(kind: str) -> None:
    with pytest.raises(ModelError, match="nobody is on exactly two lists") as caught:
        found_as(kind, of_frequencies({1: 10, 3: 2}, 3))
    assert caught.value.code == "model-bound-pairs"


def test_tables_that_are_refused_are_named() -> None:
    batch = np.stack([tables.KOREA, of_frequencies({1: 10, 3: 2}, 3), tables.KOREA])
    with pytest.raises(ModelError) as caught:
        chao(batch, is_corrected=False)
    assert caught.value.message.endswith("exactly one, in table 1")
    assert caught.value.hint == "take the corrected form"


@pytest.mark.parametrize("probability", [0.0, 1.0, np.nan])
def test_an_interval_without_a_probability_is_refused(probability: float) -> None:
    with pytest.raises(ModelError) as caught:
        chao(tables.KOREA, probability=probability)
    assert caught.value.code == "overlap-probability"


def test_coverage_of_the_interval_where_the_bound_is_sharp() -> None:
    """Persons are alike and lists independent: the bound is the toll, and 95 % of the intervals hold it."""
    rng = np.random.default_rng(8)
    expected = expected_counts(np.array([0.5, 0.3, 0.2, 0.1]), [(600.0, 1.0)])
    samples = rng.multinomial(600, expected / 600.0, 4000)
    samples[:, 0] = 0
    found = chao(samples)
    covered = np.mean((found.low <= 600) & (found.high >= 600))
    one_sided = np.mean(found.least <= 600)
    error = sqrt(0.95 * 0.05 / 4000)
    assert covered == pytest.approx(0.95, abs=0.01 + 4 * error)
    assert one_sided == pytest.approx(0.95, abs=0.015 + 4 * error)
