"""The jackknife: each replicate leaves one PSU out and lets its stratum make up for it.

JKn multiplies the others of the stratum by n_h/(n_h−1) and scales its squared deviation by
(1−f_h)·(n_h−1)/n_h; JK1 is the same without strata (Wolter 2007, chapter 4).

Replicates need not be carried out one by one. Leaving j out changes the totals of a domain by
(T_h − n_h·t_hj)/(n_h−1), which is 0 outside the strata the domain reaches and one and the same for
all PSUs of a stratum with nothing in the domain; so the work grows with the cells and not with
replicates × domains.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.cells import Cells, combine
from analysis.linearisation import factors, quotient
from analysis.stages import Stage
from analysis.variables import Variable

Floats = NDArray[np.float64]


def jackknife(stage: Stage) -> tuple[Callable[[slice], Floats], Floats]:
    """Return the multipliers of each slice of replicates, and the scale of each replicate."""
    grown = (stage.n / np.maximum(stage.n - 1, 1))[stage.stratum]

    def multipliers(chosen: slice) -> Floats:
        left_out = np.arange(len(stage.stratum))[chosen]
        same = stage.stratum[:, None] == stage.stratum[left_out]
        matrix = np.where(same, grown[:, None], 1.0)
        matrix[left_out, np.arange(len(left_out))] = 0
        return matrix

    return multipliers, (1 - stage.fraction) * np.where(grown > 1, 1 / grown, 0)


def jackknife_variances(cells: Cells, variables: Sequence[Variable], stage: Stage) -> Floats:
    """Return the jackknife variance of every statistic, without going through the replicates."""
    return np.concatenate([_of_variable(cells, k, v, stage) for k, v in enumerate(variables)])


def _of_variable(cells: Cells, k: int, variable: Variable, stage: Stage) -> Floats:
    domains = len(cells.domains)
    _, scales = jackknife(stage)
    counted = scales > 0  # strata taken whole, or with a single unit, have no replicates
    coded = [stage.unit[cells.unit], cells.domain]
    pair, index = combine(coded, [len(stage.stratum), domains], len(cells))
    unit, domain = index.T
    met, met_index = combine([stage.stratum[unit], domain], [len(stage.n), domains], len(unit))
    stratum, met_domain = met_index.T
    n, scale = stage.n[stratum], _first(scales, stage.stratum, len(stage.n))[stratum]

    reaches = np.bincount(pair, cells.sum(1, factors(k, variable)[-1]), len(index)) != 0
    alone = np.bincount(domain, reaches, domains) == 1
    sole = reaches & alone[domain]  # the only PSU of the base: then nobody is left
    left_out, without = [], []  # sums of numerator and denominator where a PSU is left out
    full: list[Floats] = []
    for name in factors(k, variable):
        sums = np.bincount(pair, cells.sum(1, name), len(index))
        of_stratum = np.bincount(met, sums, len(met_index))
        total = np.bincount(domain, sums, domains)
        others = total[met_domain] + of_stratum / np.maximum(n - 1, 1)
        full.append(total.astype(float))
        without.append(others)  # a PSU that the domain does not reach
        left_out.append(np.where(sole, 0, others[met] - sums * (n / np.maximum(n - 1, 1))[met]))
    estimate, theta, theta_away = quotient(full), quotient(left_out), quotient(without)

    away = np.where(scale > 0, n - np.bincount(met, minlength=len(met_index)), 0)
    here = counted[unit]
    theta, theta_away = np.where(here, theta, 0), np.where(away > 0, theta_away, 0)
    reached = np.bincount(met_domain, np.where(scale > 0, n, 0), domains)
    reached_scale = np.bincount(met_domain, n * scale, domains)
    mean = (
        np.bincount(domain[here], theta[here], domains)
        + np.bincount(met_domain, away * theta_away, domains)
        + (counted.sum() - reached) * estimate
    ) / counted.sum()
    return np.asarray(
        np.bincount(domain, (scale[met] * (theta - mean[domain]) ** 2), domains)
        + np.bincount(met_domain, away * scale * (theta_away - mean[met_domain]) ** 2, domains)
        + (scales.sum() - reached_scale) * (estimate - mean) ** 2
    )


def _first(values: Floats, group: NDArray[np.intp], groups: int) -> Floats:
    """Return the value that the members of each group share."""
    found = np.zeros(groups)
    found[group] = values
    return found
