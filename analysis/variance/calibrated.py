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
from analysis.variance.sums import score_totals

Floats = NDArray[np.float64]


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
        x = calibration.auxiliary.matrix
        x = x / np.maximum(np.abs(x).max(axis=0), 1e-300)  # numbers of every size weigh alike
        scores = score_totals(base, linear, base.klass, len(base.classes))
        squares = (x * calibration.base[:, None]).T @ x
        self.slopes = np.linalg.pinv(squares, rcond=1e-12, hermitian=True) @ (scores.T @ x).T
        self.crossed, self.squared = plain.with_auxiliary(x)

    @property
    def size(self) -> int:
        return self.plain.size

    def diagonal(self) -> Floats:
        b = self.slopes
        explained: Floats = 2 * (b * self.crossed).sum(axis=0) - (b * (self.squared @ b)).sum(
            axis=0
        )
        return np.asarray(np.maximum(self.plain.diagonal() - explained, 0))

    def of_contrasts(self, contrasts: Floats) -> Floats:
        b, crossed = self.slopes @ contrasts, self.crossed @ contrasts
        both = b.T @ crossed
        explained: Floats = both + both.T - b.T @ self.squared @ b
        return self.plain.of_contrasts(contrasts) - explained
