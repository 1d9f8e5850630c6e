"""Changes of level: waves at which a series of estimates begins anew.

A change is flagged where the mean before differs from the mean after by more than all the splits
of a flat series together would show by chance (Bonferroni: 5 % for the whole series). The parts
are searched again in the same way (binary segmentation [1]_). A part that a straight line
describes clearly better than any split rises or falls; it has no new level.

References
----------
.. [1] Scott & Knott 1974, A cluster analysis method for grouping means in the analysis of
       variance, Biometrics 30, 507–512.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from analysis.verdicts import LEVEL

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

CLEARLY = 4.0  # χ² by which a line must describe a part better than a split


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
    neighbours : array, shape (series, waves − 1), optional
        Covariances of each wave's estimate with the next one's.
    alpha : float
        Chance that a flat series is flagged at all.

    Returns
    -------
    array of bool, shape (series, waves)

    Examples
    --------
    A level that jumps, and one that rises:

    >>> series = np.array([[0.7, 0.71, 0.69, 0.81, 0.8, 0.82], [0.7, 0.73, 0.75, 0.78, 0.8, 0.83]])
    >>> known = np.ones(series.shape, bool)
    >>> change_points(series, np.full(series.shape, 0.015**2), known).astype(int)
    array([[0, 0, 0, 1, 0, 0],
           [0, 0, 0, 0, 0, 0]])
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
        part = _Parts(value[rows], np.where(inside, precision[rows], 0), lag[rows])
        statistic = part.splits()
        at = np.argmax(statistic, axis=1)
        largest = statistic[np.arange(len(rows)), at]
        found = (largest > cut[rows]) & (largest**2 > part.line() ** 2 - CLEARLY)
        rows, start, stop, at = rows[found], start[found], stop[found], at[found]
        changed[rows, at] = True
        rows = np.concatenate([rows, rows])
        start, stop = np.concatenate([start, at]), np.concatenate([at, stop])
    return changed


@dataclass(frozen=True)
class _Parts:
    """Parts of series, shape (parts, waves); waves outside a part have no precision."""

    value: Floats
    precision: Floats
    lag: Floats

    def splits(self) -> Floats:
        """|mean after − mean before| over its standard error, for a split before each wave.

        With means weighted by precision the weights are a = ±π_t/Σπ, and covariances of neighbours
        add 2 Σ a_t a_{t+1} c_t.
        """
        value, precision = self.value, self.precision
        before = np.cumsum(precision, axis=1) - precision
        after = precision.sum(axis=1, keepdims=True) - before
        sums = np.cumsum(precision * value, axis=1) - precision * value
        rest = (precision * value).sum(axis=1, keepdims=True) - sums
        products = precision[:, :-1] * precision[:, 1:] * self.lag
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

    def line(self) -> Floats:
        """|slope of a straight line| over its standard error, of each part."""
        time = np.arange(self.value.shape[1], dtype=float)
        total = np.maximum(self.precision.sum(axis=1, keepdims=True), 1e-300)
        middle = (self.precision * time).sum(axis=1, keepdims=True) / total
        moment = self.precision * (time - middle)
        squares = (moment * (time - middle)).sum(axis=1)
        shared = 2 * (moment[:, :-1] * moment[:, 1:] * self.lag).sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            statistic = np.abs((moment * self.value).sum(axis=1)) / np.sqrt(squares + shared)
        return np.where(np.isfinite(statistic), statistic, 0)
