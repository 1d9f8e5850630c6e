"""R's survey package beyond the golden figures: interactions, missing answers, domains,
calibration on a number, another survey (nhanes). Made by reference/associations.R."""

from __future__ import annotations

import json

import pytest

from analysis import SurveyDesign
from analysis.associations import GroupTest, TableTest, rank_test, rao_scott, regress, t_test
from tests.analysis.conftest import GOLDEN, close, design, schools

GREG = {"stype": {"E": 4421, "H": 755, "M": 1018}, "api99": 3914069}
WITHOUT_HIGH, WITHOUT_PRIMARY = {"stype": ["E", "M"]}, {"stype": ["H", "M"]}


@pytest.fixture(scope="module")
def further():
    return json.loads((GOLDEN / "associations.json").read_text())["further"]


def adults():
    return SurveyDesign(
        schools("nhanes"), strata="SDMVSTRA", psu="SDMVPSU", weights="WTMEC2YR", nest=True
    )


def greg():
    return design("apistrat").calibrate(GREG, "linear")


def stratified():
    return design("apistrat")


def two_stages():
    return design("apiclus2")


@pytest.mark.parametrize(
    ("name", "sample", "formula", "where"),
    [
        ("interaction", stratified, "api00 ~ ell * stype", None),
        ("numbers", stratified, "api00 ~ ell + meals + ell:meals", None),
        ("without_first_code", stratified, "api00 ~ stype + ell", WITHOUT_PRIMARY),
        ("domain", stratified, "awards=Yes ~ ell + stype", {"sch.wide": ["Yes"]}),
        ("two_stages", two_stages, "api00 ~ enroll + stype", None),
        ("greg_linear", greg, "api00 ~ ell + meals", None),
        ("greg_logistic", greg, "awards=Yes ~ ell", None),
        ("greg_domain", greg, "api00 ~ ell", WITHOUT_PRIMARY),
        ("adults", adults, "HI_CHOL ~ C(race) + agecat + RIAGENDR", None),
        ("adults_domain", adults, "HI_CHOL ~ agecat", {"race": [1]}),
    ],
)
def test_models_are_rs(name, sample, formula, where, further):
    found, expected = regress(sample(), formula, where=where), further[name]
    close(found.estimate, expected["estimate"])
    close(found.se, expected["se"])
    assert found.df == expected["df"]


@pytest.mark.parametrize(
    ("name", "sample", "test"),
    [
        (
            "f_domain", stratified,
            lambda d: rao_scott(d, "awards", "sch.wide", where=WITHOUT_HIGH),
        ),
        ("f_greg", greg, lambda d: rao_scott(d, "awards", "comp.imp")),
        ("f_adults", adults, lambda d: rao_scott(d, "HI_CHOL", "race")),
        (
            "f_adults_domain", adults,
            lambda d: rao_scott(d, "HI_CHOL", "agecat", where={"RIAGENDR": [1]}),
        ),
        ("t_two_stages", two_stages, lambda d: t_test(d, "enroll", "comp.imp")),
        ("t_adults", adults, lambda d: t_test(d, "HI_CHOL", "RIAGENDR")),
        (
            "t_adults_domain", adults,
            lambda d: t_test(d, "HI_CHOL", "RIAGENDR", where={"race": [2]}),
        ),
        ("rank_greg", greg, lambda d: rank_test(d, "api00", "awards")),
        ("rank_domain", stratified, lambda d: rank_test(d, "api00", "awards", where=WITHOUT_HIGH)),
        ("rank_adults", adults, lambda d: rank_test(d, "HI_CHOL", "RIAGENDR")),
    ],
)  # fmt: skip
def test_tests_are_rs(name, sample, test, further):
    found: TableTest | GroupTest = test(sample())
    expected = further[name]
    if isinstance(found, TableTest):
        close(found.f, [expected["statistic"], *expected["df"], expected["p"]])
    else:
        close([found.t, found.df, found.p], [expected[key] for key in ("statistic", "df", "p")])
