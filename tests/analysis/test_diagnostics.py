"""Diagnostics of weights and margins."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import DesignError
from tests.analysis.conftest import close, design
from tests.analysis.test_calibration import MARGINS


def test_kishs_design_effect_is_one_more_than_the_squared_variation():
    sample = design("apistrat")
    weights, spread = sample.weights(), sample.weight_distribution()
    close(spread.deff, 1 + (weights.std() / weights.mean()) ** 2)
    close(spread.n_effective, sample.rate("sch.wide", ["Yes"]).n_kish)
    assert spread.quantiles[[0, -1]].tolist() == [weights.min(), weights.max()]
    assert "weight" in str(spread)


def test_margins_stand_side_by_side_before_and_after():
    raked = design("apiclus1").rake(MARGINS)
    check = raked.margins()
    close(check.after, check.population)
    assert check.margins == ("stype", "stype", "stype", "sch.wide", "sch.wide")
    assert np.abs(check.before - check.population).max() > 100
    with pytest.raises(DesignError, match="not calibrated"):
        design("apiclus1").margins()
