"""The design variance of linearised scores: stratum by stratum, stage by stage.

V = Σ_stages share_h · Σ_h (1−f_h)·n_h/(n_h−1)·Σ_j (z_hj − z̄_h)², where z_hj is the total score of
unit j of stratum h and n_h counts every unit drawn, those with nothing in the domain too
(Särndal, Swensson & Wretman 1992, result 4.3.1; the same recursion as R's ``svyrecvar``).

Statistics are numbered ``k·domains + domain``, and every kind of variance answers the same two
questions: the variance of each statistic, and the covariance of any linear combinations of them.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]


class Variance(Protocol):
    """What a design knows about the sampling errors of its statistics."""

    @property
    def size(self) -> int:
        """How many statistics there are."""

    def diagonal(self) -> Floats:
        """Return the variance of each statistic, shape (statistics,)."""

    def of_contrasts(self, contrasts: Floats) -> Floats:
        """Return C'VC for contrasts C of shape (statistics, m)."""


@runtime_checkable
class OfDomains(Variance, Protocol):
    """Knows the covariance of one variable between many domains without that of all statistics."""

    def between_domains(self, k: int) -> Floats:
        """Return the covariance of variable ``k``, shape (domains, domains)."""


class Linearised(OfDomains, Protocol):
    """A quadratic form in scores, so that residuals can be put in their place."""

    def with_auxiliary(self, x: sparse.csr_array) -> tuple[Floats, Floats]:
        """Return the forms of auxiliary values x, of shape (classes, p), with scores and with x.

        Their shapes are (p, statistics) and (p, p).
        """
