"""Compares with the Python package svy: ``python svy_package.py`` where svy is installed.

A second oracle beside R, run by hand: it prints our figure, svy's, and their relative difference.
What differs, and why, stands in docs/estimation.md.
"""

import json
import sys
from pathlib import Path

GOLDEN = Path(__file__).parents[1] / "golden"


def figures() -> dict[str, list[float]]:
    """The same questions to svy as in reference.json."""
    import polars as pl
    import svy

    found = {}
    designs = {
        "apistrat": {"stratum": "stype", "wgt": "pw", "pop_size": "fpc"},
        "apiclus1": {"psu": "dnum", "wgt": "pw", "pop_size": "fpc"},
    }
    for sample, columns in designs.items():
        data = pl.read_csv(GOLDEN / f"{sample}.csv", null_values=["", "NA"])
        survey = svy.Sample(data, svy.Design(**columns))
        for name, ask in {
            "mean_api00": lambda e: e.mean("api00", drop_nulls=True),
            "total_enroll": lambda e: e.total("enroll", drop_nulls=True),
        }.items():
            estimate = ask(survey.estimation).estimates[0]
            found[f"{sample} {name}"] = [estimate.est, estimate.se]
    return found


if __name__ == "__main__":
    golden = json.loads((GOLDEN / "reference.json").read_text())["cases"]
    for question, (estimate, error) in figures().items():
        sample, name = question.split()
        expected = golden[sample][name]
        off = estimate / expected["estimate"] - 1, error / expected["se"] - 1
        sys.stdout.write(
            f"{question}: {estimate:.10g} ({error:.10g}), off R by {off[0]:.1e} ({off[1]:.1e})\n"
        )
