"""Files of every kind become the same table of respondents."""

from __future__ import annotations

import pytest

from analysis import DesignError, SurveyDesign, files
from tests.analysis.conftest import GOLDEN, close, design


@pytest.mark.parametrize("kind", ["sav", "dta"])
def test_spss_and_stata_files_hold_the_same_answers(kind):
    sample = SurveyDesign(
        files.read(GOLDEN / f"apistrat.{kind}"), strata="stype", weights="pw", fpc="fpc"
    )
    found = sample.rate("sch_wide", ["Yes"], by="awards")
    expected = design("apistrat").rate("sch.wide", ["Yes"], by="awards")
    close(found.estimate, expected.estimate)
    close(found.se, expected.se)
    assert sample.mean("api00").n == 199


@pytest.mark.parametrize("kind", ["sav", "dta", "parquet"])
def test_a_broken_file_is_refused_by_name(tmp_path, kind):
    path = tmp_path / f"broken.{kind}"
    path.write_bytes(b"not a table")
    with pytest.raises(DesignError, match="broken"):
        files.read(path)
