"""Sums of calibration variables and scores, as sparse arrays.

A respondent has one category of each margin, so what is known of calibration variables is nearly
all zeros, however many categories there are.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from analysis.cells import Cells

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


class Occurring:
    """A matrix of fixed pattern: one value for each occurring pair of row and column.

    Parameters
    ----------
    row, column : array of int, shape (pairs,)
        No pair occurs twice.
    shape : (int, int)
    """

    def __init__(self, row: Places, column: Places, shape: tuple[int, int]) -> None:
        order = np.lexsort((column, row))
        self.order = None if (order[:-1] < order[1:]).all() else order
        ends = np.cumsum(np.bincount(row, minlength=shape[0]))
        self.pattern = column[order], np.concatenate([[0], ends])
        self.shape = shape

    def holding(self, values: Floats) -> sparse.csr_array:
        """Put one value for each pair in its place."""
        ordered = values if self.order is None else values[self.order]
        return sparse.csr_array((ordered, *self.pattern), shape=self.shape)


def of_cells(cells: Cells, x: sparse.csr_array) -> sparse.csr_array:
    """Return the auxiliary values of a respondent of each cell, shape (cells, p)."""
    return sparse.csr_array(x[cells.klass])


def unit_totals(
    of_cell: sparse.csr_array, weights: Floats, unit: Places, units: int
) -> sparse.csr_array:
    """Return Σ w·x of each group of cells, shape (units, p)."""
    row, values = _entries(of_cell, weights)
    totals = sparse.coo_array((values, (unit[row], of_cell.indices)), (units, of_cell.shape[1]))
    return totals.tocsr()


def with_scores(cells: Cells, of_cell: sparse.csr_array, scores: Sequence[Floats]) -> Floats:
    """Return Σ score·x in each domain, shape (p, scores · domains)."""
    domains, p = len(cells.domains), of_cell.shape[1]
    row, values = _entries(of_cell, np.ones(len(cells)))
    place = of_cell.indices * np.intp(domains) + cells.domain[row]
    sums = [np.bincount(place, values * score[row], p * domains) for score in scores]
    return np.hstack([one.reshape(p, domains) for one in sums])


def _entries(of_cell: sparse.csr_array, factor: Floats) -> tuple[Places, Floats]:
    """Return the cell of each entry, and the entry times the factor of its cell."""
    row = np.repeat(np.arange(of_cell.shape[0]), np.diff(of_cell.indptr))
    return row, of_cell.data * factor[row]
