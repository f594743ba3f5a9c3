"""The large table's benchmark, on a small one."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import losses
from tests.data.test_loss_table import loss, write

pytestmark = pytest.mark.checkout


def test_a_table_is_fitted_in_a_process_of_its_own(tmp_path: Path) -> None:
    table = write(tmp_path / "losses.csv", [loss(day, 10 * day) for day in range(1, 6)])
    whole, cpu, memory, failed = losses.rows(table)
    assert whole.what.startswith("5 reports of 1 streams")
    assert cpu.value > 0
    assert 0.05 < memory.value < 2
    assert memory.met is True
    assert failed.met is (failed.value == 0)
    assert failed.note.count("; ") == 8
