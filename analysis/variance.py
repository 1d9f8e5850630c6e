"""The design variance of linearised scores: stratum by stratum, stage by stage.

V = Σ_stages share_h · Σ_h (1−f_h)·n_h/(n_h−1)·Σ_j (z_hj − z̄_h)², where z_hj is the total score of
unit j of stratum h and n_h counts every unit drawn, those with nothing in the domain too
(Särndal, Swensson & Wretman 1992, result 4.3.1; the same recursion as R's ``svyrecvar``).

Statistics are numbered ``k·domains + domain``. Both classes below answer the same two questions:
the variance of every statistic, and the covariance of any linear combinations of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from analysis.cells import Cells
from analysis.linearisation import Linear
from analysis.stages import Stage

Floats = NDArray[np.float64]


class Variance(Protocol):
    """What a design knows about the sampling errors of its statistics."""

    @property
    def size(self) -> int:
        """How many statistics there are."""

    def diagonal(self) -> Floats:
        """Return the variance of each statistic, shape (statistics,)."""

    def of_contrasts(self, contrasts: Floats) -> Floats:
        """Return C'VC for contrasts C of shape (statistics, m)."""


class ClusterVariance:
    """Variance where the sampling units are in the cells: PSUs, and units of later stages.

    Parameters
    ----------
    cells : Cells
    linear : sequence of Linear
        One for each variable of the cells' pass.
    stages : sequence of Stage
    """

    def __init__(self, cells: Cells, linear: Sequence[Linear], stages: Sequence[Stage]) -> None:
        self.scores = score_totals(cells, linear)
        self.stages = stages

    @property
    def size(self) -> int:
        return int(self.scores.shape[1])

    def diagonal(self) -> Floats:
        total = np.zeros(self.size)
        for stage in self.stages:
            total += self._of_stage(stage)
        return np.maximum(total, 0)

    def of_contrasts(self, contrasts: Floats) -> Floats:
        combined = self.scores @ contrasts
        total = np.zeros((contrasts.shape[1], contrasts.shape[1]))
        for stage in self.stages:
            z = membership(stage.unit, len(stage.stratum)) @ combined
            strata = membership(stage.stratum, len(stage.n))
            deviation = z - ((strata @ z) * stage.centring()[:, None])[stage.stratum]
            grown = np.sqrt(averaged(stage, strata @ z))
            total += deviation.T @ (deviation * stage.scale()[:, None]) * np.outer(grown, grown)
        return total

    def _of_stage(self, stage: Stage) -> Floats:
        """Σ s(z − z̄)² = Σ sz² − 2 z̄ Σ sz + z̄² Σ s, so that units without a score cost nothing."""
        z = membership(stage.unit, len(stage.stratum)) @ self.scores
        strata = membership(stage.stratum, len(stage.n))
        scale = stage.scale()
        weighted = scaled_rows(z, scale)
        sums = strata @ z
        mean = scaled_rows(sums, stage.centring())
        squared: Floats = (
            (weighted * z).sum(axis=0)
            - 2 * (mean * (strata @ weighted)).sum(axis=0)
            + (scaled_rows(mean, strata @ scale) * mean).sum(axis=0)
        )
        return averaged(stage, sums) * squared


class ElementVariance:
    """Variance where every respondent is a sampling unit: squared scores are in the cells' moments.

    Parameters
    ----------
    cells : Cells
        Their units are the strata.
    linear : sequence of Linear
    stage : Stage
        The only one; its units are the strata too.
    crossed : callable
        Runs the pass anew for the products of different variables' factors, which only covariances
        between variables need.
    """

    def __init__(
        self,
        cells: Cells,
        linear: Sequence[Linear],
        stage: Stage,
        crossed: Callable[[], Cells],
    ) -> None:
        self.cells = cells
        self.crossed = crossed
        self.linear = linear
        self.stage = stage
        self.scores = score_totals(cells, linear)

    @property
    def size(self) -> int:
        return int(self.scores.shape[1])

    def diagonal(self) -> Floats:
        scale = self.stage.scale()
        squares = np.concatenate([self._squares(linear, scale) for linear in self.linear])
        sums = scaled_rows(self.scores, scale * self.stage.centring())
        between: Floats = (sums * self.scores).sum(axis=0)
        return np.maximum(averaged(self.stage, self.scores) * (squares - between), 0)

    def of_contrasts(self, contrasts: Floats) -> Floats:
        scale = self.stage.scale()
        sums = self.scores @ contrasts
        total: Floats = -sums.T @ (sums * (scale * self.stage.centring())[:, None])
        parts = zip(self.linear, np.split(contrasts, len(self.linear)), strict=True)
        used = [(linear, part) for linear, part in parts if part.any()]
        cells = self.crossed() if len(used) > 1 else self.cells
        named = [
            (factor, coefficient[:, None] * part)
            for linear, part in used
            for factor, coefficient in linear.coefficients.items()
        ]
        for a, of_a in named:
            for b, of_b in named:
                second = np.bincount(
                    cells.domain, scale[cells.unit] * cells.sum(2, a, b), len(of_a)
                )
                total += of_a.T @ (of_b * second[:, None])
        grown = np.sqrt(averaged(self.stage, sums))
        whole: Floats = total * np.outer(grown, grown)
        return whole

    def _squares(self, linear: Linear, scale: Floats) -> Floats:
        """Σ_h s_h Σ z² in each domain, from Σw²·ab of its factors a, b."""
        cells = self.cells
        total = np.zeros(len(cells.domains))
        for a, of_a in linear.coefficients.items():
            for b, of_b in linear.coefficients.items():
                second = scale[cells.unit] * cells.sum(2, a, b)
                total += of_a * of_b * np.bincount(cells.domain, second, len(total))
        return total


def score_totals(cells: Cells, linear: Sequence[Linear]) -> sparse.csr_array:
    """Return the total score of each of the cells' units, shape (units, statistics)."""
    domains = len(cells.domains)
    values, columns = [], []
    for k, one in enumerate(linear):
        score = np.zeros(len(cells))
        for factor, coefficient in one.coefficients.items():
            score += coefficient[cells.domain] * cells.sum(1, factor)
        values.append(score)
        columns.append(cells.domain + k * domains)
    units = np.tile(cells.unit, len(linear))
    return sparse.csr_array(
        (np.concatenate(values), (units, np.concatenate(columns))),
        shape=(len(cells.units), domains * len(linear)),
    )


def averaged(stage: Stage, sums: sparse.csr_array | Floats) -> Floats:
    """Return what lonely strata add under ``average``: each counts as the mean of the others.

    That multiplies the variance by strata/(strata with a variance), among the strata that hold
    someone of the domain, shape (statistics,).
    """
    if stage.lonely != "average" or not stage.alone.any():
        return np.ones(sums.shape[1])
    present = sparse.csr_array(sums)
    present.data = np.ones_like(present.data)
    known = scaled_rows(present, (~stage.alone).astype(float))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(present.sum(axis=0) / known.sum(axis=0), float)


def membership(group: NDArray[np.intp], groups: int) -> sparse.csr_array:
    """Return the 0/1 matrix of shape (groups, members) that sums members into their groups."""
    members = np.arange(len(group))
    return sparse.csr_array((np.ones(len(group)), (group, members)), shape=(groups, len(group)))


def scaled_rows(matrix: sparse.csr_array, factor: Floats) -> sparse.csr_array:
    """Multiply each row of a sparse matrix by its factor."""
    return sparse.csr_array(
        (matrix.data * np.repeat(factor, np.diff(matrix.indptr)), matrix.indices, matrix.indptr),
        shape=matrix.shape,
    )
