"""Linear algebra on one thread: the same bits on any machine, and the process as it was afterwards."""

from __future__ import annotations

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

from tests.estimators.synthetic import equal_trees
from undercount.data import load_case
from undercount.estimators import CountFusion
from undercount.sampling.single_thread import single_thread


def threads() -> set[int]:
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


def test_the_last_one_to_leave_restores_the_threads() -> None:
    assert np.dot(np.ones(2), np.ones(2)) == 2.0
    with threadpool_limits(3, user_api="blas"):
        with single_thread:
            with single_thread:
                assert threads() == {1}
            assert threads() == {1}
        assert threads() == {3}


def test_draws_do_not_depend_on_the_threads_of_blas() -> None:
    estimator, evidence = CountFusion(chains=1, draws=10, tune=100, retry=False), load_case("mosul-2017")
    with threadpool_limits(1, user_api="blas"):
        one = estimator.fit(evidence, seed=3)
    with threadpool_limits(2, user_api="blas"):
        two = estimator.fit(evidence, seed=3)
    assert equal_trees(one.draws, two.draws)
