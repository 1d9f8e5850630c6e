"""Bethel's allocation: the cheapest sample that keeps every bar, for many domains and indicators.

A bar says: in these strata together, this indicator's standard error is at most so much. With
n_h the interviews in stratum h, every bar is linear in 1/n_h:

    Σ_{h in bar} N_h² S_h² (1/n_h − 1/N_h) ≤ (N_d·bar)²     or, scaled,     Σ_h a_hj / n_h ≤ 1.

The least cost Σ c_h n_h under such bars is convex [1]_. For prices λ_j on the bars the best sample
is n_h = √(Σ_j λ_j a_hj / c_h), held within its bounds; Chromy's rule [2]_ raises the price of a bar
that is broken and lowers that of one kept too well, λ_j ← λ_j (Σ_h a_hj/n_h)², until none moves the
cost. The prices also bound the cost from below, so that the result proves itself.

References
----------
.. [1] Bethel 1989, Sample allocation in multivariate surveys, Survey Methodology 15, 47–57.
.. [2] Chromy 1987, Design optimization with multiple objectives, Proceedings of the Section on
       Survey Research Methods, American Statistical Association, 194–199.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.problems import DesignError

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

#: The cost found is within this share of the least cost there can be, before rounding up.
TOLERANCE = 1e-5
MOST_ROUNDS = 20_000


@dataclass(frozen=True)
class Bar:
    """The precision asked for in one domain and indicator.

    Parameters
    ----------
    standard_error : float
        Of the mean or rate: 0.02 is two points; about half the 95 % margin of error.
    deviation : array-like, shape (strata,)
        S_h of the indicator; of a rate √(p(1−p)). Times √deff where the design is no simple sample.
    domain : array-like of bool, shape (strata,), optional
        The strata that make up the domain; all if not given.
    name : str
        For messages.
    """

    standard_error: float
    deviation: ArrayLike
    domain: ArrayLike | None = None
    name: str = ""


@dataclass(frozen=True, eq=False)
class Bethel:
    """The cheapest sample and its proof.

    Parameters
    ----------
    sample : array of int, shape (strata,)
        n_h: whole numbers that keep every bar; one interview fewer anywhere would break one.
    exact : array, shape (strata,)
        The same before rounding.
    cost, least_cost : float
        Σ c_h n_h of ``exact``, and what no sample that keeps the bars can undercut.
    standard_errors : array, shape (bars,)
        What ``sample`` achieves.
    prices : array, shape (bars,)
        λ_j: a variance allowed to be 1 % larger saves about λ_j/100; near 0 where the other
        bars keep this one unasked.
    """

    sample: Counts
    exact: Floats
    cost: float
    least_cost: float
    standard_errors: Floats
    prices: Floats


def bethel(
    units: ArrayLike, bars: Sequence[Bar], *, cost: ArrayLike = 1.0, minimum: ArrayLike = 0
) -> Bethel:
    """Return the cheapest sample that keeps every bar.

    Parameters
    ----------
    units : array-like of int, shape (strata,)
        N_h, at least 1.
    bars : sequence of Bar
    cost : float, or array-like, shape (strata,)
        What an interview costs, above 0.
    minimum : int, or array-like of int, shape (strata,)
        Interviews in each stratum at least, or all it has.

    Raises
    ------
    DesignError
        Where there is no bar, or a figure is impossible; the bar is named.

    Examples
    --------
    Each community to ± 5 points and the township, of two, to ± 3, at a rate of 85 %:

    >>> s = np.full(4, np.sqrt(0.85 * 0.15))
    >>> east, west = [True, True, False, False], [False, False, True, True]
    >>> plan = bethel(
    ...     [900, 300, 2000, 400],
    ...     [Bar(0.05 / 1.96, s, east), Bar(0.05 / 1.96, s, west), Bar(0.03 / 1.96, s)],
    ...     minimum=4,
    ... )
    >>> plan.sample, plan.standard_errors.round(4)
    (array([126,  43, 254,  51]), array([0.0255, 0.0191, 0.0153]))
    """
    size = np.asarray(units, float)
    if not (bars and (size >= 1).all() and np.isfinite(size).all()):
        raise DesignError("There must be at least one bar, and at least one unit in each stratum.")
    price = np.broadcast_to(np.asarray(cost, float), size.shape)
    if not (np.isfinite(price) & (price > 0)).all():
        raise DesignError("Each interview costs something: all costs lie above 0.")
    asked = np.array([_coefficients(bar, size) for bar in bars])
    low = np.clip(np.broadcast_to(np.asarray(minimum, float), size.shape), 0, size)
    exact, prices, least_cost = _cheapest(asked, price, low, size)
    sample = _whole(exact, asked, price, low, size)
    return Bethel(
        sample, exact, float(price @ exact), least_cost,
        np.array([_achieved(bar, size, sample) for bar in bars]), prices,
    )  # fmt: skip


def _coefficients(bar: Bar, size: Floats) -> Floats:
    """a_h = N_h²S_h² / ((N_d·bar)² + Σ N_h S_h²): the bar is kept where Σ a_h/n_h ≤ 1."""
    inside = np.ones(size.shape, bool) if bar.domain is None else np.asarray(bar.domain, bool)
    deviation = np.broadcast_to(np.asarray(bar.deviation, float), size.shape)
    if not bar.standard_error > 0:
        raise DesignError("Bar %(bar)s: the standard error must lie above 0.", bar=bar.name)
    if inside.shape != size.shape or not inside.any():
        raise DesignError("Bar %(bar)s: the domain must mark some of the strata.", bar=bar.name)
    if not (np.isfinite(deviation) & (deviation >= 0)).all():
        raise DesignError("Bar %(bar)s: standard deviations are 0 or more.", bar=bar.name)
    spread = np.where(inside, deviation**2, 0.0)
    allowed = (size[inside].sum() * bar.standard_error) ** 2 + size @ spread
    return np.asarray(size**2 * spread / allowed)


def _cheapest(
    asked: Floats, price: Floats, low: Floats, high: Floats
) -> tuple[Floats, Floats, float]:
    """Chromy's rounds: return n_h, λ_j, and the bound on the cost from below."""
    prices = np.full(len(asked), (np.sqrt(asked * price).sum(axis=1) ** 2).max() / len(asked))
    best, best_prices, best_bound = high, prices, -np.inf
    for _ in range(MOST_ROUNDS):
        n = np.clip(np.sqrt(prices @ asked / price), np.maximum(low, 1e-9), high)
        used = asked @ (1 / n)
        bound = float(price @ n + prices @ (used - 1))  # Lagrange: its least over all samples
        best_bound = max(best_bound, bound)
        kept = np.minimum(n * max(1.0, float(used.max())), high)
        if price @ kept < price @ best and (asked @ (1 / kept) <= 1 + 1e-9).all():
            best, best_prices = kept, prices
        if price @ best - best_bound <= TOLERANCE * (price @ best):
            return best, best_prices, best_bound
        prices = prices * used**2
    raise DesignError("The allocation did not settle in %(rounds)d rounds.", rounds=MOST_ROUNDS)


