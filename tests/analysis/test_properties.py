"""What holds for every design: hypothesis finds the designs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import SurveyDesign

NUMBERS = ("estimate", "se", "df", "n", "n_effective", "deff")


@st.composite
def surveys(draw):
    """Two to four strata with two to five PSUs of one to six respondents."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rows = []
    for stratum in range(draw(st.integers(2, 4))):
        units = int(rng.integers(2, 6))
        population = units * draw(st.sampled_from([1.5, 3.0, 100.0]))
        for unit in range(units):
            size = int(rng.integers(1, 7))
            rows += [(stratum, 10 * stratum + unit, population)] * size
    stratum, psu, population = np.array(rows).T
    n = len(rows)
    return {
        "stratum": stratum, "psu": psu, "N": population,
        "w": rng.uniform(0.2, 5, n), "area": rng.integers(0, 3, n), "sex": rng.integers(0, 2, n),
        "y": (rng.random(n) < 0.7).astype(float), "x": rng.gamma(2, 3, n),
        "score": np.where(rng.random(n) < 0.1, np.nan, rng.normal(50, 20, n)),
    }  # fmt: skip


def clustered(data, **options):
    return SurveyDesign(data, strata="stratum", psu="psu", weights="w", fpc="N", **options)


def stratified(data, **options):
    return SurveyDesign(data, strata="stratum", weights="w", **options)


DESIGNS = pytest.mark.parametrize("design", [clustered, stratified])
ASKED = [
    lambda d: d.rate("y", by="area"),
    lambda d: d.mean("score", by=["area", "sex"]),
    lambda d: d.ratio("score", "x"),
]


def agree(found, expected, rtol=1e-8):
    for name in NUMBERS:
        np.testing.assert_allclose(
            getattr(found, name), getattr(expected, name), rtol=rtol, atol=1e-9
        )


@DESIGNS
@settings(max_examples=12, deadline=None)
@given(data=surveys(), scale=st.sampled_from([1e-3, 7.0, 1e6]))
def test_the_scale_of_the_weights_does_not_matter_to_means(design, data, scale):
    for ask in ASKED:
        plain, scaled = ask(design(data)), ask(design(data | {"w": data["w"] * scale}))
        for name in ("estimate", "se", "df", "n"):
            np.testing.assert_allclose(
                getattr(scaled, name), getattr(plain, name), rtol=1e-7, atol=1e-9
            )


@DESIGNS
@settings(max_examples=12, deadline=None)
@given(data=surveys(), seed=st.integers(0, 1000))
def test_the_order_of_the_rows_does_not_matter(design, data, seed):
    order = np.random.default_rng(seed).permutation(len(data["y"]))
    for ask in ASKED:
        agree(
            ask(design({name: values[order] for name, values in data.items()})), ask(design(data))
        )


@DESIGNS
@settings(max_examples=12, deadline=None)
@given(data=surveys())
def test_a_domain_by_three_routes(design, data):
    """By crossing, by restriction, and as a ratio to the domain's indicator."""
    for area in np.unique(data["area"]):
        inside = (data["area"] == area).astype(float)
        routes = design(data | {"in": inside, "y_in": inside * data["y"]})
        by = next(one for one in routes.rate("y", by="area") if one.by["area"] == str(area))
        alone = routes.rate("y", where={"area": [area]})[0]
        ratio = routes.ratio("y_in", "in")[0]
        for other in (alone, ratio):
            assert other.estimate == pytest.approx(by.estimate, rel=1e-10)
            assert other.se == pytest.approx(by.se, rel=1e-6, abs=1e-9)


@DESIGNS
@settings(max_examples=12, deadline=None)
@given(data=surveys())
def test_splitting_cells_changes_nothing(design, data):
    """Raking to what is there already splits the cells and leaves the weights as they are."""
    weights = data["w"]
    there = {str(code): weights[data["sex"] == code].sum() for code in np.unique(data["sex"])}
    split = design(data).rake({"sex": there})
    np.testing.assert_allclose(split.weights(), weights, rtol=1e-9)
    found, expected = split.mean("score", by="area"), design(data).mean("score", by="area")
    np.testing.assert_allclose(found.estimate, expected.estimate, rtol=1e-9)


@DESIGNS
@settings(max_examples=8, deadline=None)
@given(data=surveys())
def test_engines_agree_on_any_design(design, data):
    for ask in ASKED:
        agree(ask(design(data, engine="duckdb")), ask(design(data)), rtol=1e-9)


@DESIGNS
@settings(max_examples=12, deadline=None)
@given(data=surveys())
def test_the_covariance_agrees_with_the_standard_errors(design, data):
    result = design(data).mean(["y", "x"], by="area")
    covariance = result.covariance()
    np.testing.assert_allclose(np.sqrt(np.diag(covariance)), result.se, rtol=1e-6, atol=1e-9)
    assert np.linalg.eigvalsh(covariance).min() > -1e-8 * np.abs(covariance).max()


def test_a_domain_without_error_has_no_covariance_either():
    """One respondent's mean is known to vary by nothing; what rounding leaves is not its error."""
    chance = np.random.default_rng(5)
    for _ in range(20):
        n = int(chance.integers(8, 30))
        data = {
            "stratum": np.arange(n) % 2, "w": chance.uniform(0.2, 5, n),
            "area": np.append(0, chance.integers(1, 3, n - 1)), "x": chance.gamma(2, 3, n),
        }  # fmt: skip
        result = stratified(data).mean("x", by="area")
        assert result.se[0] == 0
        assert not result.covariance()[0].any()


@settings(max_examples=12, deadline=None)
@given(data=surveys())
def test_the_jackknife_of_a_total_is_its_linearisation(data):
    design = clustered(data)
    jack, linear = design.replicate("jkn").total("x"), design.total("x")
    np.testing.assert_allclose(jack.se, linear.se, rtol=1e-9, atol=1e-9)
