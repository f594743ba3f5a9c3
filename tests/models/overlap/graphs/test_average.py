"""The average as a whole: against every toll one by one, and what must not matter."""

from __future__ import annotations

import pickle
from dataclasses import replace
from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.models.overlap import tables
from tests.models.overlap.graphs import slow_average as slow
from tests.models.overlap.graphs.strategies import small_tables
from undercount.errors import ModelError
from undercount.models.overlap.graphs import average as averaging_module
from undercount.models.overlap.graphs.average import average, average_many
from undercount.models.overlap.graphs.cells import FINE
from undercount.models.overlap.graphs.graph import decomposable_graphs, graph_of
from undercount.models.overlap.graphs.prior import TollPrior, poisson_gamma, tabulated
from undercount.models.overlap.graphs.setting import Averaging

if TYPE_CHECKING:
    from undercount.models.overlap.graphs.posterior import GraphAverage

Array = NDArray[np.float64]


def permuted(counts: tables.Counts, order: tuple[int, ...]) -> tables.Counts:
    """The same table with list order[j] in the place of list j."""
    patterns = np.arange(counts.size)
    moved = sum((patterns >> old & 1) << new for new, old in enumerate(order))
    found = np.empty_like(counts)
    found[moved] = counts
    return found


def clique_sets(found: GraphAverage, order: tuple[int, ...]) -> dict[frozenset[frozenset[int]], float]:
    """Probability of each graph by its cliques, lists numbered as in `order`."""
    return {
        frozenset(frozenset(order[j] for j in slow.members_of(clique)) for clique in graph.cliques): float(probability)
        for graph, probability in zip(found.graphs, found.graph_probability, strict=True)
    }


@pytest.mark.parametrize(("name", "prior"), [("KOREA", "1/N"), ("MADIGAN_YORK", "uniform"), ("KOSOVO", "1/N")])
def test_a_given_grid_equals_the_plain_sum(name: str, prior: str) -> None:
    counts: tables.Counts = getattr(tables, name)
    delta = 1.0 / counts.size
    lists, most = counts.size.bit_length() - 1, 60
    graphs = decomposable_graphs(lists)
    shapes = [(graph.cliques, graph.separators) for graph in graphs]
    expected = slow.posterior(counts.tolist(), shapes, delta, most, 1 if prior == "1/N" else 0)
    found = average(counts, Averaging(prior=prior, most_missing=most))
    assert found.mass == pytest.approx(expected.sum(axis=0), rel=1e-9, abs=1e-12)
    assert found.graph_probability == pytest.approx(expected.sum(axis=1), rel=1e-9, abs=1e-12)
    assert found.first.tolist() == found.last.tolist() == [counts.sum() + m for m in range(most + 1)]


@settings(max_examples=60, deadline=None)
@given(small_tables(3) | small_tables(4) | small_tables(3, 2000).filter(lambda counts: counts[3:7].min() > 0))
def test_the_grid_goes_as_far_as_is_needed(counts: tables.Counts) -> None:
    found = average(counts)
    assert found.tail_mass < 1e-6
    assert found.quadrature_error <= 1e-9
    assert float(found.mass.sum()) == pytest.approx(1.0, abs=1e-12)
    assert float(found.graph_probability.sum()) == pytest.approx(1.0, abs=1e-12)
    assert (found.mass >= 0.0).all()
    assert found.first[0] == counts.sum()
    assert (found.first[1:] == found.last[:-1] + 1).all()


@settings(max_examples=25, deadline=None)
@given(small_tables(3))
def test_a_finer_bound_changes_no_more_than_the_coarse_one_allowed(counts: tables.Counts) -> None:
    coarse, fine = (average(counts, Averaging(tail=tail)) for tail in (1e-3, 1e-5))
    shared = min(coarse.grid.single, fine.grid.single)
    part = fine.mass[fine.last <= coarse.grid.last].sum() if fine.grid.last > coarse.grid.last else 1.0
    assert 1.0 - part < 1e-3 + 1e-5
    assert coarse.mass[:shared] == pytest.approx(fine.mass[:shared], rel=1.1e-3, abs=1e-12)


