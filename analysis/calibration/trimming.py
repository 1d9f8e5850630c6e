"""Trimming: weights are cut to a range and what is cut off is shared among the others."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from analysis.problems import DesignError

Floats = NDArray[np.float64]

MOST_ROUNDS = 500


def trim(weights: Floats, count: Floats, lower: float, upper: float) -> Floats:
    """Cut weights to a range; the others take up the difference in equal parts, so the sum stays.

    Repeated until all lie in the range (R's ``trimWeights(strict=TRUE)``).

    Parameters
    ----------
    weights : array, shape (classes,)
        The weight of each respondent of a class.
    count : array, shape (classes,)
        How many respondents it has.
    lower, upper : float

    Examples
    --------
    >>> trim(np.array([10.0, 1.0, 4.0]), np.array([1, 2, 1]), 0, 8)
    array([8.        , 1.66666667, 4.66666667])
    """
    if not lower * count.sum() <= weights @ count <= upper * count.sum():
        raise DesignError(
            "Weights that sum to %(sum)g cannot all lie between %(lower)g and %(upper)g.",
            sum=weights @ count, lower=lower, upper=upper,
        )  # fmt: skip
    for _ in range(MOST_ROUNDS):
        outside = (weights < lower) | (weights > upper)
        if not outside.any():
            return weights
        cut = np.clip(weights, lower, upper)
        excess = (weights - cut) @ count
        weights = cut + np.where(outside, 0, excess / count[~outside].sum())
    raise DesignError("Trimming does not come to an end.")


def alternate(
    calibrate: Callable[[Floats], Floats],
    weights: Floats,
    count: Floats,
    lower: float,
    upper: float,
) -> Floats:
    """Calibrate and trim in turn until both hold.

    Parameters
    ----------
    calibrate : callable
        Takes summed weights of the classes, returns g.
    weights : array, shape (classes,)
        Summed base weights of the classes.
    count, lower, upper
        As for :func:`trim`.

    Returns
    -------
    array, shape (classes,)
        g of each class against its base weights.
    """
    current = weights
    for _ in range(MOST_ROUNDS):
        current = current * calibrate(current)
        each = current / count
        slack = 1e-9 * upper
        if (each <= upper + slack).all() and (each >= lower - slack).all():
            return np.divide(current, weights, out=np.ones_like(current), where=weights != 0)
        current = trim(each, count, lower, upper) * count
    raise DesignError(
        "Margins and the range of weights, %(lower)g to %(upper)g, cannot both be held.",
        lower=lower, upper=upper,
    )  # fmt: skip
