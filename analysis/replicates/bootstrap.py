"""The rescaled bootstrap: in every stratum n_h−1 PSUs are drawn anew, with replacement.

A PSU drawn m times weighs 1 − λ + λ·m·n_h/(n_h−1), λ = √(1−f_h) (Rao & Wu 1988; Rao, Wu & Yue
1992). The seed makes the draw repeatable.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from analysis.problems import DesignError
from analysis.stages import Stage

Floats = NDArray[np.float64]


def bootstrap(
    stage: Stage, replicates: int, seed: int | None
) -> tuple[Callable[[slice], Floats], Floats]:
    """Return the multipliers of each slice of replicates, and the scale of each replicate."""
    if replicates < 2:
        raise DesignError("The bootstrap needs at least two replicates.")
    generator = np.random.default_rng(seed)
    matrix = np.ones((len(stage.stratum), replicates))
    order = np.argsort(stage.stratum, kind="stable")
    ends = np.cumsum(stage.n).astype(int)
    for units in np.split(order, ends[:-1]):
        n = len(units)
        if n > 1:
            drawn = generator.multinomial(n - 1, np.full(n, 1 / n), size=replicates).T
            reach = np.sqrt(1 - stage.fraction[units])[:, None]
            matrix[units] = 1 - reach + reach * drawn * (n / (n - 1))
    return (lambda chosen: matrix[:, chosen]), np.full(replicates, 1 / (replicates - 1))
