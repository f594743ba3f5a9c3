"""Compilation ahead of the first estimate."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from undercount import compiling


def test_each_part_is_there() -> None:
    for code in compiling.PARTS.values():
        compile(code, "part", "exec")
    assert next(iter(compiling.PARTS)) == "the model of counts"


def test_a_part_that_fails_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling, "PARTS", {"nothing": "import nothing_of_this_name"})
    with pytest.raises(RuntimeError, match="nothing_of_this_name"):
        compiling.compile_ahead()


@pytest.mark.slow
def test_after_it_an_estimate_compiles_nothing(tmp_path: Path) -> None:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    subprocess.run([sys.executable, "-m", "undercount.compiling"], env=environment, check=True)
    code = (
        "import numba.core.event as e, numpy as np, undercount as uc\n"
        "from undercount.estimators.overlap.class_draws import sample_table\n"
        "from undercount.models.overlap.latent_class import LatentClassPriors\n"
        "from undercount.sampling.draws import Plan\n"
        "counts = np.array([0, 9, 8, 4, 7, 3, 2, 3])\n"
        "with e.install_recorder('numba:compile') as found:\n"
        "    uc.CountFusion(draws=50, tune=100).fit(uc.load_case('mosul-2017'))\n"
        "    sample_table(counts, LatentClassPriors(), seed=1, plans=[Plan(50, 100, 4, levels=2)])\n"
        "print(len(found.buffer))"
    )
    told = subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True)
    assert int(told.stdout) < 20
