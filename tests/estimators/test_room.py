"""Draws that would not fit into memory are refused before anything is computed."""

from __future__ import annotations

import pytest

from tests.builders import case_fields, make_case, make_evidence
from undercount.errors import SamplingError
from undercount.estimators import CountFusion, room
from undercount.sampling.draws import Plan


def test_what_is_needed_grows_with_days_strata_and_draws() -> None:
    fields = case_fields()
    once = room.needed(make_evidence(), Plan(1000, 500, 4))
    assert once == pytest.approx(1.3 * 4 * (4000 + 2000) * 91 * 2 * 2)
    fields["dimensions"]["actor"]["levels"] |= {"grey": "Grey", "pink": "Pink"}
    assert room.needed(make_evidence(case=make_case(**fields)), Plan(1000, 500, 4)) == pytest.approx(2 * once)
    assert room.needed(make_evidence(), Plan(2500, 500, 4)) == pytest.approx(2 * once)


def test_draws_that_do_not_fit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "memory", lambda: 10**7)
    with pytest.raises(SamplingError, match="4,000 draws of the deaths on 91 days, by 2 actors, in 2 areas") as caught:
        CountFusion().fit(make_evidence())
    assert caught.value.code == "sampling-no-room"
    assert caught.value.where == "testland"
    assert "--actors" in caught.value.hint
