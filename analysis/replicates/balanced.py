"""Balanced repeated replication: each replicate takes one of the two PSUs of every stratum.

The half taken weighs 2−ρ, the other ρ (ρ = 0 is plain BRR, else Fay's), in the pattern of a
Hadamard matrix; V = Σ(θ_r − θ̄)²/(R(1−ρ)²) (Judkins 1990). With an fpc the multipliers move only
√(1−f_h) as far from 1.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import block_diag

from analysis.problems import DesignError
from analysis.stages import Stage

Floats = NDArray[np.float64]


def balanced(stage: Stage, rho: float) -> tuple[Callable[[slice], Floats], Floats]:
    """Return the multipliers of each slice of replicates, and the scale of each replicate."""
    open_strata = ~stage.certain & (stage.n > 1)
    if (stage.n[open_strata] != 2).any():
        raise DesignError("Balanced replicates need two PSUs in every stratum; take JKn.")
    place = np.cumsum(open_strata)  # row 0 of the pattern is constant and stays unused
    pattern = hadamard(int(open_strata.sum()) + 1)
    second = np.zeros(len(stage.stratum))
    order = np.argsort(stage.stratum, kind="stable")
    second[order[1:]] = stage.stratum[order[1:]] == stage.stratum[order[:-1]]
    sign = np.where(second == 1, -1.0, 1.0) * open_strata[stage.stratum]
    reach = (1 - rho) * np.sqrt(1 - stage.fraction) * sign

    def multipliers(chosen: slice) -> Floats:
        return np.asarray(1 + reach[:, None] * pattern[place[stage.stratum], chosen])

    count = pattern.shape[1]
    return multipliers, np.full(count, 1 / (count * (1 - rho) ** 2))


def hadamard(least: int) -> Floats:
    """Return the smallest Hadamard matrix we can build of at least this order.

    Sylvester's doubling on Paley's matrices of order q+1, q a prime with q mod 4 = 3. The rows
    of a Paley matrix have their signs turned, which makes the half-samples R's (up to order 68, but
    for 28, 36 and 56, which R has from a list).

    >>> h = hadamard(12)
    >>> h.shape, bool((h @ h.T == 12 * np.eye(12)).all())
    ((12, 12), True)
    """
    found = {1: np.ones((1, 1)), 2: np.array([[1.0, 1], [1, -1]])}
    found |= {q + 1: _paley(q) for q in range(3, 2 * least, 4) if _is_prime(q)}
    orders = [
        (order << doublings, order)
        for order in found
        for doublings in range(least.bit_length() + 1)
        if order << doublings >= least and (order > 1 or not doublings)
    ]
    size, order = min(orders)
    matrix = found[order]
    while len(matrix) < size:
        matrix = np.block([[matrix, matrix], [matrix, -matrix]])
    return matrix


def _paley(q: int) -> Floats:
    residues = {(i * i) % q for i in range(1, q)}
    differences = (np.arange(q)[:, None] - np.arange(q)) % q
    chi = np.where(np.isin(differences, list(residues)), 1.0, -1.0)
    np.fill_diagonal(chi, 0)
    skew = block_diag(0, chi)
    skew[0, 1:], skew[1:, 0] = 1, -1
    matrix: Floats = skew + np.eye(q + 1)
    matrix *= np.where(matrix[0] < 0, -1, 1)
    matrix[1:] *= -1
    return matrix


def _is_prime(q: int) -> bool:
    return all(q % divisor for divisor in range(2, int(q**0.5) + 1))
