"""Two groups compared in a number: the design-based t and rank tests.

Both are regressions on the group with the design's covariance: of the number itself, or of its
estimated rank in the population, 0 to 1 (Lumley & Scott 2013 [1]_); R's ``svyttest`` and
``svyranktest``. Degrees of freedom: the design's less one.

References
----------
.. [1] Lumley & Scott 2013, Two-sample rank tests under complex sampling, Biometrika 100, 831–842.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.special import ndtri, stdtr, stdtrit

from analysis.associations.regression import least_squares
from analysis.associations.rows import Rows
from analysis.design import SurveyDesign
from analysis.presentation import Presented
from analysis.problems import DesignError
from analysis.verdicts import LEVEL

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class GroupTest(Presented):
    """The difference of two groups, second less first.

    Parameters
    ----------
    test : str
        ``t``, ``wilcoxon``, ``van der waerden`` or ``median``.
    variable, group : str
    groups : (str, str)
    difference, se : float
        Of means, or of mean ranks (0–1) or their scores.
    df : float
    n : int
    """

    test: str
    variable: str
    group: str
    groups: tuple[str, str]
    difference: float
    se: float
    df: float
    n: int

    @property
    def t(self) -> float:
        """The difference over its standard error."""
        return self.difference / self.se

    @property
    def p(self) -> float:
        """The two-sided p-value."""
        return float(2 * stdtr(self.df, -abs(self.t)))

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        """Return the bounds of the difference."""
        half = float(stdtrit(self.df, (1 + level) / 2)) * self.se
        return self.difference - half, self.difference + half

    def to_arrow(self, level: float = LEVEL) -> Any:
        """Return a ``pyarrow.Table`` of one row."""
        lower, upper = self.interval(level)
        row = {
            "test": self.test, "variables": f"{self.variable} by {self.group}",
            "contrast": f"{self.groups[1]} - {self.groups[0]}", "difference": self.difference,
            "se": self.se, "lower": lower, "upper": upper, "t": self.t, "df": self.df,
            "p": self.p, "n": self.n,
        }  # fmt: skip
        return pa.table({name: [value] for name, value in row.items()})


def t_test(
    design: SurveyDesign,
    variable: str,
    group: str,
    where: Mapping[str, Sequence[object]] | None = None,
) -> GroupTest:
    """Test whether the means of two groups differ.

    Examples
    --------
    >>> sample = SurveyDesign({"points": [60, 80, 80, 100, 60, 30], "sex": list("fffmmm")})
    >>> found = t_test(sample, "points", "sex")
    >>> round(found.difference, 2), round(found.t, 3), found.df
    (-10.0, -0.524, 4.0)
    """
    return _test(design, variable, group, where, "t")


def rank_test(
    design: SurveyDesign,
    variable: str,
    group: str,
    where: Mapping[str, Sequence[object]] | None = None,
    scores: str = "wilcoxon",
) -> GroupTest:
    """Test whether one of two groups tends to lie higher.

    Parameters
    ----------
    design : SurveyDesign
    variable, group : str
    where : mapping of column to codes, optional
    scores : {"wilcoxon", "van der waerden", "median"}
        What the ranks are turned into: themselves, normal quantiles, above the median or not.
    """
    if scores not in SCORES:
        raise DesignError(
            "There are no rank scores %(given)s; there are %(known)s.",
            given=scores, known=", ".join(SCORES),
        )  # fmt: skip
    return _test(design, variable, group, where, scores)


SCORES: dict[str, Callable[[Floats], Floats]] = {
    "wilcoxon": lambda share: share,
    "van der waerden": lambda share: np.asarray(ndtri(share)),
    "median": lambda share: (share > 0.5).astype(float),
}


def _test(
    design: SurveyDesign,
    variable: str,
    group: str,
    where: Mapping[str, Sequence[object]] | None,
    kind: str,
) -> GroupTest:
    rows = Rows(design)
    y = rows.numbers(variable)
    place, names = rows.codes(group)
    base = (place >= 0) & ~np.isnan(y) & rows.chosen(where)
    held = np.unique(place[base])
    if not len(held):
        raise DesignError(
            "Nobody answered both %(row)s and %(column)s.", row=variable, column=group
        )
    if len(held) != 2:
        raise DesignError(
            "The test compares two groups; %(group)s makes %(number)d.",
            group=group, number=len(held),
        )  # fmt: skip
    if kind != "t":
        y = np.where(base, SCORES[kind](_ranks(y, rows.weight * base)), 0)
    x = np.column_stack([np.ones(len(y)), (place == held[1]).astype(float)])
    slopes, covariance = least_squares(rows, x, np.where(base, y, 0), base)
    if not covariance[1, 1] > 1e-20 * max(1.0, float(np.abs(slopes).max()) ** 2):
        raise DesignError(
            "%(variable)s does not vary within the groups of %(group)s.",
            variable=variable, group=group,
        )  # fmt: skip
    return GroupTest(
        kind, variable, group, (names[held[0]], names[held[1]]),
        float(slopes[1]), float(np.sqrt(covariance[1, 1])), rows.df(base) - 1, int(base.sum()),
    )  # fmt: skip


def _ranks(y: Floats, weight: Floats) -> Floats:
    """Return each row's mid-rank in the population as a share; equals share their mean rank."""
    values, place = np.unique(np.where(weight > 0, y, np.inf), return_inverse=True)
    order = np.argsort(place, kind="stable")
    rank = np.empty(len(y))
    rank[order] = np.cumsum(weight[order]) - weight[order] / 2
    rows = np.bincount(place, weight > 0, len(values))
    mean = np.bincount(place, rank * (weight > 0), len(values)) / np.maximum(rows, 1)
    share: Floats = mean[place] / weight.sum()
    return np.clip(share, 1e-12, 1 - 1e-12)
