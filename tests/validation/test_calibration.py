from dataclasses import replace

import numpy as np
import pytest

from tests.validation.calibration import (
    LOUD,
    NEAR,
    WIDE_BINS,
    calibrate,
    calibration_design,
    fits_without_jacobian,
)

FITS = 240


@pytest.mark.slow
def test_ranks_are_uniform() -> None:
    arrays = calibration_design()
    found = calibrate(arrays, arrays, FITS, seed=1)
    name, p = found.smallest
    assert p > 0.005, f"{name}: {found.ranks[name]}"
    assert found.divergences < 0.005


@pytest.mark.slow
def test_ranks_are_uniform_where_the_jacobian_matters() -> None:
    arrays = calibration_design(LOUD)
    found = calibrate(arrays, arrays, FITS, seed=5, bins=WIDE_BINS, threshold=NEAR)
    name, p = found.smallest
    assert p > 0.005, f"{name}: {found.ranks[name]}"


@pytest.mark.slow
def test_ranks_are_uniform_where_nobody_knows_the_people_at_risk() -> None:
    arrays = calibration_design(is_populated=False)
    found = calibrate(arrays, arrays, FITS, seed=6)
    assert {"north", "children"} <= set(found.ranks)
    name, p = found.smallest
    assert p > 0.005, f"{name}: {found.ranks[name]}"
    assert found.divergences < 0.005


@pytest.mark.slow
def test_a_missing_jacobian_is_caught() -> None:
    arrays = calibration_design(LOUD)
    found = calibrate(arrays, arrays, FITS, seed=2, bins=WIDE_BINS, threshold=NEAR, fit=fits_without_jacobian)
    assert found.smallest[1] < 1e-4


@pytest.mark.slow
def test_a_window_that_loses_its_last_day_is_caught() -> None:
    arrays = calibration_design(LOUD, two_days=True)
    pieces = arrays.terms.pieces
    shorter = np.where(pieces.cell_end - pieces.cell_start > 1, pieces.cell_end - 1, pieces.cell_end)
    wrong = replace(arrays, terms=replace(arrays.terms, pieces=replace(pieces, cell_end=shorter)))
    assert calibrate(arrays, wrong, FITS, seed=3, bins=WIDE_BINS).smallest[1] < 1e-4


@pytest.mark.slow
def test_at_least_taken_for_exact_is_caught() -> None:
    arrays = calibration_design()
    assert calibrate(arrays, arrays, FITS, seed=4, exact_bounds=True).smallest[1] < 1e-4
