"""The sampling stages: which unit lies in which stratum, how many were drawn out of how many."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

#: Where more than this share of a stratum's units is drawn, it represents itself (as R has it).
CERTAIN = 1 - 1e-7


@dataclass(frozen=True)
class Stage:
    """One stage of the draw.

    Parameters
    ----------
    unit : array of int, shape (cells' units,)
        The unit of this stage in which each unit of the cells lies.
    stratum : array of int, shape (units,)
        The stratum of each unit of this stage; below the first stage strata lie within units.
    n : array, shape (strata,)
        Units drawn.
    fraction : array, shape (units,)
        Share of the stratum's units that was drawn (1/∞ = 0: with replacement); for a draw with
        probability proportional to size, the unit's own inclusion probability.
    share : array, shape (strata,)
        Product of the fractions of the stages above.
    lonely : str
        What a stratum with a single unit contributes: see :class:`~analysis.design.SurveyDesign`.
    """

    unit: Places
    stratum: Places
    n: Floats
    fraction: Floats
    share: Floats
    lonely: str = "fail"

    @property
    def certain(self) -> NDArray[np.bool_]:
        """Which strata were taken whole and so contribute nothing."""
        smallest: Floats = np.full(len(self.n), np.inf)
        np.minimum.at(smallest, self.stratum, self.fraction)
        return np.asarray(smallest > CERTAIN)

    @property
    def alone(self) -> NDArray[np.bool_]:
        """Which strata hold a single unit out of several."""
        single: NDArray[np.bool_] = self.n == 1
        return single & ~self.certain

    def scale(self) -> Floats:
        """Return share·(1−f)·n/(n−1) of each unit: what its squared deviation is multiplied by."""
        n = self.n
        grown = n / np.where(n > 1, n - 1, 1)
        return (self.share * grown)[self.stratum] * (1 - self.fraction)

    def centring(self) -> Floats:
        """Return 1/n of each stratum, the weight of a unit in its mean.

        Under ``adjust`` a lonely unit is measured from zero, the mean of all scores, instead of
        from itself: 0.
        """
        return np.where(self.alone & (self.lonely == "adjust"), 0, 1 / self.n)
