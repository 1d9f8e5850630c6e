"""Sums of scores over units and strata, as sparse matrices: what is not there costs nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from analysis.blocks import blocks
from analysis.cells import Cells
from analysis.linearisation import Linear
from analysis.stages import Stage

Floats = NDArray[np.float64]


def score_totals(
    cells: Cells, linear: Sequence[Linear], rows: NDArray[np.intp], size: int
) -> sparse.csr_array:
    """Return the total score of each group of cells, shape (size, statistics).

    Parameters
    ----------
    cells : Cells
    linear : sequence of Linear
    rows : array of int, shape (cells,)
        The group of each cell, such as its sampling unit.
    size : int
        How many groups there are.
    """
    domains = len(cells.domains)
    values, columns = [], []
    for k, one in enumerate(linear):
        values.append(cell_scores(cells, one, 1))
        columns.append(cells.domain.astype(np.intp) + k * domains)
    return sparse.csr_array(
        (np.concatenate(values), (np.tile(rows, len(linear)), np.concatenate(columns))),
        shape=(size, domains * len(linear)),
    )


def cell_scores(cells: Cells, linear: Linear, power: int) -> Floats:
    """Return Σ w^power · z/w of each cell."""
    score = np.zeros(len(cells))
    for factor, coefficient in linear.coefficients.items():
        sums = cells.sum(power, factor)
        for some in blocks(len(cells)):
            one = coefficient if len(coefficient) == 1 else coefficient[cells.domain[some]]
            score[some] += one * sums[some]
    return score


def group_sums(values: Floats, rows: NDArray[np.intp], size: int) -> Floats:
    """Sum the rows of a dense matrix by group."""
    if not values.shape[1]:
        return np.zeros((size, 0))
    return np.column_stack([np.bincount(rows, column, size) for column in values.T])


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
