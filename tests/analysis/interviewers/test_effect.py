"""The interviewer effect: the textbook's analysis of variance, and simulated interviewers."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.interviewers.effect import interviewer_effect
from tests.analysis.conftest import close

# 12 pairs in 4 communities with unequal numbers of interviews; some work in two communities.
PAIRS = np.repeat(np.arange(12), [8, 15, 30, 22, 5, 12, 25, 9, 18, 30, 14, 20])
PLACES = (PAIRS % 4 + (np.arange(len(PAIRS)) % 3 == 0)) % 4


def test_balanced_and_one_way_it_is_the_analysis_of_variance():
    y = np.random.default_rng(5).normal(size=60) + np.repeat([0.0, 0.5, 1.0, -0.5, 0.2], 12)
    who = np.repeat(list("abcde"), 12)
    groups = y.reshape(5, 12)
    msb = 12 * groups.mean(1).var(ddof=1)
    mse = groups.var(axis=1, ddof=1).mean()
    found = interviewer_effect(y, who)
    close(found.rho, (msb - mse) / (msb + 11 * mse))
    # Searle's exact bounds: (F/F_q − 1)/(F/F_q + m − 1)
    from scipy.stats import f

    ratio = msb / mse / f.ppf([0.975, 0.025], 4, 55)
    close([found.lower, found.upper], (ratio - 1) / (ratio + 11))
    close(found.p_value, f.sf(msb / mse, 4, 55))
    close(found.deff, 1 + 11 * found.rho)


def test_differences_between_places_are_not_laid_at_interviewers_doors():
    rng = np.random.default_rng(3)
    y = rng.normal(size=len(PAIRS))
    apart = interviewer_effect(y, PAIRS.astype(str), PLACES.astype(str))
    moved = interviewer_effect(y + 10 * PLACES, PAIRS.astype(str), PLACES.astype(str))
    close([apart.rho, apart.lower, apart.upper], [moved.rho, moved.lower, moved.upper])


@pytest.mark.parametrize("kind", ["numbers", "rates"])
@pytest.mark.parametrize("rho", [0.0, 0.1])
def test_over_simulated_interviewers_it_is_unbiased_and_its_interval_covers(kind, rho):
    rng = np.random.default_rng(round(17 + 100 * rho) + (kind == "rates"))
    found = []
    for _ in range(400):
        if kind == "numbers":
            y = rng.normal(scale=np.sqrt(rho), size=12)[PAIRS] + PLACES
            y = y + rng.normal(scale=np.sqrt(1 - rho), size=len(PAIRS))
        else:
            p = 0.7
            chance = rng.beta(p * (1 / rho - 1), (1 - p) * (1 / rho - 1), 12) if rho else p
            y = rng.random(len(PAIRS)) < np.broadcast_to(chance, 12)[PAIRS]
        found.append(interviewer_effect(y, PAIRS.astype(str), PLACES.astype(str)))
    rhos = np.array([one.rho for one in found])
    assert abs(rhos.mean() - rho) < 3.5 * rhos.std() / 20 + 0.06 * rho  # a ratio's slight bias
    covered = np.mean([one.lower <= rho <= one.upper for one in found])
    assert 0.92 < covered < 0.98


def test_nothing_is_said_where_nothing_can_be_compared():
    assert interviewer_effect([1, 0, 1, 0], list("aaaa")) is None
    assert interviewer_effect([1, 0, 1, 0], list("aabb"), list("xxyy")) is None
    assert interviewer_effect([1, 0], list("ab")) is None
    assert interviewer_effect([1, 1, 1, 1], list("aabb")) is None
    assert interviewer_effect([np.nan, np.nan], list("ab")) is None


def test_missing_answers_do_not_count():
    whole = interviewer_effect([1, 1, 0, 0, 1, 0], list("aaabbb"))
    gap = interviewer_effect([1, 1, np.nan, 0, 0, 1, 0], list("aaaabbb"))
    assert whole == gap
