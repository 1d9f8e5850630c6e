"""A design that cannot be true is refused, and the rows are named."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from analysis import DesignError, SurveyDesign
from tests.analysis.conftest import design
from tests.analysis.test_calibration import MARGINS

ANSWERS = {
    "aware": [1, 0, 1, 1, 0, 1],
    "area": ["a", "a", "a", "b", "b", "b"],
    "house": [1, 1, 2, 3, 4, 4],
    "w": [2.0, 2.0, 2.0, 3.0, 3.0, 3.0],
}


def refused(changes, **design):
    with pytest.raises(DesignError) as caught:
        SurveyDesign(ANSWERS | changes, **design)
    return str(caught.value)


def test_missing_weights_are_refused_with_their_rows():
    said = refused({"w": [1, None, 1, np.nan, 1, 1]}, weights="w")
    assert said == "Weight w is missing in rows 2, 4."


def test_negative_weights_are_refused_with_their_rows():
    assert refused({"w": [1, 1, 1, 1, 1, -1]}, weights="w") == "Weight w is negative in row 6."


def test_text_among_the_weights_is_refused_with_its_row():
    said = refused({"w": ["1", "two", "1", "1", "1", "1"]}, weights="w")
    assert said == "Column w must hold numbers; row 2: text such as 'two'."


def test_a_population_smaller_than_its_sample_is_refused():
    said = refused({"N": [2, 2, 2, 50, 50, 50]}, strata="area", fpc="N")
    assert said == ("area a: the population of 2 is smaller than its sample of 3 (rows 1, 2, 3).")


def test_a_population_that_differs_within_its_stratum_is_refused():
    said = refused({"N": [90, 90, 80, 50, 50, 50]}, strata="area", fpc="N")
    assert said == "N differs within area a: rows 1, 2, 3."


def test_sizes_and_fractions_in_one_column_are_refused():
    said = refused({"N": [90, 90, 90, 0.5, 0.5, 0.5]}, strata="area", fpc="N")
    assert said.endswith("rows 4, 5, 6.")


def test_a_lonely_unit_is_refused_unless_a_policy_is_chosen():
    changes = {"area": ["a", "a", "a", "a", "a", "b"]}
    said = refused(changes, strata="area")
    assert said.startswith("area b has a single sampling unit at stage 1: row 6.")
    for policy in ("adjust", "average", "certainty", "remove"):
        design = SurveyDesign(ANSWERS | changes, strata="area", lonely_psu=policy)
        assert design.rate("aware").se > 0


def test_a_stratum_taken_whole_is_not_lonely():
    population = {"area": ["a", "a", "a", "a", "a", "b"], "N": [10, 10, 10, 10, 10, 1]}
    assert SurveyDesign(ANSWERS | population, strata="area", fpc="N").df == 4


def test_a_missing_stratum_is_refused():
    said = refused({"area": ["a", "a", None, "b", "b", "b"]}, strata="area")
    assert said == "area: missing in row 3. A design column must be known everywhere."


def test_units_that_lie_in_two_strata_are_refused_unless_labels_start_anew():
    labels = {"house": [1, 1, 2, 1, 2, 2]}
    said = refused(labels, strata="area", psu="house")
    assert said.startswith("house 1 lies in several strata (rows 1, 2, 4).")
    anew = SurveyDesign(ANSWERS | labels, strata="area", psu="house", nest=True)
    plain = SurveyDesign(ANSWERS, strata="area", psu="house")
    assert anew.rate("aware").se == plain.rate("aware").se


def test_an_unknown_column_is_refused_with_the_known_ones():
    said = refused({}, weights="weight")
    assert said == "There is no column weight; there are aware, area, house, w."


def test_columns_of_different_length_are_refused():
    said = refused({"w": [1.0]}, weights="w")
    assert said == "Column w has 1 rows, the others 6."


def test_more_corrections_than_stages_are_refused():
    assert "more fpc columns" in refused({"N": [9] * 6, "M": [9] * 6}, fpc=["N", "M"])


def test_a_rate_needs_zeros_and_ones_or_codes():
    design = SurveyDesign(ANSWERS)
    with pytest.raises(DesignError, match="house is no 0/1 column: rows 3, 4, 5, 6"):
        design.rate("house")
    assert design.rate("house", [1, 4]).estimate == pytest.approx(4 / 6)


def test_weights_follow_from_the_fpc():
    population = {"N": [30, 30, 30, 60, 60, 60], "w": [10, 10, 10, 20, 20, 20]}
    implied = SurveyDesign(ANSWERS | population, strata="area", fpc="N").rate("aware")
    given = SurveyDesign(ANSWERS | population, strata="area", fpc="N", weights="w").rate("aware")
    assert implied.estimate == pytest.approx(given.estimate)
    assert implied.se == pytest.approx(given.se)
    assert implied.n_weighted == 90


@pytest.mark.parametrize("convert", [dict, pa.table], ids=["arrays", "arrow"])
def test_columns_come_as_arrays_or_as_an_arrow_table(convert):
    rate = SurveyDesign(convert(ANSWERS), strata="area", psu="house", weights="w").rate("aware")
    assert rate.estimate == pytest.approx(10 / 15)


def test_a_design_prints_what_it_is():
    schools_in_districts = design("apiclus2").rake(MARGINS)
    said = str(schools_in_districts)
    assert said.splitlines()[0] == "SurveyDesign"
    for line in (
        "respondents    126",
        "stages         40 units; 126 units in 40 strata",
        "calibrated to  stype, sch.wide",
        "df             39",
    ):
        assert line in said
    assert "replicates     jk1" in str(design("apiclus1").replicate("jk1"))
