"""Where the scales of the courses are thought to be before they are sampled."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from tests.builders import make_case, make_evidence, make_report
from undercount.models import scales
from undercount.models.design import Design, design
from undercount.models.parameters import middle_level
from undercount.models.scales import told_scales
from undercount.models.sketch import LEVEL_SCALE, Course, Windows, windows_of

FLAT = [400] * 24
VARYING = [round(400 * np.exp(2.0 * np.sin(i * (1.0 + i % 2) / 4))) for i in range(24)]
"""Another course in the south than in the north."""


def halved(counts: list[int]) -> Design:
    """So many counts of three days, in the north and in the south in turn."""
    reports = []
    for i, count in enumerate(counts):
        start = date(2020, 1, 1) + timedelta(days=3 * i)
        ends: dict[str, Any] = {"window_start": start, "window_end": start + timedelta(days=2)}
        reports.append(make_report(report=f"r{i}", value=count, areas=("north", "south")[i % 2 : i % 2 + 1], **ends))
    return design(make_evidence(reports, case=make_case(incidents=())))


def sketched(found: Design) -> tuple[list[Windows], Course]:
    level = np.where(
        found.has_population, found.priors["rate"].location, middle_level(found.priors, found.has_population)
    )
    deaths = np.exp(found.log_exposure + level)[:, found.strata.place[1]]
    course = Course.of(deaths, found.basis_shared, found.basis_own)
    return list(windows_of(found.terms, float(np.exp(found.priors["dispersion"].location)))), course


def test_few_windows_leave_the_scales_in_the_middle_of_their_priors() -> None:
    found = halved(FLAT)
    middle = tuple(found.priors[name].location for name in ("smooth_shared", "smooth_own"))
    assert told_scales(*sketched(found), found.priors) == middle
    assert (found.centring.log_shared, found.centring.log_own) == middle


def test_many_windows_tell_the_scales(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scales, "TOLD_FROM", 24)
    flat, varying = halved(FLAT), halved(VARYING)
    shared, own = (flat.priors[name].location for name in ("smooth_shared", "smooth_own"))
    assert flat.centring.log_shared < shared - 0.5
    assert flat.centring.log_own < own - 0.5
    assert varying.centring.log_own > own + 0.5


@pytest.mark.parametrize("log_scales", [(-2.0, -3.0), (-4.0, -2.0), (-1.0, -1.0)])
def test_the_evidence_is_that_of_one_normal_law(log_scales: tuple[float, float]) -> None:
    found = halved(VARYING)
    windows, course = sketched(found)
    precision, moment, sizes = scales._moments(windows, course)
    pieces, deaths = found.terms.pieces, np.diff(course.deaths, axis=0)
    rows = len(pieces.cell_piece)
    shape = rows, found.basis_shared.shape[1], found.basis_own.shape[1], found.strata.count
    common, own, level = np.zeros((rows, shape[1])), np.zeros((rows, shape[2], shape[3])), np.zeros((rows, shape[3]))
    expected = np.zeros(rows)
    for place, stratum, start, end in zip(
        pieces.cell_piece, pieces.cell_stratum, pieces.cell_start, pieces.cell_end, strict=True
    ):
        expected[place] += deaths[start:end, stratum].sum()
        common[place] += found.basis_shared[start:end].mean(axis=0)
        own[place, :, stratum] += found.basis_own[start:end].mean(axis=0)
        level[place, stratum] += 1.0
    (told,) = windows
    y, errors = told.log_count - np.log(expected), 1.0 / told.information

    def log_density(at: tuple[float, float]) -> float:
        spread = np.diag(errors) + LEVEL_SCALE**2 * (level @ level.T + 1.0)
        spread += np.exp(2 * at[0]) * common @ common.T + np.exp(2 * at[1]) * np.einsum("imc,jmc->ij", own, own)
        return float(multivariate_normal.logpdf(y, cov=spread))

    def log_evidence(at: tuple[float, float]) -> float:
        return scales._log_evidence(precision, moment, np.repeat([*np.exp(at), 1.0], sizes))

    middle = (-2.5, -2.5)
    found_rise = log_evidence(log_scales) - log_evidence(middle)
    assert found_rise == pytest.approx(log_density(log_scales) - log_density(middle), abs=1e-8)
