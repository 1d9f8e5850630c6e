"""Families of verdicts: how many communities are judged at once is part of the judgement.

Sixty communities all exactly at the target yield at least one false *met* about half the time, if
each is judged at 95 %. Holm's adjustment keeps the chance of any false decision among them at 5 %;
Benjamini and Hochberg's keeps the expected share of false ones among the decisions at 5 %.

References
----------
.. [1] Holm 1979, Scandinavian Journal of Statistics 6, 65–70.
.. [2] Benjamini & Hochberg 1995, Journal of the Royal Statistical Society B 57, 289–300.
"""

from __future__ import annotations

import numpy as np
import scipy  # scipy.stats is loaded when it is asked for: it takes as long as all the rest
from numpy.typing import NDArray
from scipy.special import betainc

from analysis.intervals import Rates
from analysis.problems import DesignError

Floats = NDArray[np.float64]


def p_values(rates: Rates, target: float | Floats, level: float) -> Floats:
    """Return the two-sided p-value against the target that goes with the Korn–Graubard interval.

    It is at most 1 − level exactly where that interval excludes the target.

    Examples
    --------
    >>> ninety = Rates(*np.array([[0.93], [0.0255147], [99], [100], [100]]))
    >>> p_values(ninety, 0.85, 0.95).round(4)
    array([0.0243])
    """
    n = np.minimum(rates.n, rates.adjusted_n(level))
    a, b = n * rates.p, n * (1 - rates.p)
    tiny = 1e-9
    above = np.where(a > tiny, betainc(np.maximum(a, tiny), b + 1, target), 1.0)
    below = np.where(b > tiny, 1 - betainc(a + 1, np.maximum(b, tiny), target), 1.0)
    return np.asarray(np.minimum(1, 2 * np.minimum(above, below)))


def holm(p: Floats) -> Floats:
    """Adjust p-values by Holm's step-down rule.

    >>> holm(np.array([0.01, 0.04, 0.03]))
    array([0.03, 0.06, 0.06])
    """
    order = np.argsort(p)
    steps = p[order] * np.arange(len(p), 0, -1)
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(1, np.maximum.accumulate(steps))
    return adjusted


def benjamini_hochberg(p: Floats) -> Floats:
    """Adjust p-values by Benjamini and Hochberg's step-up rule.

    >>> benjamini_hochberg(np.array([0.01, 0.04, 0.03]))
    array([0.03, 0.04, 0.04])
    """
    return np.asarray(scipy.stats.false_discovery_control(p)) if len(p) else p


ADJUSTMENTS = {"holm": holm, "bh": benjamini_hochberg}


def adjusted(p: Floats, judged: NDArray[np.bool_], family: str) -> Floats:
    """Adjust the p-values of those that can be judged; the others do not count in the family.

    Parameters
    ----------
    p : array
    judged : array of bool
    family : {"holm", "bh"}
    """
    if family not in ADJUSTMENTS:
        raise DesignError("Families are adjusted by holm or bh, not by %(family)s.", family=family)
    found = np.full(len(p), np.nan)
    found[judged] = ADJUSTMENTS[family](p[judged])
    return found
