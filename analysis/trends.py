"""Levels over waves: smoothed with their known sampling errors, and restarted where they jumped.

What a wave measures is the level and a sampling error whose size is known. How much the level
wanders (q) and whether it rises (the variance of its slope) is not known: both are averaged over a
grid by their likelihood (:mod:`analysis.local_level`); q = 0 without a slope is a level that stays.

No jump is smoothed away:

- at a flagged change (:mod:`analysis.change_points`) the level starts anew;
- a wave that lies beyond chance from what all others say stands as it was measured (``alone``): 5 %
  for each of the first and the last, which no second one confirms, 5 % together for the others;
- a smoothed level never lies further from its own wave's estimate than one standard error, nor than
  2.5 points: where the estimates move by ten points, the level moves by five at least.

A level that rises steadily needs its slope: without it, smoothing a rise hardly helps.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from analysis.change_points import change_points
from analysis.local_level import Series
from analysis.presentation import Presented
from analysis.verdicts import LEVEL

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

# Variances of a level's step and of its slope, in units of the mean sampling variance.
STEPS = np.concatenate([[0.0], np.geomspace(0.02, 10, 9)])
SLOPES = (0.0, 0.15**2, 0.6**2)
CLOSE = 1.0  # standard errors that a smoothed level may lie from its wave's estimate
CLOSE_POINTS = 2.5  # ... and points
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
    alone : array of bool, shape (series, waves)
        Waves that lie beyond chance from all others: their level is the estimate.
    """

    estimate: Floats
    se: Floats
    level: Floats
    level_se: Floats
    drift: Floats
    changed: Flags
    alone: Flags

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
            "lower": lower, "upper": upper, "changed": self.changed, "alone": self.alone,
        }  # fmt: skip
        return pa.table({name: values.ravel() for name, values in columns.items()})


def smooth(
    estimate: Floats,
    se: Floats,
    neighbours: Floats | None = None,
    alpha: float = 1 - LEVEL,
    point: Floats | float = 0.01,
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
    point : float or array, shape (series,)
        What a point is in the unit of the estimates: 0.01 for rates, 1 for indices of 0 to 100.

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
    number = np.maximum(known.sum(axis=1, keepdims=True), 1)
    unit = np.where(known, variance, 0).sum(axis=1, keepdims=True) / number
    scale = np.sqrt(np.where(unit > 0, unit, 1.0))
    centre = value.sum(axis=1, keepdims=True) / number  # levels are searched around the mean
    y = np.where(known, (value - centre) / scale, 0)
    level, spread, q = _averaged(Series(y, variance / scale**2, known, changed))
    level, error = level * scale + centre, np.sqrt(spread) * scale
    few = known.sum(axis=1, keepdims=True) < FEWEST_WAVES
    alone = known & ~few & (np.abs(value - level) > _reach(known) * _apart(variance, error))
    most = CLOSE_POINTS * np.broadcast_to(point, len(value))[:, None]
    reach = np.minimum(CLOSE * np.sqrt(variance), most)
    kept = np.where(known, np.clip(level, value - reach, value + reach), level)
    level, error = kept, np.hypot(error, kept - level)  # what is kept back is no less uncertain
    as_measured = alone | few
    level = np.where(as_measured, np.where(known, value, np.nan), level)
    error = np.where(as_measured, np.where(known, np.sqrt(variance), np.nan), error)
    return Trend(estimate, se, level, error, np.sqrt(q) * scale[:, 0], changed, alone)


def _averaged(series: Series) -> tuple[Floats, Floats, Floats]:
    """Average the smoothed levels over the grid, each as likely as it makes the series.

    The likeliest q alone is often 0 in a short series, and would promise too much.
    """
    made = [(q, one) for q in STEPS for one in series.smoothed(float(q), SLOPES)]
    likelihood = np.array([one.likelihood for _, one in made])
    weight = np.exp(likelihood - likelihood.max(axis=0))
    weight /= weight.sum(axis=0)
    level, square, spread = (np.zeros(series.y.shape) for _ in range(3))
    for part, (_, one) in zip(weight[:, :, None], made, strict=True):
        level += part * one.level
        square += part * one.level**2
        spread += part * one.variance
    apart = np.maximum(square - level**2, 0)  # the levels of the grid differ, too
    return level, spread + apart, np.array([q for q, _ in made]) @ weight


def _apart(variance: Floats, error: Floats) -> Floats:
    """Return the error of y − E(level | all waves), √(v − V).

    The ratio of the two is that of y − E(level | the other waves) and its error.
    """
    return np.asarray(np.sqrt(np.maximum(variance - error**2, 0)))


def _reach(known: Flags) -> Floats:
    """Return the quantile beyond which a wave stands alone.

    5 % for each of the first and the last, 5 % together for those between.
    """
    seen = np.cumsum(known, axis=1)
    ends = (seen == 1) | (seen == seen[:, -1:])
    number = np.maximum(seen[:, -1] - 2, 1)
    normal = NormalDist()
    within = np.array([normal.inv_cdf(1 - (1 - LEVEL) / (2 * int(n))) for n in number])
    return np.where(ends, normal.inv_cdf((1 + LEVEL) / 2), within[:, None])
