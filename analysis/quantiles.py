"""Quantiles, with Woodruff's interval.

The p-quantile is the smallest value whose weighted share of values up to it reaches p (R's
``qrule="math"``, the inverse of the estimated distribution function). The values go into the cells
as a key, so a domain's quantile needs no rows. Woodruff's interval turns the interval of the share
F(q̂) back into values [1]_; its length gives the standard error.

References
----------
.. [1] Woodruff 1952, Confidence intervals for medians and other position measures, Journal of the
       American Statistical Association 47, 635–646.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from analysis.cells import Cells, Key, Moment
from analysis.estimates import Estimates
from analysis.intervals import t_quantile
from analysis.presentation import Presented
from analysis.problems import DesignError

Floats = NDArray[np.float64]

#: What a pass for quantiles sums: the base and its weights, by value.
MOMENTS: tuple[Moment, ...] = ((0, ("r0",)), (1, ("r0",)), (2, ("r0",)))


@dataclass(frozen=True)
class Quantiles(Presented):
    """Quantiles of one variable in some domains.

    Parameters
    ----------
    variable : str
    probabilities : tuple of float
    domains : tuple of mapping
    level : float
        Of the intervals.
    estimate, se, lower, upper : array, shape (probabilities, domains)
        NaN where an interval of the share leaves 0 to 1.
    df, n : array, shape (domains,)
    shares : tuple of Estimates
        F(q̂), one for each probability.
    """

    variable: str
    probabilities: tuple[float, ...]
    domains: tuple[Mapping[str, str], ...]
    level: float
    estimate: Floats
    se: Floats
    lower: Floats
    upper: Floats
    df: Floats
    n: Floats
    shares: tuple[Estimates, ...] = field(repr=False, compare=False)

    def to_arrow(self) -> Any:
        """Return one row for each probability and domain."""
        times = len(self.probabilities)
        columns: dict[str, Any] = {
            "statistic": ["quantile"] * self.estimate.size,
            "variable": [self.variable] * self.estimate.size,
            "probability": np.repeat(self.probabilities, len(self.domains)),
        }
        for name in self.domains[0] if self.domains else ():
            columns[name] = [by[name] for by in self.domains] * times
        for name in ("estimate", "se", "lower", "upper"):
            columns[name] = getattr(self, name).ravel()
        columns["df"], columns["n"] = np.tile(self.df, times), np.tile(self.n, times).astype(int)
        return pa.table(columns)

    def records(self, **options: Any) -> list[dict[str, Any]]:
        """Return one plain dict for each quantile, as JSON shows it."""
        by = [dict(domain) for domain in self.domains] * len(self.probabilities)
        return [
            {
                **{name: row[name] for name in ("statistic", "variable", "probability")},
                "by": domain,
                "estimate": row["estimate"],
                "se": row["se"],
                "ci": [row["lower"], row["upper"]],
                "df": row["df"],
                "n": row["n"],
            }
            for row, domain in zip(super().records(**options), by, strict=True)
        ]


class Distribution:
    """The weighted distribution of a variable in every domain.

    Parameters
    ----------
    cells : Cells
        Of a pass with the variable's column as the last of its classes, under the final weights.
    column : str
    """

    def __init__(self, cells: Cells, column: str) -> None:
        self.column = column
        self.values, place = np.unique(values_of(cells.classes, column), return_inverse=True)
        shape = (len(cells.domains), len(self.values))
        at = np.ravel_multi_index((cells.domain, place[cells.klass]), shape)
        weights = np.bincount(at, cells.sum(1, "r0"), shape[0] * shape[1]).reshape(shape)
        with np.errstate(invalid="ignore"):
            self.share = np.cumsum(weights, axis=1) / weights.sum(axis=1, keepdims=True)
        self.present = weights > 0

    def quantile(self, p: Floats) -> Floats:
        """Return the p-quantile in each domain, NaN for p outside 0 to 1, shape (domains,)."""
        reached = (self.share >= (p - 1e-12)[:, None]) & self.present
        known = reached.any(axis=1) & (p >= 0) & (p <= 1)
        return np.where(known, self.values[reached.argmax(axis=1)], np.nan)


def values_of(classes: Key, column: str) -> Floats:
    """Return the number of each class, NaN where missing."""
    try:
        return classes.values(column).astype(float)
    except (TypeError, ValueError):
        raise DesignError("Column %(column)s must hold numbers.", column=column) from None


def up_to(cells: Cells, limit: Floats, column: str, keep: int) -> Cells:
    """Make y the indicator of values up to each domain's limit, and forget the values.

    Parameters
    ----------
    cells : Cells
        With the values among the classes.
    limit : array, shape (domains,)
    column : str
    keep : int
        How many of the classes' columns stay: those of a calibration.
    """
    with np.errstate(invalid="ignore"):
        below = values_of(cells.classes, column)[cells.klass] <= limit[cells.domain]
    sums = dict(cells.sums)
    for power in (1, 2):
        sums[power, ("y0",)] = cells.sum(power, "r0") * below
    return cells.with_sums(sums).merged(keep)


def woodruff(
    distribution: Distribution,
    probabilities: Sequence[float],
    shares: Sequence[Estimates],
    level: float,
) -> Quantiles:
    """Turn the intervals of the shares at the quantiles back into values."""
    places = shares[0].places
    lower: list[Floats] = []
    upper: list[Floats] = []
    for share in shares:
        for bound, into in zip(share.interval("normal", level), (lower, upper), strict=True):
            wide = np.full(len(distribution.share), np.nan)
            wide[places] = bound
            into.append(distribution.quantile(wide)[places])
    every = np.ones(len(distribution.share))
    found = np.array([distribution.quantile(p * every)[places] for p in probabilities])
    low, high = np.array(lower), np.array(upper)
    return Quantiles(
        distribution.column, tuple(probabilities), shares[0].domains, level, found,
        (high - low) / (2 * t_quantile(shares[0].df, level)),
        low, high, shares[0].df, shares[0].n, tuple(shares),
    )  # fmt: skip
