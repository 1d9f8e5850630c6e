"""Ranks with their uncertainty: how far up and down each population may truly stand.

Twelve communities all truly alike still make a list with a top and a bottom. A rank is therefore
an interval, and all intervals of a list hold at once with the probability that is asked for:

- :func:`klein`: from joint intervals of the populations themselves, which is cheap and needs no
  covariance [1]_;
- :func:`analysis.pairs.mogstad`: from simultaneous tests of all pairs, step by step, under the
  covariance of the estimates; the sets are shorter.

Rank 1 is the highest. A true rank among equals is a range, and an interval holds it if it holds the
whole range. Ranks do not change when the scale is stretched, so rates are compared on the angle
arcsin √p, where their errors hardly depend on p and exist at 0 and 1.

References
----------
.. [1] Klein, Wright & Wieczorek 2020, A joint confidence region for an overall ranking of
       populations, Journal of the Royal Statistical Society C 69, 589–606.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.special import stdtrit

from analysis.pairs import DRAWS, mogstad
from analysis.presentation import Presented
from analysis.verdicts import FEWEST_DF, FEWEST_EFFECTIVE, LEVEL

Floats = NDArray[np.float64]
Ranks = NDArray[np.intp]

UPPER, MIDDLE, LOWER = "upper", "middle", "lower"  # 上 中 下
KLEIN, MOGSTAD = "klein", "mogstad"
MANY = 60  # populations beyond which all pairs are too many to be compared at every lock


@dataclass(frozen=True)
class Ranking(Presented):
    """Populations ranked by one indicator, the highest first among equals as they were given.

    Parameters
    ----------
    names : tuple of str
    estimate, se : array, shape (populations,)
    rank, lowest, highest : array of int
        The rank of the estimate (equals share the smaller one), and the interval of the true rank;
        0 where a population has none: too few respondents to be ranked.
    band : tuple of str
        ``upper`` or ``lower`` where the simultaneous interval of the difference from the whole
        leaves out 0, else ``middle``; empty where there is no rank.
    difference, lower, upper : array
        From the whole, with that interval; NaN where there is no rank.
    method : {"klein", "mogstad"}
    level : float
        At which all intervals hold at once.
    """

    names: tuple[str, ...]
    estimate: Floats
    se: Floats
    rank: Ranks
    lowest: Ranks
    highest: Ranks
    band: tuple[str, ...]
    difference: Floats
    lower: Floats
    upper: Floats
    method: str
    level: float

    def __len__(self) -> int:
        return len(self.names)

    @property
    def ranked(self) -> int:
        """How many have a rank."""
        return int((self.rank > 0).sum())

    def to_arrow(self) -> Any:
        """Return a ``pyarrow.Table``, the first rank first."""
        unranked = self.rank == 0
        order = np.lexsort((np.arange(len(self)), -self.estimate, unranked))

        def places(ranks: Ranks) -> list[int | None]:
            return [int(ranks[at]) or None for at in order]

        return pa.table(
            {
                "name": [self.names[at] for at in order],
                "estimate": self.estimate[order],
                "se": self.se[order],
                "rank": places(self.rank),
                "rank_from": places(self.lowest),
                "rank_to": places(self.highest),
                "band": [self.band[at] or None for at in order],
                "difference": self.difference[order],
                "lower": self.lower[order],
                "upper": self.upper[order],
            }
        )


@dataclass(frozen=True)
class Populations:
    """What is ranked, and the whole it is compared with.

    Parameters
    ----------
    names : sequence of str
    estimate, se, df, n_effective : array, shape (K,)
        In the order of the names; NaN where there is no estimate.
    whole : float
        The estimate of all together.
    with_whole : array, shape (K,)
        Variance of each difference from the whole, with their covariance.
    kind : {"rate", "index"}
        Rates are compared on the angle.
    covariance : array, shape (K, K), optional
        Of the estimates; without it they may depend on each other in any way, unless
        ``independent``.
    independent : bool
    """

    names: Sequence[str]
    estimate: Floats
    se: Floats
    df: Floats
    n_effective: Floats
    whole: float
    with_whole: Floats
    kind: str = "rate"
    covariance: Floats | None = None
    independent: bool = False


def rank(
    populations: Populations, level: float = LEVEL, *, draws: int = DRAWS, seed: int = 0
) -> Ranking:
    """Rank populations, with intervals that hold for all of them at once.

    Nobody is ranked on an effective sample under 50 or fewer than 8 degrees of freedom. With a
    covariance and at most 60 populations the pairs are tested
    (:func:`analysis.pairs.mogstad`), else intervals are compared (:func:`klein`).

    Parameters
    ----------
    populations : Populations
    level : float
    draws, seed : int
        Of the simulated largest differences.

    Examples
    --------
    >>> four = Populations(
    ...     ["a", "b", "c", "d"], np.array([0.95, 0.80, 0.82, 0.9]),
    ...     np.array([0.02, 0.03, 0.03, 0.1]), np.full(4, 100.0), np.array([120.0, 150, 160, 9]),
    ...     0.85, np.array([0.02, 0.03, 0.03, 0.1]) ** 2, independent=True,
    ... )
    >>> print(rank(four).table())  # doctest: +NORMALIZE_WHITESPACE
    name  estimate  se    rank  rank_from  rank_to  band    difference  lower      upper
    a     0.95      0.02  1     1          1        upper   0.1         0.0513016  0.148698
    c     0.82      0.03  2     2          3        middle  -0.03       -0.103048  0.0430476
    b     0.8       0.03  3     2          3        middle  -0.05       -0.123048  0.0230476
    d     0.9       0.1   None  None       None     None
    """
    known = populations
    enough = (known.n_effective >= FEWEST_EFFECTIVE) & (known.df >= FEWEST_DF)
    enough &= np.isfinite(known.estimate)
    at = np.flatnonzero(enough)
    size = len(known.estimate)
    places: dict[str, Ranks] = {}
    place, error = _scaled(known, at)
    covariance = None
    if known.covariance is not None and len(at) <= MANY and (error > 0).all():
        covariance = _rescaled(known.covariance[np.ix_(at, at)], known.se[at], error)
    df = known.df[at]
    if covariance is not None:
        lowest, highest = mogstad(place, covariance, df, level, draws=draws, seed=seed)
    else:
        lowest, highest = klein(place, error, df, level, independent=known.independent)
    for name, found in {"rank": plain(place), "lowest": lowest, "highest": highest}.items():
        places[name] = np.zeros(size, np.intp)
        places[name][at] = found
    difference, lower, upper = np.full((3, size), np.nan)
    difference[at] = known.estimate[at] - known.whole
    half = bonferroni(len(at), df, level) * np.sqrt(known.with_whole[at])
    lower[at], upper[at] = difference[at] - half, difference[at] + half
    return Ranking(
        tuple(known.names), known.estimate, known.se, **places,
        band=tuple(bands(lower, upper)), difference=difference, lower=lower, upper=upper,
        method=KLEIN if covariance is None else MOGSTAD, level=level,
    )  # fmt: skip


def plain(estimate: Floats) -> Ranks:
    """Rank estimates, 1 the highest; equals share the smaller rank.

    >>> plain(np.array([0.8, 0.9, 0.8])).tolist()
    [2, 1, 2]
    """
    ascending = np.sort(estimate)
    return len(estimate) - np.searchsorted(ascending, estimate, side="right") + 1


def klein(
    estimate: Floats,
    se: Floats,
    df: Floats | None = None,
    level: float = LEVEL,
    *,
    independent: bool = False,
) -> tuple[Ranks, Ranks]:
    """Return rank intervals from joint intervals of the populations.

    Parameters
    ----------
    estimate, se : array, shape (K,)
    df : array, optional
        Of the standard errors; without it they are taken as known.
    level : float
    independent : bool
        Whether the estimates are; else Bonferroni's intervals hold in any case.

    Returns
    -------
    lowest, highest : arrays of int
        #(L_j ≥ U_k) + 1 and K − #(U_j ≤ L_k).

    Examples
    --------
    >>> lowest, highest = klein(np.array([30.0, 20.0, 21.0]), np.ones(3), independent=True)
    >>> lowest.tolist(), highest.tolist()
    ([1, 2, 2], [1, 3, 3])
    """
    size = len(estimate)
    if independent:
        reach = np.full(size, NormalDist().inv_cdf((1 + level ** (1 / max(size, 1))) / 2))
        if df is not None:
            reach = np.asarray(stdtrit(df, (1 + level ** (1 / max(size, 1))) / 2))
    else:
        reach = bonferroni(size, df, level)
    return from_intervals(estimate - reach * se, estimate + reach * se)


def from_intervals(lower: Floats, upper: Floats) -> tuple[Ranks, Ranks]:
    """Return the rank intervals that joint intervals imply."""
    size = len(lower)
    above = size - np.searchsorted(np.sort(lower), upper, side="left")
    below = np.searchsorted(np.sort(upper), lower, side="right")
    itself = (lower >= upper).astype(np.intp)  # an interval of no width is not above itself
    return above - itself + 1, size - (below - itself)


def bonferroni(size: int, df: Floats | None, level: float) -> Floats:
    """Return the quantile at which two-sided intervals of so many hold at once."""
    tail = 1 - (1 - level) / (2 * max(size, 1))
    if df is None:
        return np.full(size, NormalDist().inv_cdf(tail))
    return np.asarray(stdtrit(np.maximum(df, 1), tail), float)


def bands(lower: Floats, upper: Floats) -> list[str]:
    """Place each population against the whole by the interval of its difference.

    >>> bands(np.array([0.01, -0.2, -0.1, np.nan]), np.array([0.2, -0.1, 0.3, np.nan]))
    ['upper', 'lower', 'middle', '']
    """
    known = np.isfinite(lower)
    placed = np.select([~known, lower > 0, upper < 0], ["", UPPER, LOWER], MIDDLE)
    return [str(word) for word in placed]


def _scaled(known: Populations, at: Ranks) -> tuple[Floats, Floats]:
    """Return the estimates and their errors on the scale on which they are compared."""
    if known.kind != "rate":
        return known.estimate[at], known.se[at]
    angle = np.arcsin(np.sqrt(np.clip(known.estimate[at], 0, 1)))
    return angle, 1 / (2 * np.sqrt(known.n_effective[at]))


def _rescaled(covariance: Floats, se: Floats, error: Floats) -> Floats:
    """Keep the correlations, and put the errors of the other scale in.

    Short of 1: two that differ by a fixed amount could not be tested.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        correlation = np.nan_to_num(covariance / np.outer(se, se))
    np.fill_diagonal(correlation, 1)
    whole: Floats = np.clip(correlation, -0.999, 0.999) * np.outer(error, error)
    np.fill_diagonal(whole, error**2)
    return whole
