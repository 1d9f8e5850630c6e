"""Variance where every respondent is a sampling unit: squares come from the cells' moments."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.cells import Cells
from analysis.linearisation import Linear
from analysis.stages import Stage
from analysis.variance.sums import averaged, cell_scores, group_sums, scaled_rows, score_totals

Floats = NDArray[np.float64]


class ElementVariance:
    """Σ_h (1−f)·n/(n−1)·[Σ z² − (Σ z)²/n], with Σ z² from Σw²·ab of the score's factors a, b.

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
        self.linear = linear
        self.stage = stage
        self.crossed = crossed
        self.scores = score_totals(cells, linear, cells.unit, len(cells.units))

    @property
    def size(self) -> int:
        return int(self.scores.shape[1])

    def diagonal(self) -> Floats:
        cells, scale = self.cells, self.stage.scale()
        squares = np.zeros((len(self.linear), len(cells.domains)))
        for k, linear in enumerate(self.linear):
            for a, of_a in linear.coefficients.items():
                for b, of_b in linear.coefficients.items():
                    second = scale[cells.unit] * cells.sum(2, a, b)
                    squares[k] += of_a * of_b * np.bincount(cells.domain, second, len(of_a))
        sums = scaled_rows(self.scores, scale * self.stage.centring())
        between: Floats = (sums * self.scores).sum(axis=0)
        return np.maximum(averaged(self.stage, self.scores) * (squares.ravel() - between), 0)

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
                second = scale[cells.unit] * cells.sum(2, a, b)
                total += of_a.T @ (of_b * np.bincount(cells.domain, second, len(of_a))[:, None])
        grown = np.sqrt(averaged(self.stage, sums))
        whole: Floats = total * np.outer(grown, grown)
        return whole

    def with_auxiliary(self, x: Floats) -> tuple[Floats, Floats]:
        cells, scale = self.cells, self.stage.scale()
        of_cell, between = scale[cells.unit], (scale * self.stage.centring())[:, None]
        values = x[cells.klass]
        squared = values.T @ (values * (of_cell * cells.sum(2))[:, None])
        crossed = [
            group_sums(
                values * (of_cell * cell_scores(cells, one, 2))[:, None],
                cells.domain,
                len(cells.domains),
            ).T
            for one in self.linear
        ]
        totals = group_sums(values * cells.sum(1)[:, None], cells.unit, len(cells.units))
        return (
            np.hstack(crossed) - (self.scores.T @ (totals * between)).T,
            squared - totals.T @ (totals * between),
        )
