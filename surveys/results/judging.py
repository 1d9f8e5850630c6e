"""Estimates as they are judged: of two designs, the one with the larger error counts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from analysis import Estimate, SurveyDesign
from surveys.weighting import designs
from surveys.weighting.designs import Designs

LEVEL = 0.95  # of every stored interval

Domain = tuple[str, ...]


def judged(
    declared: Designs, names: Sequence[str], by: Sequence[str], kind: str = "rate"
) -> dict[tuple[str, Domain], tuple[Estimate, str]]:
    """Rates (or means) in every combination of some columns.

    Parameters
    ----------
    declared : Designs
        Its data hold the columns ``names`` (NaN outside the base) and ``by``.
    names : sequence of str
    by : sequence of str
        Columns whose combinations are the domains; none: everyone.
    kind : {"rate", "index"}

    Returns
    -------
    dict
        (name, codes of the domain) to the estimate and the basis of its error.
    """
    found = {
        key: (one, declared.basis)
        for key, one in estimates(declared.drawn, names, by, kind).items()
    }
    if declared.pairs is not None:
        for key, one in estimates(declared.pairs, names, by, kind).items():
            # All of a domain by one pair: its error is beyond estimating, and the domain too few.
            if one.se > found[key][0].se or one.df < 1:
                found[key] = (one, designs.PAIRS)
    return found


def numbers(one: Estimate) -> dict[str, Any]:
    """What is stored of an estimate: itself, its bounds and what it is worth.

    The bounds are Korn–Graubard's for a rate and t bounds for an index, at 95 per cent.
    """
    lower, upper = one.interval("korn-graubard", LEVEL)
    kept = {name: getattr(one, name) for name in ("estimate", "se", "df", "n_effective", "deff")}
    return {name: finite(value) for name, value in {**kept, "lower": lower, "upper": upper}.items()}


def finite(value: float) -> float | None:
    """A number a database can keep; what is not one is absent.

    >>> finite(float("nan")), finite(0.5)
    (None, 0.5)
    """
    return float(value) if math.isfinite(value) else None


def estimates(
    design: SurveyDesign, names: Sequence[str], by: Sequence[str], kind: str = "rate"
) -> dict[tuple[str, Domain], Estimate]:
    """The same under one design, by name and domain."""
    estimate: Any = design.rate if kind == "rate" else design.mean
    found = estimate(list(names), by=list(by) or None).estimates
    return {(one.variable, tuple(one.by[name] for name in by)): one for one in found}
