"""Modules that are loaded while the chains run."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from undercount.cli.ahead import Ahead
from undercount.sampling.progress import Progress

if TYPE_CHECKING:
    from pathlib import Path


def in_phase(phase: str) -> Progress:
    return Progress(phase, chains=4, seconds=0.0)


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "loaded_ahead.py").write_text("ANSWER = 42\n")
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("loaded_ahead", "slow_to_load"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return "loaded_ahead"


def test_they_are_there_when_the_draws_are(module: str) -> None:
    ahead = Ahead((module,))
    ahead.tell(in_phase("compile"))
    assert module not in sys.modules
    for phase in ("warm-up", "sample", "warm-up", "summarise"):
        ahead.tell(in_phase(phase))
    assert sys.modules[module].ANSWER == 42


def test_what_cannot_be_loaded_is_left_to_who_needs_it(module: str) -> None:
    ahead = Ahead(("no_such_module_at_all", module))
    ahead.tell(in_phase("sample"))
    ahead.tell(in_phase("summarise"))
    assert module in sys.modules


def test_without_files_nothing_is_loaded() -> None:
    ahead = Ahead(())
    for phase in ("sample", "summarise"):
        ahead.tell(in_phase(phase))


def test_a_fit_that_tells_nothing_of_its_draws_loads_nothing(module: str) -> None:
    Ahead((module,)).tell(in_phase("summarise"))
    assert module not in sys.modules


def test_an_interrupt_waits_for_what_is_being_loaded_and_begins_nothing_more(module: str, tmp_path: Path) -> None:
    (tmp_path / "slow_to_load.py").write_text("import time\ntime.sleep(0.3)\n")
    ahead = Ahead(("slow_to_load", module))
    with suppress(KeyboardInterrupt), ahead:
        ahead.tell(in_phase("sample"))
        raise KeyboardInterrupt
    assert "slow_to_load" in sys.modules
    assert module not in sys.modules
