"""Verdicts against a target: met, not met, undecided, too few.

A rate is judged by its two-sided 95 % Korn–Graubard interval: met when the lower bound reaches the
target, not met when the upper bound stays below it, undecided when the interval straddles it. A
base too small to be judged gets no verdict whatever its rate.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEVEL = 0.95
FEWEST_EFFECTIVE = 50  # effective respondents
FEWEST_DF = 8  # degrees of freedom

MET, NOT_MET, UNDECIDED, TOO_FEW = "met", "not_met", "undecided", "too_few"


def verdicts(
    lower: Floats, upper: Floats, n_effective: Floats, df: Floats, target: float
) -> list[str]:
    """Judge intervals against a target.

    Parameters
    ----------
    lower, upper : array
        Bounds of the 95 % interval.
    n_effective, df : array
        Effective sample size and degrees of freedom.
    target : float

    Examples
    --------
    >>> bounds = np.array([0.86, 0.70, 0.80, 0.90]), np.array([0.95, 0.84, 0.90, 1.00])
    >>> verdicts(*bounds, np.array([200, 200, 200, 30]), np.array([50, 50, 50, 29]), 0.85)
    ['met', 'not_met', 'undecided', 'too_few']
    """
    enough = (n_effective >= FEWEST_EFFECTIVE) & (df >= FEWEST_DF)
    said = np.select([~enough, lower >= target, upper < target], [TOO_FEW, MET, NOT_MET], UNDECIDED)
    return [str(verdict) for verdict in said]
