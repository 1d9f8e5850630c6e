"""Data as they come: unused codes, missing domains, no weight, lone units, answers all alike."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from analysis import DesignError, SurveyDesign
from tests.analysis.conftest import DESIGNS, close, design, schools


@pytest.mark.parametrize("engine", ["numpy", "duckdb"])
def test_codes_that_nobody_holds_make_no_domain_and_no_stratum(engine):
    frame = schools("apistrat").to_pandas()
    frame["stype"] = pd.Categorical(frame["stype"], categories=["E", "H", "M", "X"])
    table = pa.Table.from_pandas(frame)
    found = SurveyDesign(table, **DESIGNS["apistrat"], engine=engine)
    rate = found.rate("sch.wide", ["Yes"], by="stype")
    assert [one.by["stype"] for one in rate] == ["E", "H", "M"]
    close(rate.se, design("apistrat").rate("sch.wide", ["Yes"], by="stype").se)
    assert found.df == SurveyDesign(frame, **DESIGNS["apistrat"]).df == 197


def test_units_may_be_numbers_or_texts():
    frame = schools("apiclus1").to_pandas()
    frame["dnum"] = frame["dnum"].astype(str)
    texts = SurveyDesign(frame, **DESIGNS["apiclus1"]).mean("api00", by="stype")
    close(texts.se, design("apiclus1").mean("api00", by="stype").se, rtol=1e-12)


@pytest.mark.parametrize("engine", ["numpy", "duckdb"])
def test_whose_domain_is_unknown_stays_in_the_design(engine):
    data = schools("apiclus1").to_pydict()
    data["part"] = [None if stype == "M" else stype for stype in data["stype"]]
    found = SurveyDesign(data, **DESIGNS["apiclus1"], engine=engine).mean("api00", by="part")
    expected = design("apiclus1").mean("api00", by="stype")
    assert [one.by["part"] for one in found] == ["E", "H"]
    close(found.se, expected.se[:2])
    close(found.df, expected.df[:2])


@pytest.mark.parametrize("engine", ["numpy", "duckdb"])
def test_a_weight_of_zero_counts_for_nobody(engine):
    """The estimate and its error are those without the rows: nobody stands behind them."""
    data = schools("apiclus1").to_pydict()
    data["pw"] = [
        0.0 if stype == "M" else w for w, stype in zip(data["pw"], data["stype"], strict=True)
    ]
    found = SurveyDesign(data, psu="dnum", weights="pw", engine=engine).mean("api00")
    whole = SurveyDesign(schools("apiclus1"), psu="dnum", weights="pw")
    expected = whole.mean("api00", where={"stype": ["E", "H"]})
    close(found.estimate, expected.estimate)
    close(found.se, expected.se)


def test_a_fraction_is_as_good_as_the_population():
    data = schools("apistrat").to_pydict()
    size = dict(zip(*np.unique(data["stype"], return_counts=True), strict=True))
    data["f"] = [size[s] / n for s, n in zip(data["stype"], data["fpc"], strict=True)]
    fractions = SurveyDesign(data, strata="stype", weights="pw", fpc="f")
    close(fractions.total("enroll").se, design("apistrat").total("enroll").se)


def test_a_stratum_wholly_outside_a_domain_leaves_its_error_alone():
    elementary = design("apistrat").mean("api00", where={"stype": ["E"]})
    alone = schools("apistrat").to_pydict()
    inside = [place for place, stype in enumerate(alone["stype"]) if stype == "E"]
    one = SurveyDesign(
        {name: [values[place] for place in inside] for name, values in alone.items()},
        weights="pw", fpc="fpc",
    ).mean("api00")  # fmt: skip
    close(elementary.se, one.se)
    assert elementary.df == one.df == len(inside) - 1


def test_a_domain_may_reach_a_single_unit_of_a_stratum():
    """The stratum keeps its units; only where it has a single one at all is it lonely."""
    data = {"y": [1, 0, 1, 0, 1, 1], "s": list("aaabbb"), "part": list("xyxyyx")}
    rate = SurveyDesign(data, strata="s").rate("y", by="part")
    assert np.isfinite(rate.se).all()
    with pytest.raises(DesignError, match="single sampling unit"):
        SurveyDesign({"y": [1, 0, 1], "s": list("aab")}, strata="s")


@pytest.mark.parametrize("answer", [0, 1])
def test_answers_all_alike_have_every_interval(answer):
    rate = SurveyDesign({"y": [answer] * 80, "w": [1.0, 2.0] * 40}, weights="w").rate("y")
    for method in ("logit", "wilson", "beta", "asin", "likelihood", "xlogit", "korn-graubard"):
        lower, upper = rate.interval(method)
        assert (lower[0], upper[0])[answer] == answer
        assert 0 < upper[0] - lower[0] < 0.1
