"""Every engine carries out the same pass, to a relative 1e-10."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from analysis import DesignError, SurveyDesign
from tests.analysis.conftest import DESIGNS, GOLDEN, close, schools
from tests.analysis.test_calibration import MARGINS

QUESTIONS = {
    "rate": lambda d: d.rate("sch.wide", ["Yes"], by=["stype", "awards"]),
    "missing": lambda d: d.rate("sch.wide", ["Yes"], missing=["No"], by="stype"),
    "where": lambda d: d.mean("api00", where={"stype": ["E", "M"]}),
    "means": lambda d: d.mean(["api00", "target"], by="stype"),
    "total": lambda d: d.total("enroll"),
    "ratio": lambda d: d.ratio("api.stu", "enroll", by="awards"),
    "none": lambda d: d.rate("ell", [0]),
    "raked": lambda d: d.rake(MARGINS).mean("api00", by="awards"),
}


@pytest.fixture(params=["parquet", "csv", "arrow"])
def stored(request, tmp_path):
    """The stratified and the cluster sample in a file that DuckDB reads, or as an Arrow table."""

    def store(sample):
        if request.param == "csv":
            return GOLDEN / f"{sample}.csv"
        if request.param == "arrow":
            return schools(sample)
        pa.parquet.write_table(schools(sample), tmp_path / f"{sample}.parquet")
        return tmp_path / f"{sample}.parquet"

    return store


@pytest.mark.parametrize("sample", ["apistrat", "apiclus2"])
def test_engines_agree(sample, stored):
    plain = SurveyDesign(schools(sample), **DESIGNS[sample], engine="numpy")
    other = SurveyDesign(stored(sample), **DESIGNS[sample], engine="duckdb")
    for name, ask in QUESTIONS.items():
        expected, found = ask(plain), ask(other)
        assert found.domains == expected.domains, name
        for number in ("estimate", "se", "df", "n", "n_weighted", "n_effective", "deff"):
            np.testing.assert_allclose(
                getattr(found, number), getattr(expected, number), rtol=1e-10, atol=1e-12
            )


def test_engines_agree_on_covariances_replicates_and_quantiles(stored):
    plain = SurveyDesign(schools("apiclus1"), **DESIGNS["apiclus1"])
    other = SurveyDesign(stored("apiclus1"), **DESIGNS["apiclus1"], engine="duckdb")
    for ask in (
        lambda d: d.mean(["api00", "api99"], by="stype").covariance(),
        lambda d: d.replicate("jk1").mean("api00").se,
        lambda d: d.rake(MARGINS).replicate("jk1").mean("api00").se,
        lambda d: d.quantile("api00", by="stype").estimate,
        lambda d: d.rake(MARGINS).weights(),
    ):
        close(ask(other), ask(plain), rtol=1e-10)


@pytest.mark.parametrize("engine", ["numpy", "duckdb"])
@pytest.mark.parametrize(
    ("changes", "design", "said"),
    [
        ({"w": [1.0, None, 1, 1]}, {"weights": "w"}, "Weight w is missing in row 2."),
        ({"w": [1.0, -1, 1, 1]}, {"weights": "w"}, "Weight w is negative in row 2."),
        ({"w": ["1", "x", "1", "1"]}, {"weights": "w"}, "Column w must hold numbers; row 2: text"),
        ({"s": ["a", None, "b", "b"]}, {"strata": "s"}, "s: missing in row 2"),
        ({"s": ["a", "b", "b", "b"]}, {"strata": "s"}, "single sampling unit at stage 1: row 1"),
        ({"y": [0, 1, 2, 1]}, {}, "y is no 0/1 column: row 3"),
        ({"z": [1, 2, 3, 4]}, {}, "There is no column y; there are z."),
    ],
)
def test_engines_refuse_alike(engine, changes, design, said):
    data = {} if "z" in changes else {"y": [0, 1, 1, 0]}
    with pytest.raises(DesignError) as caught:
        SurveyDesign(data | changes, **design, engine=engine).rate("y")
    assert said in str(caught.value)


def test_a_file_that_is_no_table_is_refused(tmp_path):
    with pytest.raises(DesignError):
        SurveyDesign(tmp_path / "nothing.parquet")
    with pytest.raises(DesignError, match=r"reads \.parquet and \.csv"):
        SurveyDesign(tmp_path / "letter.txt")
    with pytest.raises(DesignError, match="numpy or duckdb"):
        SurveyDesign({"y": [1]}, engine="abacus")


@pytest.mark.parametrize("ending", ["sav", "dta"])
def test_both_engines_read_files_of_other_packages(ending):
    file = GOLDEN / f"apistrat.{ending}"
    ours, other = (
        SurveyDesign(file, **DESIGNS["apistrat"], engine=engine).rate("awards", ["Yes"])
        for engine in ("numpy", "duckdb")
    )
    close(ours.se, other.se, rtol=1e-10)


def test_codes_of_every_type_are_compared_as_text():
    for values, code in (
        ([1, 2], "1"),
        ([1.0, 2.5], "2.5"),
        ([True, False], "True"),
        (["a'b", "c"], "a'b"),
    ):
        rates = [
            SurveyDesign({"v": values}, engine=e).rate("v", [code]) for e in ("numpy", "duckdb")
        ]
        assert [rate.estimate.item() for rate in rates] == [0.5, 0.5]


@pytest.mark.parametrize("sample", ["apistrat", "apiclus2"])
def test_pandas_frames_are_read_and_made(sample):
    """With pandas' own missing values, categories and nullable numbers."""
    plain = SurveyDesign(schools(sample), **DESIGNS[sample])
    frame = schools(sample).to_pandas()
    frame["stype"] = frame["stype"].astype("category")
    frame["target"] = frame["target"].astype("Float64")
    other = SurveyDesign(frame, **DESIGNS[sample])
    for name, ask in QUESTIONS.items():
        expected, found = ask(plain), ask(other)
        assert found.domains == expected.domains, name
        np.testing.assert_allclose(found.se, expected.se, rtol=1e-10, atol=1e-12)
    table = other.rate("sch.wide", ["Yes"], by="stype").to_pandas()
    assert table["stype"].tolist() == ["E", "H", "M"]
    assert table["n"].sum() == len(frame)
