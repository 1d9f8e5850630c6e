"""Rank intervals: published figures, rules, and how often they hold."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analysis import ranking
from analysis.pairs import mogstad
from analysis.problems import DesignError
from analysis.ranking import Populations, from_intervals, klein, rank
from tests.analysis import rank_coverage
from tests.analysis.rank_coverage import SHARED, coverage

TRAVEL = Path(__file__).parent / "golden" / "travel_time.csv"


def populations(estimate, n, **other):
    estimate, n = np.asarray(estimate, float), np.asarray(n, float)
    variance = estimate * (1 - estimate) / n
    names = [f"c{at}" for at in range(len(n))]
    given = {"covariance": np.diag(variance)} | other
    return Populations(
        names, estimate, np.sqrt(variance), n - 1, n, float(estimate.mean()), variance, **given
    )


def test_the_published_travel_times_are_ranked_as_published():
    """Klein, Wright & Wieczorek 2020, figure 1: 51 states at 90 %, their bounds rounded to 0.1.

    Mean travel times to work are the Census Bureau's (American Community Survey 2011); the paper
    counts rank 1 as the lowest.
    """
    states = list(csv.DictReader(TRAVEL.read_text().splitlines()))
    minutes, moe = (np.array([float(s[name]) for s in states]) for name in ("minutes", "moe90"))
    se = moe / 1.6448536269514722
    reach = 3.0808999272814805  # Φ⁻¹(1 − (1 − 0.9^{1/51})/2)
    lower, upper = np.round(minutes - reach * se, 1), np.round(minutes + reach * se, 1)
    lowest, highest = from_intervals(-upper, -lower)
    assert [[str(a), str(b)] for a, b in zip(lowest, highest, strict=True)] == [
        [state["rank_from"], state["rank_to"]] for state in states
    ]
    # Without the rounding, nine of them are a rank longer.
    exact = klein(-minutes, se, level=0.9, independent=True)
    assert np.abs(np.array(exact) - np.array([lowest, highest])).max() == 1


def test_intervals_that_touch_are_told_apart_and_one_of_no_width_is_not_above_itself():
    lowest, highest = from_intervals(np.array([1.0, 2.0, 5.0]), np.array([2.0, 3.0, 5.0]))
    assert lowest.tolist() == [3, 2, 1]
    assert highest.tolist() == [3, 2, 1]


def test_equals_share_the_smaller_rank():
    assert ranking.plain(np.array([0.7, 0.9, 0.9, 0.5])).tolist() == [3, 1, 1, 4]


def test_two_that_differ_by_a_fixed_amount_are_ranked_all_the_same():
    """Tied together wholly, their difference would have no error to test with."""
    tied = populations([0.8, 0.8, 0.9], [200, 200, 200])
    covariance = np.array(tied.covariance)
    covariance[0, 1] = covariance[1, 0] = covariance[0, 0]
    found = rank(replace(tied, covariance=covariance))
    assert found.method == ranking.MOGSTAD
    assert found.rank.tolist() == [2, 2, 1]
    assert found.lowest.tolist()[:2] == [2, 2]


def test_nobody_is_ranked_on_an_effective_sample_under_fifty():
    found = rank(populations([0.9, 0.8, 0.99], [200, 200, 49]))
    assert found.rank.tolist() == [1, 2, 0]
    assert found.ranked == 2
    assert found.band[2] == ""
    assert found.records()[2]["rank"] is None


def test_populations_that_differ_beyond_doubt_have_their_ranks():
    for method in ({}, {"covariance": None}):
        found = rank(populations([0.95, 0.5, 0.75], [400, 400, 400], **method))
        assert found.lowest.tolist() == found.highest.tolist() == [1, 3, 2]
        assert found.band == ("upper", "lower", "middle")


def test_pairs_tell_more_apart_than_intervals():
    chance = np.random.default_rng(1)
    rates = populations(0.7 + 0.25 * chance.random(15), np.full(15, 150))
    pairs, joint = rank(rates), rank(populations(rates.estimate, np.full(15, 150), covariance=None))
    assert (pairs.method, joint.method) == ("mogstad", "klein")
    assert (pairs.highest - pairs.lowest).sum() < (joint.highest - joint.lowest).sum()


def test_shared_errors_make_shorter_intervals():
    estimate = np.linspace(0.7, 0.9, 10)
    error = np.full(10, 0.03)
    alone = mogstad(estimate, np.diag(error**2), np.full(10, 200.0))
    shared = mogstad(
        estimate, np.where(np.eye(10), 1, 0.8) * np.outer(error, error), np.full(10, 200.0)
    )
    assert (shared[1] - shared[0]).sum() < (alone[1] - alone[0]).sum()


def test_few_degrees_of_freedom_make_longer_intervals():
    estimate, covariance = np.linspace(0.7, 0.9, 10), np.diag(np.full(10, 0.02**2))
    sure, unsure = (mogstad(estimate, covariance, np.full(10, df)) for df in (1e6, 8.0))
    assert (unsure[1] - unsure[0]).sum() > (sure[1] - sure[0]).sum()


def test_ranks_come_out_again_from_their_seed():
    rates = populations(np.linspace(0.7, 0.9, 12), np.full(12, 100))
    assert rank(rates).records() == rank(rates).records()


def test_rates_of_a_hundred_per_cent_are_ranked():
    found = rank(populations([1.0, 1.0, 0.6], [100, 100, 100]))
    assert found.lowest.tolist() == [1, 1, 3]
    assert found.highest.tolist() == [2, 2, 3]


def test_a_difference_without_variance_is_refused():
    with pytest.raises(DesignError, match="positive variance"):
        mogstad(np.array([0.5, 0.6]), np.zeros((2, 2)), np.full(2, 100.0))


@pytest.mark.parametrize("truth", rank_coverage.TRUTHS)
@pytest.mark.parametrize("method", ["klein", "mogstad"])
def test_intervals_of_a_small_township_hold_together(method, truth):
    found = coverage(method, 15, truth, 0.0, number=200)
    assert found.covered >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / 200)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("size", rank_coverage.SIZES)
@pytest.mark.parametrize("truth", rank_coverage.TRUTHS)
@pytest.mark.parametrize("shared", [0.0, SHARED])
@pytest.mark.parametrize("method", ["klein", "mogstad"])
def test_intervals_hold_together_in_2000_townships(method, shared, truth, size):
    found = coverage(method, size, truth, shared)
    assert found.covered >= 0.95 - 2 * np.sqrt(0.95 * 0.05 / 2000)
