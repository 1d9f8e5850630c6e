"""What is kept of a locked wave, enough to compare it with others and to pool it.

For each area and indicator: the totals of a few factors, the covariance of these totals, and the
residuals by sampling unit that link the wave to others. Factors are y (what counts), r (the base)
and both again among those interviewed at the door, yd and rd. Everything is linear in them:

- rate θ = Y/R, with the coefficients (1/R, −θ/R) of y and r;
- share of the door μ = Rd/R; effect of the door on answers β = Yd/Rd − (Y − Yd)/(R − Rd);
- pooled rate of several waves θ = ΣY/ΣR, with (1/ΣR, −θ/ΣR) in each of them.

Areas run along the first axis, the whole being area 0; indicators along the second. The variance of
a wave's own rates is the published one: whatever it counts beyond these units (interviewer pairs,
calibration across areas) multiplies the wave's covariances.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from analysis.changes import Changes, Level, change, least_variance
from analysis.scores import Scores, common_units, cross_forms
from analysis.verdicts import LEVEL

Floats = NDArray[np.float64]

FACTORS = ("y", "r", "yd", "rd")
Y, R, YD, RD = range(4)


@dataclass(frozen=True)
class WaveCells:
    """One wave; areas and indicators stand in an order common to all waves.

    Parameters
    ----------
    own, whole : Scores
        Units with their residuals in their own area (group = area − 1) and in the whole.
    totals : array, shape (areas, indicators, factors)
        Under the final weights.
    squares : array, shape (areas, indicators, 2)
        Σwy² and Σw²r.
    blocks : array, shape (areas, indicators, factors, factors)
        Covariance of the totals.
    n : array, shape (areas, indicators)
        Respondents in the base.
    published : Level
        The wave's estimates, all of shape (areas, indicators).
    is_rate : array of bool, shape (indicators,)
    correlation : array, shape (indicators, areas − 1, areas − 1), optional
        Of the areas' estimates with each other, the whole left out.
    """

    own: Scores
    whole: Scores
    totals: Floats
    squares: Floats
    blocks: Floats
    n: Floats
    published: Level
    is_rate: NDArray[np.bool_]
    correlation: Floats | None = None

    @cached_property
    def rate(self) -> Floats:
        """Coefficients of the rates, shape (areas, indicators, factors)."""
        return self._share(Y)

    @cached_property
    def door(self) -> Floats:
        """Coefficients of the shares interviewed at the door."""
        return self._share(RD)

    @cached_property
    def door_share(self) -> Floats:
        """Share of the base interviewed at the door, shape (areas, indicators)."""
        return _quotient(self.totals[:, :, RD], self.totals[:, :, R])

    @cached_property
    def inflation(self) -> Floats:
        """What multiplies the covariances: published over these units' variance."""
        found = quadratic(self.rate, self.blocks, self.rate)
        with np.errstate(divide="ignore", invalid="ignore"):
            times = self.published.se**2 / found
        usable = np.isfinite(times) & (found > 1e-18) & (times > 0)
        return np.where(usable, times, 1.0)

    @cached_property
    def door_effect(self) -> tuple[Floats, Floats]:
        """β of the whole and its variance, shape (indicators,); NaN where one mode is missing."""
        total = self.totals[0]
        y, r, yd, rd = (total[:, at] for at in range(4))
        with np.errstate(divide="ignore", invalid="ignore"):
            ys, rs = y - yd, r - rd
            beta = yd / rd - ys / rs
            slopes = np.stack(
                [-1 / rs, ys / rs**2, 1 / rd + 1 / rs, -yd / rd**2 - ys / rs**2], axis=-1
            )
        known = (rd > 0) & (rs > 1e-9 * np.maximum(r, 1))
        slopes = np.where(known[:, None], slopes, 0)
        variance = np.einsum("if,ifg,ig->i", slopes, self.blocks[0], slopes) * self.inflation[0]
        return np.where(known, beta, np.nan), np.where(known, variance, np.nan)

    def variance(self, coefficients: Floats) -> Floats:
        """Return the variances of linear combinations of the totals."""
        found: Floats = self.inflation * quadratic(coefficients, self.blocks, coefficients)
        return np.maximum(found, 0)

    @cached_property
    def level(self) -> Level:
        """The published estimates; a rate of 0 or 1 has the least variance it may have."""
        return _level(self.published, self.is_rate)

    def _share(self, factor: int) -> Floats:
        coefficients = np.zeros_like(self.totals)
        base = self.totals[:, :, R]
        share = _quotient(self.totals[:, :, factor], base)
        with np.errstate(divide="ignore"):
            one = np.where(base > 0, 1 / base, 0)
        coefficients[:, :, factor] = one
        coefficients[:, :, R] -= np.nan_to_num(share) * one
        return coefficients


