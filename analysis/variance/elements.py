"""Variance where every respondent is a sampling unit: squares come from the cells' moments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from analysis.cells import Cells
from analysis.linearisation import Linear
from analysis.variance.auxiliary import Occurring, of_cells, unit_totals, with_scores
from analysis.variance.pairs import Pairs
from analysis.variance.sums import averaged, cell_scores, score_totals

Floats = NDArray[np.float64]

ROUNDING = 1e-13


class ElementVariance:
    """Σ_h (1−f)·n/(n−1)·[Σ z² − (Σ z)²/n], with Σ z² from Σw²·ab of the score's factors a, b.

    Parameters
    ----------
    cells : Cells
        Their units are the strata.
    linear : sequence of Linear
    pairs : Pairs
        Of the only stage, whose units are the strata too.
    crossed : callable
        Runs the pass anew for the products of different variables' factors, which only covariances
        between variables need.
    """

    def __init__(
        self,
        cells: Cells,
        linear: Sequence[Linear],
        pairs: Pairs,
        crossed: Callable[[], Cells],
    ) -> None:
        self.cells = cells
        self.linear = linear
        self.pairs = pairs
        self.stage = pairs.stage
        self.crossed = crossed

    @property
    def size(self) -> int:
        return len(self.linear) * len(self.cells.domains)

    @cached_property
    def scores(self) -> sparse.csr_array:
        """The total score of each stratum, shape (strata, statistics)."""
        return score_totals(self.cells, self.linear, self.cells.unit, len(self.cells.units))

    def diagonal(self) -> Floats:
        cells, pairs, scale = self.cells, self.pairs, self.stage.scale()
        between = (scale * self.stage.centring())[pairs.unit]
        variances = np.zeros((len(self.linear), len(cells.domains)))
        size = np.zeros_like(variances)  # of the terms, to tell a variance from rounding
        for k, linear in enumerate(self.linear):
            for a, of_a in linear.coefficients.items():
                for b, of_b in linear.coefficients.items():
                    second = scale[cells.unit] * cells.sum(2, a, b)
                    term = of_a * of_b * np.bincount(cells.domain, second, len(of_a))
                    variances[k] += term
                    size[k] += np.abs(term)
            sums = pairs.sums(cell_scores(cells, linear, 1))
            variances[k] -= pairs.over_units(between * sums**2)
        variances[variances < ROUNDING * size] = 0
        return np.asarray(variances * pairs.averaged()).ravel()

    def between_domains(self, k: int) -> Floats:
        cells, pairs, linear = self.cells, self.pairs, self.linear[k]
        scale = self.stage.scale()
        own = np.zeros(len(cells.domains))  # nobody is in two domains
        for a, of_a in linear.coefficients.items():
            for b, of_b in linear.coefficients.items():
                second = scale[cells.unit] * cells.sum(2, a, b)
                own += of_a * of_b * np.bincount(cells.domain, second, len(own))
        of_strata = Occurring(pairs.domain, pairs.unit, (len(own), len(scale)))
        sums = of_strata.holding(pairs.sums(cell_scores(cells, linear, 1)))
        between = sums.multiply((scale * self.stage.centring())[None, :])
        grown = np.sqrt(pairs.averaged())
        found: Floats = (np.diag(own) - (between @ sums.T).toarray()) * np.outer(grown, grown)
        return found

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
        size = np.zeros(len(total))  # of the terms, to tell a variance from rounding
        for a, of_a in named:
            for b, of_b in named:
                second = scale[cells.unit] * cells.sum(2, a, b)
                term = of_a.T @ (of_b * np.bincount(cells.domain, second, len(of_a))[:, None])
                total += term
                size += np.abs(np.diag(term))
        nought = np.diag(total) < ROUNDING * size
        total[nought], total[:, nought] = 0, 0
        grown = np.sqrt(averaged(self.stage, sums))
        whole: Floats = total * np.outer(grown, grown)
        return whole

    def with_auxiliary(self, x: sparse.csr_array) -> tuple[Floats, Floats]:
        cells, pairs, scale = self.cells, self.pairs, self.stage.scale()
        of_unit, between = scale[cells.unit], (scale * self.stage.centring())[:, None]
        of_cell = of_cells(cells, x)
        squares = sparse.csr_array(of_cell.multiply((of_unit * cells.sum(2))[:, None]))
        totals = unit_totals(of_cell, cells.sum(1), cells.unit, len(cells.units)).toarray()
        centred = totals * between
        met = Occurring(pairs.domain, pairs.unit, (pairs.domains, len(totals)))
        first = [cell_scores(cells, one, 1) for one in self.linear]
        means = [met.holding(pairs.sums(score)) @ centred for score in first]
        second = [of_unit * cell_scores(cells, one, 2) for one in self.linear]
        return (
            with_scores(cells, of_cell, second) - np.vstack(means).T,
            (of_cell.T @ squares).toarray() - totals.T @ centred,
        )
