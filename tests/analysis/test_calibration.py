"""Calibrated weights, what they meet, and the variance of what they estimate."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from analysis import DesignError, SurveyDesign
from tests.analysis.conftest import close, design, same, schools

STYPE = {"E": 4421, "H": 755, "M": 1018}
MARGINS = {"stype": STYPE, "sch.wide": {"No": 1072, "Yes": 5122}}


@pytest.fixture(scope="module")
def golden(reference):
    return reference["calibration_apiclus1"]


def compimp(figure):
    return {name: figure[name][1] for name in ("estimate", "se")}  # of FALSE and TRUE, the TRUE


def test_poststratified_weights_and_figures_are_rs(golden):
    post = design("apiclus1").poststratify({"stype": STYPE})
    same(post.total("enroll"), golden["poststratify_stype"]["total_enroll"])
    same(post.mean("api00"), golden["poststratify_stype"]["mean_api00"])
    close(
        np.unique(post.weights().round(9)), sorted(golden["poststratify_stype"]["weights_by_stype"])
    )


def test_raked_weights_and_figures_are_rs(golden):
    raked = design("apiclus1").rake(MARGINS)
    same(raked.mean("api00"), golden["rake"]["mean_api00"])
    same(raked.total("enroll"), golden["rake"]["total_enroll"])
    same(raked.rate("comp.imp", ["Yes"]), compimp(golden["rake"]["rate_compimp"]))
    weights = raked.weights()
    expected = [golden["rake"][name] for name in ("sum_weights", "min_weight", "max_weight")]
    close([weights.sum(), weights.min(), weights.max()], expected)


@pytest.mark.parametrize(
    ("name", "method", "bounds"),
    [
        ("calibrate_linear", "linear", None),
        ("calibrate_raking", "rake", (0, 99)),
        ("calibrate_logit", "logit", (0.5, 3)),
    ],
)
def test_the_distances_are_rs(name, method, bounds, golden):
    calibrated = design("apiclus1").calibrate(MARGINS, method, bounds=bounds)
    same(calibrated.mean("api00"), golden[name]["mean_api00"])
    same(calibrated.rate("comp.imp", ["Yes"]), compimp(golden[name]["rate_compimp"]))
    factor = calibrated.calibration.factor
    close([factor.min(), factor.max()], [golden[name]["g_min"], golden[name]["g_max"]])


def test_bounds_on_the_linear_distance_are_rs(r):
    """R: calibrate(..., calfun="linear", bounds=c(0.5, 1.8))."""
    bounded = design("apiclus1").calibrate(MARGINS, "linear", bounds=(0.5, 1.8))
    same(bounded.mean("api00"), r["bounded"]["mean"])
    factor = bounded.calibration.factor
    close([factor.min(), factor.max()], r["bounded"]["g"])


def test_a_numeric_auxiliary_is_rs(golden, r):
    greg = design("apiclus1").calibrate({"stype": STYPE, "api99": 3914069})
    same(greg.mean("api00"), golden["calibrate_api99"]["mean_api00"])
    same(greg.mean("api00", by="stype"), golden["calibrate_api99"]["by_stype"])
    stratified = design("apistrat").calibrate({"stype": STYPE, "api99": 3914069})
    same(stratified.mean("api00"), r["calibrated_apistrat"]["greg_mean"])
    same(stratified.mean("api00", by="awards"), r["calibrated_apistrat"]["greg_by_awards"])


def test_the_population_size_stands_for_a_category(golden):
    whole = {"": 6194, "stype": STYPE, "api99": 3914069}
    same(design("apiclus1").calibrate(whole).mean("api00"), golden["calibrate_api99"]["mean_api00"])


def test_domains_after_raking_are_rs(r):
    raked = design("apiclus1").rake(MARGINS)
    same(raked.mean("api00", by="stype"), r["raked"]["by_stype"])
    same(raked.total("enroll", by="stype"), r["raked"]["total_by_stype"])
    same(raked.rate("comp.imp", ["Yes"], by="awards"), r["raked"]["by_awards"])


def test_calibration_of_respondents_drawn_directly_is_rs(r):
    golden, sample = r["calibrated_apistrat"], design("apistrat")
    raked = sample.rake(MARGINS)
    same(raked.mean("api00"), golden["raking_mean"])
    same(raked.mean("api00", by="awards"), golden["raking_by_awards"])
    post = sample.poststratify({"sch.wide": MARGINS["sch.wide"]})
    same(post.mean("api00"), golden["post_mean"])


def test_differences_after_raking_have_the_variance_of_their_residuals():
    """The difference of two domains is the estimate of one combined score."""
    raked = design("apiclus1").rake(MARGINS).mean("api00", by="awards")
    difference = raked.difference("Yes", "No")
    v = raked.covariance()
    close(difference.se, np.sqrt(v[0, 0] + v[1, 1] - 2 * v[0, 1]))
    close(np.sqrt(np.diag(v)), raked.se)


def test_a_total_that_was_calibrated_to_has_no_error():
    raked = design("apiclus1").rake(MARGINS)
    schools_of_type = raked.rate("stype", ["H"])
    close(schools_of_type.estimate, 755 / 6194)
    assert schools_of_type.se < 1e-9


def test_trimmed_weights_are_rs(golden):
    """R: trimWeights(rake(...), upper=45, strict=TRUE)."""
    trimmed = design("apiclus1").rake(MARGINS).trim(45)
    expected = golden["trim_rake_upper45_strict"]
    close(trimmed.mean("api00").estimate, expected["mean_api00"])
    close([trimmed.weights().max(), trimmed.weights().sum()], [expected["max"], expected["sum"]])


def test_trimming_and_raking_alternate_until_both_hold():
    both = design("apiclus1").rake(MARGINS, trim=(0, 60))
    weights, kinds = both.weights(), np.array(schools("apiclus1")["stype"].to_pylist())
    assert weights.max() <= 60 * (1 + 1e-8)
    for kind, total in STYPE.items():
        assert weights[kinds == kind].sum() == pytest.approx(total)


def test_margins_and_a_range_that_exclude_each_other_are_refused():
    with pytest.raises(DesignError, match="cannot all lie between 0 and 30"):
        design("apiclus1").rake(MARGINS, trim=(0, 30))
    with pytest.raises(DesignError, match="cannot both be held"):
        design("apiclus1").rake(MARGINS, trim=(0, 40))


@pytest.mark.parametrize(
    ("margins", "said"),
    [
        ({"stype": {"E": 4421, "H": 755}}, "Margin stype has no total for M"),
        ({"stype": STYPE | {"X": 5}}, "Margin stype: no respondent holds X"),
        ({"stype": STYPE | {"E": -1}}, "Margin stype: the total of E is -1"),
        (
            {"stype": STYPE, "sch.wide": {"No": 1, "Yes": 2}},
            "Margins stype and sch.wide contradict",
        ),
        ({"stype": 5.0}, "Margin stype must be a number for everyone"),
        ({"nothing": {"1": 5}}, "There is no column nothing"),
        ({}, "There are no margins"),
    ],
)
def test_margins_that_cannot_be_met_are_refused_by_name(margins, said):
    with pytest.raises(DesignError, match=said):
        design("apiclus1").calibrate(margins, "rake")


def test_a_margin_some_respondents_miss_is_refused_by_name():
    for margin in ({"target": {"1": 6194}}, {"target": 90000}):
        with pytest.raises(DesignError, match="Margin target"):
            design("apistrat").rake(margin)


def test_contradictory_cells_are_refused_by_name():
    """All a are x and all b are y, so the margins of both columns must agree."""
    data = {"one": ["a", "a", "b", "b"], "two": ["x", "x", "y", "y"]}
    with pytest.raises(DesignError, match="does not converge: margin one"):
        SurveyDesign(data).rake({"one": {"a": 50, "b": 50}, "two": {"x": 40, "y": 60}})


def test_bounds_that_are_too_narrow_are_refused():
    with pytest.raises(DesignError, match="or the bounds are too narrow"):
        design("apiclus1").calibrate(MARGINS, "linear", bounds=(0.9, 1.1))


def test_crossed_margins_are_met():
    crossed = {
        ("sch.wide", "awards"): {("No", "No"): 1072, ("Yes", "No"): 1122, ("Yes", "Yes"): 4000}
    }
    raked = design("apiclus1").rake(crossed | {"stype": STYPE})
    found = raked.rate("stype", ["E", "H", "M"], by=["sch.wide", "awards"])
    close(found.n_weighted, [1072, 1122, 4000])


def test_weights_are_calibrated_once():
    with pytest.raises(DesignError, match="calibrated already"):
        design("apiclus1").rake(MARGINS).rake(MARGINS)


BIG = {"E": 44_210_000_000_000_003, "H": 7_550_000_000_000_001, "M": 10_180_000_000_000_001}


@pytest.mark.parametrize("kind", [int, np.int64, Decimal, Fraction, float])
@pytest.mark.parametrize("method", ["rake", "linear"])
def test_totals_of_every_kind_of_number_are_met(kind, method):
    """Populations in whole numbers: sums of int32 or int64 would overflow, floats lose digits."""
    margins = {
        "stype": {code: kind(total) for code, total in BIG.items()},
        ("sch.wide", "awards"): {
            code: kind(total)
            for code, total in {
                ("No", "No"): 10_720_000_000_000_000,
                ("Yes", "No"): 11_220_000_000_000_000,
                ("Yes", "Yes"): 40_000_000_000_000_005,
            }.items()
        },
    }
    calibrated = design("apiclus1").calibrate(margins, method)
    check = calibrated.margins()
    np.testing.assert_allclose(check.after, check.population, rtol=1e-13)
    assert check.population[:3].tolist() == [float(total) for total in BIG.values()]


def test_small_whole_numbers_do_not_overflow():
    margins = {"stype": {code: np.int16(30_000) for code in STYPE}, "": 90_000}
    assert design("apiclus1").calibrate(margins).weights().sum() == pytest.approx(90_000, rel=1e-13)


def test_margins_that_differ_by_one_person_contradict_each_other():
    margins = {
        "stype": {"E": 4_421_000_000, "H": 755_000_000, "M": 1_018_000_000},
        "sch.wide": {"No": 1_072_000_000, "Yes": 5_122_000_070},
    }
    said = "sch.wide contradict each other: they sum to 6194000000 and 6194000070"
    with pytest.raises(DesignError, match=said):
        design("apiclus1").rake(margins)


def test_the_total_of_a_number_may_be_negative_or_none():
    data = {"x": [-1.0, 2, 0.5, -3], "y": [1, 0, 1, 1]}
    for total in (-3, 0):
        calibrated = SurveyDesign(data).calibrate({"": 8, "x": total})
        np.testing.assert_allclose(calibrated.total("x").estimate, total, atol=1e-9)


@pytest.mark.parametrize("total", ["many", float("nan"), float("inf"), None])
def test_a_total_that_is_no_number_is_refused(total):
    with pytest.raises(DesignError, match=f"Margin stype: the total {total} of E is no number"):
        design("apiclus1").rake({"stype": STYPE | {"E": total}})


def test_what_calibration_fixes_has_no_variance_and_the_interval_of_its_kish_size():
    chance = np.random.default_rng(4)
    sex, age = chance.integers(2, size=900), chance.integers(3, size=900)
    data = {"sex": sex, "age": age, "w": chance.uniform(1, 9, 900)}
    cells = {(s, a): 100 + 10 * s + a for s in (0, 1) for a in (0, 1, 2)}
    raked = SurveyDesign(data, weights="w").rake({("sex", "age"): cells})
    found = raked.rate("sex", by="age")
    assert (found.se == 0).all()
    np.testing.assert_allclose(found.n_effective, found.n_kish)
