"""Puts estimates together: point estimates, their errors, bases, and what they are worth."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.cells import Cells
from analysis.estimates import Estimates
from analysis.linearisation import Linear
from analysis.variables import Variable
from analysis.variance import Variance

Floats = NDArray[np.float64]


def put_together(
    variables: Sequence[Variable],
    cells: Cells,
    linear: Sequence[Linear],
    variance: Variance,
    df: Floats,
    *,
    start: Callable[[], Floats],
) -> Estimates:
    """Return the estimates of all variables in all domains whose codes are known.

    Parameters
    ----------
    variables : sequence of Variable
        All of one statistic.
    cells : Cells
        Under the final weights.
    linear : sequence of Linear
        The statistics, one for each variable.
    variance : Variance
    df : array, shape (variables · domains,)
    start : callable
        Returns :func:`analysis.likelihood.first_odds`, shape (variables · domains,).
    """
    known = np.flatnonzero(cells.domains.complete())
    places = (np.arange(len(variables))[:, None] * len(cells.domains) + known).ravel()

    def of_base(power: int) -> Floats:
        sums = [cells.by_domain(power, f"r{k}") for k in range(len(variables))]
        chosen: Floats = np.concatenate(sums)[places]
        return chosen

    n, total, squares = of_base(0), of_base(1), of_base(2)
    estimates = np.concatenate([one.estimate for one in linear])[places]
    variances = np.where(np.isnan(estimates), np.nan, variance.diagonal()[places])
    simple = np.concatenate([one.spread for one in linear])[places]
    with np.errstate(divide="ignore", invalid="ignore"):
        kish = total**2 / squares
        precise = np.where(variances > 0, simple / variances, kish)
        replaced = variances / (simple / (n - 1))
        fraction = np.where(total > n * (1 + 1e-9), n / total, 0)
    by = cells.domains.texts()
    return Estimates(
        statistic=variables[0].statistic,
        variables=tuple(variable.name for variable in variables),
        domains=tuple(by[place] for place in known),
        estimate=estimates,
        se=np.sqrt(variances),
        df=df[places],
        n=n,
        n_weighted=total,
        n_kish=kish,
        n_effective=np.minimum(n, precise),
        deff=replaced / (1 - fraction),
        deff_replace=replaced,
        variance=variance,
        places=places,
        start=lambda: start()[places],
    )
