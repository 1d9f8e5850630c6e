"""Estimates as they are judged: of two designs, the one with the larger error counts."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from analysis import Estimate, SurveyDesign
from surveys.questionnaires.definition import Indicator
from surveys.results.respondents import Y
from surveys.weighting import designs
from surveys.weighting.designs import Designs

LEVEL = 0.95  # of every stored interval

Domain = tuple[str, ...]
Found = TypeVar("Found")


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


def everywhere(
    estimate: Callable[[Sequence[str], Sequence[str], str], Mapping[tuple[str, Domain], Found]],
    columns: designs.Columns,
    measured: Sequence[Indicator],
    whole: str,
) -> dict[tuple[str, str], Found]:
    """Rates and indices, in every community and as a whole, by indicator and area.

    Parameters
    ----------
    estimate : callable
        From names, columns of domains and kind to what is found of them.
    columns : mapping
        What each respondent contributes to each indicator.
    measured : sequence of Indicator
    whole : str
        The wave's own area.
    """
    found = {}
    for kind in ("rate", "index"):
        names = [Y + i.name for i in measured if i.kind == kind]
        known = [name for name in names if not np.isnan(columns[name]).all()]
        for by in (("community",), ()) if known else ():
            for (name, domain), one in estimate(known, by, kind).items():
                found[name.removeprefix(Y), domain[0] if domain else whole] = one
    return found
