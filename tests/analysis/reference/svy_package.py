"""Compares with the Python package svy: ``python svy_package.py`` where svy is installed.

A second oracle beside R, run by hand: it asks svy the questions whose figures by R stand in
``golden``, and prints how far svy is off. What differs, and why, stands in docs/estimation.md.
"""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

GOLDEN = Path(__file__).parents[1] / "golden"
DESIGNS = {
    "apistrat": {"stratum": "stype", "wgt": "pw", "pop_size": "fpc"},
    "apiclus1": {"psu": "dnum", "wgt": "pw", "pop_size": "fpc"},
}
STYPE = {"E": 4421, "H": 755, "M": 1018}
MARGINS = {"stype": STYPE, "sch.wide": {"No": 1072, "Yes": 5122}}
Question = tuple[str, Callable[[], Any], dict[str, Any]]


def questions() -> Iterator[Question]:
    """Yield a name, how to ask svy, and R's figure."""
    import polars as pl
    import svy

    reference = json.loads((GOLDEN / "reference.json").read_text())["cases"]
    golden = json.loads((GOLDEN / "survey.json").read_text())

    def sample(name: str, **more: str) -> Any:
        data = pl.read_csv(GOLDEN / f"{name}.csv", null_values=["", "NA"])
        return svy.Sample(data, svy.Design(**(DESIGNS.get(name, {}) | more)))

    for name in DESIGNS:
        r = reference[name]
        ask = sample(name).estimation
        yield f"{name} mean", lambda ask=ask: ask.mean("api00"), r["mean_api00"]
        yield f"{name} total", lambda ask=ask: ask.total("enroll"), r["total_enroll"]
    two = sample("apiclus2", psu="dnum", ssu="snum", wgt="pw").estimation
    yield (
        "apiclus2, first stage with replacement",
        lambda: two.mean("api00"),
        golden["apiclus2"]["with"],
    )
    wards = sample("hospital", stratum="oblevel", psu="hospno", wgt="weighta", pop_size="tothosp")
    for name, options in {"mean": {}, "by": {"by": "oblevel"}}.items():
        yield (
            f"hospital {name}",
            lambda options=options: wards.estimation.mean("births", **options),
            golden["hospital"][name],
        )
    adults = sample("nhanes", stratum="SDMVSTRA", psu="SDMVPSU", wgt="WTMEC2YR").estimation
    yield "nhanes mean", lambda: adults.mean("HI_CHOL", drop_nulls=True), golden["nhanes"]["rate"]
    jack = sample("apiclus1").weighting.create_jk_wgts()
    yield (
        "apiclus1 JK1, with an fpc",
        lambda: jack.estimation.mean("api00", method="replication"),
        reference["replicate_apiclus1_JK1"]["mean_api00"],
    )
    raked = lambda: sample("apiclus1").weighting.rake(controls=MARGINS, tol=1e-10)  # noqa: E731
    calibrated = reference["calibration_apiclus1"]
    yield "raked mean", lambda: raked().estimation.mean("api00"), calibrated["rake"]["mean_api00"]
    yield (
        "raked by stype", lambda: raked().estimation.mean("api00", by="stype"),
        golden["raked"]["by_stype"],
    )  # fmt: skip
    yield (
        "raked JK1, raked anew",
        lambda: jack.weighting.rake(controls=MARGINS, tol=1e-10).estimation.mean(
            "api00", method="replication"
        ),
        reference["replicate_apiclus1_JK1_raked"]["mean_api00"],
    )


def off(found: list[float], expected: Any) -> float:
    """Return the largest relative difference."""
    wanted = expected if isinstance(expected, list) else [expected]
    return max(abs(a / b - 1) for a, b in zip(sorted(found), sorted(wanted), strict=True))


if __name__ == "__main__":
    for name, ask, golden in questions():
        try:
            rows = ask().estimates
            far = [off([getattr(row, key) for row in rows], golden[their])
                   for key, their in (("est", "estimate"), ("se", "se"))]  # fmt: skip
            said = f"estimate off R by {far[0]:.1e}, standard error by {far[1]:.1e}"
        except Exception as error:  # what svy refuses is part of the comparison
            said = f"{type(error).__name__}: {str(error).splitlines()[0]}"
        sys.stdout.write(f"{name}: {said}\n")
