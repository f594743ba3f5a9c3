"""The prior table, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.models.overlap.latent_class.tables import KOREA
from undercount.errors import ModelError
from undercount.models.overlap.latent_class import DEFAULTS, LatentClassPriors, pack


def test_the_table_and_the_defaults_are_one() -> None:
    table = LatentClassPriors().table()
    assert table == DEFAULTS
    assert all(prior.is_default and prior.unit and prior.reason and prior.reference for prior in table)
    changed = {prior.name: prior for prior in LatentClassPriors(missed=3.0).table()}
    assert (changed["missed"].value, changed["missed"].is_default) == (3.0, False)
    assert changed["caught"].is_default


@pytest.mark.parametrize(
    "change",
    [
        {"classes": 0}, {"classes": 2.5}, {"classes": True}, {"caught": 0.0}, {"missed": -1.0},
        {"concentration_shape": float("nan")}, {"concentration_rate": float("inf")}, {"toll_power": 1.1},
        {"toll_power": -0.1},
    ],
)  # fmt: skip
def test_numbers_that_make_no_sense(change: dict[str, Any]) -> None:
    with pytest.raises(ModelError) as error:
        LatentClassPriors(**change)
    assert error.value.code == "model-prior-range"
    assert next(iter(change)) in str(error.value)


@pytest.mark.parametrize(
    "counts",
    [
        np.zeros(8, dtype=np.int64), np.array([0, 3]), np.array([0, 1, 2]), KOREA.astype(float), -KOREA, KOREA + 1,
        np.zeros((2, 8), dtype=np.int64), np.zeros(1 << 17, dtype=np.int64),
    ],
)  # fmt: skip
def test_counts_that_are_no_table(counts: Any) -> None:
    with pytest.raises(ModelError) as error:
        pack(counts, LatentClassPriors())
    assert error.value.code == "overlap-counts"
    assert error.value.hint
