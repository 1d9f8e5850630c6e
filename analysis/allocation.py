"""Allocation: how a sample of given size is shared out over the strata.

Every rule gives each stratum a claim a_h; the sample is n_h = λ·a_h, held between the minimum and
N_h, with λ such that Σ n_h = n. Strata at a bound stay there and the rest is shared out anew, which
is the optimum under the bounds wherever the claims are the optimum without them. Whole numbers come
last, by largest remainder.

References
----------
.. [1] Cochran 1977, Sampling Techniques, 3rd ed., §5.5 (Neyman) and §5.8 (more than 100 %).
.. [2] Bankier 1988, Power allocations: determining sample sizes for subnational areas, The American
       Statistician 42, 174–177.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.problems import DesignError

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Allocation:
    """A sample shared out over strata.

    Parameters
    ----------
    rule : str
        How.
    units : array of int, shape (strata,)
        N_h, what each stratum has.
    sample : array of int, shape (strata,)
        n_h, what is drawn from each.
    """

    rule: str
    units: Counts
    sample: Counts

    @property
    def total(self) -> int:
        """n = Σ n_h."""
        return int(self.sample.sum())

    def standard_error(self, deviation: ArrayLike) -> float:
        """Return the standard error of the overall mean or rate under this allocation.

        Parameters
        ----------
        deviation : array-like, shape (strata,)
            S_h within each stratum; of a rate √(p(1−p)).

        Returns
        -------
        float
            √(Σ (N_h/N)² (1 − n_h/N_h) S_h²/n_h); infinite where a varying stratum gets nothing.

        Examples
        --------
        >>> round(proportional(100, [600, 400]).standard_error([0.3, 0.4]), 5)
        0.03259
        """
        units, sample = self.units, self.sample
        spread = (units * np.asarray(deviation, float)) ** 2
        varies = (spread > 0) & (sample < units)
        with np.errstate(divide="ignore"):
            variance = spread[varies] * (1 / sample[varies] - 1 / units[varies])
        return float(np.sqrt(variance.sum()) / units.sum())


def proportional(total: int, units: ArrayLike, *, minimum: ArrayLike = 0) -> Allocation:
    """Share out in proportion to the strata: a_h = N_h. All weights are (nearly) equal.

    Parameters
    ----------
    total : int
        n.
    units : array-like of int, shape (strata,)
        N_h.
    minimum : int, or array-like of int, shape (strata,)
        Drawn from each stratum at least, or all it has.

    Raises
    ------
    DesignError
        Where the minima together exceed the total, the total exceeds the units, or a figure is
        negative or no number.

    Examples
    --------
    >>> proportional(27, [600, 300, 3], minimum=4).sample
    array([16,  8,  3])
    """
    return _share_out("proportional", total, units, units, minimum)


def equal(total: int, units: ArrayLike, *, minimum: ArrayLike = 0) -> Allocation:
    """Give all strata the same: a_h = 1. Best for comparing strata, poor for the whole.

    Parameters and errors are those of :func:`proportional`.

    Examples
    --------
    >>> equal(100, [600, 300, 20]).sample
    array([40, 40, 20])
    """
    return _share_out("equal", total, units, np.asarray(units) > 0, minimum)


def neyman(
    total: int,
    units: ArrayLike,
    deviation: ArrayLike,
    *,
    cost: ArrayLike = 1.0,
    minimum: ArrayLike = 0,
) -> Allocation:
    """Share out for the smallest standard error of the whole: a_h = N_h·S_h/√c_h [1]_.

    Parameters
    ----------
    total, units, minimum
        See :func:`proportional`.
    deviation : array-like, shape (strata,)
        S_h; of a rate √(p(1−p)).
    cost : float, or array-like, shape (strata,)
        What an interview costs, in any currency, above 0.

    Raises
    ------
    DesignError
        As :func:`proportional`.

    Examples
    --------
    >>> neyman(100, [500, 500], [0.5, 0.3]).sample
    array([63, 37])
    """
    price = _figures(cost, "costs")
    if not (price > 0).all():
        raise DesignError("Each interview costs something: all costs lie above 0.")
    claims = np.asarray(units, float) * _figures(deviation, "standard deviations") / np.sqrt(price)
    return _share_out("neyman", total, units, claims, minimum)


def power(
    total: int,
    units: ArrayLike,
    variation: ArrayLike,
    *,
    size: ArrayLike | None = None,
    exponent: float = 0.5,
    minimum: ArrayLike = 0,
) -> Allocation:
    """Share out between the needs of the strata and of the whole: a_h = X_h^q·CV_h [2]_.

    Parameters
    ----------
    total, units, minimum
        See :func:`proportional`.
    variation : array-like, shape (strata,)
        CV_h = S_h/Ȳ_h; of a rate √((1−p)/p).
    size : array-like, shape (strata,), optional
        X_h, the importance of each stratum; N_h if not given.
    exponent : float
        q, from 0 (the strata count alike) to 1 (Neyman's, where X_h is the stratum's total).
        Smallest is then Σ (X_h^q · CV of stratum h's estimate)².

    Raises
    ------
    DesignError
        As :func:`proportional`, or where the exponent is not from 0 to 1.

    Examples
    --------
    >>> power(100, [900, 100], [1.0, 1.0]).sample
    array([75, 25])
    """
    if not 0 <= exponent <= 1:
        raise DesignError("The exponent lies between 0 and 1; %(found)s does not.", found=exponent)
    importance = _figures(units if size is None else size, "sizes")
    claims = importance**exponent * _figures(variation, "coefficients of variation")
    return _share_out("power", total, units, claims, minimum)


# ---- sharing out ---------------------------------------------------------------------------------


def _share_out(
    rule: str, total: int, units: ArrayLike, claims: ArrayLike, minimum: ArrayLike
) -> Allocation:
    most = _whole(units, "units of a stratum")
    least = np.minimum(_whole(minimum, "minima"), most)
    if total < least.sum():
        raise DesignError(
            "%(total)d interviews are too few: the minima of the strata add up to %(least)d.",
            total=total, least=least.sum(),
        )  # fmt: skip
    if total > most.sum():
        raise DesignError(
            "%(total)d cannot be drawn from %(most)d units.", total=total, most=most.sum()
        )
    claim = np.broadcast_to(_figures(claims, "claims of a stratum"), most.shape)
    return Allocation(rule, most, round_to(total, divide(total, claim, least, most)))


def divide(total: float, claim: Floats, least: ArrayLike, most: ArrayLike) -> Floats:
    """Return n_h = λ·a_h held within bounds, with λ such that they add up to the total.

    Parameters
    ----------
    total : float
        Between Σ least and Σ most.
    claim : array, shape (strata,)
        a_h ≥ 0. Where those with a claim are full, the rest goes to the others in proportion to
        what they have left.
    least, most : array-like, shape (strata,)

    Examples
    --------
    >>> divide(100, np.array([8.0, 1, 1]), [0, 0, 30], [50, 90, 90])
    array([50., 20., 30.])
    """
    low, high = np.asarray(least, float), np.asarray(most, float)
    claiming = claim > 0
    full = np.where(claiming, high, low)
    if total > full.sum():
        free = high - full
        return np.asarray(full + free * (total - full.sum()) / free.sum())
    claim, low, high = claim[claiming], low[claiming], high[claiming]
    # Σ clip(λ·a, low, high) is a broken line in λ that rises: find its piece, then solve on it.
    corners = np.unique(np.concatenate([low / claim, high / claim]))
    wanted = total - (full.sum() - high.sum())

    def reached(share: float) -> float:
        return float(np.clip(share * claim, low, high).sum())

    after = min(bisect_left(corners, wanted, key=reached), len(corners) - 1)
    piece = corners[max(after - 1, 0) : after + 1]
    share = np.interp(wanted, [reached(corner) for corner in piece], piece)
    full[claiming] = np.clip(share * claim, low, high)
    return np.asarray(full)


def round_to(total: int, shares: Floats) -> Counts:
    """Round shares to whole numbers that add up to the total, by largest remainder.

    Each share is rounded down; the units left over go to the largest remainders (the earlier
    stratum first among equals).

    >>> round_to(10, np.array([3.5, 3.5, 3.0]))
    array([4, 3, 3])
    """
    whole = np.floor(shares + 1e-9)
    remainder = np.round(shares - whole, 9)
    order = np.argsort(-remainder, kind="stable")
    whole[order[: total - int(whole.sum())]] += 1
    return whole.astype(np.int64)


def _figures(values: ArrayLike, name: str) -> Floats:
    figures = np.atleast_1d(np.asarray(values, float))
    if not (np.isfinite(figures) & (figures >= 0)).all():
        raise DesignError("The %(name)s must be numbers of 0 or more.", name=name)
    return figures


def _whole(values: ArrayLike, name: str) -> Counts:
    figures = _figures(values, name)
    if (figures % 1 != 0).any():
        raise DesignError("The %(name)s must be whole numbers.", name=name)
    return figures.astype(np.int64)
