"""The collector of cycles is off inside, and afterwards as it was before."""

from __future__ import annotations

import gc

import pytest

from undercount.collecting import no_collection


def test_the_last_one_to_leave_restores_the_collector() -> None:
    assert gc.isenabled()
    with no_collection:
        with no_collection:
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_an_error_restores_it_as_well() -> None:
    with pytest.raises(KeyError), no_collection:
        raise KeyError
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        with no_collection:
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
