"""Point estimates from cells, and their linearised scores.

Every statistic here is a smooth function of totals, so to first order an estimate moves with the
sum of the respondents' scores z, and the variance of the estimate is the variance of that sum:

- rate, mean: θ = Σwy/Σwr,  z = w(y − θr)/Σwr
- ratio:      θ = Σwy/Σwx,  z = w(y − θx)/Σwx
- total:      θ = Σwy,      z = wy

A score is a fixed combination of the factors y, x, r within one domain, so it is known from the
cells (Särndal, Swensson & Wretman 1992, section 5.5).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from analysis.cells import Cells, Moment
from analysis.variables import Variable

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Linear:
    """A statistic in each domain, linearised.

    Parameters
    ----------
    estimate : array, shape (domains,)
    coefficients : mapping of factor to array, shape (domains,)
        z = w · Σ coefficient · factor.
    spread : array, shape (domains,)
        Variance of the estimate per respondent, were the sample simple: Σwz²·Σw.
    """

    estimate: Floats
    coefficients: dict[str, Floats]
    spread: Floats


def factors(place: int, variable: Variable) -> tuple[str, ...]:
    """Return the factors whose combination is the variable's score."""
    y, x, r = f"y{place}", f"x{place}", f"r{place}"
    return {"total": (y,), "ratio": (y, x)}.get(variable.statistic, (y, r))


def quotient(sums: Sequence[Floats]) -> Floats:
    """Return the statistic from its parts; NaN where the denominator is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return sums[0] if len(sums) == 1 else sums[0] / sums[1]


def moments(place: int, variable: Variable) -> list[Moment]:
    """Return the sums a statistic, its base and its design effect are made of."""
    named = factors(place, variable)
    pairs = [(1, (a, b)) for a in named for b in named if a <= b]
    r = f"r{place}"
    return [(0, (r,)), (1, (r,)), (2, (r,)), *((1, (name,)) for name in named), *pairs]


def second_moments(wanted: Sequence[Moment], *, residuals: bool) -> list[Moment]:
    """Return the squares of scores that are needed where respondents are the units.

    With ``residuals``, also the products of scores and auxiliaries.
    """
    squares: list[Moment] = [(2, named) for power, named in wanted if power == 1 and len(named) > 1]
    if residuals:
        squares += [(2, named) for power, named in wanted if power == 1 and len(named) == 1]
        squares.append((2, ()))
    return squares


def crossed(variables: Sequence[Variable]) -> list[Moment]:
    """Return the sums that covariances between variables need where respondents are the units."""
    named = [factors(place, variable) for place, variable in enumerate(variables)]
    pairs = combinations(named, 2)
    return [(2, (a, b)) for first, second in pairs for a in first for b in second]


def linearise(place: int, variable: Variable, cells: Cells) -> Linear:
    """Estimate one variable in every domain.

    Parameters
    ----------
    place : int
        The variable's number in the pass.
    variable : Variable
    cells : Cells
        Hold :func:`moments` of the variable.
    """
    y, other = factors(place, variable)[0], factors(place, variable)[-1]
    numerator = cells.by_domain(1, y)
    base = cells.by_domain(1, f"r{place}")
    with np.errstate(divide="ignore", invalid="ignore"):
        if variable.statistic == "total":
            second = cells.by_domain(1, y, y)
            ones = np.ones_like(numerator)
            return Linear(numerator, {y: ones}, base * second - numerator**2)
        denominator = cells.by_domain(1, other)
        theta = numerator / denominator
        if variable.binary:
            spread = theta * (1 - theta)
        else:
            squares = (
                cells.by_domain(1, y, y)
                - 2 * theta * cells.by_domain(1, y, other)
                + theta**2 * cells.by_domain(1, other, other)
            )
            spread = np.maximum(squares, 0) * base / denominator**2
    share = np.divide(1, denominator, out=np.zeros_like(theta), where=denominator != 0)
    return Linear(theta, {y: share, other: -np.nan_to_num(theta) * share}, spread)
