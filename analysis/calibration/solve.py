"""Finds the factors g by class that make the weighted sample meet its margins."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.distances import Distance
from analysis.calibration.margins import Auxiliary
from analysis.problems import DesignError

Floats = NDArray[np.float64]

TOLERANCE = 1e-11  # relative misfit of a margin that must be reached
ROUNDING = 1e-14  # that nothing can be gained below
MOST_ROUNDS = 2000
MOST_STEPS = 100


def rake(auxiliary: Auxiliary, weights: Floats) -> Floats:
    """Scale to one margin after the other until all hold (iterative proportional fitting).

    Parameters
    ----------
    auxiliary : Auxiliary
        All margins categorical.
    weights : array, shape (classes,) or (classes, replicates)
        Summed base weights of each class; replicates are raked side by side.

    Returns
    -------
    array of the shape of ``weights``
        g of each class.

    References
    ----------
    .. [1] Deming & Stephan 1940, Annals of Mathematical Statistics 11, 427–444.
    """
    current = np.array(weights, float)
    blocks = [
        (block.category, auxiliary.matrix[:, block.columns].T, auxiliary.totals[block.columns])
        for block in auxiliary.blocks
    ]
    before = np.inf
    for _ in range(MOST_ROUNDS):
        misfit = 0.0
        for category, sums, totals in blocks:
            reached = sums @ current
            with np.errstate(divide="ignore"):
                factor = (totals / reached.T).T
            misfit = max(misfit, float(np.abs(factor - 1).max()))
            current *= factor[category]
        if misfit < ROUNDING or (misfit < TOLERANCE and misfit > before / 2):
            return np.asarray(current / np.where(weights == 0, 1, weights))
        if not np.isfinite(misfit):
            break
        before = misfit
    first = np.atleast_2d(current.T)
    off = first[np.argmax(np.abs(first @ auxiliary.matrix - auxiliary.totals).sum(axis=1))]
    raise not_reached(auxiliary, off @ auxiliary.matrix)


def newton(auxiliary: Auxiliary, weights: Floats, distance: Distance) -> Floats:
    """Solve Σ w·F(x'λ)·x = totals for λ by Newton's method; return g = F(x'λ).

    Parameters
    ----------
    auxiliary : Auxiliary
    weights : array, shape (classes,)
        Summed base weights of each class.
    distance : Distance
    """
    scale = np.where(auxiliary.totals == 0, 1, np.abs(auxiliary.totals))
    x = auxiliary.matrix / scale  # so that numbers of every size weigh alike
    target = auxiliary.totals / scale
    multipliers = np.zeros(x.shape[1])
    gap = target - x.T @ weights
    met = False
    for _ in range(MOST_STEPS):
        u = x @ multipliers
        hessian = (x * (weights * distance.slope(u))[:, None]).T @ x
        step = np.linalg.pinv(hessian, rcond=1e-13, hermitian=True) @ gap
        for _ in range(30):  # halve a step that leads astray
            g = distance.F(x @ (multipliers + step))
            after = target - x.T @ (weights * g)
            if np.abs(after).sum() <= np.abs(gap).sum() or np.abs(after).max() < TOLERANCE:
                break
            step = step / 2
        multipliers, gap = multipliers + step, after
        if np.abs(gap).max() < ROUNDING or (np.abs(gap).max() < TOLERANCE and met):
            return g
        met = bool(np.abs(gap).max() < TOLERANCE)  # then one more step, for the last digits
    raise not_reached(auxiliary, (target - gap) * scale)


def not_reached(auxiliary: Auxiliary, reached: Floats) -> DesignError:
    """Say which margin could not be met, and by how much."""
    margin, category, misfit = auxiliary.worst(reached)
    return DesignError(
        "Calibration does not converge: margin %(margin)s %(category)s stays %(misfit).2g off. "
        "The margins contradict the sample or each other, or the bounds are too narrow.",
        margin=margin, category=category, misfit=misfit,
    )  # fmt: skip