@pytest.mark.parametrize("name", ["KOREA", "ARTIFICIAL"])
def test_ranges_of_tolls_hold_what_their_tolls_hold(name: str) -> None:
    counts: tables.Counts = getattr(tables, name)
    ranges = average(counts, Averaging(tail=1e-9))
    assert ranges.grid.single < 2**20
    singles = average(counts, Averaging(most_missing=2**21 - 1))
    whole = 1.0 - singles.tail_mass
    inside = (ranges.first >= ranges.observed + ranges.grid.single) & (ranges.last < singles.grid.last)
    starts = ranges.first[inside] - ranges.observed
    ends = ranges.last[inside].max() - ranges.observed + 1
    expected = np.add.reduceat(singles.mass[:ends], starts) * whole
    assert ranges.mass[inside] == pytest.approx(expected, rel=1e-6)
    probabilities = np.array([0.01, 0.5, 0.9, 0.975, 0.99, 0.999])
    expected_tolls = singles.quantiles(probabilities / whole)
    assert ranges.quantiles(probabilities) == pytest.approx(expected_tolls, rel=1e-5)


@pytest.mark.parametrize(
    ("name", "most"),
    [("KOREA", 30), ("KOREA", 9_000), ("KOSOVO", 60), ("KOSOVO", 9_000), ("MADIGAN_YORK", 70), ("ARTIFICIAL", 700)],
)
def test_the_share_beyond_a_given_grid_is_that_of_the_whole(name: str, most: int) -> None:
    counts: tables.Counts = getattr(tables, name)
    whole, cut = average(counts, Averaging(most_missing=2**20)), average(counts, Averaging(most_missing=most))
    inside = whole.mass[: most + 1] * (1.0 - whole.tail_mass)
    assert cut.tail_mass == pytest.approx(1.0 - inside.sum(), rel=1e-3)
    if name != "KOSOVO" or most > 60:
        assert cut.mass == pytest.approx(inside / inside.sum(), rel=1e-9, abs=1e-15)


def test_a_largest_toll_says_the_same_as_the_most_missing() -> None:
    by_toll, by_missing = Averaging(largest=10_000), Averaging(most_missing=5_600)
    assert (average(tables.KOSOVO, by_toll).mass == average(tables.KOSOVO, by_missing).mass).all()
    assert average(tables.KOSOVO, by_toll).grid.last == 10_000


@settings(max_examples=12, deadline=None)
@given(small_tables(4), st.permutations(range(4)))
def test_the_order_of_the_lists_does_not_matter(counts: tables.Counts, order: list[int]) -> None:
    places = tuple(order)
    one, other = average(counts), average(permuted(counts, places))
    assert one.mass == pytest.approx(other.mass, rel=1e-10, abs=1e-14)
    expected = clique_sets(one, (0, 1, 2, 3))
    assert clique_sets(other, places) == pytest.approx(expected, rel=1e-10, abs=1e-14)


def test_the_order_of_five_lists_does_not_matter() -> None:
    grid = Averaging(delta=0.5, most_missing=300)
    expected = average(tables.SPINA_BIFIDA, grid)
    for order in list(permutations(range(5)))[7::31]:
        found = average(permuted(tables.SPINA_BIFIDA, order), grid)
        assert found.mass == pytest.approx(expected.mass, rel=1e-10, abs=1e-14)


def test_tables_of_a_batch_are_averaged_as_if_alone() -> None:
    rng = np.random.default_rng(4)
    batch = rng.poisson(tables.KOSOVO / 12.0, (25, 16))
    batch[:, 0] = 0
    batch[7] = 0
    for averaging in (Averaging(most_missing=1000), Averaging()):
        once, twice = (average_many(batch, averaging, threads=threads) for threads in (1, 3))
        for place, (one, other) in enumerate(zip(once, twice, strict=True)):
            if isinstance(one, ModelError):
                assert place == 7
                assert isinstance(other, ModelError)
                assert one.code == other.code == "overlap-counts"
                continue
            assert not isinstance(other, ModelError)
            alone = average(batch[place], averaging)
            for found in (one, other):
                assert (found.mass == alone.mass).all()
                assert (found.graph_probability == alone.graph_probability).all()
                assert found.tail_mass == alone.tail_mass


def test_an_empty_batch_has_no_results() -> None:
    assert average_many(np.zeros((0, 16), np.int64)) == ()


def test_one_table_is_no_batch() -> None:
    with pytest.raises(ModelError, match="the tables have 1 dimensions"):
        average_many(tables.KOSOVO)


def test_a_grid_of_one_toll() -> None:
    found = average(tables.KOREA, Averaging(most_missing=0))
    assert (found.median, found.mass.tolist()) == (123, [1.0])
    assert found.tail_mass == pytest.approx(1.0 - float(average(tables.KOREA).mass[0]), rel=1e-3)


