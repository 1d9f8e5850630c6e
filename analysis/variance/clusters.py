"""Variance where the sampling units are in the cells: PSUs, and units of later stages."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from analysis.cells import Cells
from analysis.linearisation import Linear
from analysis.stages import Stage
from analysis.variance.sums import averaged, group_sums, membership, scaled_rows, score_totals

Floats = NDArray[np.float64]


class ClusterVariance:
    """Σ_h share·(1−f)·n/(n−1)·Σ_j (z_hj − z̄_h)² over the stages.

    Parameters
    ----------
    cells : Cells
    linear : sequence of Linear
        One for each variable of the cells' pass.
    stages : sequence of Stage
    """

    def __init__(self, cells: Cells, linear: Sequence[Linear], stages: Sequence[Stage]) -> None:
        self.cells = cells
        self.stages = stages
        self.scores = score_totals(cells, linear, cells.unit, len(cells.units))

    @property
    def size(self) -> int:
        return int(self.scores.shape[1])

    def diagonal(self) -> Floats:
        """Σ s(z − z̄)² = Σ sz² − 2 z̄ Σ sz + z̄² Σ s, so that units without a score cost nothing."""
        total = np.zeros(self.size)
        for stage in self.stages:
            z, strata, scale = self._laid_out(stage)
            weighted = scaled_rows(z, scale)
            sums = strata @ z
            mean = scaled_rows(sums, stage.centring())
            squared: Floats = (
                (weighted * z).sum(axis=0)
                - 2 * (mean * (strata @ weighted)).sum(axis=0)
                + (scaled_rows(mean, strata @ scale) * mean).sum(axis=0)
            )
            total += averaged(stage, sums) * squared
        return np.maximum(total, 0)

    def of_contrasts(self, contrasts: Floats) -> Floats:
        combined = self.scores @ contrasts
        total = np.zeros((contrasts.shape[1], contrasts.shape[1]))
        for stage in self.stages:
            strata = membership(stage.stratum, len(stage.n))
            z = membership(stage.unit, len(stage.stratum)) @ combined
            sums = strata @ z
            deviation = z - (sums * stage.centring()[:, None])[stage.stratum]
            grown = np.sqrt(averaged(stage, sums))
            total += deviation.T @ (deviation * stage.scale()[:, None]) * np.outer(grown, grown)
        return total

    def with_auxiliary(self, x: Floats) -> tuple[Floats, Floats]:
        cells = self.cells
        totals = group_sums(x[cells.klass] * cells.sum(1)[:, None], cells.unit, len(cells.units))
        crossed, squared = np.zeros((x.shape[1], self.size)), np.zeros((x.shape[1],) * 2)
        for stage in self.stages:
            z, strata, scale = self._laid_out(stage)
            of_units = membership(stage.unit, len(stage.stratum)) @ totals
            centring = stage.centring()
            mean = (strata @ of_units) * centring[:, None]
            deviation = of_units - mean[stage.stratum]
            weighted = deviation * scale[:, None]
            crossed += (z.T @ weighted).T
            crossed -= (scaled_rows(strata @ z, centring).T @ (strata @ weighted)).T
            squared += deviation.T @ weighted
        return crossed, squared

    def _laid_out(self, stage: Stage) -> tuple[sparse.csr_array, sparse.csr_array, Floats]:
        """Return scores by unit of the stage, the units' strata, and each unit's scale."""
        z = membership(stage.unit, len(stage.stratum)) @ self.scores
        return z, membership(stage.stratum, len(stage.n)), stage.scale()
