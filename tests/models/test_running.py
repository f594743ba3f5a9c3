"""Running tallies: the order of their steps, and their density where the errors are normal."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy import stats

from tests.builders import make_case, make_evidence, make_report, make_source
from tests.models.slow_running import LEAST_ERROR
from tests.models.streams_case import DAYS, streams_fields, window
from undercount.data.schema import Kind, Speakers
from undercount.models.design import Design, design
from undercount.models.intensity import evaluate
from undercount.models.likelihood import reading_log_likelihood
from undercount.models.parameters import parameters
from undercount.models.pieces import Claim, blocks
from undercount.models.running import ADD, OPEN, READ, Program, program
from undercount.models.streams import Stream
from undercount.models.terms import GaussianTerm, Terms

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

NOTHING = -40.0
"""As a log or a logit: 4e-18."""
SCOPES: tuple[dict[str, Any], ...] = (
    {}, {"areas": ("south",)}, {"areas": ("north", "south")}, {"actors": ("red", "blue")},
    {"actors": ("blue",), "areas": ("north", "south")},
)  # fmt: skip
Span = tuple[int, int, tuple[int, ...]]


def running(spans: Iterable[Span]) -> tuple[GaussianTerm, ...]:
    """Tallies of reports of first and last days and strata."""
    claims = [Claim(i, a, b, 1.0, 1.0, ((1.0, frozenset(strata)),)) for i, (a, b, strata) in enumerate(spans)]
    cut = {Stream("s", "v", "q"): blocks(claims, [], has_errors=True)}
    nowhere = np.zeros(0, dtype=np.int64)
    return Terms.of(cut, nowhere, nowhere).gaussian


def chain(days: int, *, has_daily: bool) -> GaussianTerm:
    ends = [(0, day, (0,)) for day in range(days)]
    (term,) = running([*ends, *((day, day, (0,)) for day in range(1, days) if has_daily)])
    return term


def random_spans(seed: int, count: int = 12) -> list[Span]:
    """Windows over some of three strata; a few of them twice."""
    rng = np.random.default_rng(seed)
    spans: list[Span] = []
    for _ in range(count):
        a, b = sorted(rng.integers(0, 15, 2).tolist())
        spans.append((a * int(rng.random() < 0.6), b, tuple(rng.choice(3, rng.integers(1, 4), replace=False).tolist())))
    return spans + spans[:2]


def sums_read(steps: Program) -> dict[int, set[int]]:
    """Pieces that each report adds up, by going through the steps."""
    slots: list[set[int] | None] = [None] * steps.slots
    found: dict[int, set[int]] = {}
    for step, what, slot in zip(steps.step.tolist(), steps.what.tolist(), steps.slot.tolist(), strict=True):
        if step == OPEN:
            slots[slot] = set()
        elif step == ADD:
            for k in np.flatnonzero(steps.mask[slot]):
                own = slots[k]
                assert own is not None
                assert what not in own
                own.add(what)
        else:
            assert step == READ
            own = slots[slot]
            assert own is not None
            assert what not in found
            found[what] = set(own)
    return found


@pytest.mark.parametrize("seed", range(20))
def test_each_report_is_the_sum_of_its_pieces(seed: int) -> None:
    for term in running(random_spans(seed)):
        steps = program(term)
        expected = {i: set(np.flatnonzero(row).tolist()) for i, row in enumerate(term.cover)}
        assert sums_read(steps) == expected
        added = steps.what[steps.step == ADD]
        assert sorted(added) == list(range(term.pieces.size))
        assert (np.diff(term.start[added]) >= 0).all()


@pytest.mark.parametrize("seed", range(5))
def test_a_report_is_read_as_soon_as_its_last_piece_is_known(seed: int) -> None:
    for term in running(random_spans(seed)):
        steps = program(term)
        last = -1
        for step, what in zip(steps.step, steps.what, strict=True):
            if step == ADD:
                last = what
            elif step == READ:
                assert term.cover[what, last] == 1


@pytest.mark.parametrize("days", [2, 7, 50])
def test_a_chain_is_one_sum_and_with_daily_figures_two(days: int) -> None:
    assert program(chain(days, has_daily=False)).slots == 1
    assert program(chain(days, has_daily=True)).slots == 2


@pytest.mark.parametrize("days", [10, 100, 400])
def test_steps_are_linear_in_the_number_of_reports(days: int) -> None:
    # One sum is opened, each day is added, each total is read.
    assert program(chain(days, has_daily=False)).step.size == 1 + 2 * days
    # And a second sum for each daily figure.
    assert program(chain(days, has_daily=True)).step.size == 1 + 2 * days + 2 * (days - 1)
    assert program(chain(days, has_daily=True)).mask.shape[0] <= 3


def arranged(windows: list[dict[str, Any]]) -> Design:
    """One source of several speakers, each window a report of it."""
    source = make_source(source="desk", name="D", kind=Kind.CLAIMANT, speakers=Speakers.SEVERAL)
    reports = [make_report(report=f"r{i:03d}", source="desk", **fields) for i, fields in enumerate(windows)]
    return design(make_evidence(reports, case=make_case(**streams_fields(incidents=())), sources=[source]))


WINDOWS: dict[str, list[dict[str, Any]]] = {
    "chain": [window(0, day) for day in range(4, DAYS, 5)],
    "daily": [window(0, day) for day in range(4, DAYS, 5)] + [window(day, day) for day in range(3, 20, 2)],
    "twice": [window(0, day) for day in (9, 9, 20, 20, 20)],
    "overlap": [window(0, 19), window(10, 29), window(5, 34), window(12, 14)],
} | {
    f"cover {seed}": [
        window(*sorted(rng.integers(0, DAYS, 2).tolist())) | SCOPES[int(rng.integers(len(SCOPES)))] for _ in range(14)
    ]
    for seed in range(6)
    for rng in [np.random.default_rng(seed)]
}  # fmt: skip


def state(arrays: Design, revision: float, misread: float) -> tuple[dict[str, NDArray[np.float64]], Any, float]:
    """Parameters in the middle of their priors, the means of the pieces, and 1 + θ."""
    values = {p.name: np.full((1, *p.shape), p.location) for p in parameters(arrays)}
    values["log_revision"][:] = revision
    if "misread_x" in values:
        values["misread_x"][:] = misread
    return values, evaluate(np, arrays, values).mean[0], 1 + float(np.exp(values["log_dispersion"][0, 0]))


def check_normal(arrays: Design, revision: float, misread: float, relative: float) -> None:
    """The density of counts drawn from the normal law that is meant equals that of the law."""
    values, mean, spread = state(arrays, revision, misread)
    rng, expected, drawn = np.random.default_rng(1), 0.0, []
    for term in arrays.terms.gaussian:
        assert term.is_revised
        middle = term.cover @ mean[term.pieces]
        covariance = term.cover @ np.diag(spread * mean[term.pieces]) @ term.cover.T
        count = np.rint(np.atleast_1d(rng.multivariate_normal(middle, covariance)))
        told = replace(term, low=count, high=count)
        # Errors are relative to a usual count, which is fixed with the reports.
        law = stats.multivariate_normal(middle, covariance + np.diag(0.25 + (relative * told.usual) ** 2))
        expected += float(law.logpdf(count))
        drawn.append(told)
    changed = replace(arrays, terms=replace(arrays.terms, gaussian=tuple(drawn)))
    found = reading_log_likelihood(changed, values)
    assert found.size == 1
    assert float(found[0, 0]) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("name", WINDOWS)
def test_with_the_least_errors_the_density_is_that_of_correlated_sums(name: str) -> None:
    check_normal(arranged(WINDOWS[name]), NOTHING, NOTHING, LEAST_ERROR)


@pytest.mark.parametrize("name", WINDOWS)
def test_larger_errors_add_their_variance(name: str) -> None:
    check_normal(arranged(WINDOWS[name]), float(np.log(0.1)), NOTHING, LEAST_ERROR + 0.1)


@pytest.mark.parametrize("name", ["daily", "cover 1"])
def test_figures_that_are_all_misread_have_the_large_error(name: str) -> None:
    check_normal(arranged(WINDOWS[name]), NOTHING, -NOTHING, 1.0 + LEAST_ERROR)


def test_names_of_reports_whose_last_pieces_differ_do_not_matter() -> None:
    windows = [window(0, day) for day in range(4, DAYS, 5)] + [window(day, day + 1) for day in range(5, 21, 5)]

    def density(names: Iterable[int]) -> float:
        source = make_source(source="desk", name="D", kind=Kind.CLAIMANT, speakers=Speakers.SEVERAL)
        reports = [
            make_report(report=f"r{name:03d}", source="desk", value=20 + 3 * i, published=date(2020, 4, 1), **fields)
            for i, (name, fields) in enumerate(zip(names, windows, strict=True))
        ]
        arrays = design(make_evidence(reports, case=make_case(**streams_fields(incidents=())), sources=[source]))
        values, *_ = state(arrays, float(np.log(0.05)), -2.0)
        return float(reading_log_likelihood(arrays, values)[0, 0])

    turned = np.random.default_rng(0).permutation(len(windows)).tolist()
    assert density(turned) == pytest.approx(density(range(len(windows))), rel=1e-12)
