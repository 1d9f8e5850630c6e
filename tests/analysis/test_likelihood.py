"""The likelihood interval is R's where its grid runs out of shares that can be told apart."""

from __future__ import annotations

import numpy as np

from analysis import SurveyDesign


def test_four_answers_have_rs_interval() -> None:
    data = {"y": [1, 0, 1, 1], "w": [1.0, 2.0, 1.0, 1.0], "household": [1, 2, 3, 4]}
    design = SurveyDesign(data, psu="household", weights="w")
    # svyciprop(~y, svydesign(id=~household, weights=~w, data), method="likelihood"), survey 4.1
    expected = [0.0001575449196, 0.9999841790290]
    np.testing.assert_allclose(np.ravel(design.rate("y").interval("likelihood")), expected, 1e-8)
