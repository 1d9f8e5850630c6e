"""Power of the decision: how likely a sample is to say *met* (or *not met*) at a true rate.

Counts of a sample of effective size n are binomial, X ~ Bin(n, p). The verdict's own rule
(:mod:`analysis.feasibility`) says from which count on the answer is *met*; the power is the
probability of that count or more: exact, no normal approximation [1]_.

As n grows, the count needed stays (the power rises) or rises by one (the power drops): a saw.
The size returned is therefore not the first that reaches the power, but the first from which on it
is never lost again, for nobody completes exactly n interviews.

References
----------
.. [1] Chernick & Liu 2002, The saw-toothed behavior of power versus sample size and software
       solutions, The American Statistician 56, 149–155.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtrik, betainc

from analysis.feasibility import aim, first_whole, judged, rate_to_decide
from analysis.problems import DesignError
from analysis.verdicts import FEWEST_EFFECTIVE, LEVEL, MET

Floats = NDArray[np.float64]

SLACK = 0.01  # of a person


def power(effective_n: ArrayLike, rate: float, target: float = 0.85) -> Floats:
    """Return the probability that a sample decides, if the true rate is ``rate``.

    Parameters
    ----------
    effective_n : array-like of int
        Effective sample size.
    rate : float
        The true rate. Above the target: P(*met*); below it: P(*not met*).
    target : float

    Returns
    -------
    array of the shape of ``effective_n``
        0 where the sample is too small for any verdict.

    Raises
    ------
    DesignError
        See :func:`analysis.feasibility.aim`.

    Examples
    --------
    One interview more may cost power:

    >>> power([407, 408], rate=0.9).round(4)
    array([0.8317, 0.8273])
    """
    return probability(effective_n, rate, aim(rate, target), target)


def probability(effective_n: ArrayLike, rate: float, verdict: str, target: float = 0.85) -> Floats:
    """Return the probability of a verdict at a true rate, be the verdict right or false.

    Parameters
    ----------
    effective_n : array-like of int
    rate : float
        The true rate.
    verdict : {"met", "not_met"}
    target : float

    Examples
    --------
    P(false *met*) where the truth is exactly the target:

    >>> probability([50, 100, 200], 0.85, "met").round(4)
    array([0.0142, 0.0122, 0.0149])
    """
    n = np.asarray(effective_n, float)
    return _at_least(_count(n, verdict, target), n, _share(rate, verdict))


def effective_n_for_power(rate: float, target: float = 0.85, *, power: float = 0.8) -> int:
    """Return the effective n from which on the decision has this power.

    Parameters
    ----------
    rate : float
        The true rate assumed.
    target : float
    power : float
        Probability of the right verdict, between 0 and 1.

    Raises
    ------
    DesignError
        Where rate, target or power are impossible.
    UndecidableError
        Where rate and target are equal, or closer than ten million people could tell.

    Notes
    -----
    With the count needed taken as a real number c, the power lies between P(X ≥ c + 1) and
    P(X ≥ c). Both curves rise without a saw: below the n where the upper one reaches the power none
    is enough, above the n where the lower one does all are. c is taken from a closed form there,
    with some slack. The few between are tried one by one, on the verdict itself.

    Examples
    --------
    >>> effective_n_for_power(0.90), effective_n_for_power(0.95), effective_n_for_power(0.75)
    (379, 84, 136)
    """
    verdict, share = aim(rate, target), _share(rate, aim(rate, target))
    if not 0 < power < 1:
        raise DesignError("The power must lie between 0 and 1, and not be %(found)s.", found=power)

    def reached(n: int, more: float) -> bool:
        size = np.array(n, float)
        return bool(_at_least(_about(size, verdict, target) + more, size, share) >= power)

    none_below = first_whole(lambda n: reached(n, -SLACK), start=FEWEST_EFFECTIVE)
    all_above = first_whole(lambda n: reached(n, 1 + SLACK), start=none_below)
    between = np.arange(none_below, all_above, dtype=float)
    lost = np.flatnonzero(_at_least(_count(between, verdict, target), between, share) < power)
    return none_below + (int(lost[-1]) + 1 if lost.size else 0)


def _share(rate: float, verdict: str) -> float:
    """The probability of an answer that speaks for the verdict: yes for *met*, else no."""
    return rate if verdict == MET else 1 - rate


def _about(n: Floats, verdict: str, target: float) -> Floats:
    """The same in closed form, to far less than SLACK: where the interval's end is the target."""
    tail = (1 - LEVEL) / 2
    if verdict == MET:
        return np.asarray(bdtrik(1 - tail, n, target) + 1)
    return np.asarray(n - bdtrik(tail, n, target))


def _needed(n: Floats, verdict: str, target: float) -> Floats:
    """How many such answers the interval asks for, as a real number; n + 1 where n are too few."""
    rate = rate_to_decide(n, target, verdict)
    return np.where(np.isnan(rate), n + 1, n * (rate if verdict == MET else 1 - rate))


def _count(n: Floats, verdict: str, target: float) -> Floats:
    """How many such answers the verdict asks for: a whole number, tried on the verdict itself."""
    count = np.minimum(np.ceil(_needed(n, verdict, target) - 1e-6), n)
    rate = count / n if verdict == MET else 1 - count / n
    refused = judged(rate, n, target) != verdict
    return np.where(n < FEWEST_EFFECTIVE, n + 1, count + refused)


def _at_least(count: Floats, n: Floats, share: float) -> Floats:
    """P(X ≥ count) for X ~ Bin(n, share), also between whole counts: I_share(count, n−count+1)."""
    inside = betainc(np.clip(count, 1e-300, n), np.maximum(n - count + 1, 1), share)
    return np.where(count > n, 0.0, np.where(count <= 0, 1.0, inside))
