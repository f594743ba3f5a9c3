"""Streams of a source, and sources with several speakers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest

from tests.builders import make_case, make_evidence, make_report, make_source
from tests.models.kernel.test_density import evaluate
from tests.models.streams_case import streams_case, streams_fields, window
from undercount.data.schema import Kind, Qualifier, Speakers
from undercount.estimators.forecast import prior_values
from undercount.models.data import model_data
from undercount.models.design import Design, design
from undercount.models.intensity import reporting_rates
from undercount.models.kernel import pack_design, values_at
from undercount.models.parameters import parameters
from undercount.models.priors import PriorTable
from undercount.models.rates import RatePriors
from undercount.models.report_errors import Errors
from undercount.models.streams import Stream, stream_names
from undercount.models.sums import sums

if TYPE_CHECKING:
    from undercount.data import Evidence
    from undercount.models.terms import Terms

SIGMAS = 4.5
TABLE = PriorTable()
HURT = {"quantity": "injured"}


def evidence(*reports: dict[str, Any], **source: Any) -> Evidence:
    made = [make_report(**{"report": f"r{i}"} | window(0, 19) | fields) for i, fields in enumerate(reports)]
    sources = [make_source(**source), make_source(source="ngo", name="N")]
    return make_evidence(made, case=make_case(**streams_fields()), sources=sources)


def log_density(arrays: Design) -> float:
    """Where all values of a parameter are alike, so that no order matters."""
    position = np.repeat([p.location + 0.3 * p.scale for p in parameters(arrays)], [p.size for p in parameters(arrays)])
    return evaluate(pack_design(arrays), position)[0]


def test_each_victim_class_and_quantity_of_a_source_is_a_stream() -> None:
    found = design(evidence({}, HURT, {"source": "ngo"}))
    assert found.streams == (
        Stream("ngo", "civilians", "killed"), Stream("un", "civilians", "injured"), Stream("un", "civilians", "killed"),
    )  # fmt: skip
    assert found.sources == ("ngo", "un")
    assert found.stream_names == ("ngo", "un/civilians/injured", "un/civilians/killed")
    assert found.dropped == {}
    assert found.report_stream.tolist() == [2, 1, 0]


def test_names_tell_streams_apart() -> None:
    streams = [Stream(s, v, q) for s in ("a", "b") for v in ("x", "y") for q in ("k", "l")]
    assert len(set(stream_names([*streams, Stream("c", "x", "k")]))) == 9
    assert stream_names([*streams, Stream("c", "x", "k")])[-1] == "c"


def test_the_order_of_reports_and_sources_does_not_matter() -> None:
    known = streams_case()
    turned = replace(known, reports=known.reports[::-1], sources=known.sources[::-1])
    assert log_density(design(turned)) == log_density(design(known))


@pytest.mark.parametrize("name", ["aaa", "zzz"])
def test_the_name_of_a_source_does_not_matter(name: str) -> None:
    known = streams_case()
    sources = [s.model_copy(update={"source": name}) if s.source == "desk" else s for s in known.sources]
    reports = [r.model_copy(update={"source": name}) if r.source == "desk" else r for r in known.reports]
    renamed = design(make_evidence(reports, case=known.case, sources=sources))
    assert renamed.streams != design(known).streams
    assert log_density(renamed) == pytest.approx(log_density(design(known)), rel=1e-12)


def test_a_source_with_one_stream_has_the_prior_of_its_kind() -> None:
    found = design(evidence({}, {"source": "ngo"}))
    assert found.rates.families == ()
    assert (found.rates.family == -1).all()
    assert (found.rates.family_scale == 0).all()
    np.testing.assert_array_equal(found.rates.scale, TABLE["recorder"].scale)
    assert "source_z" not in {p.name for p in parameters(found)}


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("kind", [Kind.RECORDER, Kind.BELLIGERENT, Kind.CLAIMANT])
def test_the_variance_of_a_deviation_is_split_and_not_enlarged(kind: Kind, count: int) -> None:
    rates, alone = (RatePriors.of([make_source(kind=kind, side="red")] * n, ("red",), TABLE) for n in (count, 1))
    shared = TABLE["same_source"].location if count > 1 else 0.0
    heavy = 2.0 if kind is Kind.CLAIMANT else 1.0
    np.testing.assert_allclose(rates.family_scale**2, heavy * shared * TABLE[kind.value].scale ** 2, rtol=1e-14)
    # The variance of a Student t of four degrees is twice the square of its scale.
    own, whole = (np.where(r.is_heavy, 2.0, 1.0) * r.scale**2 for r in (rates, alone))
    np.testing.assert_allclose(own + rates.family_scale**2, whole[0], rtol=1e-14)


def test_the_prior_of_a_rate_does_not_depend_on_the_number_of_streams() -> None:
    draws = 20_000
    one, two = design(evidence({})), design(evidence({}, HURT))
    logs = []
    for arrays in (one, two):
        values = prior_values(arrays, draws, np.random.default_rng(3))
        logs.append(np.log(reporting_rates(arrays, values, values["own"])[:, :, 0]))
    variance = TABLE["recorder"].scale ** 2 + TABLE["recorder_common"].scale ** 2 + TABLE["by_actor"].scale ** 2
    for column in np.concatenate(logs, axis=1).T:
        assert abs(column.var() / variance - 1) < SIGMAS * np.sqrt(2 / draws)
        assert abs(column.mean() - TABLE["recorder"].location) < SIGMAS * np.sqrt(variance / draws)
    alike = TABLE["recorder"].scale ** 2 * TABLE["same_source"].location + TABLE["recorder_common"].scale ** 2
    correlation = float(np.corrcoef(logs[1].T)[0, 1])
    assert abs(correlation - alike / variance) < SIGMAS * (1 - (alike / variance) ** 2) / np.sqrt(draws)


def test_streams_of_different_sources_share_no_part_of_their_own() -> None:
    sources = [make_source(source=name) for name in ("a", "b", "a", "c", "b")]
    rates = RatePriors.of(sources, ("red",), TABLE)
    assert rates.families == ("a", "b")
    assert rates.family.tolist() == [0, 1, 0, -1, 1]
    assert rates.family_scale[3] == 0


def test_leaving_a_source_out_removes_all_its_streams() -> None:
    arrays = design(streams_case())
    assert model_data(arrays, without=["desk"])["stream_is_used"].tolist() == [
        float(stream.source != "desk") for stream in arrays.streams
    ]
    position = np.random.default_rng(0).normal(0.0, 0.3, sum(p.size for p in parameters(arrays)))
    found = {p.name: p for p in parameters(arrays)}
    for without, is_prior in (((), False), (("desk",), True)):
        _, gradient = evaluate(pack_design(arrays, without=without), position)
        slopes, values = (values_at(parameters(arrays), x) for x in (gradient, position))
        errors = arrays.errors
        assert [arrays.streams[s].source for s in errors.streams] == ["desk", "desk", "office"]
        first = np.zeros(1, dtype=np.int64)
        entries = {"log_dispersion": errors.streams[:2], "log_revision": errors.revision[:2], "misread_x": first}
        for name, own in entries.items():
            prior = -(values[name] - found[name].location) / found[name].scale ** 2
            assert np.allclose(slopes[name][own], prior[own], rtol=1e-12) is is_prior


def test_each_figure_of_several_speakers_is_a_claim() -> None:
    same: list[dict[str, Any]] = [
        {"value": 90},
        {"value": 100},
        {"value": 100},
        {"value": 95, "qualifier": Qualifier.AT_LEAST},
    ]
    circle = design(evidence(*same, speakers=Speakers.SEVERAL))
    assert circle.dropped == {}
    (tally,) = circle.terms.gaussian
    assert tally.is_revised
    assert tally.low.tolist() == [90, 100, 100, 95]
    assert circle.scopes.pieces.report.tolist() == [0, 1, 2, 3]
    later = [fields | {"published": date(2020, 4, 9 + i)} for i, fields in enumerate(same)]
    office = design(evidence(*later))
    assert len(office.dropped) == 3
    assert office.terms.gaussian == ()


def test_one_figure_of_several_speakers_has_an_error_as_well() -> None:
    circle, office = design(evidence({}, speakers=Speakers.SEVERAL)), design(evidence({}))
    assert [circle.stream_names[s] for s in circle.errors.streams] == ["un"]
    assert office.errors.streams.size == 0
    assert "log_revision" in {p.name for p in parameters(circle)}
    assert "misread_x" not in {p.name for p in parameters(circle)}


def test_streams_of_few_reports_share_the_errors_of_their_source() -> None:
    errors = design(streams_case()).errors
    assert errors.revision.tolist() == [0, 1, 2]
    assert errors.misread.tolist() == [-1, 0, -1]
    streams = [Stream(source, "civilians", what) for source in ("a", "b") for what in ("x", "y", "z")]
    tallies = [SimpleNamespace(stream=s, is_revised=s != 4) for s in range(6)]
    terms = cast("Terms", SimpleNamespace(gaussian=tallies))
    found = Errors.of(terms, streams, np.array([9, 10, 1, 400, 3, 2]))
    assert found.streams.tolist() == [0, 1, 2, 3, 5]
    assert found.revision.tolist() == [0, 1, 0, 2, 3]
    assert found.misread.tolist() == [-1, 0, -1, 1, -1]
    assert (found.revisions, found.misreadings) == (4, 2)
    assert found.of_stream(5) == (3, -1)


def test_only_a_recorder_with_one_speaker_verifies() -> None:
    found = {
        (kind, speakers): make_source(kind=kind, speakers=speakers, side="red").verifies
        for kind in (Kind.RECORDER, Kind.CLAIMANT, Kind.BELLIGERENT)
        for speakers in Speakers
    }
    assert [key for key, verifies in found.items() if verifies] == [(Kind.RECORDER, Speakers.ONE)]


@pytest.mark.parametrize("shape", [(), (3,), (2, 4)])
def test_sums_by_group(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    group = np.array([3, 0, 3, 1, 0, 3])
    values = rng.normal(size=(*shape, group.size))
    expected = np.stack([values[..., group == g].sum(axis=-1) for g in range(6)], axis=-1)
    np.testing.assert_allclose(sums(np, values, group, 6), expected, rtol=1e-12, atol=1e-14)
    nothing = np.zeros(0, dtype=np.int64)
    np.testing.assert_array_equal(sums(np, np.zeros((*shape, 0)), nothing, 3), np.zeros((*shape, 3)))
