"""Estimates as they are judged: of two designs, the one with the larger error counts."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np

from analysis import Estimate, Estimates, SurveyDesign
from analysis.verdicts import verdicts
from surveys.questionnaires.definition import Indicator
from surveys.results.respondents import Y
from surveys.weighting import designs
from surveys.weighting.designs import Designs

LEVEL = 0.95  # of every stored interval
KEPT = ("estimate", "se", "df", "n_effective", "deff")  # of every estimate

Domain = tuple[str, ...]
Found = TypeVar("Found")


class Judged(NamedTuple):
    """An estimate with its bounds.

    Parameters
    ----------
    one : Estimate
    lower, upper : float
        Korn–Graubard's of a rate, t bounds of an index, at 95 per cent.
    basis : str or None
        Whose error it is.
    """

    one: Estimate
    lower: float
    upper: float
    basis: str | None

    def numbers(self) -> dict[str, Any]:
        """What is stored: the estimate itself, its bounds and what it is worth."""
        kept = {name: getattr(self.one, name) for name in KEPT}
        bounds = {"lower": self.lower, "upper": self.upper}
        return {name: finite(value) for name, value in {**kept, **bounds}.items()}

    def verdict(self, target: float) -> str:
        """Judge the rate against a target."""
        bounds = np.array([self.lower]), np.array([self.upper])
        worth = np.array([self.one.n_effective]), np.array([self.one.df])
        return verdicts(*bounds, *worth, target)[0]


class Both(NamedTuple):
    """Estimates under both designs; there may be no pairs."""

    drawn: Estimates
    pairs: Estimates | None


def both(declared: Designs, names: Sequence[str], by: Sequence[str], kind: str) -> Both:
    """Rates (or means) under both designs; see :func:`judged`."""
    pairs = None if declared.pairs is None else _under(declared.pairs, names, by, kind)
    return Both(_under(declared.drawn, names, by, kind), pairs)


def judged(
    declared: Designs, names: Sequence[str], by: Sequence[str], kind: str = "rate"
) -> dict[tuple[str, Domain], Judged]:
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
        (name, codes of the domain) to the estimate.
    """
    return larger(both(declared, names, by, kind), by, declared.basis)


def larger(made: Both, by: Sequence[str], basis: str) -> dict[tuple[str, Domain], Judged]:
    """Of each estimate the one with the larger error; see :func:`judged`."""
    found = _with_bounds(made.drawn, by, basis)
    if made.pairs is not None:
        of_pairs = _with_bounds(made.pairs, by, designs.PAIRS)
        for key, other in of_pairs.items():
            # All of a domain by one pair: its error is beyond estimating, and the domain too few.
            if other.one.se > found[key].one.se or other.one.df < 1:
                found[key] = other
    return found


def finite(value: float) -> float | None:
    """A number a database can keep; what is not one is absent.

    >>> finite(float("nan")), finite(0.5)
    (None, 0.5)
    """
    return float(value) if math.isfinite(value) else None


def estimates(
    design: SurveyDesign, names: Sequence[str], by: Sequence[str], kind: str
) -> dict[tuple[str, Domain], Judged]:
    """The same under one design, by name and domain."""
    return _with_bounds(_under(design, names, by, kind), by, None)


def _under(design: SurveyDesign, names: Sequence[str], by: Sequence[str], kind: str) -> Estimates:
    estimate: Any = design.rate if kind == "rate" else design.mean
    made: Estimates = estimate(list(names), by=list(by) or None)
    return made


def _with_bounds(
    made: Estimates, by: Sequence[str], basis: str | None
) -> dict[tuple[str, Domain], Judged]:
    lower, upper = (bound.tolist() for bound in made.interval("korn-graubard", LEVEL))
    return {
        (one.variable, tuple(one.by[name] for name in by)): Judged(one, low, high, basis)
        for one, low, high in zip(made.estimates, lower, upper, strict=True)
    }


def everywhere(
    estimate: Callable[[Sequence[str], Sequence[str], str], Mapping[tuple[str, Domain], Found]],
    columns: designs.Arrays,
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
