"""Change between two waves: with the covariance of what both have drawn, its test and interval.

V(Δ) = V₁ + V₂ − 2C. Where a change is judged for many communities at once, Holm's adjustment keeps
the chance of any false one at 5 %.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from analysis.families import holm
from analysis.presentation import Presented
from analysis.verdicts import FEWEST_DF, FEWEST_EFFECTIVE, LEVEL

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Level:
    """Some estimates of one wave.

    Parameters
    ----------
    estimate, se, df, n_effective : array, all of one shape
        NaN where there is none.
    """

    estimate: Floats
    se: Floats
    df: Floats
    n_effective: Floats

    @property
    def enough(self) -> NDArray[np.bool_]:
        """Which may be judged: effective n at least 50, at least 8 degrees of freedom."""
        judged = (self.n_effective >= FEWEST_EFFECTIVE) & (self.df >= FEWEST_DF)
        return np.asarray(judged & np.isfinite(self.estimate), bool)


@dataclass(frozen=True)
class Changes(Presented):
    """Second less first.

    Parameters
    ----------
    change, se, df, lower, upper, p : array
        With the two-sided t interval and test.
    correlation : array
        Of the two estimates.
    judged : array of bool
        Whether both are large enough to be judged.
    level : float
    """

    change: Floats
    se: Floats
    df: Floats
    lower: Floats
    upper: Floats
    p: Floats
    correlation: Floats
    judged: NDArray[np.bool_]
    level: float

    def shifted(self, by: Floats, variance: Floats) -> Changes:
        """Return the changes plus a correction that has an independent error of its own."""
        moved, error = self.change + by, np.sqrt(self.se**2 + variance)
        half = stdtrit(self.df, (1 + self.level) / 2) * error
        with np.errstate(divide="ignore", invalid="ignore"):
            p = 2 * stdtr(self.df, -np.abs(moved) / error)
        return replace(
            self, change=moved, se=error, lower=moved - half, upper=moved + half,
            p=np.where(np.isfinite(self.p), p, np.nan),
        )  # fmt: skip

    def holm(self, rows: slice = slice(None)) -> Floats:
        """Return p-values adjusted down the first axis, as far as ``rows`` go.

        NaN for those that are not judged; they do not count in the family. The other rows keep
        their own p-values.
        """
        adjusted = np.where(self.judged, self.p, np.nan)
        for at in np.ndindex(self.p.shape[1:]):
            column = (rows, *at)
            family = np.isfinite(adjusted[column])
            found = adjusted[column].copy()
            found[family] = holm(found[family])
            adjusted[column] = found
        return adjusted

    def to_arrow(self) -> Any:
        """Return a ``pyarrow.Table``."""
        names = ("change", "se", "df", "lower", "upper", "p", "correlation")
        return pa.table({name: getattr(self, name).ravel() for name in names})


def change(first: Level, second: Level, covariance: Floats, level: float = LEVEL) -> Changes:
    """Test the change from one wave to another.

    Degrees of freedom are Satterthwaite's.

    Parameters
    ----------
    first, second : Level
    covariance : array
        Of the two estimates; 0 where nothing was drawn twice. Beyond a correlation of ±1, which an
        estimate from few common units may reach, it is cut.
    level : float

    Examples
    --------
    >>> before = Level(*np.array([[0.80], [0.02], [100], [400]]))
    >>> after = Level(*np.array([[0.86], [0.02], [100], [400]]))
    >>> for shared in (0.0, 0.0002):
    ...     found = change(before, after, np.array([shared]))
    ...     print(found.change.round(2), found.se.round(4), found.p.round(4))
    [0.06] [0.0283] [0.0351]
    [0.06] [0.02] [0.003]
    """
    one, other = first.se**2, second.se**2
    most = np.sqrt(one * other)
    with np.errstate(divide="ignore", invalid="ignore"):
        correlation = np.where(most > 0, np.clip(covariance / most, -1, 1), 0)
        variance = np.maximum(one + other - 2 * correlation * most, 0)
        df = (one + other) ** 2 / (one**2 / first.df + other**2 / second.df)
        error = np.sqrt(variance)
        found = second.estimate - first.estimate
        t = np.abs(found) / error
    df = np.where(np.isfinite(df) & (df > 0), df, np.inf)
    p = np.where(error > 0, 2 * stdtr(df, -np.nan_to_num(t)), np.nan)
    half = stdtrit(df, (1 + level) / 2) * error
    known = np.isfinite(found) & (error > 0)
    return Changes(
        found, error, df, found - half, found + half,
        np.where(known, p, np.nan), correlation, first.enough & second.enough & known, level,
    )  # fmt: skip


def least_variance(estimate: Floats, n_effective: Floats) -> Floats:
    """Return the variance of a rate that is 0 or 1, whose own says nothing (Agresti's p̃).

    >>> least_variance(np.array([1.0]), np.array([98.0])).round(6)
    array([0.000101])
    """
    with np.errstate(invalid="ignore"):
        middle = (estimate * n_effective + 1) / (n_effective + 2)
        return np.asarray(middle * (1 - middle) / n_effective)
