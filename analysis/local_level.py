"""The state space behind a trend: a level that wanders, and may rise steadily, under known errors.

estimate_t = level_t + e_t, e_t ~ N(0, v_t) known; level_t = level_{t−1} + slope + u_t,
u_t ~ N(0, q). Where a new level begins, nothing is known of it from before. Kalman's filter and
smoother run over all series at once [1]_; the slope is estimated beside them by regression of the
one-step errors (ibid., section 6.2.3).

References
----------
.. [1] Durbin & Koopman 2012, Time Series Analysis by State Space Methods, 2nd ed.,
       chapters 2, 4 and 6.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

DIFFUSE = 1e6  # variance of a level nobody knows, in units of the mean sampling variance


@dataclass(frozen=True)
class Smoothed:
    """Levels given all waves.

    Parameters
    ----------
    level, variance : array, shape (series, waves)
    likelihood : array, shape (series,)
        Its logarithm, up to a constant that all q and slopes share.
    """

    level: Floats
    variance: Floats
    likelihood: Floats


@dataclass(frozen=True)
class Series:
    """Series of estimates in units of their mean sampling error.

    Parameters
    ----------
    y, v : array, shape (series, waves)
        Estimates and their sampling variances.
    known, changed : array of bool
        Which estimates there are; where the level starts anew.
    """

    y: Floats
    v: Floats
    known: Flags
    changed: Flags

    def smoothed(self, q: float, slopes: tuple[float, ...] = (0.0,)) -> list[Smoothed]:
        """Smooth all series for one q and several slopes.

        Parameters
        ----------
        q : float
            Variance of the level's step from wave to wave.
        slopes : tuple of float
            Variances of the slope, whose mean is 0; with 0 there is none.
        """
        time = np.broadcast_to(np.arange(self.y.shape[1], dtype=float), self.y.shape)
        columns = np.stack([self.y, time] if any(slopes) else [self.y])
        levels, spreads, errors, totals = self._filtered(columns, q)
        level, variance = self._backwards(columns, levels, spreads)
        # A first observation tells nothing: its likelihood is that of a diffuse level.
        tells = self.known & (spreads < DIFFUSE / 2)
        precision = np.where(tells, 1 / totals, 0)
        own = (precision * errors[0] ** 2 + np.where(tells, np.log(totals), 0)).sum(axis=1)
        found = []
        for prior in slopes:
            if prior == 0:
                found.append(Smoothed(level[0], variance, -0.5 * own))
                continue
            squares = (precision * errors[1] ** 2).sum(axis=1)
            spread = 1 / (1 / prior + squares)
            product = (precision * errors[0] * errors[1]).sum(axis=1)
            slope = (spread * product)[:, None]
            moved = time - level[1]
            found.append(
                Smoothed(
                    level[0] + slope * moved,
                    variance + spread[:, None] * moved**2,
                    -0.5 * (own - spread * product**2 + np.log(prior / spread)),
                )
            )
        return found

    def _filtered(self, columns: Floats, q: float) -> tuple[Floats, Floats, Floats, Floats]:
        """Predicted level and its variance, one-step error and its variance, of each column."""
        _, series, waves = columns.shape
        level, spread = np.zeros(columns.shape[:2]), np.full(series, DIFFUSE)
        levels, errors = np.empty(columns.shape), np.empty(columns.shape)
        spreads, totals = np.empty((series, waves)), np.empty((series, waves))
        for t in range(waves):
            if t:
                spread = spread + q
            spread = np.where(self.changed[:, t], DIFFUSE, spread)
            total = spread + self.v[:, t]
            error = columns[:, :, t] - level
            levels[:, :, t], errors[:, :, t] = level, error
            spreads[:, t], totals[:, t] = spread, total
            gain = np.where(self.known[:, t], spread / total, 0)
            level = level + gain * error
            spread = spread * (1 - gain)
        return levels, spreads, errors, totals

    def _backwards(self, columns: Floats, levels: Floats, spreads: Floats) -> tuple[Floats, Floats]:
        r, n = np.zeros(columns.shape[:2]), np.zeros(columns.shape[1])
        level, variance = np.empty_like(columns), np.empty(columns.shape[1:])
        for t in range(columns.shape[2] - 1, -1, -1):
            p = spreads[:, t]
            weight = np.where(self.known[:, t], 1 / (p + self.v[:, t]), 0)
            kept = 1 - p * weight
            r = weight * (columns[:, :, t] - levels[:, :, t]) + kept * r
            n = weight + kept**2 * n
            level[:, :, t] = levels[:, :, t] + p * r
            variance[:, t] = np.maximum(p - p**2 * n, 0)
            # Nothing of a new level is known from before it, nor of the old one from after.
            r, n = np.where(self.changed[:, t], 0, r), np.where(self.changed[:, t], 0, n)
        return level, variance
