"""Feasibility: what a sample of a given effective size can decide against a target.

Everything here asks the interval that verdicts use (:func:`analysis.intervals.korn_graubard` at
:data:`analysis.verdicts.LEVEL`), so planning and judging cannot drift apart. The degrees of freedom
are those of a list design, n − 1; with few sampling units (a two-stage draw) more is needed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.intervals import Rates, korn_graubard
from analysis.problems import DesignError
from analysis.verdicts import FEWEST_EFFECTIVE, LEVEL, MET, NOT_MET, verdicts

Floats = NDArray[np.float64]


#: No search goes beyond this effective sample size: more people than any place has.
LARGEST = 10_000_000

#: Observed rates worth showing before fieldwork.
SHOWN = (0.70, 0.75, 0.80, 0.88, 0.90, 0.92, 0.95, 1.00)


class UndecidableError(DesignError):
    """No sample would decide this rate: it is the target, or too close to it."""


@dataclass(frozen=True)
class Feasible:
    """How large a sample must be for one observed rate to be decided.

    Parameters
    ----------
    rate, target : float
    verdict : {"met", "not_met"}
    by_interval : int
        Smallest effective n at which the interval clears the target.
    effective_n : int
        The same, and enough for a verdict at all.
    """

    rate: float
    target: float
    verdict: str
    by_interval: int
    effective_n: int


def bounds(rate: ArrayLike, effective_n: ArrayLike) -> tuple[Floats, Floats]:
    """Return the interval of a verdict, were ``rate`` observed on ``effective_n`` people.

    Parameters
    ----------
    rate, effective_n : array-like
        Of shapes that broadcast; the effective n need not be whole.

    Examples
    --------
    With 100 interviews 93 % observed are *met* at 85 %, 92 % are not:

    >>> lower, upper = bounds([0.92, 0.93], 100)
    >>> lower.round(4)
    array([0.8484, 0.8611])
    """
    p, n = np.broadcast_arrays(np.asarray(rate, float), np.asarray(effective_n, float))
    return korn_graubard(Rates(p=p, se=np.sqrt(p * (1 - p) / n), df=n - 1, n=n, n_kish=n), LEVEL)


def judged(rate: ArrayLike, effective_n: ArrayLike, target: float) -> NDArray[np.str_]:
    """Return the verdict, were ``rate`` observed on ``effective_n`` people.

    >>> judged([0.92, 0.93], 100, 0.85).tolist()
    ['undecided', 'met']
    """
    lower, upper = bounds(rate, effective_n)
    n = np.broadcast_to(np.asarray(effective_n, float), lower.shape)
    said = verdicts(lower.ravel(), upper.ravel(), n.ravel(), n.ravel() - 1, target)
    return np.array(said, dtype=str).reshape(lower.shape)


def aim(rate: float, target: float) -> str:
    """Return the verdict that a large enough sample would give: ``met`` or ``not_met``.

    Raises
    ------
    DesignError
        The target is not between 0 and 1, or the rate not within them.
    UndecidableError
        Both are equal: then no sample decides.

    Examples
    --------
    >>> aim(0.9, target=0.85)
    'met'
    """
    if not 0 < target < 1:
        raise DesignError(
            "The target must lie between 0 and 1, and not be %(found)s.", found=target
        )
    if not 0 <= rate <= 1:
        raise DesignError("The rate must lie between 0 and 1, and not be %(found)s.", found=rate)
    if rate == target:
        raise UndecidableError("A rate of exactly the target cannot be decided by any sample.")
    return MET if rate > target else NOT_MET


def effective_n_to_decide(
    rate: float, target: float = 0.85, *, fewest: int = FEWEST_EFFECTIVE
) -> int:
    """Return the smallest effective n at which an observed rate is decided.

    Parameters
    ----------
    rate : float
        The rate observed, 0 to 1.
    target : float
    fewest : int
        Effective n below which no verdict is given.

    Returns
    -------
    int
        From here on every larger sample with this observed rate is decided too.

    Raises
    ------
    DesignError
        Where rate or target are impossible.
    UndecidableError
        Where they are equal, or closer than ten million people could tell.

    Examples
    --------
    >>> effective_n_to_decide(0.9), effective_n_to_decide(0.8), effective_n_to_decide(1.0)
    (202, 228, 50)
    >>> effective_n_to_decide(1.0, fewest=2)
    23
    """
    verdict = aim(rate, target)

    def clears(n: int) -> bool:
        lower, upper = bounds(rate, n)
        return bool(lower >= target if verdict == MET else upper < target)

    return first_whole(clears, start=fewest)


def rate_to_decide(effective_n: ArrayLike, target: float = 0.85, verdict: str = MET) -> Floats:
    """Return the observed rate at which the interval just clears the target.

    Parameters
    ----------
    effective_n : array-like
        Any shape.
    target : float
    verdict : {"met", "not_met"}

    Returns
    -------
    array of the shape of ``effective_n``
        The lowest rate that is met, or the highest that is not; NaN where not even 100 % (or 0 %)
        would do.

    Examples
    --------
    >>> rate_to_decide([20, 100, 400]).round(4)
    array([   nan, 0.9212, 0.8854])
    """
    n = np.asarray(effective_n, float)
    side = 0 if verdict == MET else 1
    low, high = np.zeros(n.shape), np.ones(n.shape)
    for _ in range(50):  # halving: the bounds rise with the rate
        middle = (low + high) / 2
        above = bounds(middle, n)[side] >= target
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    possible = bounds(1.0, n)[0] >= target if verdict == MET else bounds(0.0, n)[1] < target
    return np.where(possible, high if verdict == MET else low, np.nan)


def feasibility(target: float = 0.85, rates: tuple[float, ...] = SHOWN) -> tuple[Feasible, ...]:
    """Tell before fieldwork what effective sample decides which observed rate.

    Parameters
    ----------
    target : float
    rates : tuple of float
        Observed rates; the target itself is passed over, for nothing decides it.

    Examples
    --------
    >>> for row in feasibility(0.85, (0.80, 0.90, 1.00)):
    ...     print(row.rate, row.verdict, row.by_interval, row.effective_n)
    0.8 not_met 228 228
    0.9 met 202 202
    1.0 met 23 50
    """
    return tuple(
        Feasible(
            rate,
            target,
            aim(rate, target),
            by_interval=effective_n_to_decide(rate, target, fewest=2),
            effective_n=effective_n_to_decide(rate, target),
        )
        for rate in rates
        if rate != target
    )


def first_whole(enough: Callable[[int], bool], start: int) -> int:
    """Return the first whole number from ``start`` that is enough, where all after it are too.

    Raises
    ------
    UndecidableError
        Where ten million are not enough.

    Examples
    --------
    >>> first_whole(lambda n: n * n >= 200, start=1)
    15
    """
    high = start
    while not enough(high):
        if high >= LARGEST:
            raise UndecidableError(
                "The rate lies too close to the target: %(largest)d people would not decide it.",
                largest=LARGEST,
            )
        start, high = high + 1, min(2 * high, LARGEST)
    while start < high:
        middle = (start + high) // 2
        if enough(middle):
            high = middle
        else:
            start = middle + 1
    return high
