"""The design: arrays in canonical order, exposure, incidents and uncertain windows."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from math import log, sqrt
from typing import Any

import numpy as np
import pytest

from tests.builders import FIRST, INCIDENT, LAST, case_fields, make_case, make_evidence, make_report, make_reports
from tests.builders import make_sources as sources
from undercount.data import load_case
from undercount.data.schema import Attribution, Qualifier, Window
from undercount.models.design import Design, design
from undercount.models.parameters import parameters


def arrays(value: Any, name: str = "design") -> dict[str, Any]:
    """Everything in a design that can be compared, by path."""
    if is_dataclass(value):
        return {k: v for f in fields(value) for k, v in arrays(getattr(value, f.name), f"{name}.{f.name}").items()}
    if isinstance(value, tuple):
        return {k: v for i, part in enumerate(value) for k, v in arrays(part, f"{name}[{i}]").items()}
    return {name: value}


def check_equal(one: Design, other: Design) -> None:
    left, right = arrays(one), arrays(other)
    assert left.keys() == right.keys()
    for name, value in left.items():
        if isinstance(value, np.ndarray):
            np.testing.assert_array_equal(value, right[name], err_msg=name)
        elif name not in ("design.priors", "design.dropped"):
            assert value == right[name], name
    assert dict(one.dropped) == dict(other.dropped)
    assert dict(one.priors) == dict(other.priors)


@pytest.mark.parametrize("seed", range(4))
def test_shuffled_evidence_gives_the_same_arrays(seed: int) -> None:
    rng = np.random.default_rng(seed)
    known = load_case("mosul-2017")
    frame, table = known.to_frame(), known.sources_frame()
    mixed = known.with_sources(table.iloc[rng.permutation(len(table))]).with_reports(
        frame.iloc[rng.permutation(len(frame))]
    )
    check_equal(design(mixed), design(known))


def test_shuffled_levels_population_and_incidents_give_the_same_arrays() -> None:
    base = case_fields()
    second = base["incidents"][0] | {"incident": "bridge", "date": date(2020, 2, 2), "area": "south"}
    base["incidents"] = (*base["incidents"], second | {"actors": {"red": 0.3, "blue": 0.7}})
    turned = base | {key: base[key][::-1] for key in ("population", "incidents")}
    turned["dimensions"] = {
        name: dimension | {"levels": dict(reversed(dimension["levels"].items()))}
        for name, dimension in reversed(base["dimensions"].items())
    }
    turned["incidents"] = tuple(i | {"actors": dict(reversed(i["actors"].items()))} for i in turned["incidents"])
    one = design(make_evidence(case=make_case(**base)))
    assert one.incidents.names == ("bridge", INCIDENT)
    check_equal(design(make_evidence(make_reports()[::-1], sources=sources()[::-1], case=make_case(**turned))), one)


def test_shapes() -> None:
    found = design(load_case("mosul-2017"))
    days, strata, count, reports = 144, 3, 6, 7
    assert (found.days, found.strata.count, len(found.sources), len(found.reports)) == (days, strata, count, reports)
    assert found.window == Window(start=date(2017, 2, 17), end=date(2017, 7, 10))
    assert found.day_slice(Window(start=date(2017, 2, 19), end=date(2017, 6, 19))) == slice(2, 123)
    assert found.log_exposure.shape == (days, 1)
    assert found.basis_shared.shape == (days, 30)
    assert found.basis_own.shape == (days, 8)
    assert found.rates.location.shape == (count, 3)
    assert found.report_stream.shape == found.window_error.shape == (reports,)
    pieces = found.terms.pieces
    assert pieces.report.shape == pieces.stream.shape == (pieces.count,)
    of_piece, of_reading = found.terms.totals
    assert of_piece.shape == (pieces.count,)
    np.testing.assert_array_equal(of_reading, np.arange(found.terms.reading_block.size))
    assert set(of_piece) == set(of_reading)
    assert set(found.terms.pieces.cell_piece) | set(pieces.event_piece) == set(range(pieces.count))
    assert found.scopes.probability.shape == (found.scopes.pieces.count,)


def test_each_claim_has_a_scope_of_its_own_for_each_reading() -> None:
    found = design(load_case("mosul-2017"))
    total = np.bincount(found.scopes.pieces.report, weights=found.scopes.probability)
    np.testing.assert_allclose(total, 1)
    place = found.reports.index("S000-03")
    (own,) = np.flatnonzero(found.scopes.pieces.report == place)
    # The UN's 307 hold the 140 of the incident: the scope of the claim does, its increment does not.
    assert own in found.scopes.pieces.event_piece
    assert (found.scopes.low[own], found.scopes.high[own]) == (307, 307)
    source = found.sources.index("ohchr")
    assert set(found.terms.low[found.terms.pieces.stream[: found.terms.low.size] == source]) == {140, 167}


def test_an_end_of_a_window_is_a_day_of_it() -> None:
    last = make_report(window_start=LAST, window_end=LAST)
    pieces = design(make_evidence([last])).terms.pieces
    assert (pieces.cell_start.tolist(), pieces.cell_end.tolist()) == ([90], [91])


def people(*points: tuple[str, date, int]) -> dict[str, Any]:
    return {"population": tuple({"area": a, "date": d, "people": n, "basis": "b"} for a, d, n in points)}


def test_exposure_is_log_linear_between_counts_and_constant_beyond() -> None:
    points = people(("north", date(2020, 1, 11), 80_000), ("north", date(2020, 1, 31), 20_000))
    found = design(make_evidence(case=make_case(**points)))
    assert found.strata.areas == ("north", "south")
    assert list(found.has_population) == [True, False]
    exposure = np.exp(found.log_exposure[:, 0])
    np.testing.assert_allclose(exposure[:11], 8.0)
    np.testing.assert_allclose(exposure[30:], 2.0)
    np.testing.assert_allclose(exposure[20], 4.0)
    np.testing.assert_allclose(exposure[10:31], 8.0 * 0.25 ** (np.arange(21) / 20))
    np.testing.assert_array_equal(found.log_exposure[:, 1], 0)


def test_exposure_from_before_the_timeline_runs_into_it() -> None:
    before, after = FIRST - timedelta(days=10), FIRST + timedelta(days=10)
    found = design(make_evidence(case=make_case(**people(("south", after, 40_000), ("south", before, 10_000)))))
    assert np.exp(found.log_exposure[0, 1]) == pytest.approx(2.0)


def test_incidents_have_a_cell_for_each_actor() -> None:
    spot = case_fields()["incidents"][0] | {"actors": {"red": 0.85, "blue": 0.15}}
    incidents = design(make_evidence(case=make_case(incidents=(spot,)))).incidents
    assert list(incidents.day) == [14]
    np.testing.assert_allclose(incidents.cell_weight, [log(0.15), log(0.85)])
    assert incidents.is_disputed.all()
    assert not design(make_evidence()).incidents.is_disputed.any()
    none = design(make_evidence([make_report()], case=make_case(incidents=())))
    assert none.incidents.names == ()
    assert none.incidents.is_disputed.size == 0
    assert "log_incident" not in {p.name for p in parameters(none)}


@pytest.mark.parametrize(
    ("uncertainty", "days", "expected"),
    [(0, 31, 0.0), (3, 31, sqrt(2 / 3) * 3 / 31), (1, 1, 0.5), (3660, 31, 0.5)],
)
def test_window_error_is_that_of_two_uniform_ends(uncertainty: int, days: int, expected: float) -> None:
    end = FIRST + timedelta(days=days - 1)
    found = design(make_evidence([make_report(window_end=end, window_uncertainty_days=uncertainty)]))
    assert found.window_error == pytest.approx([expected])
    assert found.uncertain_reports.size == (expected > 0)


def test_window_error_is_the_standard_deviation_of_a_simulated_length() -> None:
    rng = np.random.default_rng(2)
    length = 31 + rng.uniform(-3, 3, (2, 200_000)).sum(axis=0)
    found = design(make_evidence([make_report(window_uncertainty_days=3)]))
    # Relative standard error of a standard deviation is below 1/sqrt(2n).
    assert abs((length / 31).std() / found.window_error[0] - 1) < 4 / sqrt(2 * length.size)


def test_an_incident_has_no_uncertain_window() -> None:
    day = date(2020, 1, 15)
    spot = make_report(window_start=day, window_end=day, incident=INCIDENT, window_uncertainty_days=2)
    assert design(make_evidence([spot])).window_error == [0]


def test_derived_and_joined_reports_are_named() -> None:
    later = make_report(report="un-late", value=90, published=date(2020, 4, 25))
    found = design(make_evidence([*make_reports(), later]))
    assert dict(found.dropped) == {
        "un-copy": "derived from un-jan",
        "un-jan": "superseded by un-late, which un published later",
    }


def test_scored_reports_and_revised_sources() -> None:
    part = {"window_start": date(2020, 1, 10), "window_end": date(2020, 1, 12)}
    inside = make_report(report="r2", qualifier=Qualifier.RANGE, value=None, low=5, high=20, **part)
    found = design(make_evidence([make_report(), inside]))
    assert [found.reports[i] for i in found.scored_reports] == ["r2"]
    assert found.errors.streams.size == 0
    fallen = make_report(report="r2", value=70, window_end=date(2020, 2, 9), published=date(2020, 4, 6))
    found = design(make_evidence([make_report(), fallen]))
    assert [found.sources[s] for s in found.errors.streams] == ["un"]
    assert found.scored_reports.size == 0


def test_readings_of_a_source_are_one_block() -> None:
    contested = {"attribution": Attribution.CONTESTED}
    found = design(make_evidence([make_report(**contested), make_report(report="r2", areas=("south",), **contested)]))
    assert found.terms.block_reports == ((0, 1),)
    assert np.exp(found.terms.reading_log_probability).sum() == pytest.approx(1)
    assert found.terms.reading_block.tolist() == [0, 0, 0, 0]
