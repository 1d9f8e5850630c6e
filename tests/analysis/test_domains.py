"""Domains: parts of the population, with the whole design behind them."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

from analysis import DesignError, SurveyDesign
from tests.analysis.conftest import design, schools


def test_a_domain_by_where_is_the_domain_by_crossing():
    whole = design("apiclus1")
    crossed = whole.mean("api00", by=["stype", "awards"])
    for one in crossed:
        alone = whole.mean("api00", where={name: [code] for name, code in one.by.items()})
        assert alone.estimate == pytest.approx(one.estimate)
        assert alone.se == pytest.approx(one.se)
        assert alone.df == one.df


def test_a_domain_mean_by_three_routes():
    """Mean over the domain, ratio of totals, and mean with everyone else missing."""
    data = schools("apistrat").to_pydict()
    inside = np.array(data["awards"]) == "Yes"
    data["in"] = inside.astype(float)
    data["y_in"] = np.where(inside, data["api00"], 0.0)
    data["y_or_none"] = np.where(inside, data["api00"], np.nan)
    whole = SurveyDesign(data, strata="stype", weights="pw", fpc="fpc")
    mean = whole.mean("api00", where={"awards": ["Yes"]})
    for route in (
        whole.ratio("y_in", "in"),
        whole.mean("y_or_none"),
        whole.mean("api00", base="in"),
    ):
        assert route.estimate == pytest.approx(mean.estimate, rel=1e-12)
        assert route.se == pytest.approx(mean.se, rel=1e-10)


def test_degrees_of_freedom_are_the_domains_own():
    """A school type reaches so many of the 15 districts; the design has 14 degrees of freedom."""
    schools_by_type = schools("apiclus1").group_by("stype").aggregate([("dnum", "count_distinct")])
    districts = dict(zip(*schools_by_type.to_pydict().values(), strict=True))
    for rate in design("apiclus1").rate("sch.wide", ["Yes"], by="stype"):
        assert rate.df == districts[rate.by["stype"]] - 1
    assert (design("apiclus1").rate("sch.wide", ["Yes"], by="stype", df="design").df == 14).all()
    assert (design("apiclus1").rate("sch.wide", ["Yes"], by="stype", df=9).df == 9).all()


def test_a_domain_inside_one_psu_is_never_met():
    n = 200
    data = {
        "aware": [1] * 95 + [0] * 5 + [1] * n,
        "block": [0] * 100 + [i // 10 + 1 for i in range(n)],
        "area": ["one block"] * 100 + ["many"] * n,
    }
    one_block = SurveyDesign(data, psu="block").rate("aware", by="area")[1]
    assert one_block.by == {"area": "one block"}
    assert one_block.se == pytest.approx(0, abs=1e-12)
    assert one_block.verdict(0.5) == "too_few"
    assert one_block.interval("korn-graubard") == (0, 1)


def test_at_100_percent_the_interval_rests_on_kishs_sample_size():
    data = {"aware": [1.0] * 100, "w": [1.0] * 50 + [3.0] * 50}
    rate = SurveyDesign(data, weights="w").rate("aware")[0]
    assert rate.n_effective == pytest.approx(200**2 / (50 + 450))
    lower, upper = rate.interval("logit")
    assert upper == 1
    assert lower == pytest.approx(0.025 ** (1 / 80))
    assert rate.verdict(0.85) == "met"


def test_missing_answers_and_missing_codes_leave_the_base():
    data = {"knows": ["1", "0", None, "-1", "1", "0"], "area": ["a", "a", "a", "b", "b", None]}
    whole = SurveyDesign(data)
    rate = whole.rate("knows", ["1"], missing=["-1"])
    assert (rate.n[0], rate.estimate[0]) == (4, 0.5)
    by = whole.rate("knows", ["1"], missing=["-1"], by="area")
    assert [one.by["area"] for one in by] == ["a", "b"]
    assert by.n.tolist() == [2, 1]


def test_a_domain_without_anyone_in_the_base_is_shown_and_not_judged():
    data = {"knows": [1, 0, None], "area": ["a", "a", "b"]}
    empty = SurveyDesign(data).rate("knows", by="area")[1]
    assert (empty.n, empty.verdict(0.85)) == (0, "too_few")
    assert np.isnan(empty.estimate)
    assert empty.record()["estimate"] is None


def test_several_variables_at_once_are_each_as_alone():
    data = schools("apistrat").to_pydict()
    whole = design("apistrat")
    both = whole.mean(["api00", "target"], by="stype")
    for variable in both.variables:
        alone = whole.mean(variable, by="stype")
        found = [one for one in both if one.variable == variable]
        assert [one.se for one in found] == pytest.approx(alone.se.tolist())
        assert [one.n for one in found] == alone.n.tolist()
    assert sum(both.n[3:]) == sum(value is not None for value in data["target"])


def test_the_difference_of_domains_needs_domains_that_are_there():
    with pytest.raises(DesignError, match="There is no domain X"):
        design("apistrat").mean("api00", by="stype").difference("E", "X")


def test_an_estimate_that_is_kept_does_not_keep_the_variance_of_all():
    rng = np.random.default_rng(5)
    data = {"y": rng.integers(0, 2, 60), "block": np.repeat(np.arange(12), 5)}
    found = SurveyDesign(data, psu="block").rate("y")
    one, variance = found.estimates[0], weakref.ref(found.variance)
    gc.disable()  # nor until it is collected
    try:
        del found
        assert variance() is None
    finally:
        gc.enable()
    lower, upper = one.interval("likelihood")
    assert lower < one.estimate < upper
