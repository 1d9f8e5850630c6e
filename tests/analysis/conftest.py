"""R's school samples and its figures on them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.csv
import pytest

from analysis import SurveyDesign

GOLDEN = Path(__file__).parent / "golden"

DESIGNS: dict[str, dict[str, Any]] = {
    "apistrat": {"strata": "stype", "weights": "pw", "fpc": "fpc"},
    "apiclus1": {"psu": "dnum", "weights": "pw", "fpc": "fpc"},
    "apiclus2": {"psu": ["dnum", "snum"], "fpc": ["fpc1", "fpc2"]},
    "apisrs": {"weights": "pw", "fpc": "fpc"},
}


def schools(sample: str) -> Any:
    """Read one of the samples of Californian schools in R's survey package."""
    return pyarrow.csv.read_csv(GOLDEN / f"{sample}.csv")


def design(sample: str) -> SurveyDesign:
    return SurveyDesign(schools(sample), **DESIGNS[sample])


@pytest.fixture(scope="session")
def reference() -> dict[str, Any]:
    """R's figures, by sample and analysis."""
    return json.loads((GOLDEN / "reference.json").read_text())["cases"]
