"""How far courses are sampled centred."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from tests.builders import INCIDENT, make_evidence, make_report, make_sources
from undercount.data.schema import Speakers
from undercount.models import sketch
from undercount.models.courses import common_course, course_log_density
from undercount.models.design import Design, design
from undercount.models.parameters import middle_level, parameters
from undercount.models.sketch import LEAST, LEVEL_SCALE


def weekly(*counts: int) -> Design:
    reports = []
    for i, count in enumerate(counts):
        start = date(2020, 1, 20) + timedelta(days=7 * i)
        ends: dict[str, Any] = {"window_start": start, "window_end": start + timedelta(days=6)}
        reports.append(make_report(report=f"r{i}", value=count, **ends))
    return design(make_evidence(reports))


def test_counts_that_show_the_course_centre_it() -> None:
    one, few, many = weekly(100), weekly(*[5] * 6), weekly(*[900] * 6)
    assert one.centring.shared.max() < few.centring.shared.max() < many.centring.shared.max()
    for found in (one, few, many):
        assert (found.centring.shared >= 0).all()
        assert (found.centring.shared < 1).all()
        assert found.centring.shared[0] > found.centring.shared[-1]
        assert found.centring.own.shape == (found.basis_own.shape[1], found.strata.count)


def test_the_density_is_that_of_the_standardised_course() -> None:
    found = weekly(*[900] * 6)
    rng = np.random.default_rng(4)
    values = {p.name: p.draw(rng, 3) for p in parameters(found)}
    log_scale = values["log_smooth_shared"]
    alone = {name: values[name] for name in ("log_smooth_shared", "shared_x")}
    z = common_course(np, found, alone) / np.exp(log_scale)
    slope = -found.centring.shared * (log_scale - found.centring.log_shared)
    expected = (-0.5 * z**2 - 0.5 * np.log(2 * np.pi) + slope).sum(axis=1)
    np.testing.assert_allclose(course_log_density(np, found, alone), expected)
    np.testing.assert_allclose(z * np.exp(-slope), values["shared_x"])


def slow_centring(found: Design) -> tuple[Any, Any]:
    """λ of the common course and of the departures, from one matrix with a row for each window, pair by pair."""
    terms, pieces, priors = found.terms, found.terms.pieces, found.priors
    cells: list[list[tuple[int, int, int]]] = [[] for _ in range(pieces.count)]
    for row in zip(pieces.cell_piece, pieces.cell_stratum, pieces.cell_start, pieces.cell_end, strict=True):
        cells[row[0]].append(row[1:])
    windows: list[tuple[int, list[int], float, float, float]] = [
        (int(pieces.stream[j]), [j], terms.low[j], terms.high[j], 1.0)
        for j in range(terms.low.size)
        if terms.term_reading[j] in terms.stated
    ]
    for term in terms.gaussian:
        if term.reading in terms.stated:
            depth = (term.cover @ term.cover.sum(axis=0)) / term.cover.sum(axis=1)
            for i, held in enumerate(term.cover > 0):
                windows.append((term.stream, term.pieces[held].tolist(), term.low[i], term.high[i], depth[i]))
    modes, count = found.basis_own.shape[1], found.strata.count
    level = np.where(found.has_population, priors["rate"].location, middle_level(priors, found.has_population))
    deaths = np.exp(found.log_exposure + level)[:, found.strata.place[1]]
    scales = (np.exp(priors["smooth_shared"].location), np.exp(priors["smooth_own"].location))
    shape = (len(windows), found.basis_shared.shape[1] + (modes + 1) * count + len(found.streams))
    slope, information = np.zeros(shape), np.zeros(len(windows))
    theta = np.exp(priors["dispersion"].location)
    for i, (stream, own, low, high, within) in enumerate(windows):
        inside = [cell for p in own for cell in cells[p]]
        whole = sum(deaths[a:b, c].sum() for c, a, b in inside)
        for c, a, b in inside:
            share = deaths[a:b, c].sum() / whole
            common = found.basis_shared[a:b].mean(axis=0) * share * scales[0]
            slope[i, : common.size] += common
            departure = found.basis_own[a:b].mean(axis=0) * share * scales[1]
            slope[i, common.size + c : common.size + modes * count : count] += departure
            slope[i, common.size + modes * count + c] += LEVEL_SCALE * share
        slope[i, common.size + (modes + 1) * count + stream] = LEVEL_SCALE
        if np.isfinite(high) and (low > 0 or high == 0) and not np.isin(own, pieces.event_piece).any():
            least, most = max(low, LEAST), max(high, LEAST)
            information[i] = 1 / ((1 + theta) / ((least + most) / 2) + np.log(most / least) ** 2 / 12) / within
    precision = np.eye(shape[1]) + slope.T @ (slope * information[:, None])
    variance = np.diag(np.linalg.inv(precision))
    first = found.basis_shared.shape[1]
    return 1 - variance[:first], 1 - variance[first : first + modes * count].reshape(modes, count)


def tallied(speakers: str) -> Design:
    """Two streams of disjoint windows with an incident, and one of running totals."""
    weeks = []
    for i in range(8):
        start = date(2020, 1, 4) + timedelta(days=7 * i)
        ends: dict[str, Any] = {"window_start": start, "window_end": start + timedelta(days=6)}
        weeks.append(make_report(report=f"r{i}", value=20 + 9 * i, areas=("north", "south")[: 1 + i % 2], **ends))
        whole: dict[str, Any] = {"source": "press", "areas": ("north", "south"), "window_end": ends["window_end"]}
        weeks.append(make_report(report=f"t{i}", value=100 + (83 * i) % 190, published=date(2020, 7, i + 1), **whole))
    market = {"window_start": date(2020, 1, 15), "window_end": date(2020, 1, 15), "incident": INCIDENT}
    weeks.append(make_report(report="market", value=5, **market))
    un, press, *others = make_sources()
    sources = (un, press.model_copy(update={"speakers": Speakers(speakers)}), *others)
    return design(make_evidence(weeks, sources=sources))


@pytest.mark.parametrize("speakers", ["one", "several"])
@pytest.mark.parametrize("chunk", [3, 1024])
def test_the_sketch_is_that_of_one_matrix(monkeypatch: pytest.MonkeyPatch, speakers: str, chunk: int) -> None:
    monkeypatch.setattr(sketch, "CHUNK", chunk)
    found = tallied(speakers)
    assert found.terms.gaussian
    assert not found.centring.shown.size
    shared, own = slow_centring(found)
    np.testing.assert_allclose(found.centring.shared, shared, atol=1e-10)
    np.testing.assert_allclose(found.centring.own, own, atol=1e-10)
