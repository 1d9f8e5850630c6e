"""How far a calibrated weight may be from the base weight: g = F(x'λ).

References
----------
.. [1] Deville & Särndal 1992, Calibration estimators in survey sampling, JASA 87, 376–382.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.problems import DesignError

Floats = NDArray[np.float64]

METHODS = ("rake", "linear", "logit")
UNBOUNDED = (-np.inf, np.inf)


@dataclass(frozen=True)
class Distance:
    """A calibration function F and its slope F′, with F(0) = F′(0) = 1."""

    F: Callable[[Floats], Floats]
    slope: Callable[[Floats], Floats]


def distance(method: str, bounds: tuple[float, float] | None = None) -> Distance:
    """Return the calibration function by name.

    Parameters
    ----------
    method : {"linear", "rake", "logit"}
        The chi-square distance (GREG), the raking ratio, or the bounded logit.
    bounds : (lower, upper), optional
        What g must stay within, around 1; linear and raking are cut off at the bounds.

    Examples
    --------
    >>> distance("linear", (0.5, 2)).F(np.array([-3.0, 0.0, 0.5]))
    array([0.5, 1. , 1.5])
    """
    lower, upper = bounds or UNBOUNDED
    if not lower < 1 < upper:
        raise DesignError("The bounds of g must lie on both sides of 1.")
    if method == "logit":
        if not np.isfinite([lower, upper]).all():
            raise DesignError("The logit distance needs two finite bounds.")
        return _logit(lower, upper)
    if method not in METHODS:
        raise DesignError("Calibration is linear, rake or logit, not %(method)s.", method=method)
    plain: Callable[[Floats], Floats] = np.exp if method == "rake" else lambda u: 1 + u

    def inside(u: Floats) -> Floats:
        g = plain(u)
        return np.where((g >= lower) & (g <= upper), g if method == "rake" else 1.0, 0.0)

    return Distance(lambda u: np.clip(plain(u), lower, upper), inside)


def _logit(lower: float, upper: float) -> Distance:
    below, above = 1 - lower, upper - 1
    steep = (upper - lower) / (below * above)

    def f(u: Floats) -> Floats:
        odds = np.exp(np.clip(steep * u, -500, 500))
        return np.asarray((lower * above + upper * below * odds) / (above + below * odds))

    def slope(u: Floats) -> Floats:
        g = f(u)
        return np.asarray(steep * (g - lower) * (upper - g) / (upper - lower))

    return Distance(f, slope)
