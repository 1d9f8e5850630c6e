"""Variance where the sampling units are in the cells: PSUs, and units of later stages."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from analysis.cells import Cells
from analysis.linearisation import Linear
from analysis.stages import Stage
from analysis.variance.pairs import Pairs
from analysis.variance.sums import (
    averaged,
    cell_scores,
    group_sums,
    membership,
    scaled_rows,
    score_totals,
)

Floats = NDArray[np.float64]


class ClusterVariance:
    """Σ_h share·(1−f)·n/(n−1)·Σ_j (z_hj − z̄_h)² over the stages.

    Parameters
    ----------
    cells : Cells
    linear : sequence of Linear
        One for each variable of the cells' pass.
    pairs : sequence of Pairs
        Those of each stage.
    """

    def __init__(self, cells: Cells, linear: Sequence[Linear], pairs: Sequence[Pairs]) -> None:
        self.cells = cells
        self.linear = linear
        self.pairs = pairs
        self.stages = [pair.stage for pair in pairs]

    @property
    def size(self) -> int:
        return len(self.linear) * len(self.cells.domains)

    @cached_property
    def scores(self) -> sparse.csr_array:
        """The total score of each of the cells' units, shape (units, statistics)."""
        return score_totals(self.cells, self.linear, self.cells.unit, len(self.cells.units))

    def diagonal(self) -> Floats:
        """Σ s(z − z̄)² = Σ sz² − 2 z̄ Σ sz + z̄² Σ s, so that units without a score cost nothing."""
        variances = np.zeros((len(self.linear), len(self.cells.domains)))
        scores = [cell_scores(self.cells, one, 1) for one in self.linear]
        for pairs in self.pairs:
            stage, scale = pairs.stage, pairs.stage.scale()
            of_strata = np.bincount(stage.stratum, scale, len(stage.n))[pairs.stratum]
            of_pairs, centring = scale[pairs.unit], stage.centring()[pairs.stratum]
            for k, score in enumerate(scores):
                z = pairs.sums(score)
                sz = of_pairs * z
                mean = pairs.by_stratum(z) * centring
                away = mean * (mean * of_strata - 2 * pairs.by_stratum(sz))
                squared = pairs.over_units(sz * z) + pairs.over_strata(away)
                variances[k] += pairs.averaged() * squared
        return np.maximum(variances.ravel(), 0)

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
