"""Finds the factors g by class that make the weighted sample meet its margins."""

from __future__ import annotations

from dataclasses import dataclass

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
MOST_HALVES = 30


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
    weights : array, shape (classes,) or (classes, replicates)
        Summed base weights of each class; replicates are solved side by side.
    distance : Distance

    Returns
    -------
    array of the shape of ``weights``
    """
    scale = np.where(auxiliary.totals == 0, 1, np.abs(auxiliary.totals))
    # so that numbers of every size weigh alike
    problem = _Problem(auxiliary.matrix / scale, (auxiliary.totals / scale)[:, None], distance)
    found = np.ones((len(problem.x), weights.size // max(len(problem.x), 1)))
    left = np.arange(found.shape[1])  # replicates that are not there yet
    w = weights.reshape(found.shape)
    multipliers = np.zeros((problem.x.shape[1], len(left)))
    gap, met = problem.gap(w, np.ones_like(w)), np.zeros(len(left), bool)
    for _ in range(MOST_STEPS):
        multipliers, g, gap = problem.move(w, multipliers, gap)
        misfit = np.abs(gap).max(axis=0, initial=0)
        done = (misfit < ROUNDING) | ((misfit < TOLERANCE) & met)
        met = misfit < TOLERANCE  # then one more step, for the last digits
        found[:, left[done]] = g[:, done]
        left, met = left[~done], met[~done]
        w, multipliers, gap = w[:, ~done], multipliers[:, ~done], gap[:, ~done]
        if not len(left):
            return found.reshape(weights.shape)
    raise not_reached(auxiliary, (problem.totals - gap)[:, 0] * scale)


@dataclass(frozen=True)
class _Problem:
    """What is to be solved, the same for all replicates, which are the columns of w, λ and gap."""

    x: Floats
    totals: Floats
    distance: Distance

    def gap(self, w: Floats, g: Floats) -> Floats:
        """Return what the totals lack under g."""
        return np.asarray(self.totals - self.x.T @ (w * g))

    def step(self, w: Floats, multipliers: Floats, gap: Floats) -> Floats:
        """Return Newton's step of each replicate, shape (p, replicates)."""
        p, slopes = self.x.shape[1], w * self.distance.slope(self.x @ multipliers)
        products = (self.x[:, :, None] * self.x[:, None, :]).reshape(len(self.x), p * p)
        hessian = (slopes.T @ products).reshape(-1, p, p)
        inverse = np.linalg.pinv(hessian, rcond=1e-13, hermitian=True)
        return np.asarray(np.einsum("rpq,qr->pr", inverse, gap))

    def move(self, w: Floats, before: Floats, gap: Floats) -> tuple[Floats, Floats, Floats]:
        """Take each replicate's step, halved while it leads astray; return λ, g and the gap."""
        step = self.step(w, before, gap)
        for halved in range(MOST_HALVES):
            g = self.distance.F(self.x @ (before + step))
            after = self.gap(w, g)
            astray = np.abs(after).sum(axis=0) > np.abs(gap).sum(axis=0)
            astray &= np.abs(after).max(axis=0, initial=0) >= TOLERANCE
            if halved == MOST_HALVES - 1 or not astray.any():
                break
            step = np.where(astray, step / 2, step)
        return before + step, g, after


def not_reached(auxiliary: Auxiliary, reached: Floats) -> DesignError:
    """Say which margin could not be met, and by how much."""
    margin, category, misfit = auxiliary.worst(reached)
    return DesignError(
        "Calibration does not converge: margin %(margin)s %(category)s stays %(misfit).2g off. "
        "The margins contradict the sample or each other, or the bounds are too narrow.",
        margin=margin, category=category, misfit=misfit,
    )  # fmt: skip
