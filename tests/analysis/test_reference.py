"""Every figure of R's survey package on its school samples, to a relative 1e-6."""

from __future__ import annotations

import numpy as np
import pytest

from tests.analysis.conftest import DESIGNS, close, design

SAMPLES = sorted(DESIGNS)


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_design_has_rs_degrees_of_freedom(sample, reference):
    assert design(sample).df == reference[sample]["degf"]


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize(
    ("name", "ask"),
    [
        ("mean_api00", lambda d: d.mean("api00")),
        ("total_enroll", lambda d: d.total("enroll")),
        ("ratio_apistu_enroll", lambda d: d.ratio("api.stu", "enroll")),
        ("rate_schwide", lambda d: d.rate("sch.wide", ["Yes"])),
        ("mean_api00_by_stype", lambda d: d.mean("api00", by="stype")),
        ("rate_schwide_by_stype", lambda d: d.rate("sch.wide", ["Yes"], by="stype")),
        ("rate_schwide_by_awards", lambda d: d.rate("sch.wide", ["Yes"], by="awards")),
        (
            "diff_api00_E_minus_H",
            lambda d: d.mean("api00", by="stype").difference("E", "H"),
        ),
    ],
)
def test_estimates_and_standard_errors_are_rs(sample, name, ask, reference):
    expected = reference[sample][name]
    estimates, errors = np.atleast_1d(expected["estimate"]), np.atleast_1d(expected["se"])
    found = ask(design(sample))
    close(found.estimate, estimates[-len(found) :])  # of FALSE and TRUE, the TRUE
    close(found.se, errors[-len(found) :])


@pytest.mark.parametrize("sample", SAMPLES)
def test_design_effects_are_rs_by_both_definitions(sample, reference):
    mean, rate = design(sample).mean("api00"), design(sample).rate("sch.wide", ["Yes"])
    close(mean.deff, reference[sample]["deff_api00"])
    close(mean.deff_replace, reference[sample]["deff_replace_api00"])
    close(rate.deff, reference[sample]["rate_schwide_deff"][1])


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize(
    ("method", "called_in_r", "level"),
    [
        ("logit", "logit", 0.95),
        ("logit", "logit_level90", 0.90),
        ("xlogit", "xlogit", 0.95),
        ("asin", "asin", 0.95),
        ("likelihood", "likelihood", 0.95),
        ("beta", "beta", 0.95),
        ("normal", "mean", 0.95),
    ],
)
def test_intervals_are_rs(sample, method, called_in_r, level, reference):
    rate = design(sample).rate("sch.wide", ["Yes"])
    expected = reference[sample]["ciprop_schwide"][called_in_r]["ci"]
    np.testing.assert_allclose(
        np.ravel(rate.interval(method, level)),
        expected,
        rtol=1e-6,
    )


@pytest.mark.parametrize("sample", SAMPLES)
def test_intervals_of_domains_are_rs_with_the_whole_designs_degrees_of_freedom(sample, reference):
    rates = design(sample).rate("sch.wide", ["Yes"], by="stype", df="design")
    expected = [one["ci"] for one in reference[sample]["ci_rate_by_stype_logit"]]
    close(np.transpose(rates.interval("logit")), expected)


def test_intervals_of_a_rate_near_zero_are_rs():
    """R: svyciprop(~I(ell==0), dclus1, method=...)."""
    rare = design("apiclus1").rate("ell", [0])
    close(rare.estimate, 0.021857923497)
    for method, expected in {
        "logit": (0.00230469, 0.17774777),
        "likelihood": (0.00066392, 0.10777841),
        "asin": (0.00030719, 0.09557674),
        "beta": (0.00021615, 0.13750776),
        "normal": (-0.02666241, 0.07037825),
        "wilson": (0.00279949, 0.1510144),
    }.items():
        np.testing.assert_allclose(np.ravel(rare.interval(method)), expected, atol=6e-9)
