"""Figures of further data sets of R's survey package; reference/survey.R makes them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from analysis import SurveyDesign, likelihood
from tests.analysis.conftest import close, design, same, schools
from tests.analysis.test_calibration import MARGINS, STYPE

ADULTS = {"strata": "SDMVSTRA", "psu": "SDMVPSU", "weights": "WTMEC2YR", "nest": True}
GREG = {"stype": STYPE, "api99": 3914069}


@pytest.fixture(scope="module")
def adults():
    return SurveyDesign(schools("nhanes"), **ADULTS)


def test_hospitals_by_size_are_rs(r):
    wards = SurveyDesign(
        schools("hospital"), strata="oblevel", psu="hospno", weights="weighta", fpc="tothosp"
    )
    same(wards.mean("births"), r["hospital"]["mean"])
    same(wards.total("births"), r["hospital"]["total"])
    same(wards.mean("births", by="oblevel"), r["hospital"]["by"])
    close(wards.mean("births").deff, r["hospital"]["deff"])


@pytest.mark.parametrize("policy", ["adjust", "average", "certainty", "remove"])
def test_lonely_clusters_of_families_are_rs(policy, r):
    families = SurveyDesign(
        schools("crowd"),
        strata="stratum", psu="cluster", weights="weight", nest=True, lonely_psu=policy,
    )  # fmt: skip
    same(families.mean("rooms"), r["crowd"][policy]["mean"])
    same(families.total("rooms"), r["crowd"][policy]["total"])
    same(families.ratio("rooms", "person"), r["crowd"][policy]["ratio"])


def test_adults_with_missing_answers_are_rs(adults, r):
    golden, rate = r["nhanes"], adults.rate("HI_CHOL", df="design")
    assert adults.df == golden["df"]
    same(rate, golden["rate"])
    same(adults.total("HI_CHOL"), golden["total"])
    same(adults.rate("HI_CHOL", by=["agecat", "race"]), golden["by"])
    close(adults.rate("HI_CHOL", by="race").deff, golden["deff_by_race"])
    for ours, rs in {
        "logit": "logit",
        "asin": "asin",
        "normal": "mean",
        "xlogit": "xlogit",
    }.items():
        close(np.ravel(rate.interval(ours)), golden[rs])
    same(adults.replicate("jkn").rate("HI_CHOL"), golden["jkn"])


def test_two_stages_by_domain_are_rs(r):
    golden, two = r["apiclus2"], design("apiclus2")
    by_stype = two.mean("api00", by="stype")
    same(by_stype, golden["by_stype"])
    close(by_stype.covariance(), golden["covariance"])
    ratio = two.ratio("api.stu", "enroll", df="design")
    same(ratio, golden["ratio"])
    close(np.ravel(ratio.interval()), golden["ratio_interval"])
    mean = two.mean("api00")
    close([mean.deff, mean.deff_replace], [golden["deff"], golden["deff_replace"]])
    close(two.total("api00").deff, golden["deff_total"])
    with_replacement = SurveyDesign(schools("apiclus2"), psu=["dnum", "snum"], weights="pw")
    same(with_replacement.mean("api00"), golden["with"])


@pytest.mark.parametrize("sample", ["apiclus2", "raked"])
def test_quantiles_of_stages_and_of_raked_weights_are_rs(sample, r):
    chosen = design("apiclus1").rake(MARGINS) if sample == "raked" else design("apiclus2")
    found = chosen.quantile("api00", [0.1, 0.5, 0.9], df="design")
    for name in ("estimate", "lower", "upper", "se"):
        close(getattr(found, name), r["quantiles"][sample][name])


def test_design_effects_and_covariances_of_raked_weights_are_rs(r):
    raked, golden = design("apiclus1").rake(MARGINS), r["raked_deff"]
    close(raked.mean("api00").deff, golden["mean"])
    close(raked.mean("api00", by=["awards", "stype"]).deff, golden["by"])
    close(raked.mean(["api00", "api99"]).covariance(), golden["two"])


@pytest.mark.parametrize("way", ["plain", "mse", "other", "raked", "greg", "logit"])
def test_replicate_weights_of_the_data_are_rs(way, r):
    golden = r["given"]
    reading = {
        "mse": {"kind": "jk1", "scale": golden["scale"], "mse": True},
        "other": {"kind": "other", "scale": 1, "rscales": np.arange(0.1, 1.55, 0.1)},
    }.get(way, {"kind": "jk1", "scale": golden["scale"]})
    columns = [f"rep{i}" for i in range(1, 16)]
    given = SurveyDesign(schools("replicated"), weights="pw").with_replicate_weights(
        columns, **reading
    )
    given = {
        "raked": lambda d: d.rake(MARGINS),
        "greg": lambda d: d.calibrate(GREG),
        "logit": lambda d: d.calibrate(GREG, "logit", bounds=(0.2, 3)),
    }.get(way, lambda d: d)(given)
    same(given.mean("api00"), golden[way]["mean"])
    same(given.mean("api00", by="awards"), golden[way]["by_awards"])
    same(given.total("enroll"), golden[way]["total"])
    same(given.ratio("api.stu", "enroll"), golden[way]["ratio"])
    assert given.df == golden[way]["df"]


def test_stratified_jackknives_calibrated_anew_are_rs(r):
    jack, golden = design("apistrat").replicate("jkn"), r["jkn"]
    same(jack.mean("api00", by="awards"), golden["by_awards"])
    same(jack.rake(MARGINS).mean("api00"), golden["raked"])
    same(jack.rake(MARGINS).mean("api00", by="awards"), golden["raked_by_awards"])
    same(jack.calibrate(GREG).mean("api00"), golden["greg"])


@pytest.mark.parametrize("policy", ["adjust", "average", "certainty", "remove"])
def test_three_stages_with_single_units_are_rs(policy, r):
    golden = r["three"][policy]
    three = SurveyDesign(
        schools("three"),
        strata="region", psu=["cnum", "dnum", "cds"], fpc=["N1", "N2", "N3"], lonely_psu=policy,
    )  # fmt: skip
    same(three.mean("api00"), golden["mean"])
    same(three.total("api00"), golden["total"])
    same(three.mean("api00", by="stype"), golden["by_stype"])
    same(three.ratio("api.stu", "enroll"), golden["ratio"])
    close(three.mean("api00").deff, golden["deff"])
    assert three.df == golden["df"]


@pytest.mark.parametrize(("kind", "rho"), [("brr", 0), ("fay", 0.3)])
def test_halves_of_fifteen_strata_are_rs(kind, rho, r):
    whole = schools("nhanes")
    pairs = np.isin(whole["SDMVSTRA"], r["halves"]["strata"])
    halves = SurveyDesign(whole.filter(pairs), **ADULTS).replicate(kind, rho=rho)
    same(halves.rate("HI_CHOL"), r["halves"][kind]["mean"])
    same(halves.rate("HI_CHOL", by="race"), r["halves"][kind]["by"])


@pytest.mark.parametrize("engine", ["numpy", "duckdb"])
@pytest.mark.parametrize("way", ["plain", "mse"])
def test_bootstrap_weights_of_the_data_leave_the_degrees_of_freedom_of_their_rank(way, engine, r):
    """Twenty-five replicates of fifteen districts: 14 degrees of freedom, not 24."""
    golden, reading = r["booted"][way], {"scale": r["booted"]["scale"], "mse": way == "mse"}
    given = SurveyDesign(schools("booted"), weights="pw", engine=engine).with_replicate_weights(
        [f"rep{i}" for i in range(1, 26)], "bootstrap", rscales=r["booted"]["rscales"], **reading
    )
    same(given.mean("api00"), golden["mean"])
    same(given.total("enroll"), golden["total"])
    high = given.mean("api00", where={"stype": ["H"]})
    same(high, golden["high"])
    assert (given.df, high.df.item()) == (golden["df"], golden["df_high"])
    assert given.mean("api00", by="stype").df[1] == golden["df_high"]


@pytest.mark.parametrize("way", ["raked", "post", "greg", "logit"])
def test_domains_of_unequal_weights_calibrated_are_rs(way, r):
    golden, plain = r["calibrated_apiclus2"][way], design("apiclus2")
    calibrated = {
        "raked": lambda: plain.rake(MARGINS),
        "post": lambda: plain.poststratify({"stype": STYPE}),
        "greg": lambda: plain.calibrate(GREG),
        "logit": lambda: plain.calibrate(GREG, "logit", bounds=(0.4, 2.5)),
    }[way]()
    same(calibrated.mean("api00"), golden["mean"])
    same(calibrated.mean("api00", by="awards"), golden["by_awards"])
    same(calibrated.ratio("api.stu", "enroll"), golden["ratio"])
    same(calibrated.total("api00", by="stype"), golden["total_by_stype"])


def test_the_beta_interval_is_rs_where_r_counts_answers_only(adults, r):
    """With the rows that lack an answer R's n and degrees of freedom are not those of the rate."""
    rate = adults.rate("HI_CHOL", df="design")
    close(np.ravel(rate.interval("beta")), r["edges"]["beta"])
    assert np.ravel(rate.interval("beta"))[0] != pytest.approx(
        r["edges"]["beta_with_missing"][0], rel=1e-6
    )


def test_a_quantile_below_the_first_share_is_the_first_value(r):
    """Six equal families: a tenth lies below the first, 4 rooms; R's rule then takes the second."""
    lowest = SurveyDesign(schools("crowd"), weights="weight").quantile("rooms", [0.1])
    assert (lowest.estimate.item(), r["edges"]["lowest_of_six"]) == (4, 5)


def test_the_likelihood_interval_is_rs_once_rs_fit_has_converged(adults, r, monkeypatch):
    """R stops its fit early, at a point that depends on every weight; we follow it there."""
    rates = {
        "apistrat": design("apistrat").rate("sch.wide", ["Yes"], df="design"),
        "apiclus2": design("apiclus2").rate("awards", ["Yes"], df="design"),
        "nhanes": adults.rate("HI_CHOL", df="design"),
    }
    for sample, rate in rates.items():
        close(np.ravel(rate.interval("likelihood")), r["likelihood"][f"{sample}_default"])
    monkeypatch.setattr(likelihood, "_working_weight", lambda p, n, start: p * (1 - p))
    for sample, rate in rates.items():
        close(np.ravel(rate.interval("likelihood")), expit(r["likelihood"][sample]), 1e-9)
