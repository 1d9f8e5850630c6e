"""Pooled estimates of several waves: quarters and years, never averages of averages.

The stratum is wave × stratum, so a pooled rate is Σwy/Σwr over all the waves' respondents, with
V = Σ_w V_w + 2 Σ_{w<w'} C_ww': units drawn in several waves are linked by their names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from analysis import intervals
from analysis.intervals import Rates
from analysis.verdicts import LEVEL
from analysis.wave_cells import (
    R,
    WaveCells,
    coefficients_pooled,
    cross_blocks,
    quadratic,
)

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Pooled:
    """Pooled rates, all arrays of shape (areas, indicators).

    Parameters
    ----------
    estimate, se, df, lower, upper : array
        The interval is Korn–Graubard's for a rate, t for an index.
    n : array
        Interviews in the base; ``n_weighted`` the adults they stand for, of all waves together.
    n_effective : array
    from_whole : array
        Variance of each area's difference from the whole.
    correlation : array, shape (indicators, areas − 1, areas − 1), or None
        Of the areas' rates with each other; None where one of the waves has none.
    """

    estimate: Floats
    se: Floats
    df: Floats
    lower: Floats
    upper: Floats
    n: Floats
    n_weighted: Floats
    n_effective: Floats
    from_whole: Floats
    correlation: Floats | None


def pool(
    waves: Sequence[WaveCells],
    between: Mapping[tuple[int, int], Floats] | None = None,
    level: float = LEVEL,
) -> Pooled:
    """Pool waves.

    Parameters
    ----------
    waves : sequence of WaveCells
        In the order of the same areas and indicators.
    between : mapping of (int, int) to array, optional
        The :func:`~analysis.wave_cells.cross_blocks` of pairs of waves, by their places; those
        that are missing are made.
    level : float
    """
    theta, coefficients = coefficients_pooled(waves)
    variance = np.sum([wave.variance(coefficients) for wave in waves], axis=0)
    for one, other in combinations(range(len(waves)), 2):
        known = None if between is None else between.get((one, other))
        blocks = cross_blocks(waves[one], waves[other]) if known is None else known
        variance += 2 * quadratic(coefficients, blocks, coefficients)
    base = np.sum([wave.totals[:, :, R] for wave in waves], axis=0)
    if len(waves) == 1:  # to the last bit what is published
        theta, variance = waves[0].published.estimate, waves[0].published.se ** 2
    n = np.sum([wave.n for wave in waves], axis=0)
    squares = np.sum([wave.squares for wave in waves], axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.where(base > 0, np.maximum(variance, 0), np.nan)
        kish = base**2 / squares[:, :, 1]
        spread = np.where(waves[0].is_rate, theta * (1 - theta), squares[:, :, 0] / base - theta**2)
        effective = np.where((variance > 0) & (spread > 0), spread / variance, kish)
    effective = np.minimum(n, effective)
    if len(waves) == 1:
        effective = waves[0].published.n_effective
    se, df = np.sqrt(variance), _degrees_of_freedom(waves)
    lower, upper = _interval(Rates(theta, se, df, n, kish), waves[0].is_rate, level)
    return Pooled(
        theta, se, df, lower, upper, n, base, effective,
        _from_whole(waves, coefficients, variance), _correlation(waves, base, se),
    )  # fmt: skip


def _degrees_of_freedom(waves: Sequence[WaveCells]) -> Floats:
    """Sum the waves'; a unit that is in several counts once, but never fewer than one wave's."""
    each = np.nan_to_num(np.array([wave.published.df for wave in waves]))
    if len(waves) == 1:
        return np.asarray(each[0])
    again = np.zeros(len(each[0]))
    for place, units in enumerate(_units(waves)):
        named, count = np.unique(units, return_counts=True)
        again[place] = (count - 1).sum() if len(named) else 0
    summed: Floats = np.maximum(each.sum(axis=0) - again[:, None], each.max(axis=0))
    return summed


def _units(waves: Sequence[WaveCells]) -> list[NDArray[np.str_]]:
    """Name the units of each area in every wave, the whole's first."""
    units = np.concatenate([wave.own.unit for wave in waves])
    group = np.concatenate([wave.own.group for wave in waves])
    areas = len(waves[0].totals) - 1
    order = np.argsort(group, kind="stable")
    parts = np.split(units[order], np.searchsorted(group[order], np.arange(1, areas)))
    return [np.concatenate([wave.whole.unit for wave in waves]), *parts]


def _from_whole(waves: Sequence[WaveCells], coefficients: Floats, variance: Floats) -> Floats:
    """V_a + V − 2C; an area's units have much the same residuals in the whole as in the area."""
    common = np.sum(
        [
            wave.inflation
            * quadratic(coefficients, wave.blocks, coefficients[:1] + 0 * coefficients)
            for wave in waves
        ],
        axis=0,
    )
    return np.asarray(np.maximum(variance + variance[:1] - 2 * common, 0))


def _correlation(waves: Sequence[WaveCells], base: Floats, se: Floats) -> Floats | None:
    """Σ_w (R_wa/R_a)(R_wb/R_b) C_w(a, b): each wave counts by its share of the pooled base.

    What links two areas across waves is left out; there are no units for it.
    """
    if len(waves) == 1:
        return waves[0].correlation
    covariance: Floats = np.zeros((se.shape[1], len(se) - 1, len(se) - 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        for wave in waves:
            if wave.correlation is None:
                return None
            share = wave.totals[1:, :, R] / base[1:]
            error = np.nan_to_num(share * wave.published.se[1:]).T
            covariance += wave.correlation * error[:, :, None] * error[:, None, :]
        error = se[1:].T
        found = np.nan_to_num(covariance / (error[:, :, None] * error[:, None, :]), posinf=0)
    found = np.clip(found, -1, 1)
    found[:, np.arange(len(se) - 1), np.arange(len(se) - 1)] = 1
    return np.asarray(found)


def _interval(rates: Rates, is_rate: NDArray[np.bool_], level: float) -> tuple[Floats, Floats]:
    exact = intervals.interval(rates, "korn-graubard", level)
    plain = intervals.interval(rates, "normal", level)
    lower, upper = (np.where(is_rate, a, b) for a, b in zip(exact, plain, strict=True))
    return lower, upper
