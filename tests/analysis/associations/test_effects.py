"""Average effects of a logistic model, against what can be had without one."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from analysis import SurveyDesign
from analysis.associations import t_test
from analysis.associations.effects import average_effects
from analysis.associations.regression import logistic
from analysis.associations.rows import Rows


def sample(chance: np.random.Generator) -> SurveyDesign:
    n = 400
    sex = np.where(chance.random(n) < 0.4, "f", "m")
    return SurveyDesign(
        {
            "stratum": np.repeat(["a", "b", "c", "d"], n // 4),
            "weight": chance.uniform(1, 5, n),
            "fpc": np.repeat([0.1, 0.2, 0.05, 0.3], n // 4),
            "sex": sex,
            "low": (chance.random(n) < np.where(sex == "f", 0.3, 0.2)).astype(float),
        },
        strata="stratum", weights="weight", fpc="fpc",
    )  # fmt: skip


def test_with_one_group_the_effect_and_its_error_are_those_of_the_difference_of_two_rates() -> None:
    design = sample(np.random.default_rng(5))
    rows = Rows(design)
    place, names = rows.codes("sex")
    x = np.column_stack([np.ones(len(place)), place == names.index("m")]).astype(float)
    base = np.ones(len(place), bool)
    slopes, covariance = logistic(rows, x, rows.numbers("low"), base)
    effect, gradient = average_effects(x, rows.weight, slopes, [[1]])
    plain = t_test(design, "low", "sex")
    assert effect[0] == pytest.approx(plain.difference, rel=1e-10)
    assert np.sqrt(gradient @ covariance @ gradient.T)[0, 0] == pytest.approx(plain.se, rel=1e-9)


def test_the_gradient_is_the_slope_of_the_effect() -> None:
    chance = np.random.default_rng(6)
    codes = np.eye(3)[chance.integers(0, 3, 200)][:, 1:]
    x = np.column_stack([np.ones(200), codes, chance.random(200) < 0.5]).astype(float)
    weight, slopes = chance.uniform(1, 3, 200), np.array([-0.5, 0.8, -0.3, 0.4])
    groups = [[1, 2], [3]]
    effect, gradient = average_effects(x, weight, slopes, groups)
    assert np.sign(effect).tolist() == [1, -1, 1]
    for at in range(4):
        moved = slopes + 1e-6 * (np.arange(4) == at)
        later, _ = average_effects(x, weight, moved, groups)
        assert (later - effect) / 1e-6 == pytest.approx(gradient[:, at], abs=1e-5)


def test_an_effect_compares_with_the_first_code_and_leaves_the_rest_as_it_is() -> None:
    x = np.array([[1.0, 1.0, 0.0, 1.0], [1.0, 0.0, 1.0, 0.0]])
    slopes = np.array([0.1, 0.2, 0.3, 0.4])
    effect, _ = average_effects(x, np.array([1.0, 3.0]), slopes, [[1, 2]])
    expected = (expit(0.8) - expit(0.5) + 3 * (expit(0.4) - expit(0.1))) / 4
    assert effect[1] == pytest.approx(expected)
