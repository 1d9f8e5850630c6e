"""Standard errors from replicates: R's figures, and agreement with linearisation."""

from __future__ import annotations

from copy import copy
from dataclasses import replace

import numpy as np
import pytest

from analysis import DesignError, SurveyDesign
from analysis.replicates import replication
from analysis.replicates.balanced import hadamard
from tests.analysis.conftest import close, design, same, schools
from tests.analysis.test_calibration import MARGINS, compimp

AMBULANCES = {"strata": "ESA", "psu": "ambulance", "nest": True}


def test_the_jackknife_without_strata_is_rs(reference):
    golden, jack = reference["replicate_apiclus1_JK1"], design("apiclus1").replicate("jk1")
    same(jack.mean("api00"), golden["mean_api00"])
    same(jack.rate("sch.wide", ["Yes"]), compimp(golden["rate_schwide"]))
    same(jack.mean("api00", by="stype"), golden["by_stype"])


def test_the_jackknife_with_strata_is_rs(reference):
    golden, jack = reference["replicate_apistrat_JKn"], design("apistrat").replicate("jkn")
    same(jack.mean("api00"), golden["mean_api00"])
    same(jack.rate("sch.wide", ["Yes"]), compimp(golden["rate_schwide"]))


def test_the_jackknife_with_every_replicate_raked_anew_is_rs(reference):
    golden = reference["replicate_apiclus1_JK1_raked"]
    jack = design("apiclus1").rake(MARGINS).replicate("jk1")
    same(jack.mean("api00"), golden["mean_api00"])
    same(jack.rate("comp.imp", ["Yes"]), compimp(golden["rate_compimp"]))


@pytest.mark.parametrize(("kind", "rho"), [("brr", 0), ("fay", 0.3), ("jkn", 0)])
def test_halves_of_two_ambulances_in_each_area_are_rs(kind, rho, r):
    """R: as.svrepdesign(svydesign(id=~ambulance, strata=~ESA, nest=TRUE, data=scd), type=...)."""
    ambulances = SurveyDesign(schools("scd"), **AMBULANCES).replicate(kind, rho=rho)
    same(ambulances.ratio("alive", "arrests"), r["scd"][kind])
    if kind == "brr":
        same(ambulances.total("alive"), r["scd"]["total"])


def test_given_replicate_weights_are_rs(r):
    """R: svrepdesign(data=scd, type="BRR", repweights=2*cbind(...))."""
    halves = np.array(
        [[1, 0, 1, 0, 1, 0], [1, 0, 0, 1, 0, 1], [0, 1, 1, 0, 0, 1], [0, 1, 0, 1, 1, 0]]
    )
    data = schools("scd").to_pydict() | {f"half{i}": 2 * half for i, half in enumerate(halves)}
    given = SurveyDesign(data).with_replicate_weights([f"half{i}" for i in range(4)], "brr")
    ratio = given.ratio("alive", "arrests")
    same(ratio, r["scd"]["given"])
    assert ratio.df == 3


def test_given_replicate_weights_are_calibrated_before_and_after_they_are_named():
    first = design("apistrat").with_replicate_weights(["pw", "pw"], "brr").rake(MARGINS)
    last = design("apistrat").rake(MARGINS).with_replicate_weights(["pw", "pw"], "brr")
    for given in (first, last):
        assert given.mean("api00").se == 0
        close(given.mean("api00").estimate, design("apistrat").rake(MARGINS).mean("api00").estimate)


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        ("jkn", {}, "need the scale of each"),
        ("brr", {"rscales": [1]}, "one scale for each"),
        ("brr", {"rho": 0.3}, "for fay replicates only"),
        ("brr", {"scale": -1}, "0 or more"),
        ("sdr", {}, "There are no sdr replicates"),
    ],
)
def test_replicate_weights_that_cannot_be_read_are_refused(kind, options, message):
    with pytest.raises(DesignError, match=message):
        design("apistrat").with_replicate_weights(["pw", "pw"], kind, **options)


