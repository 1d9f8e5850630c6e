"""Calibration: weights that meet known population totals, found and kept by class of respondents.

A class is one combination of the auxiliary columns (and of the base weight, where weights are
trimmed), so the factors g, the residuals and their variance all live on cells.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from analysis.calibration.distances import distance
from analysis.calibration.margins import Auxiliary, Margins, columns_of, lay_out
from analysis.calibration.solve import newton, rake
from analysis.calibration.trimming import alternate, trim
from analysis.cells import Cells

Floats = NDArray[np.float64]


Solve = Callable[[Floats], Floats]


@dataclass(frozen=True)
class Target:
    """What the weights are to meet, and how.

    Parameters
    ----------
    margins : Margins
    method : {"rake", "linear", "logit"}
    bounds : (lower, upper), optional
        Of g.
    trim : (lower, upper), optional
        Of the calibrated weights.
    """

    margins: Margins
    method: str
    bounds: tuple[float, float] | None = None
    trim: tuple[float, float] | None = None

    def in_turns(self, auxiliary: Auxiliary) -> bool:
        """Whether the margins can be met one after the other, without Newton's method."""
        categorical = all(block.category is not None for block in auxiliary.blocks)
        return self.method == "rake" and self.bounds is None and categorical

    def solver(self, auxiliary: Auxiliary, count: Floats) -> Solve:
        """Return the function from summed weights of the classes to their g."""
        function = distance(self.method, self.bounds)
        trim_to = self.trim

        def calibrate(weights: Floats) -> Floats:
            if self.in_turns(auxiliary):
                return rake(auxiliary, weights)
            return newton(auxiliary, weights, function)

        if trim_to is None:
            return calibrate
        return lambda weights: alternate(calibrate, weights, count, *trim_to)


@dataclass(frozen=True)
class Calibration:
    """Factors that take base weights to calibrated ones.

    Parameters
    ----------
    columns : tuple of str
        Whose combinations are the classes.
    auxiliary : Auxiliary
    target : Target, optional
        None where weights were only trimmed.
    base : array, shape (classes,)
        Summed base weights of each class.
    solve : callable
        From summed base weights of the classes to g, to calibrate replicates anew; side by side
        where nothing is trimmed.
    factor : array, shape (classes,)
        g: calibrated over base weight.
    """

    columns: tuple[str, ...]
    auxiliary: Auxiliary
    target: Target | None
    base: Floats
    solve: Solve
    factor: Floats

    @cached_property
    def scaled(self) -> sparse.csr_array:
        """The auxiliary values of each class, shape (classes, p), of every size made alike."""
        x = self.auxiliary.matrix
        return sparse.csr_array(x / np.maximum(np.abs(x).max(axis=0), 1e-300))

    @cached_property
    def inverse(self) -> Floats:
        """(Σ w·x·x')⁻¹ of them under the weights before calibration, shape (p, p)."""
        x = self.scaled
        squares = (sparse.csr_array(x.multiply(self.base[:, None])).T @ x).toarray()
        return np.linalg.pinv(squares, rcond=1e-12, hermitian=True)

    def anew(self, weights: Floats) -> Floats:
        """Calibrate replicates: g for base weights of shape (classes, replicates).

        Raking starts from the factors of the whole sample, which every replicate is close to, and
        ends at the same g.
        """
        target = self.target
        if target is None or target.trim is not None:
            return np.column_stack([self.solve(column) for column in weights.T])
        if target.in_turns(self.auxiliary):
            near = self.factor[:, None]
            return near * self.solve(weights * near)
        return self.solve(weights)


def calibration(cells: Cells, target: Target) -> Calibration:
    """Calibrate the classes of a pass, which cross the margins' columns.

    The pass holds the moments (0, ()) and (1, ()).
    """
    auxiliary = lay_out(target.margins, cells.classes)
    base, count = class_sums(cells)
    solve = target.solver(auxiliary, count)
    return Calibration(cells.classes.columns, auxiliary, target, base, solve, solve(base))


def trimmed(cells: Cells, before: Calibration | None, lower: float, upper: float) -> Calibration:
    """Trim weights, calibrated before or not; the base weight is among the classes' columns."""
    base, count = class_sums(cells)
    target = before.target if before else None
    if target is None:
        auxiliary = Auxiliary(np.zeros((len(base), 0)), np.zeros(0), ())
        calibrate: Solve = np.ones_like
    else:
        auxiliary = lay_out(target.margins, cells.classes)
        calibrate = target.solver(auxiliary, count)

    def solve(weights: Floats) -> Floats:
        each = weights * calibrate(weights) / count
        cut = trim(each, count, lower, upper) * count
        return np.divide(cut, weights, out=np.ones_like(cut), where=weights != 0)

    return Calibration(cells.classes.columns, auxiliary, target, base, solve, solve(base))


def class_sums(cells: Cells) -> tuple[Floats, Floats]:
    """Return the summed weights and the number of respondents of each class."""
    size = len(cells.classes)
    weights, count = (np.bincount(cells.klass, cells.sum(power), size) for power in (1, 0))
    return weights.astype(float), count.astype(float)


__all__ = ["Calibration", "Margins", "Target", "calibration", "columns_of", "trimmed"]
