"""How often all rank intervals of a township hold at once.

``python -m tests.analysis.rank_coverage`` prints the table of docs/estimation.md.

Townships are simulated interview by interview: counts are binomial, with 60 to 200 interviews in a
community, so that errors are skew and estimated like real ones. A true rank among equals is a
range, and an interval must hold all of it. Where communities are dependent, their counts share a
Gaussian copula with correlation 0.3, and the covariance is what is told to the method.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.stats import binom, norm

from analysis.pairs import mogstad
from analysis.ranking import klein

SHARED = 0.3
SIZES, TRUTHS = (15, 100), ("all equal", "spread", "two groups")


@dataclass(frozen=True)
class Found:
    """Over many townships: how often all intervals held, and how long they were."""

    covered: float
    length: float


def townships(size: int, truth: str, shared: float, number: int, seed: int) -> Iterator[tuple]:
    """True rates, interviews and observed rates of one township after another."""
    chance = np.random.default_rng(seed)
    for _ in range(number):
        n = chance.integers(60, 201, size)
        p = {
            "all equal": np.full(size, 0.88),
            "spread": 0.72 + 0.24 * chance.random(size),
            "two groups": np.where(np.arange(size) % 2, 0.85, 0.75),
        }[truth]
        common = chance.standard_normal()
        own = chance.standard_normal(size)
        latent = np.sqrt(shared) * common + np.sqrt(1 - shared) * own
        yield p, n, binom.ppf(norm.cdf(latent), n, p) / n


def intervals(method: str, rate: np.ndarray, n: np.ndarray, shared: float, seed: int) -> tuple:
    """The rank intervals of a township, on the angle as :func:`analysis.ranking.rank` has it."""
    angle, error = np.arcsin(np.sqrt(rate)), 1 / (2 * np.sqrt(n))
    df = n - 1.0
    if method == "klein":
        return klein(angle, error, df)
    correlation = np.where(np.eye(len(rate)), 1, shared * 0.97)  # what is left of it in counts
    covariance = correlation * np.outer(error, error)
    return mogstad(angle, covariance, df, draws=500, seed=seed)


def coverage(method: str, size: int, truth: str, shared: float, number: int = 2000) -> Found:
    """Simulate townships."""
    held, length = 0, 0.0
    for seed, (p, n, rate) in enumerate(townships(size, truth, shared, number, 3)):
        lowest, highest = intervals(method, rate, n, shared, seed)
        above = (p[:, None] < p - 1e-12).sum(axis=1)
        below = (p[:, None] > p + 1e-12).sum(axis=1)
        held += bool(((lowest <= above + 1) & (highest >= size - below)).all())
        length += float((highest - lowest + 1).mean())
    return Found(held / number, length / number)


def measure(number: int = 2000) -> str:
    """The table of the documentation."""
    lines = [
        "| Communities | Truth | Correlation | Klein et al. | Mogstad et al. |",
        "|---|---|---|---|---|",
    ]
    for size in SIZES:
        for truth in TRUTHS:
            for shared in (0.0, SHARED):
                cells = [
                    f"{100 * found.covered:.1f} ({found.length:.1f})"
                    for found in (
                        coverage(method, size, truth, shared, number)
                        for method in ("klein", "mogstad")
                    )
                ]
                lines.append(f"| {size} | {truth} | {shared:g} | {cells[0]} | {cells[1]} |")
                print(lines[-1], flush=True)
    return "\n".join(lines)


if __name__ == "__main__":
    measure()
