"""Variance from replicates: how an estimate varies when it is made again under other weights.

V = Σ_r scale_r·(θ_r − θ̄)², θ̄ the mean over the replicates that count. Where weights are
calibrated, every replicate is calibrated anew. A replicate with nobody in a domain leaves the
domain's variance unknown (NaN): it is not dropped silently.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from analysis.calibration import Calibration
from analysis.cells import Cells, combine
from analysis.linearisation import factors, quotient
from analysis.replicates import GivenReplicates, Replication
from analysis.replicates.jackknife import jackknife_variances
from analysis.replicates.left_out import jackknife_estimates
from analysis.stages import Stage
from analysis.variables import Variable
from analysis.variance.sums import membership

Floats = NDArray[np.float64]

MOST_SUMS = 4_000_000  # held at a time


class ReplicatedVariance:
    """The spread of replicate estimates.

    Parameters
    ----------
    make : callable
        Returns the estimates, shape (replicates, statistics).
    scale : array, shape (replicates,)
    size : int
        How many statistics there are.
    diagonal : callable, optional
        A shorter way to the variances alone.
    centre : array, shape (size,), optional
        What replicates are measured from; by default their mean.
    """

    def __init__(
        self,
        make: Callable[[], Floats],
        scale: Floats,
        size: int,
        diagonal: Callable[[], Floats] | None = None,
        centre: Floats | None = None,
    ) -> None:
        self._make = make
        self._scale = scale
        self._diagonal = diagonal
        self._centre = centre
        self.size = size

    @cached_property
    def replicates(self) -> Floats:
        """The estimate of each replicate, shape (replicates, statistics)."""
        return self._make()

    def diagonal(self) -> Floats:
        if self._diagonal is not None:
            return self._diagonal()
        deviations, scale = self._deviations(self.replicates, self._centre)
        return np.asarray((scale[:, None] * deviations**2).sum(axis=0))

    def of_contrasts(self, contrasts: Floats) -> Floats:
        combined = [self.replicates[:, c != 0] @ c[c != 0] for c in contrasts.T]
        centre = None
        if self._centre is not None:
            centre = np.array([self._centre[c != 0] @ c[c != 0] for c in contrasts.T])
        deviations, scale = self._deviations(np.column_stack(combined), centre)
        spread: Floats = deviations.T @ (scale[:, None] * deviations)
        return spread

    def _deviations(self, estimates: Floats, centre: Floats | None) -> tuple[Floats, Floats]:
        """Return the deviations of the replicates that count, and their scales."""
        counted = self._scale > 0
        estimates = estimates[counted]
        if centre is None:
            centre = estimates.mean(axis=0)
        return estimates - centre, self._scale[counted]


def from_replication(
    cells: Cells,
    variables: Sequence[Variable],
    stage: Stage,
    replication: Replication,
    calibration: Calibration | None,
) -> ReplicatedVariance:
    """Return the variance over replicates made from the design.

    Parameters
    ----------
    cells : Cells
        Under the weights before calibration.
    variables : sequence of Variable
    stage : Stage
        The first.
    replication : Replication
    calibration : Calibration, optional
        Repeated in each replicate.
    """
    size = len(variables) * len(cells.domains)

    def carried_out() -> Floats:
        return _estimates(cells, variables, stage, replication, calibration)

    def left_out() -> Floats:
        return jackknife_estimates(cells, variables, stage, calibration)

    def variances() -> Floats:
        return jackknife_variances(cells, variables, stage)

    if replication.kind not in ("jk1", "jkn"):
        return ReplicatedVariance(carried_out, replication.scale, size)
    shorter = variances if calibration is None else None
    return ReplicatedVariance(left_out, replication.scale, size, shorter)


def from_columns(
    collapse: Callable[[str], Cells],
    variables: Sequence[Variable],
    given: GivenReplicates,
    estimates: Floats,
    calibration: Calibration | None,
) -> ReplicatedVariance:
    """Return the variance over replicate weights that came with the data.

    Parameters
    ----------
    collapse : callable
        Runs the pass under the weights of one column.
    variables : sequence of Variable
    given : GivenReplicates
    estimates : array, shape (statistics,)
        Under the final weights of the whole sample.
    calibration : Calibration, optional
        Repeated in each replicate.
    """

    def of_column(column: str) -> Floats:
        cells = collapse(column)
        if calibration is not None:
            sums = np.bincount(cells.klass, cells.sum(1), len(cells.classes))
            weights = sums.astype(float, copy=False)
            cells = cells.weighted(calibration.anew(weights[:, None])[cells.klass, 0])
        parts = (
            [cells.by_domain(1, name) for name in factors(k, variable)]
            for k, variable in enumerate(variables)
        )
        return np.concatenate([quotient(both) for both in parts])

    return ReplicatedVariance(
        lambda: np.array([of_column(column) for column in given.columns]),
        given.scale,
        len(estimates),
        centre=estimates if given.mse else None,
    )


def _estimates(
    cells: Cells,
    variables: Sequence[Variable],
    stage: Stage,
    replication: Replication,
    calibration: Calibration | None,
) -> Floats:
    unit, units = stage.unit[cells.unit], len(stage.stratum)
    classes = len(cells.classes)
    pair, index = combine([cells.domain, cells.klass], [len(cells.domains), classes], len(cells))
    domain, klass = index.T
    into_domains = membership(domain, len(cells.domains))

    def by_unit(values: Floats, row: NDArray[np.intp], rows: int) -> sparse.csr_array:
        return sparse.csr_array((values, (row, unit)), shape=(rows, units))

    sums = [
        [by_unit(cells.sum(1, name), pair, len(index)) for name in factors(k, variable)]
        for k, variable in enumerate(variables)
    ]
    weights = by_unit(cells.sum(1), cells.klass, classes) if calibration else None
    count = len(replication.scale)
    step = max(1, MOST_SUMS // max(len(index), units))
    done = []
    for start in range(0, count, step):
        multipliers = replication.multipliers(slice(start, min(start + step, count)))
        factor: Floats | float = 1.0
        if calibration is not None and weights is not None:
            factor = calibration.anew(weights @ multipliers)[klass]
        done.append(
            [
                quotient([into_domains @ ((sum_ @ multipliers) * factor) for sum_ in both]).T
                for both in sums
            ]
        )
    return np.vstack([np.hstack(estimates) for estimates in done])
