"""R's school samples and its figures on them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.csv
import pytest

from analysis import Estimates, SurveyDesign

GOLDEN = Path(__file__).parent / "golden"

DESIGNS: dict[str, dict[str, Any]] = {
    "apistrat": {"strata": "stype", "weights": "pw", "fpc": "fpc"},
    "apiclus1": {"psu": "dnum", "weights": "pw", "fpc": "fpc"},
    "apiclus2": {"psu": ["dnum", "snum"], "fpc": ["fpc1", "fpc2"]},
    "apisrs": {"weights": "pw", "fpc": "fpc"},
}


def schools(sample: str) -> Any:
    """Read one of the data sets of R's survey package."""
    return pyarrow.csv.read_csv(GOLDEN / f"{sample}.csv")


def design(sample: str) -> SurveyDesign:
    return SurveyDesign(schools(sample), **DESIGNS[sample])


def close(found: Any, expected: Any, rtol: float = 1e-6) -> None:
    """Compare figures to a relative tolerance."""
    np.testing.assert_allclose(np.ravel(found), np.ravel(expected), rtol=rtol, atol=1e-12)


def same(found: Estimates, figure: dict[str, Any]) -> None:
    """Compare estimates and standard errors with R's."""
    close(found.estimate, figure["estimate"])
    close(found.se, figure["se"])


@pytest.fixture(scope="session")
def r() -> dict[str, Any]:
    """R's figures made by reference/survey.R."""
    return json.loads((GOLDEN / "survey.json").read_text())


@pytest.fixture(scope="session")
def reference() -> dict[str, Any]:
    """R's figures, by sample and analysis."""
    return json.loads((GOLDEN / "reference.json").read_text())["cases"]
