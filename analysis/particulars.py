"""What a design is, in words and counts: as JSON shows it, and as it prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.cells import ROW

if TYPE_CHECKING:
    from analysis.design import SurveyDesign


def described(design: SurveyDesign) -> dict[str, Any]:
    """Return a design in plain words and counts, as JSON shows it."""
    layout, first = design.layout, design.frame.stages[0]
    strata = [name for name in layout.strata if name is not None]
    return {
        "strata": strata, "psu": list(layout.psu), "weights": layout.weights,
        "fpc": list(layout.fpc), "nest": layout.nest, "lonely_psu": layout.lonely_psu,
        "calibrated_to": list(design.calibration.columns) if design.calibration else [],
        "replicates": _replicates(design),
        "n": design.frame.rows, "n_strata": len(first.n), "n_psu": int(first.n.sum()),
        "df": design.df,
    }  # fmt: skip


def printed(design: SurveyDesign) -> str:
    """Return a design as it prints, one particular a line."""
    layout, first = design.layout, design.frame.stages[0]
    stages = [
        f"{int(stage.n.sum()):,} units" + f" in {len(stage.n):,} strata" * (len(stage.n) > 1)
        for stage in design.frame.stages
    ]
    said = {
        "respondents": f"{design.frame.rows:,}",
        "strata": ", ".join(filter(None, layout.strata)),
        "psu": ", ".join(name for name in layout.psu if name != ROW),
        "stages": "; ".join(stages),
        "fpc": ", ".join(layout.fpc),
        "pps": "brewer" if layout.pps else "",
        "lonely psu": layout.lonely_psu if first.alone.any() else "",
        "weights": f"{layout.weights or 'N/n'}, sum {design.weights().sum():,.6g}",
        "calibrated to": ", ".join(design.calibration.columns) if design.calibration else "",
        "replicates": _replicates(design) or "",
        "df": f"{design.df:,}",
    }
    lines = [f"  {name:<14} {value}" for name, value in said.items() if value]
    return "\n".join([type(design).__name__, *lines])


def _replicates(design: SurveyDesign) -> str | None:
    if design.given is not None:
        return f"{len(design.given.columns)} given"
    return design.replication.kind if design.replication else None
