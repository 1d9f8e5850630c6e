"""The interviewer effect: how much of the spread of an answer lies between interviewers.

Two people asked by the same interviewer answer a little more alike than two asked by different
ones. The intraclass correlation ρ says how much, and 1 + (m − 1)ρ by how much that inflates the
variance of a rate with m interviews each: ρ = .02 and m = 20 give 1.38 (Kish 1962 [1]_).

References
----------
.. [1] Kish 1962, Studies of interviewer variance for attitudinal variables, Journal of the
       American Statistical Association 57, 92–115.
.. [2] Searle, Casella & McCulloch 1992, Variance Components, section 5.5 (Henderson's method 3).
.. [3] Harville & Fenech 1985, Confidence intervals for a variance ratio, or for heritability, in
       an unbalanced mixed linear model, Biometrics 41, 137–152.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy  # scipy.optimize is loaded when it is asked for
from numpy.typing import ArrayLike, NDArray
from scipy.special import fdtr, fdtri

Floats = NDArray[np.float64]

TINY = 1e-9


@dataclass(frozen=True)
class InterviewerEffect:
    """How much interviewers make of an answer's spread.

    Parameters
    ----------
    rho : float
        Intraclass correlation within strata. It is unbiased and hence falls a little below 0 by
        chance where there is no effect.
    lower, upper : float
        Its interval.
    p_value : float
        Of no effect at all.
    interviewers, n : int
        Interviewers and answers that were looked at.
    mean_size : float
        Interviews each, Σm²/Σm: as many as the interviewer of an average interview has.
    """

    rho: float
    lower: float
    upper: float
    p_value: float
    interviewers: int
    n: int
    mean_size: float

    @property
    def deff(self) -> float:
        """Factor by which interviewers inflate the variance of the rate: 1 + (m − 1)ρ."""
        return self.inflated(self.rho)

    @property
    def deff_bounds(self) -> tuple[float, float]:
        """The same at the bounds of the interval."""
        return self.inflated(self.lower), self.inflated(self.upper)

    def inflated(self, rho: float) -> float:
        """Return 1 + (m − 1)ρ for some ρ; negative ones count as 0."""
        return 1 + (self.mean_size - 1) * max(0.0, rho)


def interviewer_effect(
    y: ArrayLike,
    interviewer: Sequence[str] | NDArray[np.str_],
    stratum: Sequence[str] | NDArray[np.str_] | None = None,
    *,
    level: float = 0.95,
) -> InterviewerEffect | None:
    """Estimate the intraclass correlation of an answer within interviewers.

    Parameters
    ----------
    y : array, shape (n,)
        1 and 0, or a number; NaN for no answer.
    interviewer, stratum : sequence of str, length n
        Who asked, and where. Interviewers are compared within strata only, for they did not draw
        their neighbourhoods; one who worked in several counts once.
    level : float

    Returns
    -------
    InterviewerEffect or None
        None where nothing can be compared: no stratum with two interviewers, no interviewer with
        two answers, or all answers alike.

    Notes
    -----
    Model: y = stratum + interviewer + rest, the last two random, ρ = σ_b²/(σ_b² + σ_e²). With X
    the strata, Z the interviewers, M = I − X(X'X)⁻X' and Z'MZ = U diag(λ) U', q = U'Z'My, the sum
    of squares of interviewers within strata is Σq²/λ on r = rank(Z'MZ) degrees of freedom and has
    the expectation rσ_e² + tr(Z'MZ)σ_b² [2]_; one way and balanced, that is the analysis of
    variance. Since Var(q) = λσ_e²(1 + γλ) with γ = σ_b²/σ_e², the ratio

        Σ q²/(λ(1 + γλ)) / (r · MSE)  ~  F(r, n − rank(X) − r),

    falls in γ; where it crosses the quantiles of F are the bounds, exact for normal answers
    whatever the sizes [3]_, and good for rates (see the simulation among the tests).

    Examples
    --------
    >>> effect = interviewer_effect([1, 1, 1, 0, 0, 0, 0, 1], list("aaaabbbb"))
    >>> round(effect.rho, 3), effect.interviewers, effect.mean_size
    (0.2, 2, 4.0)
    """
    values, asked_by, asked_in = _answered(y, interviewer, stratum)
    if len(values) == 0:
        return None
    names, who = np.unique(asked_by, return_inverse=True)
    strata, where = np.unique(asked_in, return_inverse=True)
    crossed = np.zeros((len(strata), len(names)))
    np.add.at(crossed, (where, who), 1.0)
    centred = values - (np.bincount(where, values) / crossed.sum(1))[where]
    sizes = crossed.sum(0)
    between = _Between.of(crossed, np.bincount(who, weights=centred).astype(np.float64))
    r = len(between.roots)
    df = len(values) - len(strata) - r
    within = float(centred @ centred) - float((between.squares / between.roots).sum())
    if r == 0 or df < 1 or within <= TINY * len(values):
        return None
    mse = within / df
    sigma_b = (float((between.squares / between.roots).sum()) - r * mse) / between.trace
    return InterviewerEffect(
        rho=sigma_b / (sigma_b + mse),
        lower=between.bound(mse, float(fdtri(r, df, (1 + level) / 2))),
        upper=between.bound(mse, float(fdtri(r, df, (1 - level) / 2))),
        p_value=1 - float(fdtr(r, df, between.ratio(0.0, mse))),
        interviewers=len(names),
        n=len(values),
        mean_size=float(sizes @ sizes / sizes.sum()),
    )


@dataclass(frozen=True)
class _Between:
    """Differences between interviewers in independent directions: λ and q² of each."""

    roots: Floats
    squares: Floats

    @classmethod
    def of(cls, crossed: Floats, totals: Floats) -> _Between:
        """From the counts, shape (strata, interviewers), and the centred totals of each."""
        shared = crossed.T @ (crossed / crossed.sum(1, keepdims=True))
        roots, directions = np.linalg.eigh(np.diag(crossed.sum(0)) - shared)
        kept = roots > TINY * max(1.0, float(roots.max()))
        return cls(roots[kept], (directions.T @ totals)[kept] ** 2)

    @property
    def trace(self) -> float:
        return float(self.roots.sum())

    def ratio(self, rho: float, mse: float) -> float:
        """The pivot at a ρ: with γ = ρ/(1−ρ), 1 + γλ is (1 + ρ(λ−1))/(1−ρ)."""
        spread = self.squares * (1 - rho) / (self.roots * (1 + rho * (self.roots - 1)))
        return float(spread.sum()) / (len(self.roots) * mse)

    def bound(self, mse: float, quantile: float) -> float:
        """The ρ at which the pivot is a quantile; the end of what is possible if it never is."""
        largest = float(self.roots.max())
        least = (-1 / (largest - 1) if largest > 2 else -1.0) + TINY
        if self.ratio(least, mse) <= quantile:
            return least
        return float(
            scipy.optimize.brentq(lambda rho: self.ratio(rho, mse) - quantile, least, 1 - TINY)
        )


def _answered(
    y: ArrayLike,
    interviewer: Sequence[str] | NDArray[np.str_],
    stratum: Sequence[str] | NDArray[np.str_] | None,
) -> tuple[Floats, NDArray[np.str_], NDArray[np.str_]]:
    values = np.asarray(y, dtype=np.float64)
    given = ~np.isnan(values)
    where = np.zeros(len(values), dtype="U1") if stratum is None else np.asarray(stratum)
    return values[given], np.asarray(interviewer)[given], where[given]
