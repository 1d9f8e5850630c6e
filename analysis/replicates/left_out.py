"""Every replicate of a jackknife, made from totals: what is left when each PSU is left out.

Without PSU j any total is T + T_h/(n_h−1) − t_hj·n_h/(n_h−1): the whole and what moves, which is
little. So 4,000 replicates of 500 domains, each raked anew, cost what their cells cost.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from analysis.calibration import Calibration
from analysis.cells import Cells, Moment, combine
from analysis.linearisation import factors, quotient
from analysis.replicates.jackknife import jackknife
from analysis.stages import Stage
from analysis.variables import Variable

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

MOST_MOVED = 4_000_000  # sums that are held at a time


@dataclass(frozen=True)
class Totals:
    """The totals of some groups of cells, and what moves them.

    Parameters
    ----------
    whole : array, shape (groups,)
    of_stratum : sparse array, shape (groups, strata)
        T_h/(n_h−1): what the others of the stratum make up for.
    of_unit : sparse array, shape (groups, units)
        t_hj·n_h/(n_h−1): what goes with the PSU.
    stratum : array of int, shape (units,)
    sole : array of int, shape (groups,)
        The only PSU that reaches the group, else −1.
    """

    whole: Floats
    of_stratum: sparse.csc_array
    of_unit: sparse.csc_array
    stratum: Places
    sole: Places

    def moved(self, out: Places) -> Iterator[tuple[Floats, Places, Places]]:
        """Yield ``(values, groups, replicates)`` to add where the units ``out`` are left out."""
        for sign, sums in ((1, self.of_stratum[:, self.stratum[out]]), (-1, self.of_unit[:, out])):
            replicate = np.repeat(np.arange(len(out)), np.diff(sums.indptr))
            yield sign * sums.data, sums.indices.astype(np.intp), replicate

    def left(self, out: Places) -> Floats:
        """Return what is left of the totals, shape (groups, replicates)."""
        found = np.repeat(self.whole[:, None], len(out), axis=1)
        for values, group, replicate in self.moved(out):
            found += _spread(values, group, replicate, found.shape)
        found[self.sole[:, None] == out] = 0  # and not what rounding leaves
        return found


@dataclass(frozen=True)
class DomainTotals:
    """Totals by domain and class, to be calibrated by class and summed by domain.

    Parameters
    ----------
    totals : Totals
        Of the pairs of domain and class.
    domain, klass : array of int, shape (pairs,)
    domains : int
    sole : array of int, shape (domains,)
    """

    totals: Totals
    domain: Places
    klass: Places
    domains: int
    sole: Places

    def under(self, g: Floats | None, replicates: int) -> Floats:
        """Return the totals without leaving anyone out, for g of shape (classes, replicates)."""
        if g is None:
            whole = np.bincount(self.domain, self.totals.whole, self.domains)
            return np.repeat(whole[:, None], replicates, axis=1)
        shape = (self.domains, len(g))
        by_class = sparse.csr_array((self.totals.whole, (self.domain, self.klass)), shape=shape)
        return np.asarray(by_class @ g)

    def left(self, out: Places, g: Floats | None) -> Floats:
        """Return what is left of the totals under g, shape (domains, replicates)."""
        found = self.under(g, len(out))
        for values, pair, replicate in self.totals.moved(out):
            calibrated = values if g is None else values * g[self.klass[pair], replicate]
            found += _spread(calibrated, self.domain[pair], replicate, found.shape)
        return found


def totals_of(values: Floats, group: Places, groups: int, unit: Places, stage: Stage) -> Totals:
    """Sum cells by group and unit, and say how the sums move when a unit is left out."""
    stratum = stage.stratum[unit]
    n, others = stage.n[stratum], np.maximum(stage.n[stratum] - 1, 1)
    whole = np.bincount(group, values, groups).astype(float, copy=False)
    by_stratum, by_unit = (groups, len(stage.n)), (groups, len(stage.stratum))
    of_stratum = sparse.csc_array((values / others, (group, stratum)), shape=by_stratum)
    of_unit = sparse.csc_array((values * n / others, (group, unit)), shape=by_unit)
    of_unit.eliminate_zeros()
    sole = np.full(groups, -1)
    sole[of_unit.indices] = np.repeat(np.arange(by_unit[1]), np.diff(of_unit.indptr))
    sole[np.bincount(of_unit.indices, minlength=groups) != 1] = -1
    return Totals(whole, of_stratum, of_unit, stage.stratum, sole)


def jackknife_estimates(
    cells: Cells, variables: Sequence[Variable], stage: Stage, calibration: Calibration | None
) -> Floats:
    """Return the estimates of every replicate, shape (replicates, statistics).

    A replicate that does not count, of a stratum taken whole or with a single PSU, is the estimate.

    Parameters
    ----------
    cells : Cells
        Under the weights before calibration.
    variables : sequence of Variable
    stage : Stage
        The first.
    calibration : Calibration, optional
        Repeated in each replicate.
    """
    unit, units, classes = stage.unit[cells.unit], len(stage.stratum), len(cells.classes)
    named = [
        [cells.algebra.moment(1, name) for name in factors(k, variable)]
        for k, variable in enumerate(variables)
    ]
    totals = _by_domain(cells, [moment for both in named for moment in both], stage)
    whole = None if calibration is None else calibration.factor[:, None]
    of_all = [quotient([totals[moment].under(whole, 1) for moment in both]) for both in named]
    found = np.repeat(np.vstack(of_all).T, units, axis=0)
    weights = totals_of(cells.sum(1), cells.klass, classes, unit, stage) if calibration else None
    for out in _batches([one.totals for one in totals.values()], stage, classes):
        g = calibration.anew(weights.left(out)) if calibration and weights else None
        left = {moment: one.left(out, g) for moment, one in totals.items()}
        for both in named:  # a domain without anyone: not what rounding leaves
            nobody = totals[both[-1]].sole[:, None] == out
            for moment in both:
                left[moment][nobody] = 0
        found[out] = np.vstack([quotient([left[moment] for moment in both]) for both in named]).T
    return found


def _by_domain(cells: Cells, moments: Sequence[Moment], stage: Stage) -> dict[Moment, DomainTotals]:
    domains, classes = len(cells.domains), len(cells.classes)
    unit = stage.unit[cells.unit]
    pair, index = combine([cells.domain, cells.klass], [domains, classes], len(cells))
    found = {}
    for moment in dict.fromkeys(moments):
        values = cells.sums[moment]
        totals = totals_of(values, pair, len(index), unit, stage)
        sole = totals_of(values, cells.domain, domains, unit, stage).sole
        domain, klass = index.T
        found[moment] = DomainTotals(totals, domain, klass, domains, sole)
    return found


def _batches(totals: Sequence[Totals], stage: Stage, classes: int) -> Iterator[Places]:
    """Share the replicates that count out into batches of bounded size."""
    counted = np.flatnonzero(jackknife(stage)[1] > 0)
    size = np.full(len(counted), classes)
    for one in totals:
        moved = np.diff(one.of_stratum.indptr)[stage.stratum] + np.diff(one.of_unit.indptr)
        size = np.maximum(size, moved[counted])
    batch = np.cumsum(size) // MOST_MOVED
    yield from np.split(counted, np.flatnonzero(np.diff(batch)) + 1)


def _spread(
    values: Floats, row: Places, column: Places, shape: tuple[int, ...]
) -> NDArray[np.float64]:
    """Sum values into a dense matrix by row and column."""
    place = np.ravel_multi_index((row, column), shape)
    sums = np.bincount(place, values, shape[0] * shape[1])
    return sums.astype(float, copy=False).reshape(shape)
