"""Stages, corrections, lonely units and unequal probabilities, as R's survey package has them."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import DesignError, SurveyDesign
from tests.analysis.conftest import close, design, same, schools


def test_two_stages_with_few_units(r):
    """R: svydesign(id=~id1+id2, fpc=~n1+n2, data=mu284)."""
    two = SurveyDesign(schools("mu284"), psu=["id1", "id2"], fpc=["n1", "n2"])
    same(two.total("y1"), r["mu284"]["total"])
    same(two.mean("y1"), r["mu284"]["mean"])
    close(two.mean("y1").deff, r["mu284"]["deff"])
    assert two.df == r["mu284"]["df"]


def test_with_and_without_replacement(r):
    """R: svydesign(id=~psuid, strata=~stratid, weights=~weight, fpc=~Nh, nest=TRUE)."""
    data, strata = schools("fpc"), {"psu": "psuid", "strata": "stratid", "weights": "weight"}
    same(SurveyDesign(data, **strata, fpc="Nh", nest=True).total("x"), r["fpc"]["without"])
    same(SurveyDesign(data, **strata, nest=True).total("x"), r["fpc"]["with"])


@pytest.mark.parametrize("policy", ["adjust", "average", "certainty", "remove"])
def test_lonely_units_contribute_as_in_r(policy, r):
    """R: options(survey.lonely.psu=policy); one of three strata has a single PSU."""
    lonely = SurveyDesign(
        schools("lonely"), psu="district", strata="stype", weights="pw", lonely_psu=policy
    )
    same(lonely.mean("api00"), r["lonely"][policy]["mean"])
    same(lonely.total("api00"), r["lonely"][policy]["total"])
    same(lonely.mean("api00", by="awards"), r["lonely"][policy]["by_awards"])


def test_unequal_probabilities_by_brewers_approximation(r):
    """R: svydesign(id=~1, fpc=~p, data=election_pps, pps="brewer")."""
    pps = SurveyDesign(schools("election"), fpc="p", pps="brewer")
    same(pps.total(["Bush", "Kerry", "Nader"]), r["election"]["total"])
    same(pps.ratio("Bush", "votes"), r["election"]["ratio"])


def test_a_probability_over_one_is_named_by_its_row():
    data = {"y": [1, 0] * 20, "p": [0.1] * 40}
    data["p"][3] = 1.4
    with pytest.raises(DesignError, match=r"p must hold .* at most 1: row 4\."):
        SurveyDesign(data, fpc="p", pps="brewer")


def test_unequal_probabilities_must_be_probabilities():
    with pytest.raises(DesignError, match="inclusion probability, at most 1"):
        SurveyDesign({"y": [1.0, 2.0], "N": [20, 30]}, fpc="N", pps="brewer")


def test_covariances_between_domains_and_between_variables(r):
    """R: vcov(svyby(~api00, ~stype, dclus1, svymean, covmat=TRUE)), vcov(svymean(~api00+api99))."""
    clustered, stratified = design("apiclus1"), design("apistrat")
    close(clustered.mean("api00", by="stype").covariance(), r["covariance"]["by_stype"])
    close(clustered.mean(["api00", "api99"]).covariance(), r["covariance"]["two"])
    close(stratified.mean(["api00", "api99"]).covariance(), r["covariance"]["two_strat"])


@pytest.mark.parametrize("name", ["apiclus1", "apistrat"])
@pytest.mark.parametrize("calibrated", [False, True])
def test_domains_of_one_variable_hang_together_as_in_the_covariance_of_all(name, calibrated):
    sample = design(name)
    if calibrated:
        sample = sample.rake({"stype": {"E": 4421, "H": 755, "M": 1018}})
    found = sample.mean(["api00", "api99"], by="awards")
    whole = found.covariance()
    np.testing.assert_allclose(found.between_domains("api00"), whole[:2, :2], rtol=1e-9)
    np.testing.assert_allclose(found.between_domains("api99"), whole[2:, 2:], rtol=1e-9)
