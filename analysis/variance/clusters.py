"""Variance where the sampling units are in the cells: PSUs, and units of later stages."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from analysis.cells import Cells
from analysis.linearisation import Linear
from analysis.variance.auxiliary import Occurring, of_cells, unit_totals
from analysis.variance.pairs import Pairs
from analysis.variance.sums import (
    averaged,
    cell_scores,
    membership,
    score_totals,
)

Floats = NDArray[np.float64]
Sums = tuple[Floats, Floats, Floats]


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

    def _scores(self, pairs: Pairs, k: int) -> Floats:
        """The total score z of each pair; not kept, for pairs can be as many as respondents."""
        return pairs.sums(cell_scores(self.cells, self.linear[k], 1))

    @cached_property
    def _sums(self) -> list[list[Sums]]:
        """Of each stage, for each variable: Σ z and Σ sz of strata, Σ sz² of domains."""
        found = []
        for pairs in self.pairs:
            scale = pairs.stage.scale()[pairs.unit]

            def sums(z: Floats, pairs: Pairs = pairs, scale: Floats = scale) -> Sums:
                of_z, of_sz = pairs.by_stratum(z), pairs.by_stratum(scale, z)
                return of_z, of_sz, pairs.over_units(scale, z, z)

            found.append([sums(self._scores(pairs, k)) for k in range(len(self.linear))])
        return found

    @cached_property
    def scores(self) -> sparse.csr_array:
        """The total score of each of the cells' units, shape (units, statistics)."""
        return score_totals(self.cells, self.linear, self.cells.unit, len(self.cells.units))

    def diagonal(self) -> Floats:
        """Σ s(z − z̄)² = Σ sz² − 2 z̄ Σ sz + z̄² Σ s, so that units without a score cost nothing."""
        variances = np.zeros((len(self.linear), len(self.cells.domains)))
        for pairs, sums in zip(self.pairs, self._sums, strict=True):
            stage, scale = pairs.stage, pairs.stage.scale()
            of_strata = np.bincount(stage.stratum, scale, len(stage.n))[pairs.stratum]
            centring, grown = stage.centring()[pairs.stratum], pairs.averaged()
            for k, (of_z, of_sz, squared) in enumerate(sums):
                mean = of_z * centring
                away = mean * (mean * of_strata - 2 * of_sz)
                variances[k] += grown * (squared + pairs.over_strata(away))
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

    def between_domains(self, k: int) -> Floats:
        domains = len(self.cells.domains)
        total = np.zeros((domains, domains))
        for pairs, of_stage in zip(self.pairs, self._sums, strict=True):
            stage, scale = pairs.stage, pairs.stage.scale()
            of_units = Occurring(pairs.domain, pairs.unit, (domains, len(stage.stratum)))
            of_strata = Occurring(pairs.met_domain, pairs.stratum, (domains, len(stage.n)))
            z, (of_z, of_sz, _) = self._scores(pairs, k), of_stage[k]
            sz = scale[pairs.unit] * z
            mean = of_strata.holding(stage.centring()[pairs.stratum] * of_z)
            sums = of_strata.holding(of_sz)
            of_stratum = np.bincount(stage.stratum, scale, len(stage.n))
            both = (sums @ mean.T).toarray()
            found = (of_units.holding(sz) @ of_units.holding(z).T).toarray() - both - both.T
            found += (mean.multiply(of_stratum[None, :]) @ mean.T).toarray()
            grown = np.sqrt(pairs.averaged())
            total += found * np.outer(grown, grown)
        return total

    def with_auxiliary(self, x: sparse.csr_array) -> tuple[Floats, Floats]:
        of_cell = of_cells(self.cells, x)
        crossed, squared = np.zeros((x.shape[1], self.size)), np.zeros((x.shape[1],) * 2)
        for pairs, sums in zip(self.pairs, self._sums, strict=True):
            of_crossed, of_squared = self._of_stage(pairs, sums, of_cell)
            crossed += of_crossed
            squared += of_squared
        return crossed, squared

    def _of_stage(
        self, pairs: Pairs, sums: Sequence[Sums], of_cell: sparse.csr_array
    ) -> tuple[Floats, Floats]:
        """Σ s(z − z̄)(t − t̄) = Σ szt − Σ_h t̄ Σ sz − Σ_h z̄ Σ s(t − t̄); few z and t are not 0."""
        stage, scale = pairs.stage, pairs.stage.scale()
        units, strata = len(stage.stratum), len(stage.n)
        into_strata = membership(stage.stratum, strata)
        totals = unit_totals(of_cell, self.cells.sum(1), stage.unit[self.cells.unit], units)
        mean = (into_strata @ totals).toarray() * stage.centring()[:, None]
        scaled = sparse.csr_array(totals.multiply(scale[:, None]))
        scaled_sums = (into_strata @ scaled).toarray()
        off = scaled_sums - mean * (into_strata @ scale)[:, None]
        squared = (totals.T @ scaled).toarray() - scaled_sums.T @ mean - mean.T @ off
        of_units = Occurring(pairs.domain, pairs.unit, (pairs.domains, units))
        of_strata = Occurring(pairs.met_domain, pairs.stratum, (pairs.domains, strata))
        centring = stage.centring()[pairs.stratum]
        crossed = []
        for k, (of_z, of_sz, _) in enumerate(sums):
            away = of_strata.holding(of_sz) @ mean
            away += of_strata.holding(centring * of_z) @ off
            crossed.append((of_units.holding(self._scores(pairs, k)) @ scaled).toarray() - away)
        return np.vstack(crossed).T, squared
