"""Scores of sampling units, kept so that waves can be compared and pooled without their rows.

A rate of a wave is Σwy/Σwr, and its error is that of its score z = (e_y − p·e_r)/Σwr, where e_y and
e_r are the unit's residuals of y and r on the calibration variables (of y and r themselves, where
nothing is calibrated). The residuals do not depend on p, so they serve the wave's own variance,
its covariance with another wave, and a pooled rate alike.

- One wave: V = Σ_h (1 − f_h)·n_h/(n_h − 1)·Σ_j (z_j − z̄_h)².
- Two waves: units drawn in both make C = Σ_h (1 − n₁n₂/(N·m))·Σ_j (z₁_j − z̄₁)(z₂_j − z̄₂)/κ, where
  m is the number of common units, N the larger population of the two strata, and κ = 1 − 1/n₁ −
  1/n₂ + m/(n₁n₂) what the expectation of a product of deviations lacks. With the same units in
  both, C is the one-wave formula; with samples that overlap by chance alone its expectation is 0.

Residuals are kept for each unit's own area and for the whole. What a unit contributes to the
residual of another area (through a calibration that crosses areas) is left out: about one
per cent of a variance, and the variance of a single wave is rescaled to its published one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from analysis.columns import compress

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


@dataclass(frozen=True)
class Scores:
    """The units of one wave with their residuals.

    Parameters
    ----------
    unit : array of str, shape (units,)
        The same unit bears the same name in every wave; unique within its group.
    group : array of int, shape (units,)
        The area each unit counts in; 0 for all, where the whole is meant.
    stratum : array of int, shape (units,)
        Lies in one group.
    fraction : array, shape (units,)
        Share of the stratum's units that was drawn.
    drawn : array, shape (strata,)
        Units drawn in each stratum.
    values : array, shape (units, indicators, factors)
        Residuals, the factors being y and r (and what else the caller keeps).
    """

    unit: NDArray[np.str_]
    group: Places
    stratum: Places
    fraction: Floats
    drawn: Floats
    values: NDArray[np.floating]

    def combined(self, coefficients: Floats) -> Scores:
        """Return the scores Σ_f coefficient·e_f, shape (units, indicators, 1).

        Parameters
        ----------
        coefficients : array, shape (groups, indicators, factors)
        """
        values = np.zeros((*self.values.shape[:2], 1))
        for factor in range(coefficients.shape[2]):
            values[:, :, 0] += coefficients[self.group, :, factor] * self.values[:, :, factor]
        return Scores(self.unit, self.group, self.stratum, self.fraction, self.drawn, values)


def forms(scores: Scores, groups: int) -> Floats:
    """Return the covariance of the factors' totals in each group, of one wave.

    Returns
    -------
    array, shape (groups, indicators, factors, factors)

    Examples
    --------
    Four of a large population, drawn at random; the total of y has the variance n·s²:

    >>> sample = Scores(
    ...     np.array(["a", "b", "c", "d"]), np.zeros(4, int), np.zeros(4, int), np.zeros(4),
    ...     np.array([4.0]), np.array([1.0, 0, 0, 1]).reshape(4, 1, 1),
    ... )
    >>> forms(sample, 1).round(4).ravel()
    array([1.3333])
    """
    n = scores.drawn[scores.stratum]
    scale = (1 - scores.fraction) * n / np.maximum(n - 1, 1)
    values = np.asarray(scores.values, float)
    _, indicators, factors = values.shape
    met, key = compress(scores.stratum * groups + scores.group, len(scores.drawn) * groups)
    into_groups = _membership(scores.group, groups)
    into_met = _membership(met, len(key))
    sums = (into_met @ values.reshape(len(values), indicators * factors)).reshape(
        len(key), indicators, factors
    )
    of_met = np.zeros(len(key))
    of_met[met] = scale / n
    met_groups = _membership(key % groups, groups)
    found = np.empty((groups, indicators, factors, factors))
    for a in range(factors):
        for b in range(a, factors):
            squares = into_groups @ (scale[:, None] * values[:, :, a] * values[:, :, b])
            means = met_groups @ (of_met[:, None] * sums[:, :, a] * sums[:, :, b])
            found[:, :, a, b] = found[:, :, b, a] = squares - means
    return found


def cross_forms(first: Scores, second: Scores, groups: int) -> Floats:
    """Return the covariance between two waves of the factors' totals in each group.

    Both have their indicators in the same order.

    Returns
    -------
    array, shape (groups, indicators, factors of the first, factors of the second)
    """
    here, there = _common(first, second)
    indicators, left, right = first.values.shape[1], first.values.shape[2], second.values.shape[2]
    found = np.zeros((groups, indicators, left, right))
    if not len(here):
        return found
    weight = _weights(first, second, here, there)
    into = _membership(first.group[here], groups)
    ours, theirs = _centred(first, here), _centred(second, there)
    for a in range(left):
        for b in range(right):
            found[:, :, a, b] = into @ (weight[:, None] * ours[:, :, a] * theirs[:, :, b])
    return found


def common_units(first: Scores, second: Scores, groups: int) -> Places:
    """Return how many units each group has in both waves."""
    here, _ = _common(first, second)
    return np.bincount(first.group[here], minlength=groups)


def residuals(
    auxiliary: sparse.csr_array | None,
    before: Floats,
    after: Floats,
    values: Floats,
    groups: Sequence[Places],
) -> Floats:
    """Return the calibrated residuals of each row, in its own group.

    Parameters
    ----------
    auxiliary : sparse array, shape (rows, p), or None
        Calibration variables; None where nothing is calibrated.
    before, after : array, shape (rows,)
        Weights before and after calibration.
    values : array, shape (rows, m)
        y, r and the like; 0 outside the base.
    groups : sequence of array of int
        The rows of each group; a row belongs to one group at most.

    Returns
    -------
    array, shape (rows, m)
        w·(value − x'B), B the regression of the group's values on x under the weights before
        calibration (Deville & Särndal 1992); 0 for a row without a group.
    """
    found = np.zeros_like(values)
    if auxiliary is None:
        for rows in groups:
            found[rows] = after[rows, None] * values[rows]
        return found
    weighted = sparse.csr_array(auxiliary.multiply(before[:, None]))
    squares = (auxiliary.T @ weighted).toarray()
    inverse = np.linalg.pinv(squares, rcond=1e-12, hermitian=True)
    for rows in groups:
        x = auxiliary[rows]
        slopes = inverse @ (weighted[rows].T @ values[rows])
        found[rows] = after[rows, None] * (values[rows] - x @ slopes)
    return found


def _common(first: Scores, second: Scores) -> tuple[Places, Places]:
    """Return the places of the units that both waves have, in the same group."""
    _, here, there = np.intersect1d(first.unit, second.unit, return_indices=True)
    same = first.group[here] == second.group[there]
    return here[same], there[same]


def _weights(first: Scores, second: Scores, here: Places, there: Places) -> Floats:
    """Return what each common unit's product is multiplied by."""
    one, other = first.stratum[here], second.stratum[there]
    n1, n2 = first.drawn[one], second.drawn[other]
    pair, key = compress(one * len(second.drawn) + other, len(first.drawn) * len(second.drawn))
    common = np.bincount(pair, minlength=len(key))[pair]
    lacking = 1 - 1 / n1 - 1 / n2 + common / (n1 * n2)
    smallest = np.minimum(first.fraction[here] / n1, second.fraction[there] / n2)  # 1/N
    by_chance = n1 * n2 * smallest / common
    safe: Floats = np.where(lacking > 1e-9, (1 - by_chance) / np.where(lacking > 0, lacking, 1), 0)
    return safe


def _centred(scores: Scores, rows: Places) -> Floats:
    """Return the residuals of some units less their strata's means."""
    values = np.asarray(scores.values, float)
    flat = values.reshape(len(values), values.shape[1] * values.shape[2])
    means = _membership(scores.stratum, len(scores.drawn)) @ flat / scores.drawn[:, None]
    centred: Floats = flat[rows] - means[scores.stratum[rows]]
    return centred.reshape(len(rows), *values.shape[1:])


def _membership(group: Places, groups: int) -> sparse.csr_array:
    members = np.arange(len(group))
    return sparse.csr_array((np.ones(len(group)), (group, members)), shape=(groups, len(group)))
