"""Agreement of two askings: exact bounds and the correction for chance."""

from __future__ import annotations

import math

import numpy as np
import pytest

from analysis.interviewers.agreement import Agreement, cross_table, gwet_ac1


@pytest.mark.parametrize(("agreed", "n"), [(0, 5), (3, 7), (19, 20), (20, 20)])
def test_the_interval_is_the_exact_one(agreed, n):
    from scipy.stats import binomtest

    exact = binomtest(agreed, n).proportion_ci(method="exact")
    assert np.allclose(Agreement(n, agreed).bounds, [exact.low, exact.high])


def test_nothing_compared_leaves_everything_open():
    assert math.isnan(Agreement(0, 0).rate)
    assert Agreement(0, 0).bounds == (0.0, 1.0)


def test_high_agreement_on_a_common_answer_is_not_called_poor():
    """118 times yes twice, 5 and 2 times apart, never no twice: 94 % agreed."""
    from statsmodels.stats.inter_rater import cohens_kappa

    table = np.array([[118, 5], [2, 0]])
    assert cohens_kappa(table, return_results=False) < 0
    assert gwet_ac1(table) == pytest.approx(0.9408, abs=5e-4)


def test_by_chance_alone_it_is_zero_and_perfect_it_is_one():
    assert gwet_ac1(np.full((2, 2), 25)) == pytest.approx(0)
    assert gwet_ac1(np.diag([10, 3, 1])) == 1
    assert math.isnan(gwet_ac1(np.zeros((2, 2))))


def test_answers_that_are_not_listed_are_not_compared():
    table = cross_table(["a", "b", "-1"], ["a", "a", "a"], ["a", "b"])
    assert table.tolist() == [[1, 0], [1, 0]]
