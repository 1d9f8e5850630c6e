"""The likelihood interval of a rate: where the scaled deviance crosses the t quantile.

The bounds solve 2·n_d·KL(p̂, p)·(n−1)/n = t², n_d = p̂(1−p̂)/V (Rao & Scott's scaling of the working
likelihood; R's ``svyciprop(method="likelihood")``). R does not solve this: it fits the log-odds by
iteration, profiles the deviance on a grid, lays a spline through it and interpolates the spline
linearly, which moves the bounds in their fifth to sixth digit. We take the same steps from the same
start, which depends on every single weight, so that our figures are R's.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_banded
from scipy.special import expit, fdtri, logit, ndtr, stdtrit, xlogy

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

STEPS = 9  # at most, to either side
FAR = 30.0  # log-odds beyond which R tells shares apart no more
EPSILON = float(np.finfo(np.float64).eps)


def likelihood_bounds(
    p: float, se: float, df: float, n: float, level: float, *, start: float | None = None
) -> tuple[float, float]:
    """Return the likelihood interval of one rate.

    Parameters
    ----------
    p, se, df, n : float
        The rate, strictly between 0 and 1, its standard error and degrees of freedom, and the
        number of respondents.
    level : float
    start : float, optional
        The log-odds that R's fit starts from, see :func:`first_odds`; by default those of equal
        weights.

    Examples
    --------
    R on its cluster sample of schools, sch.wide: 0.8262882, 0.9136945.

    >>> [round(bound, 7) for bound in likelihood_bounds(0.8743169399, 0.0203594772, 14, 183, 0.95)]
    [0.8262882, 0.9136945]
    """
    error = se / (p * (1 - p))  # of the log-odds
    design_effect = n * se**2 * _working_weight(p, n, start) / (p * (1 - p)) ** 2
    cutoff = stdtrit(df, (1 + level) / 2) * np.sqrt(design_effect)
    farthest = np.sqrt(fdtri(1, n - 1, 1 - ndtr(-cutoff) / 2))
    centre = np.log(p / (1 - p))
    odds, roots = [centre], [0.0]
    for sign in (-1, 1):
        for step in range(1, STEPS + 1):
            odds.append(centre + sign * step * farthest / 5 * error)
            roots.append(sign * _deviance_root(p, odds[-1], n))
            if abs(roots[-1]) >= farthest:
                break
    order = np.argsort(odds)
    x, y = _spline(np.array(odds)[order], np.array(roots)[order])
    lower, upper = np.interp([-cutoff, cutoff], y, x, left=np.nan, right=np.nan)
    return float(expit(lower)), float(expit(upper))


def first_odds(weight: Floats, no: Floats, yes: Floats, domain: Places, domains: int) -> Floats:
    """Return the log-odds in each domain after the first step of R's fit.

    That step starts from the fitted values (w·y + ½)/(w + 1), w the weights over their mean.

    Parameters
    ----------
    weight : array, shape (cells,)
        Of each respondent of a cell.
    no, yes : array, shape (cells,)
        How many of them answered 0 and 1.
    domain : array of int, shape (cells,)
    domains : int

    Examples
    --------
    >>> first_odds(np.array([1.0]), np.array([1.0]), np.array([3.0]), np.array([0]), 1).round(4)
    array([1.216])
    """
    n = np.bincount(domain, no + yes, domains)
    with np.errstate(invalid="ignore", divide="ignore"):
        w = weight / (np.bincount(domain, weight * (no + yes), domains) / n)[domain]
        above, below = np.zeros(domains), np.zeros(domains)
        for answer, count in ((0, no), (1, yes)):
            m = (w * answer + 0.5) / (w + 1)
            v = m * (1 - m)
            above += np.bincount(domain, count * w * (v * logit(m) + answer - m), domains)
            below += np.bincount(domain, count * w * v, domains)
        return above / below


def _working_weight(p: float, n: float, start: float | None) -> float:
    """Return q(1−q) at the last but one iterate q of R's fit, which scales its deviance."""
    if start is None:
        one, share = np.ones(1), np.array([p])
        start = float(first_odds(one, 1 - share, share, np.zeros(1, np.intp), 1)[0])
    odds, weight, deviance = start, 0.0, np.inf
    while True:
        q = expit(odds)
        before, deviance = deviance, -2 * (xlogy(p, q) + xlogy(1 - p, 1 - q))
        if abs(before - deviance) <= 1e-8 * (deviance + 0.1 / n):
            return weight
        weight = float(q * (1 - q))
        odds += (p - q) / weight


def _deviance_root(p: float, odds: float, n: float) -> float:
    """Signed root of the deviance against p, over the dispersion n/(n−1)."""
    q = float(expit(odds))
    if abs(odds) > FAR:  # as R's link has it; a share of exactly 0 or 1 has no deviance
        q = EPSILON / (1 + EPSILON) if odds < 0 else 1 / (1 + EPSILON)
    divergence = xlogy(p, p / q) + xlogy(1 - p, (1 - p) / (1 - q))
    return float(np.sqrt(2 * (n - 1) * max(divergence, 0)))


def _spline(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Evaluate Forsythe, Malcolm & Moler's cubic spline at three times as many points (R's)."""
    d, n = np.diff(x), len(x)
    slope = np.diff(y) / d
    bend = np.concatenate([[0], np.diff(slope), [0]])
    divided = bend[1:-1] / (x[2:] - x[:-2])
    bend[0] = (divided[1] - divided[0]) * d[0] ** 2 / (x[3] - x[0])
    bend[-1] = -(divided[-1] - divided[-2]) * d[-1] ** 2 / (x[-1] - x[-4])
    diagonal = np.concatenate([[-d[0]], 2 * (d[1:] + d[:-1]), [-d[-1]]])
    banded = np.array([[0, *d], diagonal, [*d, 0]])
    c = solve_banded((1, 1), banded, bend)
    at = np.linspace(x[0], x[-1], 3 * n)
    i = np.clip(np.searchsorted(x, at, side="right") - 1, 0, n - 2)
    h = at - x[i]
    first = slope[i] - d[i] * (c[i + 1] + 2 * c[i])
    return at, y[i] + h * (first + h * (3 * c[i] + h * (c[i + 1] - c[i]) / d[i]))