def _whole(exact: Floats, asked: Floats, price: Floats, low: Floats, high: Floats) -> Counts:
    """Round up, then give back, dearest first, every interview that no bar needs."""
    n = np.minimum(np.ceil(np.maximum(exact, low) - 1e-9), high)
    n = np.maximum(n, (asked > 0).any(axis=0))
    used = asked @ (1 / np.maximum(n, 1))
    for h in np.argsort(-price, kind="stable"):
        while n[h] > max(low[h], 1):
            fewer = used + asked[:, h] * (1 / (n[h] - 1) - 1 / n[h])
            if fewer.max() > 1:
                break
            used, n[h] = fewer, n[h] - 1
    return n.astype(np.int64)


def _achieved(bar: Bar, size: Floats, sample: Counts) -> float:
    """The standard error that a sample gives a bar's domain and indicator."""
    inside = np.ones(size.shape, bool) if bar.domain is None else np.asarray(bar.domain, bool)
    deviation = np.broadcast_to(np.asarray(bar.deviation, float), size.shape)
    varies = inside & (deviation > 0)
    spread = (size[varies] * deviation[varies]) ** 2
    variance = spread @ (1 / sample[varies] - 1 / size[varies])
    return float(np.sqrt(max(variance, 0.0)) / size[inside].sum())