def test_more_victims_on_two_lists_means_fewer_on_none() -> None:
    medians = []
    for both in (5, 20, 60, 200):
        counts = np.array([0, 300, 250, both, 200, both, both, both // 3])
        medians.append(average(counts).median)
    assert medians == sorted(medians, reverse=True)
    assert medians[0] > 3 * medians[-1]


def test_a_table_a_hundred_times_as_large_gives_a_toll_a_hundred_times_as_large() -> None:
    graphs = (graph_of(3, [(0,), (1, 2)]),)
    few, many = (average(tables.MADIGAN_YORK * times, Averaging(graphs=graphs)) for times in (1, 100))
    assert many.median / 100 == pytest.approx(few.median, rel=0.01)
    assert many.sd / 100 == pytest.approx(few.sd / 10, rel=0.05)


def test_a_graph_that_fits_is_found() -> None:
    """Lists 0 and 1 depend on each other, list 2 does not: expected counts of 3,000 victims."""
    joint = {(0, 0): 0.45, (0, 1): 0.1, (1, 0): 0.15, (1, 1): 0.3}
    counts = np.zeros(8, np.int64)
    for (first, second), share in joint.items():
        for third, rate in ((0, 0.6), (1, 0.4)):
            counts[first | second << 1 | third << 2] = round(3000 * share * rate)
    missing, counts[0] = counts[0], 0
    found = average(counts)
    best = found.graphs[int(found.graph_probability.argmax())]
    assert best == graph_of(3, [(0, 1), (2,)])
    assert found.median == pytest.approx(counts.sum() + missing, rel=0.02)


@pytest.mark.parametrize(
    ("name", "averaging"),
    [
        ("KOSOVO", Averaging(prior="uniform", saturated=True)),
        ("KOREA", Averaging(prior="uniform")),
    ],
)
def test_a_posterior_without_a_finite_sum_is_refused_by_the_name_of_a_graph(name: str, averaging: Averaging) -> None:
    counts: tables.Counts = getattr(tables, name)
    with pytest.raises(ModelError, match=r"no finite sum: under \[.*\]") as caught:
        average(counts, averaging)
    assert caught.value.code == "model-graph-improper"
    cut = average(counts, replace(averaging, most_missing=2_000))
    assert cut.tail_mass == 1.0
    assert cut.mean < counts.sum() + 2_000


def test_a_graph_is_named_by_the_lists() -> None:
    averaging = Averaging(prior="uniform", saturated=True, names=tables.KOSOVO_LISTS)
    with pytest.raises(ModelError, match=r"under \[EXH\*ABA\*OSCE\*HRW\] the probability") as caught:
        average(tables.KOSOVO, averaging)
    assert "N to the power of -0.9375" in caught.value.message


def test_a_posterior_that_nearly_has_no_finite_sum_is_refused() -> None:
    """Under the complete graph with δ = 0.145 and a uniform prior it falls as N to the power of -1.015."""
    averaging = Averaging(delta=0.145, prior="uniform", graphs=decomposable_graphs(3, saturated=True)[-1:])
    with pytest.raises(ModelError, match="lies beyond any toll that is possible") as caught:
        average(tables.KOREA, averaging)
    assert caught.value.code == "model-graph-nearly-improper"
    assert "-1.015" in caught.value.message


def test_large_lists_that_hardly_overlap_are_refused() -> None:
    """With nobody on lists 1 and 2 alone any toll is compatible with them."""
    with pytest.raises(ModelError, match=r"under \[1\*2, 1\*3\], \[1\*2, 2\*3\], \[1\*3, 2\*3\] the prob") as caught:
        average(np.array([0, 5_600, 12_820, 0, 0, 0, 0, 1]))
    assert caught.value.code == "model-graph-nearly-improper"


def test_moments_that_are_infinite_are_said_to_be() -> None:
    korea = average(tables.KOREA)
    assert korea.heaviest == 2.0
    assert korea.mean == korea.sd == np.inf
    assert np.isfinite(korea.least_relative_loss)
    assert korea.without_mean == pytest.approx(0.0427, abs=5e-5)
    kosovo = average(tables.KOSOVO)
    assert kosovo.heaviest > 3.0
    assert kosovo.without_mean == 0.0
    assert np.isfinite([kosovo.mean, kosovo.sd]).all()


def test_a_prior_given_toll_by_toll_is_the_same_as_its_formula() -> None:
    tolls = np.arange(400.0, 10_001.0)
    table = tabulated(400, -np.log(tolls))
    found, expected = (
        average(tables.MADIGAN_YORK, Averaging(prior=table)),
        average(tables.MADIGAN_YORK, Averaging(largest=10_000)),
    )
    assert found.mass == pytest.approx(expected.mass, rel=1e-11)
    assert (found.tail_mass, found.is_cut, found.heaviest) == (0.0, False, np.inf)
    cut = average(tables.MADIGAN_YORK, Averaging(prior=table, largest=760))
    whole = float(found.mass[found.first > 760].sum())
    assert cut.tail_mass == pytest.approx(whole, rel=1e-9)
    assert cut.is_cut


def test_a_prior_that_falls_geometrically_gives_a_finite_sum_to_any_graph() -> None:
    """Under a uniform prior Korea is refused; a negative binomial one leaves nothing far out."""
    for scale in (80.0, 8_000.0):
        prior = poisson_gamma(2.0, scale)
        found = average(tables.KOREA, Averaging(prior=prior, saturated=True))
        assert found.tail_mass < 1e-6
        assert found.heaviest == np.inf
        assert np.isfinite(found.sd)
        longer = average(tables.KOREA, Averaging(prior=prior, saturated=True, most_missing=4 * found.grid.last))
        beyond = float(longer.mass[longer.first > found.grid.last].sum())
        assert beyond <= found.tail_mass


def test_a_prior_that_rises_far_out_is_not_bounded_by_its_fall() -> None:
    """A second peak around 10⁷ lies beyond where the lists put the toll; without it the grid would end before."""

    def log_mass(toll: Array) -> Array:
        far = 25.0 - 0.5 * ((np.log(toll) - np.log(1e7)) / 0.1) ** 2
        found: Array = np.logaddexp(-np.log(toll), far)
        return found

    found = average(tables.KOREA, Averaging(prior=TollPrior("two peaks", log_mass, power=1)))
    assert found.grid.last > 2e7
    assert float(found.mass[found.first > 5e6].sum()) > 1e-3


@pytest.mark.parametrize(
    ("averaging", "code"),
    [
        (Averaging(delta=0.0), "model-bad-setting"),
        (Averaging(delta=np.nan), "model-bad-setting"),
        (Averaging(tail=0.0), "model-bad-setting"),
        (Averaging(prior="flat"), "model-graph-prior"),
        (Averaging(graphs=()), "model-graph-unknown"),
        (Averaging(graphs=decomposable_graphs(3)), "model-graph-unknown"),
        (Averaging(graphs=decomposable_graphs(4)[:1] * 2), "model-graph-unknown"),
        (Averaging(largest=4_399), "model-graph-largest"),
        (Averaging(most_missing=-1), "model-graph-largest"),
        (Averaging(names=("a", "b", "c")), "overlap-list-names"),
        (Averaging(prior=tabulated(1, np.zeros(3_000))), "model-graph-largest"),
        (Averaging(prior=tabulated(1, np.zeros(5_000_000))), "model-graph-prior"),
        (Averaging(prior=tabulated(4_000, np.where(np.arange(600) < 100, 0.0, -np.inf))), "model-graph-prior"),
        (Averaging(prior=TollPrior("odd", lambda toll: toll * np.nan)), "model-graph-prior"),
    ],
)
def test_what_makes_no_sense_is_refused(averaging: Averaging, code: str) -> None:
    with pytest.raises(ModelError) as caught:
        average(tables.KOSOVO, averaging)
    assert caught.value.code == code


@pytest.mark.parametrize("lists", [2, 6])
def test_too_few_and_too_many_lists_are_refused(lists: int) -> None:
    with pytest.raises(ModelError) as caught:
        average(np.append(0, np.ones(2**lists - 1, np.int64)))
    assert caught.value.code == "overlap-lists"


def test_a_grid_that_was_thought_long_enough_is_checked_and_made_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(averaging_module, "_ends", lambda *_: (127, 8_191))
    found = average(tables.KOSOVO)
    assert found.tail_mass < 1e-6
    assert found.grid.last - 4_400 == 2 * (2 * 8_191 + 1) + 1


def test_ranges_become_narrower_where_they_would_be_too_rough(monkeypatch: pytest.MonkeyPatch) -> None:
    """12 million deaths known to 0.5 % are put on ranges from 64 missing on."""
    counts = tables.KOSOVO * 1000
    monkeypatch.setattr(averaging_module, "_ends", lambda *_: (63, 2**25 - 1))
    monkeypatch.setattr(averaging_module, "LEAST_SINGLE", 64)
    found = average(counts)
    assert found.grid.single == 64
    assert found.quadrature_error <= 1e-9
    monkeypatch.setattr(averaging_module, "FINEST", FINE)
    rough = average(counts)
    assert rough.quadrature_error > 1e-9
    assert rough.mass.size < found.mass.size / 3
    assert rough.median == pytest.approx(found.median, rel=1e-5)


def test_results_travel_to_other_processes() -> None:
    found = average(tables.KOREA, Averaging(prior=poisson_gamma(2.0, 80.0)))
    again: GraphAverage = pickle.loads(pickle.dumps(found))
    assert (again.mass == found.mass).all()
    assert again.averaging.delta == 0.125
    assert again.graphs == found.graphs