@dataclass(frozen=True)
class ModeAdjusted:
    """Changes as they would be, had the later wave its door interviews in the earlier's share.

    Parameters
    ----------
    changes : Changes
    effect : array, shape (indicators,)
        β, the door's rate less the others', of both waves' whole.
    """

    changes: Changes
    effect: Floats


def cross_blocks(first: WaveCells, second: WaveCells) -> Floats:
    """Return the covariance of two waves' totals, shape (areas, indicators, factors, factors)."""
    areas = len(first.totals)
    of_whole = cross_forms(first.whole, second.whole, 1)
    return np.concatenate([of_whole, cross_forms(first.own, second.own, areas - 1)])


def shared(first: WaveCells, second: WaveCells) -> NDArray[np.intp]:
    """Return how many units each area has in both waves."""
    of_whole = common_units(first.whole, second.whole, 1)
    return np.concatenate([of_whole, common_units(first.own, second.own, len(first.totals) - 1)])


def compare(
    first: WaveCells, second: WaveCells, between: Floats, level: float = LEVEL
) -> tuple[Changes, ModeAdjusted]:
    """Test the changes from one wave to the next, as they are and adjusted for the mode mix.

    Parameters
    ----------
    first, second : WaveCells
    between : array
        Their :func:`cross_blocks`.
    level : float
    """
    plain = change(first.level, second.level, quadratic(first.rate, between, second.rate), level)
    return plain, _mode_adjusted(first, second, between, level)


def _mode_adjusted(
    first: WaveCells, second: WaveCells, between: Floats, level: float
) -> ModeAdjusted:
    """Take β·Δμ off the change; β is both waves', weighted by precision.

    V = V(Δ of θ − βμ) + Δμ²·V(β); the covariance of β with the change is left out.
    """
    effects = np.array([one.door_effect[0] for one in (first, second)])
    variances = np.array([one.door_effect[1] for one in (first, second)])
    with np.errstate(divide="ignore", invalid="ignore"):
        precision = np.where(variances > 0, 1 / variances, 0)
        beta = np.nansum(precision * effects, axis=0) / precision.sum(axis=0)
        spread = 1 / precision.sum(axis=0)
    move = second.door_share - first.door_share
    unmoved = np.abs(move) < 1e-12
    drawn = np.where(unmoved, 0, beta * move)
    slopes = [one.rate - np.nan_to_num(beta)[:, None] * one.door for one in (first, second)]
    levels = [
        _level(
            Level(
                one.published.estimate,
                np.where(np.isfinite(one.published.se), np.sqrt(one.variance(slope)), np.nan),
                one.published.df,
                one.published.n_effective,
            ),
            one.is_rate,
        )
        for one, slope in zip((first, second), slopes, strict=True)
    ]
    covariance = quadratic(slopes[0], between, slopes[1])
    found = change(levels[0], levels[1], covariance, level)
    with np.errstate(invalid="ignore"):  # without both modes β is unknown: nothing is adjusted
        extra = np.where(unmoved, 0, move**2 * spread)
    return ModeAdjusted(found.shifted(-drawn, extra), beta)


def quadratic(left: Floats, blocks: Floats, right: Floats) -> Floats:
    """Return left'·block·right for each area and indicator."""
    found: Floats = ((left[:, :, None, :] @ blocks) @ right[:, :, :, None])[:, :, 0, 0]
    return found


def _level(published: Level, is_rate: NDArray[np.bool_]) -> Level:
    silent = (published.se == 0) & is_rate & (published.n_effective > 0)
    least = least_variance(published.estimate, published.n_effective)
    se = np.where(silent, np.sqrt(np.where(silent, least, 0)), published.se)
    return Level(published.estimate, se, published.df, published.n_effective)


def _quotient(above: Floats, below: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(below > 0, above / below, np.nan)


def coefficients_pooled(waves: Sequence[WaveCells]) -> tuple[Floats, Floats]:
    """Return the pooled rate and its coefficients, the same in each wave."""
    total = np.sum([wave.totals for wave in waves], axis=0)
    base = total[:, :, R]
    theta = _quotient(total[:, :, Y], base)
    coefficients = np.zeros_like(total)
    with np.errstate(divide="ignore"):
        coefficients[:, :, Y] = np.where(base > 0, 1 / base, 0)
    coefficients[:, :, R] = -np.nan_to_num(theta) * coefficients[:, :, Y]
    return theta, coefficients
