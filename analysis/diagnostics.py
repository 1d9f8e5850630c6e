"""Diagnostics of weights: their spread, what it costs, and the margins before and after.

Kish's design effect of weighting, 1 + CV²(w) = n·Σw²/(Σw)², is the factor by which unequal weights
alone inflate a variance when they have nothing to do with the answers (Kish 1965, section 11.7).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from analysis.calibration import Calibration
from analysis.presentation import Presented

Floats = NDArray[np.float64]

SHARES = (0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0)


@dataclass(frozen=True)
class WeightDistribution(Presented):
    """How weights are spread.

    Parameters
    ----------
    n : int
    total : float
    deff : float
        Kish's.
    quantiles : array, shape (9,)
        Of the weights, at 0, 1, 5, 25, 50, 75, 95, 99 and 100 %.
    """

    n: int
    total: float
    deff: float
    quantiles: Floats

    @property
    def n_effective(self) -> float:
        """The number of equal weights that are worth as much."""
        return self.n / self.deff

    def to_arrow(self) -> pa.Table:
        """Return one row for each quantile."""
        return pa.table({"share": SHARES, "weight": self.quantiles})


@dataclass(frozen=True)
class MarginCheck(Presented):
    """Margins before and after calibration.

    Parameters
    ----------
    margins, categories : tuple of str
    population, before, after : array
        The total asked for, and what base and calibrated weights reach.
    """

    margins: tuple[str, ...]
    categories: tuple[str, ...]
    population: Floats
    before: Floats
    after: Floats

    def to_arrow(self) -> pa.Table:
        """Return one row for each category."""
        return pa.table(
            {
                "margin": self.margins,
                "category": self.categories,
                "population": self.population,
                "before": self.before,
                "after": self.after,
            }
        )


def weight_distribution(weights: Floats) -> WeightDistribution:
    """Describe weights.

    Examples
    --------
    >>> spread = weight_distribution(np.array([1.0, 1.0, 4.0]))
    >>> spread.deff, spread.n_effective
    (1.5, 2.0)
    """
    total, squares = float(weights.sum()), float(weights @ weights)
    deff = len(weights) * squares / total**2
    return WeightDistribution(len(weights), total, deff, np.quantile(weights, SHARES))


def margin_check(calibration: Calibration) -> MarginCheck:
    """Set the margins of a calibration against what the weights reached before and after."""
    x, blocks = calibration.auxiliary.matrix, calibration.auxiliary.blocks
    return MarginCheck(
        tuple(block.name for block in blocks for _ in block.labels),
        tuple(label for block in blocks for label in block.labels),
        calibration.auxiliary.totals,
        x.T @ calibration.base,
        x.T @ (calibration.base * calibration.factor),
    )
