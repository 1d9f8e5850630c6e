"""Variance after calibration: of the residuals of the scores on the calibration variables.

The residual is e = z − x'B, with B the regression of z on x under the weights *before*
calibration; the PSU totals of e are taken under the calibrated weights (Deville & Särndal 1992;
R's ``calibrate()``, to ten digits). In forms of scores and auxiliaries,
Q(e, e) = Q(z, z) − 2 B'Q(x, z) + B'Q(x, x)B, so residuals need no rows.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.calibration import Calibration
from analysis.cells import Cells
from analysis.linearisation import Linear
from analysis.variance import Linearised
from analysis.variance.auxiliary import of_cells, with_scores
from analysis.variance.sums import cell_scores

Floats = NDArray[np.float64]

ROUNDING = 1e-12


class CalibratedVariance:
    """The variance of calibrated estimates.

    Parameters
    ----------
    plain : Linearised
        The variance of the scores under the calibrated weights.
    base : Cells
        The cells under the weights before calibration.
    linear : sequence of Linear
    calibration : Calibration
    """

    def __init__(
        self, plain: Linearised, base: Cells, linear: Sequence[Linear], calibration: Calibration
    ) -> None:
        self.plain = plain
        x = calibration.scaled
        scores = [cell_scores(base, one, 1) for one in linear]
        self.slopes = calibration.inverse @ with_scores(base, of_cells(base, x), scores)
        self.crossed, self.squared = plain.with_auxiliary(x)

    @property
    def size(self) -> int:
        return self.plain.size

    def diagonal(self) -> Floats:
        b = self.slopes
        explained: Floats = 2 * (b * self.crossed).sum(axis=0) - (b * (self.squared @ b)).sum(
            axis=0
        )
        plain = self.plain.diagonal()
        left = plain - explained
        left[left < ROUNDING * plain] = 0  # what calibration fixes is known: the rest is rounding
        return np.asarray(left)

    def between_domains(self, k: int) -> Floats:
        plain = self.plain.between_domains(k)
        own = slice(k * len(plain), (k + 1) * len(plain))
        b = self.slopes[:, own]
        both = b.T @ self.crossed[:, own]
        return np.asarray(plain - both - both.T + b.T @ self.squared @ b)

    def of_contrasts(self, contrasts: Floats) -> Floats:
        b, crossed = self.slopes @ contrasts, self.crossed @ contrasts
        both = b.T @ crossed
        explained: Floats = both + both.T - b.T @ self.squared @ b
        return self.plain.of_contrasts(contrasts) - explained
