"""Rank intervals from simultaneous tests of all pairs, under the covariance of the estimates [1]_.

References
----------
.. [1] Mogstad, Romano, Shaikh & Wilhelm 2024, Inference for ranks with applications to mobility
       across neighbourhoods and academic achievement across countries, Review of Economic Studies
       91, 476–518.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from analysis.problems import DesignError
from analysis.verdicts import LEVEL

Floats = NDArray[np.float64]
Ranks = NDArray[np.intp]

DRAWS = 1000


def mogstad(
    estimate: Floats,
    covariance: Floats,
    df: Floats,
    level: float = LEVEL,
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> tuple[Ranks, Ranks]:
    """Return rank intervals from simultaneous tests of all pairs, step by step.

    The largest studentised difference among all pairs is simulated under the covariance (errors of
    variances included, as χ² with their degrees of freedom). Pairs beyond its quantile are told
    apart; the quantile of the pairs that are left is smaller, and so on until none is added.

    Parameters
    ----------
    estimate : array, shape (K,)
    covariance : array, shape (K, K)
        With a positive variance of every difference.
    df : array, shape (K,)
    level : float
    draws, seed : int

    Examples
    --------
    >>> found = mogstad(np.array([30.0, 20.0, 21.0]), np.eye(3), np.full(3, 200.0))
    >>> [ranks.tolist() for ranks in found]
    [[1, 2, 2], [1, 3, 3]]
    """
    size = len(estimate)
    if size < 2:
        return np.ones(size, np.intp), np.ones(size, np.intp)
    first, second = np.triu_indices(size, 1)
    spread = _of_differences(covariance, first, second)
    if not (spread > 0).all():
        raise DesignError("Every difference needs a positive variance to be tested.")
    observed = (estimate[first] - estimate[second]) / np.sqrt(spread)
    simulated = _studentised(covariance, df, draws, seed)
    better = np.zeros((size, size), bool)
    up, down = _Largest(simulated), _Largest(-simulated)
    while up.left.any() or down.left.any():
        cut = np.quantile(np.maximum(up.value, down.value), level, method="higher")
        told, turned = up.left & (observed > cut), down.left & (-observed > cut)
        if not (told.any() or turned.any()):
            break
        better[first[told], second[told]] = True
        better[second[turned], first[turned]] = True
        up.remove(told)
        down.remove(turned)
    return better.sum(axis=0) + 1, size - better.sum(axis=1)


class _Largest:
    """The largest difference of each draw among the hypotheses that are left.

    Few draws have theirs among the pairs that a step removes; only these are looked through anew.
    """

    def __init__(self, simulated: NDArray[np.float32]) -> None:
        self.simulated = simulated
        self.left = np.ones(simulated.shape[1], bool)
        self.at = simulated.argmax(axis=1)
        self.value = simulated[np.arange(len(simulated)), self.at]

    def remove(self, pairs: NDArray[np.bool_]) -> None:
        """Leave out some pairs."""
        self.left &= ~pairs
        again = np.flatnonzero(pairs[self.at])
        rest = np.where(self.left, self.simulated[again], np.float32(-np.inf))
        self.at[again] = rest.argmax(axis=1)
        self.value[again] = rest[np.arange(len(again)), self.at[again]]


def _studentised(covariance: Floats, df: Floats, draws: int, seed: int) -> NDArray[np.float32]:
    """Draw the differences of all pairs over their estimated errors, as if all were truly equal.

    Shape (draws, pairs), the pairs in the order of ``np.triu_indices``.
    """
    chance = np.random.Generator(np.random.PCG64(seed))
    size = len(covariance)
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0))
    errors = (chance.standard_normal((draws, size)) @ root.T).astype(np.float32)
    known = np.isfinite(df)
    free = np.where(known, np.maximum(df, 1), 1)
    grown = np.where(known, chance.chisquare(free, (draws, size)) / free, 1).astype(np.float32)
    variance = grown * np.diag(covariance).astype(np.float32)
    times, between = np.sqrt(grown), 2 * covariance.astype(np.float32)
    found = np.empty((draws, size * (size - 1) // 2), np.float32)
    at = 0
    for one in range(size - 1):
        others = slice(one + 1, size)
        spread = variance[:, others] + variance[:, one, None]
        if between[one, others].any():
            spread -= between[one, others] * times[:, others] * times[:, one, None]
        np.sqrt(np.maximum(spread, np.float32(1e-30), out=spread), out=spread)
        stop = at + size - 1 - one
        np.divide(errors[:, one, None] - errors[:, others], spread, out=found[:, at:stop])
        at = stop
    return found


def _of_differences(covariance: Floats, first: Ranks, second: Ranks) -> Floats:
    variance = np.diag(covariance)
    spread: Floats = variance[first] + variance[second] - 2 * covariance[first, second]
    return spread
