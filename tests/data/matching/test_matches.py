"""Records of a known world: what is found, how sure it is, and that nothing else moves it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

from tests.data.matching.world import precision_and_recall, world
from undercount.data.lists import Lists
from undercount.data.matching import Matches, draw_linkages, match, overlap_lists
from undercount.data.matching import engine as engines
from undercount.data.matching.comparisons import INCIDENTS, VICTIMS
from undercount.data.matching.splinking import predicted
from undercount.data.matching.training import levels_of, trained, weights_of
from undercount.errors import EvidenceError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tests.data.matching.world import World


def test_clusters_are_right(matched: Matches, truth: NDArray[np.int64]) -> None:
    precision, recall = precision_and_recall(truth, matched.clusters)
    assert matched.model.basis == "trained"
    assert precision > 0.9
    assert recall > 0.55
    assert precision_and_recall(truth, matched.with_threshold(0.5).clusters)[1] > recall


def test_probabilities_are_calibrated(matched: Matches, truth: NDArray[np.int64]) -> None:
    is_true = truth[matched.pairs[:, 0]] == truth[matched.pairs[:, 1]]
    for low, high in ((0.0, 0.1), (0.1, 0.4), (0.4, 0.8), (0.8, 1.01)):
        chosen = (matched.probability >= low) & (matched.probability < high)
        expected = matched.probability[chosen]
        error = np.sqrt(np.sum(expected * (1 - expected)))
        assert abs(np.sum(is_true[chosen]) - expected.sum()) < 4 * error + 0.06 * chosen.sum()


def test_the_order_of_records_does_not_matter(made: World, matched: Matches) -> None:
    """To the bit, on any machine: DuckDB adds up in one thread."""
    assert engines._CONFIG["threads"] == "1"
    order = pa.array(np.random.default_rng(3).permutation(made.records.num_rows))
    again = match(made.records.take(order))
    assert np.array_equal(again.pairs, matched.pairs)
    assert np.array_equal(again.probability, matched.probability)
    assert np.array_equal(draw_linkages(again, 3).labels, draw_linkages(matched, 3).labels)


def test_splink_gives_the_same_weights(matched: Matches) -> None:
    facts = matched.facts.slice(0, 500)
    comparisons = matched.model.comparisons
    found = predicted(facts, matched.model.share, comparisons)
    order = np.argsort(found["pair_l"].to_numpy())
    prior = np.log2(matched.model.share / (1 - matched.model.share))
    weights = weights_of(levels_of(facts, comparisons), matched.model) / np.log(2) + prior
    assert np.abs(found["match_weight"].to_numpy()[order] - weights).max() < 1e-10


def test_few_pairs_are_scored_as_documented() -> None:
    few = match(world(3, incidents=25, days=100).records)
    assert 0 < len(few) < 200
    assert few.model.basis == "documented"
    for one, documented in zip(few.model.comparisons, INCIDENTS, strict=False):
        assert [level.true for level in one.levels] == pytest.approx([level.true for level in documented.levels])
    assert few.probability.max() > 0.8


def test_likeness_that_would_speak_against_a_match_is_not_believed() -> None:
    matched = match(world(7).records)
    assert matched.model.basis == "trained"
    turned = matched.facts.set_column(0, "days", pa.array(7 - matched.facts["days"].to_numpy()))
    assert trained(turned, matched.model.comparisons).basis == "documented"


def test_no_candidates_are_no_pairs() -> None:
    records = world(3, incidents=25, days=100).records
    days = pa.array(np.arange(records.num_rows, dtype=np.int32) * 900).cast(pa.date32())
    for name in ("start", "end"):
        records = records.set_column(records.column_names.index(name), records.schema.field(name), days)
    alone = match(records)
    assert len(alone) == 0
    assert draw_linkages(alone, 2).labels[1].tolist() == list(range(len(alone.units)))


@pytest.mark.parametrize("which", ["true", "false"])
def test_documented_shares_add_up(which: str) -> None:
    for comparison in (*INCIDENTS, *VICTIMS):
        assert sum(getattr(level, which) for level in comparison.levels) == pytest.approx(1)


def test_drawn_linkages_agree_with_the_probabilities(matched: Matches) -> None:
    drawn = draw_linkages(matched, 100, fixed_model=True)
    together = drawn.together(matched.pairs)
    error = np.sqrt(matched.probability * (1 - matched.probability) / 100)
    # Draws of a group that hangs together depend on each other a little.
    assert np.mean(np.abs(together - matched.probability) > 3 * error + 0.05) < 0.02
    assert together.sum() == pytest.approx(matched.probability.sum(), rel=0.03)


def test_drawn_overlap_covers_the_true_one(made: World, matched: Matches) -> None:
    lists = overlap_lists(draw_linkages(matched, 20), "world")
    counts = np.stack([table.counts for table in lists.tables])
    true = made.patterns
    assert (lists.names, lists.replicates, lists.unit) == (matched.sources, 20, "incidents")
    assert all(table.list_sizes.tolist() == lists.tables[0].list_sizes.tolist() for table in lists.tables)
    assert abs(counts.sum(axis=1).mean() - true.sum()) < 0.08 * true.sum()
    clustered = overlap_lists(replace(draw_linkages(matched, 1), labels=matched.clusters[None]))
    assert np.abs(counts.mean(axis=0) - true).sum() < np.abs(clustered.tables[0].counts - true).sum()


def test_a_source_may_be_called_as_no_list_can_be(matched: Matches) -> None:
    drawn = replace(draw_linkages(matched, 1), sources=("airwars", "count", "replicate", "un"))
    lists = overlap_lists(drawn)
    assert lists.names == ("airwars", "count_", "replicate_", "un")
    assert Lists.from_frame(lists.to_frame()) == lists


def test_draws_are_fixed_by_their_seed(matched: Matches) -> None:
    one, other = (draw_linkages(matched, 3, seed=seed).labels for seed in (1, 2))
    assert np.array_equal(one, draw_linkages(matched, 3, seed=1).labels)
    assert not np.array_equal(one, other)
    with pytest.raises(EvidenceError, match="at least one"):
        draw_linkages(matched, 0)


def test_without_splink_the_extra_is_named(made: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(engines, "import_module", absent)
    with pytest.raises(EvidenceError, match=r"undercount\[matching\]") as caught:
        match(made.records)
    assert caught.value.code == "import-no-splink"
