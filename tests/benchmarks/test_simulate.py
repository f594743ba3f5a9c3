"""Simulated cases are valid evidence, the same for the same seed, and follow the law that they claim."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from benchmarks.shapes import Shape, Size, draw_shape
from benchmarks.simulate import (
    Measure,
    documented,
    empty_design,
    replicated_cases,
    simulated_case,
    stated,
)
from undercount.data.reading import read_case
from undercount.data.schema import Attribution, Kind, Qualifier
from undercount.estimators.forecast import prior_values
from undercount.models.bounds import count_interval
from undercount.models.design import design
from undercount.models.intensity import evaluate

if TYPE_CHECKING:
    from undercount.data.evidence import Evidence

pytestmark = pytest.mark.checkout
SEEDS = range(40)


@pytest.fixture(scope="module")
def cases() -> list[Evidence]:
    return [simulated_case(seed)[0] for seed in SEEDS]


@pytest.mark.parametrize("size", ["small", "large", "any"])
def test_same_seed_same_case(size: Size) -> None:
    evidence, truth = simulated_case(3, size)
    again, same = simulated_case(3, size)
    assert evidence.sha256 == again.sha256
    assert (truth.toll, truth.by_actor) == (same.toll, same.by_actor)
    assert simulated_case(4, size)[0].sha256 != evidence.sha256


def test_case_reads_back_from_its_folder(tmp_path: Path, cases: list[Evidence]) -> None:
    for number, evidence in enumerate(cases[:5]):
        assert read_case(evidence.write(tmp_path / str(number))).sha256 == evidence.sha256


def test_shapes_vary_as_asked(cases: list[Evidence]) -> None:
    reports = [report for evidence in cases for report in evidence.reports]
    days = [evidence.case.timeline.days for evidence in cases]
    assert min(days) >= 20
    assert max(days) <= 300
    assert max(days) > 3 * min(days)
    for name in ("actor", "area"):
        assert {len(evidence.case.dimensions[name].levels) for evidence in cases} == {1, 2, 3}
    assert {len(evidence.case.incidents) for evidence in cases} == {0, 1, 2, 3}
    assert any(len(i.actors) > 1 for evidence in cases for i in evidence.case.incidents)
    assert {bool(evidence.case.population) for evidence in cases} == {True, False}
    assert {source.kind for evidence in cases for source in evidence.sources} == {*Kind} - {Kind.RELAY}
    assert {report.attribution for report in reports} == {*Attribution}
    assert {Qualifier.EXACT, Qualifier.AT_LEAST, Qualifier.UP_TO, Qualifier.RANGE} <= {r.qualifier for r in reports}
    assert any(report.window_uncertainty_days for report in reports)


def test_truth_is_never_below_what_was_verified() -> None:
    for seed in SEEDS:
        evidence, truth = simulated_case(seed)
        if evidence.case.estimand.window != evidence.case.timeline:
            continue
        verified = [
            report.value for report in evidence.reports
            if report.source.startswith("recorder") and report.qualifier is Qualifier.EXACT and report.value is not None
        ]  # fmt: skip
        assert truth.toll >= max(verified, default=0)
        assert truth.toll == sum(truth.by_actor.values())


def drawn_shape(seed: int, size: Size = "medium") -> Shape:
    return draw_shape(np.random.default_rng(seed), size, "drawn")


def test_measure_has_the_mean_and_variance_of_the_model() -> None:
    """Totals of a measure, over many draws, against the NB1 law of their sum."""
    shape = drawn_shape(7)
    arrays = empty_design(shape)
    rng = np.random.default_rng(1)
    values = prior_values(arrays, 1, rng)
    mean = evaluate(np, arrays, values, values["own"]).mean[0]
    drawn = [documented(arrays, shape, values, rng) for _ in range(1500)]
    checked = 0
    for slot in shape.slots:
        place = [r for r, name in enumerate(arrays.reports) if name == slot.report]
        pieces = np.flatnonzero(arrays.terms.pieces.report == place[0])
        alone = [other for other in shape.slots if other.source == slot.source]
        if len(alone) > 1 or slot.attribution is Attribution.CONTESTED or not pieces.size:
            continue
        counts = np.array([found[slot.source].over(slot, arrays, slot.actors) for found in drawn])
        expected = mean[pieces].sum()
        theta = np.exp(values["log_dispersion"][0, arrays.sources.index(slot.source)])
        error = np.sqrt((1 + theta) * expected / counts.size)
        assert counts.mean() == pytest.approx(expected, abs=4.5 * error)
        assert counts.var() == pytest.approx((1 + theta) * expected, rel=0.3)
        checked += 1
    assert checked


@pytest.mark.parametrize("seed", range(8))
def test_reports_hold_the_count_of_their_measure(seed: int) -> None:
    """The interval that the model reads from each report is the one that was meant, and nested tallies agree."""
    shape = drawn_shape(seed, "any")
    arrays = empty_design(shape)
    rng = np.random.default_rng(seed)
    values = prior_values(arrays, 1, rng)
    values = {name: np.clip(value, -1.0, 1.0) for name, value in values.items()}
    measures: dict[str, Measure] = documented(arrays, shape, values, rng)
    kinds = {source.source: source.kind for source in shape.sources}
    figures = dict(stated(arrays, shape, measures, rng))
    for slot in shape.slots:
        low, high = figures[slot.report]
        assert count_interval(slot.report_of(low, high), kinds[slot.source]) == (low, np.inf if high is None else high)
        if slot.attribution is not Attribution.CONTESTED:
            count = measures[slot.source].over(slot, arrays, slot.actors)
            assert low <= count
            assert high is None or count <= high


def test_bins_and_thresholds_do_not_depend_on_the_count_they_describe() -> None:
    """Another count of a claimant leaves the grid where it is: every interval seen is a cell of one partition."""
    shape = drawn_shape(2, "large")
    arrays = empty_design(shape)
    values = prior_values(arrays, 1, np.random.default_rng(5))
    seen: dict[str, set[tuple[int, int | None]]] = {}
    for draw in range(20):
        # The recorders, whose figures may move thresholds, keep theirs.
        measures = documented(arrays, shape, values, np.random.default_rng(11))
        others = documented(arrays, shape, values, np.random.default_rng(draw))
        kept = {
            s.source: measures[s.source] if s.kind is not Kind.CLAIMANT else others[s.source] for s in shape.sources
        }
        for report, ends in stated(arrays, shape, kept, np.random.default_rng(3)):
            seen.setdefault(report, set()).add(ends)
    forms = {slot.report: slot for slot in shape.slots}
    coarse = {name: ends for name, ends in seen.items() if forms[name].form != "point"}
    assert any(len(ends) > 1 for ends in coarse.values())
    for found in coarse.values():
        ordered = sorted(found, key=lambda pair: pair[0])
        for (_, high), (low, _) in pairwise(ordered):
            assert high is not None
            assert high < low


def test_replicated_cases_share_their_structure() -> None:
    found = replicated_cases(1, 4)
    designs = [design(evidence) for evidence, _ in found]
    assert len({evidence.sha256 for evidence, _ in found}) == 4
    assert len({arrays.terms.low.size for arrays in designs}) == 1
    assert len({tuple(arrays.anchors.places) for arrays in designs}) == 1
    assert not any(arrays.terms.gaussian for arrays in designs)
