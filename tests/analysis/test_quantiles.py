"""Quantiles by R's qrule="math", with Woodruff's intervals."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import DesignError, SurveyDesign
from tests.analysis.conftest import DESIGNS, close, design, schools
from tests.analysis.test_calibration import MARGINS


@pytest.mark.parametrize("sample", sorted(DESIGNS))
def test_quantiles_are_rs(sample, reference):
    close(design(sample).quantile("api00").estimate, reference[sample]["quantile_api00"])


@pytest.mark.parametrize("sample", ["apistrat", "apiclus1"])
def test_woodruffs_intervals_and_standard_errors_are_rs(sample, r):
    """R: svyquantile(~api00, design, c(.25, .5, .75))."""
    found, expected = design(sample).quantile("api00"), r["quantiles"][sample]
    for name in ("lower", "upper", "se"):
        close(getattr(found, name), expected[name])


def test_a_quantile_of_a_domain_is_that_of_the_design_restricted_to_it():
    raked = design("apiclus1").rake(MARGINS)
    crossed = raked.quantile("api00", by=["stype", "awards"])
    for at, by in enumerate(crossed.domains):
        alone = raked.quantile("api00", where={name: [code] for name, code in by.items()})
        close(crossed.estimate[:, at], alone.estimate)
        close(crossed.lower[:, at], alone.lower)


def test_the_median_of_raked_weights_is_their_weighted_median():
    raked = design("apistrat").rake(MARGINS)
    values, weights = np.array(schools("apistrat")["api00"]), raked.weights()
    order = np.argsort(values)
    share = np.cumsum(weights[order]) / weights.sum()
    expected = values[order][np.searchsorted(share, 0.5)]
    assert raked.quantile("api00", [0.5]).estimate.item() == expected


def test_where_the_share_leaves_0_to_1_there_is_no_bound():
    quantile = SurveyDesign({"y": [1.0, 2, 3, 4]}).quantile("y", [0.1])
    assert np.isnan(quantile.lower).all()
    assert quantile.records()[0]["ci"][0] is None


def test_quantiles_need_numbers_and_probabilities():
    with pytest.raises(DesignError, match="stype must hold numbers"):
        design("apistrat").quantile("stype")
    with pytest.raises(DesignError, match="between 0 and 1"):
        design("apistrat").quantile("api00", [1.5])
