"""Confidence intervals for rates (and the t interval for everything else).

Every method takes arrays of any one shape and returns ``(lower, upper)`` of that shape. At p = 0 or
1, or where the design gives no variance, the formulas say nothing (or 0/0): the bounded methods
then return the Korn–Graubard interval on Kish's effective sample size.

References
----------
.. [1] Korn & Graubard 1998, Confidence intervals for proportions with small expected number of
       positive counts, Survey Methodology 24, 193–201.
.. [2] R package survey 4.1, ``svyciprop``, whose figures these reproduce.
.. [3] Dean & Pagano 2015, Evaluating confidence interval methods for binomial proportions in
       clustered surveys, Journal of Survey Statistics and Methodology 3, 484–503.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, expit, logit, stdtrit

from analysis.likelihood import likelihood_bounds

Floats = NDArray[np.float64]
Interval = tuple[Floats, Floats]


@dataclass(frozen=True)
class Rates:
    """What an interval needs to know of some rates.

    Parameters
    ----------
    p, se : array
    df : array
        Degrees of freedom of ``se``.
    n : array
        Respondents in the base.
    n_kish : array
        n/(1+CV²(w)), the effective sample size as far as the weights go.
    start : array, optional
        Where R's fit starts, for the likelihood interval; by default as with equal weights.
    """

    p: Floats
    se: Floats
    df: Floats
    n: Floats
    n_kish: Floats
    start: Floats | None = None

    @property
    def n_design(self) -> Floats:
        """p(1−p)/V, the simple sample of equal precision; Kish's where V or p(1−p) is 0."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.silent, self.n_kish, self.p * (1 - self.p) / self.se**2)

    @property
    def silent(self) -> NDArray[np.bool_]:
        """Where the variance says nothing: p is 0 or 1, or V = 0."""
        return np.asarray((self.se <= 1e-12) | (self.p <= 1e-12) | (self.p >= 1 - 1e-12))

    def adjusted_n(self, level: float) -> Floats:
        """Return the effective n times (t_{n−1}/t_df)²: fewer degrees of freedom, fewer people."""
        ratio = t_quantile(self.n - 1, level) / t_quantile(self.df, level)
        return self.n_design * ratio**2


def t_quantile(df: Floats, level: float) -> Floats:
    """Return the upper two-sided t quantile; infinite where there are no degrees of freedom.

    >>> t_quantile(np.array([14.0, 0.0]), 0.95).round(6)
    array([2.144787,      inf])
    """
    df = np.asarray(df, float)
    with np.errstate(invalid="ignore"):
        return np.where(df > 0, stdtrit(np.maximum(df, 1e-9), (1 + level) / 2), np.inf)


def normal(rates: Rates, level: float) -> Interval:
    """p ± t·SE, not cut off at 0 and 1. The interval of means, totals and ratios."""
    with np.errstate(invalid="ignore"):
        half = t_quantile(rates.df, level) * rates.se
    return rates.p - half, rates.p + half


def logit_(rates: Rates, level: float) -> Interval:
    """Symmetric on the log-odds: logit p ± t·SE/(p(1−p))."""
    p, half = rates.p, t_quantile(rates.df, level) * rates.se
    half = half / (p * (1 - p))
    return expit(logit(p) - half), expit(logit(p) + half)


def arcsine(rates: Rates, level: float) -> Interval:
    """Symmetric on the angle: sin²(arcsin √p ± t·SE/(2√(p(1−p)))), as R has it."""
    p, half = rates.p, t_quantile(rates.df, level) * rates.se
    half = half / (2 * np.sqrt(p * (1 - p)))
    angle = np.arcsin(np.sqrt(p))
    return np.sin(angle - half) ** 2, np.sin(angle + half) ** 2


def wilson(rates: Rates, level: float) -> Interval:
    """Wilson's score interval on the adjusted effective n, with the t quantile of the design."""
    n, t = rates.adjusted_n(level), t_quantile(rates.df, level)
    spread = t**2 / n
    centre = (rates.p + spread / 2) / (1 + spread)
    half = np.sqrt(spread * (rates.p * (1 - rates.p) + spread / 4)) / (1 + spread)
    return centre - half, centre + half


def likelihood(rates: Rates, level: float) -> Interval:
    """Where the scaled deviance crosses the t quantile; see :mod:`analysis.likelihood`."""
    numbers = np.broadcast_arrays(rates.p, rates.se, rates.df, rates.n, rates.silent)
    starts = np.full(rates.p.size, None) if rates.start is None else np.ravel(rates.start)
    bounds = np.full((2, rates.p.size), np.nan)
    each = zip(*map(np.ravel, numbers), starts, strict=True)
    for at, (p, se, df, n, silent, start) in enumerate(each):
        if df > 0 and not silent:
            bounds[:, at] = likelihood_bounds(p, se, df, n, level, start=start)
    lower, upper = bounds.reshape(2, *rates.p.shape)
    return lower, upper


def beta(rates: Rates, level: float) -> Interval:
    """Clopper–Pearson's exact interval on the adjusted effective n, not capped (as R's)."""
    return _clopper_pearson(rates.p, rates.adjusted_n(level), level)


def korn_graubard(rates: Rates, level: float) -> Interval:
    """Clopper–Pearson's exact interval on the adjusted effective n, capped at n.

    The interval of verdicts: it never credits the design with more than a simple sample, holds at
    p = 0 and 1, and says nothing, 0 to 1, without degrees of freedom.
    """
    return _clopper_pearson(rates.p, np.minimum(rates.n, rates.adjusted_n(level)), level)


def _clopper_pearson(p: Floats, n: Floats, level: float) -> Interval:
    """Beta quantiles of (np, n(1−p)+1) and (np+1, n(1−p)), closed at 0 and 1."""
    tail = (1 - level) / 2
    a, b = n * p, n * (1 - p)
    lower = np.where(a > 1e-9, betaincinv(np.maximum(a, 1e-9), b + 1, tail), 0.0)
    upper = np.where(b > 1e-9, betaincinv(a + 1, np.maximum(b, 1e-9), 1 - tail), 1.0)
    unknown = np.isnan(p)
    return np.where(unknown, np.nan, lower), np.where(unknown, np.nan, upper)


METHODS: dict[str, Callable[[Rates, float], Interval]] = {
    "logit": logit_,
    "xlogit": logit_,
    "wilson": wilson,
    "beta": beta,
    "asin": arcsine,
    "likelihood": likelihood,
    "normal": normal,
    "korn-graubard": korn_graubard,
}


def interval(rates: Rates, method: str, level: float) -> Interval:
    """Return the interval by the named method, one of :data:`METHODS`.

    Examples
    --------
    The rate of ``sch.wide`` in R's stratified sample of schools:

    >>> school = Rates(*np.array([[0.8279480114], [0.0243447801], [197], [200], [190.0]]))
    >>> lower, upper = interval(school, "logit", 0.95)
    >>> lower.round(6), upper.round(6)
    (array([0.77454]), array([0.870815]))
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        lower, upper = METHODS[method](rates, level)
        if method in ("normal", "korn-graubard"):
            return lower, upper
        silent = rates.silent | ~(rates.df > 0)
        if not silent.any():
            return lower, upper
        safe_lower, safe_upper = korn_graubard(rates, level)
    return np.where(silent, safe_lower, lower), np.where(silent, safe_upper, upper)