@pytest.mark.parametrize("margins", [None, {"sex": {0: 500, 1: 400}, "age": {0: 400, 1: 500}}])
def test_a_jackknife_from_totals_is_the_one_from_multipliers(margins):
    """With classes and domains that one PSU reaches, a lonely PSU and a stratum taken whole."""
    generator = np.random.default_rng(5)
    rows = 300
    psu = generator.integers(0, 30, rows)
    stratum = np.where(psu == 29, 9, psu % 4)
    data = {
        "y": generator.integers(0, 2, rows), "w": generator.uniform(1, 3, rows), "psu": psu,
        "stratum": stratum, "area": psu // 2, "sex": generator.integers(0, 2, rows),
        "N": np.select([stratum == 3, stratum == 9], [len(set(psu[stratum == 3])), 1], 50),
        "age": generator.integers(0, 2, rows), "part": np.where(psu % 3, None, 1.0),
    }  # fmt: skip
    whole = SurveyDesign(data, strata="stratum", psu="psu", weights="w", fpc="N")
    jack = (whole if margins is None else whole.rake(margins)).replicate("jkn")
    for options in ({}, {"by": "area"}, {"by": "area", "where": {"part": [1]}}):
        found = jack.rate("y", **options).variance.replicates
        plain = replace(jack.replication, kind="plain")
        long = copy(jack)
        long.replication = plain
        expected = long.rate("y", **options).variance.replicates
        counted = jack.replication.scale > 0
        np.testing.assert_allclose(found[counted], expected[counted], rtol=1e-9)
        variances = [each.rate("y", **options).variance.diagonal() for each in (jack, long)]
        np.testing.assert_allclose(*variances, rtol=1e-9, atol=1e-20)


def test_the_short_way_of_the_jackknife_is_the_long_way():
    """Replicate by replicate, with domains that reach few PSUs and a stratum taken whole."""
    generator = np.random.default_rng(4)
    rows = 400
    psu = generator.integers(0, 40, rows)
    data = {
        "y": generator.normal(size=rows), "w": generator.uniform(1, 3, rows), "psu": psu,
        "stratum": psu % 5, "N": np.where(psu % 5 == 3, 8, 50), "area": psu // 3,
    }  # fmt: skip
    jack = SurveyDesign(data, strata="stratum", psu="psu", weights="w", fpc="N").replicate("jkn")
    result = jack.mean("y", by="area")
    close(result.variance.diagonal(), np.diag(result.covariance()), rtol=1e-9)


@pytest.mark.parametrize("kind", ["jkn", "bootstrap"])
def test_replicates_carry_the_population_correction(kind):
    sampled = design("apistrat").replicate(kind, replicates=1500, seed=7).mean("api00", by="stype")
    close(sampled.se, design("apistrat").mean("api00", by="stype").se, rtol=0.06)


def test_halves_carry_the_population_correction():
    data = schools("scd").append_column("N", [[4, 4, 4, 4, 4, 4]])
    plain = SurveyDesign(data, **AMBULANCES, fpc="N")
    close(plain.replicate("brr").total("alive").se, plain.total("alive").se)


def test_a_raked_bootstrap_is_near_the_variance_of_residuals():
    raked = design("apistrat").rake(MARGINS)
    again = raked.replicate("bootstrap", replicates=1000, seed=3)
    close(again.mean("api00").se, raked.mean("api00").se, rtol=0.08)


def test_the_seed_repeats_the_bootstrap():
    first, second, other = (
        design("apiclus1").replicate("bootstrap", replicates=50, seed=seed).mean("api00").se
        for seed in (1, 1, 2)
    )
    assert first == second != other


def test_a_replicate_with_nobody_in_the_domain_leaves_its_error_unknown():
    data = {"y": [1.0, 2, 3, 4], "psu": [1, 1, 2, 3], "area": ["a", "a", "b", "b"]}
    by = SurveyDesign(data, psu="psu").replicate("jk1").mean("y", by="area")
    assert np.isnan(by.se[0])
    assert by.se[1] > 0


@pytest.mark.parametrize("least", [2, 3, 9, 12, 20, 28, 36, 92])
def test_hadamard_matrices_are_orthogonal(least):
    matrix = hadamard(least)
    size = len(matrix)
    assert least <= size <= 2 * least
    np.testing.assert_array_equal(matrix @ matrix.T, size * np.eye(size))
    assert (matrix[0] == 1).all()


@pytest.mark.parametrize(
    ("sample", "kind", "options", "said"),
    [
        ("apistrat", "jk1", {}, "JK1 is for designs without strata"),
        ("apistrat", "brr", {}, "two PSUs in every stratum"),
        ("apistrat", "magic", {}, "There are no magic replicates"),
        ("apistrat", "fay", {}, "rho lies above 0"),
        ("apistrat", "bootstrap", {"replicates": 1}, "at least two replicates"),
    ],
)
def test_replicates_that_cannot_be_made_are_refused(sample, kind, options, said):
    with pytest.raises(DesignError, match=said):
        design(sample).replicate(kind, **options)


def test_multipliers_of_every_kind_average_to_one():
    stage = SurveyDesign(schools("scd"), **AMBULANCES).frame.stages[0]
    for kind in ("jkn", "brr", "bootstrap"):
        made = replication(stage, kind, replicates=4000, rho=0, seed=1)
        multipliers = made.multipliers(slice(None))
        np.testing.assert_allclose(multipliers.mean(axis=1), 1, atol=0.08)
