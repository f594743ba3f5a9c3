"""The average taken apart."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.models.overlap import tables
from undercount.errors import ModelError
from undercount.models.overlap.graphs.average import average
from undercount.models.overlap.graphs.compare import effects, leading_graphs
from undercount.models.overlap.graphs.setting import Averaging


def test_leading_graphs_are_the_most_probable_and_each_is_averaged_by_itself() -> None:
    averaging = Averaging(most_missing=400)
    whole = average(tables.MADIGAN_YORK, averaging)
    found = leading_graphs(tables.MADIGAN_YORK, averaging, least=0.05)
    probabilities = [single.probability for single in found]
    assert probabilities == sorted(probabilities, reverse=True)
    assert len(found) == int((whole.graph_probability >= 0.05).sum()) == 3
    for single in found:
        alone = average(tables.MADIGAN_YORK, replace(averaging, graphs=(single.graph,)))
        assert (single.posterior.mass == alone.mass).all()
        assert single.posterior.graph_probability.tolist() == [1.0]


def test_the_average_is_that_of_its_graphs() -> None:
    averaging = Averaging(most_missing=400)
    whole = average(tables.MADIGAN_YORK, averaging)
    parts = leading_graphs(tables.MADIGAN_YORK, averaging, least=0.0)
    assert sum(part.probability * part.posterior.mass for part in parts) == pytest.approx(whole.mass, rel=1e-10)


def test_effects_of_priors_are_shown_side_by_side_or_refused() -> None:
    found = effects(tables.KOREA, deltas=[None, 1.0], priors=["1/N", "uniform"])
    assert [(effect.delta, effect.prior) for effect in found] == [
        (None, "1/N"),
        (None, "uniform"),
        (1.0, "1/N"),
        (1.0, "uniform"),
    ]
    refused = [isinstance(effect.found, ModelError) for effect in found]
    assert refused == [False, True, False, False]
    first = found[0].found
    assert not isinstance(first, ModelError)
    assert first.median == average(tables.KOREA).median
