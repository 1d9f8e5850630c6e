"""Levels over waves: smoothed with their known sampling errors, and restarted where they jumped.

What a wave measures is the level and a sampling error whose size is known:
estimate_t = level_t + e_t, e_t ~ N(0, SE_t²), level_t = level_{t−1} + u_t, u_t ~ N(0, q). The one
unknown, q, is averaged over a grid by its likelihood; q = 0 is a level that stays. Kalman's filter
and smoother run over all series at once [1]_; for a given q statsmodels' state space gives the same
levels, one series after the other.

A change of level is flagged where the mean before differs from the mean after by more than all the
splits of a flat series together would show by chance (Bonferroni: 5 % for the whole series). The
parts are searched again in the same way. At a flagged change the level starts anew, and a smoothed
level never lies further from its own wave's estimate than one standard error, so that no jump is
smoothed away.

References
----------
.. [1] Durbin & Koopman 2012, Time Series Analysis by State Space Methods, 2nd ed., chapters 2, 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from analysis.presentation import Presented
from analysis.verdicts import LEVEL

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

DIFFUSE = 1e6  # variance of a level nobody knows, in units of the mean sampling variance
GRID = np.concatenate([[0.0], np.geomspace(0.02, 10, 11)])  # of q, in the same units
CLOSE = 1.0  # standard errors that a smoothed level may lie from its wave's estimate
FEWEST_WAVES = 3  # below which nothing is smoothed


@dataclass(frozen=True)
class Trend(Presented):
    """Smoothed levels of some series.

    Parameters
    ----------
    estimate, se : array, shape (series, waves)
        As given; NaN where a wave has no estimate.
    level, level_se : array, shape (series, waves)
        The smoothed level, known for waves without an estimate too, and its standard error.
    drift : array, shape (series,)
        √q̄, by how much the level moves from wave to wave.
    changed : array of bool, shape (series, waves)
        Waves at which a new level begins.
    """

    estimate: Floats
    se: Floats
    level: Floats
    level_se: Floats
    drift: Floats
    changed: Flags

    def interval(self, level: float = LEVEL) -> tuple[Floats, Floats]:
        """Return the bounds of the smoothed level."""
        reach = NormalDist().inv_cdf((1 + level) / 2) * self.level_se
        return self.level - reach, self.level + reach

    def to_arrow(self, level: float = LEVEL) -> Any:
        """Return a ``pyarrow.Table``, one row for each series and wave."""
        lower, upper = self.interval(level)
        series, wave = np.indices(self.level.shape)
        columns: dict[str, NDArray[Any]] = {
            "series": np.asarray(series), "wave": np.asarray(wave),
            "estimate": self.estimate, "se": self.se, "level": self.level,
            "lower": lower, "upper": upper, "changed": self.changed,
        }  # fmt: skip
        return pa.table({name: values.ravel() for name, values in columns.items()})


def smooth(
    estimate: Floats, se: Floats, neighbours: Floats | None = None, alpha: float = 1 - LEVEL
) -> Trend:
    """Smooth series of estimates with known standard errors.

    Parameters
    ----------
    estimate, se : array, shape (series, waves)
        NaN where a wave has no estimate.
    neighbours : array, shape (series, waves − 1), optional
        Covariances of each wave's estimate with the next one's (of a panel); the test of changes
        takes them into account.
    alpha : float
        Chance that a flat series is flagged at all.

    Examples
    --------
    >>> flat_then_up = np.array([[0.70, 0.71, 0.69, 0.81, 0.80, 0.82]])
    >>> trend = smooth(flat_then_up, np.full((1, 6), 0.02))
    >>> trend.changed.astype(int), trend.level.round(3)
    (array([[0, 0, 0, 1, 0, 0]]), array([[0.7  , 0.701, 0.699, 0.81 , 0.809, 0.811]]))
    """
    known = np.isfinite(estimate) & np.isfinite(se) & (se > 0)
    value = np.where(known, estimate, 0.0)
    variance = np.where(known, se, 1.0) ** 2
    changed = change_points(value, variance, known, neighbours, alpha)
    unit = np.where(known, variance, 0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    unit = np.where(unit > 0, unit, 1.0)
    y, v = value - _centre(value, known), variance / unit[:, None]
    y = np.where(known, y / np.sqrt(unit)[:, None], 0)
    level, spread, q = _averaged(y, v, known, changed)
    scale = np.sqrt(unit)[:, None]
    level = level * scale + _centre(value, known)
    error = np.sqrt(spread) * scale
    few = known.sum(axis=1) < FEWEST_WAVES
    level[few], error[few] = np.where(known, value, np.nan)[few], np.where(known, se, np.nan)[few]
    reach = CLOSE * np.sqrt(variance)
    kept = np.clip(level, value - reach, value + reach)
    level = np.where(known, kept, level)
    nothing = ~known.any(axis=1)
    level[nothing], error[nothing] = np.nan, np.nan
    return Trend(estimate, se, level, error, np.sqrt(q * unit), changed)


def change_points(
    value: Floats,
    variance: Floats,
    known: Flags,
    neighbours: Floats | None = None,
    alpha: float = 1 - LEVEL,
) -> Flags:
    """Flag the waves at which a new level begins.

    Parameters
    ----------
    value, variance : array, shape (series, waves)
    known : array of bool
        Which of them there are.
    neighbours, alpha : see :func:`smooth`

    Returns
    -------
    array of bool, shape (series, waves)
    """
    series, waves = value.shape
    changed = np.zeros((series, waves), bool)
    if waves < 2:
        return changed
    lag = np.zeros((series, waves - 1)) if neighbours is None else np.nan_to_num(neighbours)
    precision = np.where(known, 1 / variance, 0)
    splits = np.maximum(known.sum(axis=1) - 1, 1)
    cut = np.array([NormalDist().inv_cdf(1 - alpha / (2 * int(number))) for number in splits])
    # Parts still to be searched: series, first wave, wave after the last.
    rows, start, stop = np.arange(series), np.zeros(series, int), np.full(series, waves)
    while len(rows):
        inside = (np.arange(waves) >= start[:, None]) & (np.arange(waves) < stop[:, None])
        statistic = _splits(value[rows], np.where(inside, precision[rows], 0), lag[rows])
        at = np.argmax(statistic, axis=1)
        found = statistic[np.arange(len(rows)), at] > cut[rows]
        rows, start, stop, at = rows[found], start[found], stop[found], at[found]
        changed[rows, at] = True
        rows = np.concatenate([rows, rows])
        start, stop = np.concatenate([start, at]), np.concatenate([at, stop])
    return changed


def _splits(value: Floats, precision: Floats, lag: Floats) -> Floats:
    """|mean after − mean before| over its standard error, for a split before each wave.

    With means weighted by precision the weights are a = ±π_t/Σπ, and covariances of neighbours
    add 2 Σ a_t a_{t+1} c_t.
    """
    before = np.cumsum(precision, axis=1) - precision
    after = precision.sum(axis=1, keepdims=True) - before
    sums = np.cumsum(precision * value, axis=1) - precision * value
    rest = (precision * value).sum(axis=1, keepdims=True) - sums
    products = precision[:, :-1] * precision[:, 1:] * lag
    inner = np.pad(np.cumsum(products, axis=1), ((0, 0), (1, 0)))  # pairs up to and with wave t
    whole = inner[:, -1:]
    apart = np.pad(products, ((0, 0), (1, 0)))  # the pair that the split parts
    with np.errstate(divide="ignore", invalid="ignore"):
        difference = rest / after - sums / before
        shared = (inner - apart) / before**2 + (whole - inner) / after**2
        variance = 1 / before + 1 / after + 2 * shared - 2 * apart / (before * after)
        statistic = np.abs(difference) / np.sqrt(variance)
    possible = (before > 0) & (precision > 0) & np.isfinite(statistic)
    return np.where(possible, statistic, 0)


def _centre(value: Floats, known: Flags) -> Floats:
    """Return the mean of each series: levels are searched around it."""
    number = np.maximum(known.sum(axis=1, keepdims=True), 1)
    mean: Floats = np.where(known, value, 0).sum(axis=1, keepdims=True) / number
    return mean


def _averaged(y: Floats, v: Floats, known: Flags, changed: Flags) -> tuple[Floats, Floats, Floats]:
    """Average the smoothed levels over the grid of q, each as likely as it makes the series.

    The likeliest q alone is often 0 in a short series, and would promise too much.
    """
    made = [smoothed(y, v, known, changed, np.full(len(y), q)) for q in GRID]
    likelihood = np.array([one[2] for one in made])
    weight = np.exp(likelihood - likelihood.max(axis=0))
    weight /= weight.sum(axis=0)
    levels, spreads = (np.array([one[part] for one in made]) for part in (0, 1))
    level = np.einsum("qs,qst->st", weight, levels)
    apart = np.einsum("qs,qst->st", weight, (levels - level) ** 2)
    return level, np.einsum("qs,qst->st", weight, spreads) + apart, GRID @ weight


def _filtered(
    y: Floats, v: Floats, known: Flags, changed: Flags, q: Floats
) -> tuple[Floats, Floats, Floats]:
    """Kalman's filter: log-likelihood, and each wave's predicted level and variance."""
    series, waves = y.shape
    level, spread = np.zeros(series), np.full(series, DIFFUSE)
    likelihood = np.zeros(series)
    levels, spreads = np.empty((series, waves)), np.empty((series, waves))
    for t in range(waves):
        if t:
            spread = spread + q
        spread = np.where(changed[:, t], DIFFUSE, spread)
        levels[:, t], spreads[:, t] = level, spread
        total = spread + v[:, t]
        surprise = y[:, t] - level
        gain = np.where(known[:, t], spread / total, 0)
        # A first observation tells nothing of q: its likelihood is that of a diffuse level.
        tells = known[:, t] & (spread < DIFFUSE / 2)
        likelihood -= np.where(tells, 0.5 * (np.log(total) + surprise**2 / total), 0)
        level = level + gain * surprise
        spread = spread * (1 - gain)
    return likelihood, levels, spreads


def smoothed(
    y: Floats, v: Floats, known: Flags, changed: Flags, q: Floats
) -> tuple[Floats, Floats, Floats]:
    """Smooth series whose drift is known (ibid., section 4.4).

    Parameters
    ----------
    y, v : array, shape (series, waves)
        Estimates and their sampling variances.
    known, changed : array of bool
        Which estimates there are; where the level starts anew.
    q : array, shape (series,)
        Variance of the level's step from wave to wave.

    Returns
    -------
    level, variance : arrays, shape (series, waves)
        Given all waves.
    likelihood : array, shape (series,)
        Its logarithm, up to a constant.
    """
    likelihood, levels, spreads = _filtered(y, v, known, changed, q)
    series, waves = y.shape
    r, n = np.zeros(series), np.zeros(series)
    level, spread = np.empty_like(y), np.empty_like(y)
    for t in range(waves - 1, -1, -1):
        p = spreads[:, t]
        total = p + v[:, t]
        gain = np.where(known[:, t], p / total, 0)
        weight = np.where(known[:, t], 1 / total, 0)
        r = weight * (y[:, t] - levels[:, t]) + (1 - gain) * r
        n = weight + (1 - gain) ** 2 * n
        level[:, t] = levels[:, t] + p * r
        spread[:, t] = np.maximum(p - p**2 * n, 0)
        # Nothing of a new level is known from before it, nor of the old one from after.
        r, n = np.where(changed[:, t], 0, r), np.where(changed[:, t], 0, n)
    return level, spread, likelihood
