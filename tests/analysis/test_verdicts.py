"""Verdicts, alone and in families."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import DesignError, SurveyDesign
from analysis.families import benjamini_hochberg, holm, p_values
from analysis.intervals import Rates, korn_graubard


def communities(*counts, n=200):
    """As many communities as counts; each has ``n`` respondents of whom so many are aware."""
    aware = np.concatenate([np.arange(n) < count for count in counts]).astype(int)
    return SurveyDesign({"aware": aware, "area": np.repeat(np.arange(len(counts)), n)})


def test_each_verdict_occurs():
    rates = communities(190, 174, 140).rate("aware", by="area")
    assert rates.verdicts(0.85) == ["met", "undecided", "not_met"]
    few = communities(40, n=45).rate("aware")
    assert few.verdicts(0.85) == ["too_few"]


@pytest.mark.parametrize(("n", "least"), [(23, 23), (52, 50), (104, 96), (202, 182), (555, 489)])
def test_met_needs_so_many_of_a_simple_sample(n, least):
    """At 85 %: 23 of 23, 95 % of 52, 92 % of 104, 90 % of 202, 88 % of 555."""
    p = np.array([least, least - 1]) / n
    lower, _ = korn_graubard(
        Rates(p, np.sqrt(p * (1 - p) / n), np.full(2, n - 1.0), np.full(2, n), np.full(2, n)), 0.95
    )
    assert lower[0] >= 0.85 > lower[1]


def test_a_p_value_is_below_5_percent_exactly_where_the_interval_excludes_the_target():
    n, p = 150.0, np.linspace(0.7, 1, 61)
    se = np.sqrt(p * (1 - p) / n)
    rates = Rates(p, se, np.full(61, 40.0), np.full(61, n), np.full(61, n))
    lower, upper = korn_graubard(rates, 0.95)
    excluded = (lower >= 0.85) | (upper < 0.85)
    np.testing.assert_array_equal(p_values(rates, 0.85, 0.95) <= 0.05, excluded)


def test_a_family_takes_back_what_does_not_stand():
    rates = communities(190, 181, *[172] * 18).rate("aware", by="area")
    assert rates.verdicts(0.85)[:2] == ["met", "met"]
    assert rates.verdicts(0.85, family="holm")[:2] == ["met", "undecided"]
    adjusted = rates.p_values(0.85, "holm")
    assert (adjusted >= rates.p_values(0.85)).all()


def test_too_few_do_not_count_in_the_family():
    data = {"aware": [1] * 95 + [0] * 5 + [1] * 20, "area": ["large"] * 100 + ["small"] * 20}
    rates = SurveyDesign(data).rate("aware", by="area")
    assert rates.verdicts(0.85, family="holm") == ["met", "too_few"]
    assert rates.p_values(0.85, "bh")[0] == rates.p_values(0.85)[0]
    assert np.isnan(rates.p_values(0.85, "bh")[1])


def test_adjusted_p_values_are_those_of_r():
    """R: p.adjust(c(.001,.01,.02,.03,.8), "holm"); p.adjust(..., "BH")."""
    p = np.array([0.001, 0.01, 0.02, 0.03, 0.8])
    np.testing.assert_allclose(holm(p), [0.005, 0.04, 0.06, 0.06, 0.8])
    np.testing.assert_allclose(benjamini_hochberg(p), [0.005, 0.025, 1 / 30, 0.0375, 0.8])


def test_only_rates_are_tested_and_families_have_names():
    sample = communities(90, n=100)
    with pytest.raises(DesignError, match="Only rates"):
        sample.mean("aware").p_values(0.85)
    with pytest.raises(DesignError, match="holm or bh"):
        sample.rate("aware").verdicts(0.85, family="tukey")
