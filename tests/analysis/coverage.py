"""How often each interval covers the true rate: ``python -m tests.analysis.coverage`` prints it.

Every simulated survey is a domain of one big design, so the package's own estimates are judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from analysis import Estimates, SurveyDesign
from analysis.intervals import Rates, interval

SIZES = (25, 50, 100, 200, 400)
RATES = (0.5, 0.7, 0.85, 0.9, 0.95, 0.98)
METHODS = ("korn-graubard", "beta", "logit", "wilson", "asin", "likelihood", "normal")
SURVEYS = 4000
STRATA = 4


@dataclass(frozen=True)
class Kind:
    """A way of drawing: strata that differ, PSUs whose members are alike, unequal weights."""

    name: str
    strata: int = 1
    cluster: int = 1
    correlation: float = 0.0
    weights: float = 0.0


KINDS = (
    Kind("simple"),
    Kind("stratified, unequal weights", strata=STRATA, weights=0.5),
    Kind("clustered", strata=2, cluster=5, correlation=0.05),
)


@cache
def simulate(kind: Kind, n: int, p: float, surveys: int = SURVEYS, seed: int = 20) -> Estimates:
    """Draw so many surveys of n respondents at a true rate p and estimate it in each.

    The rates of the strata lie around p (not beyond 0 and 1) and average to it; within a PSU
    answers share the given intraclass correlation (beta-binomial).
    """
    rng = np.random.default_rng([seed, n, round(1000 * p), KINDS.index(kind)])
    survey, member = np.divmod(np.arange(surveys * n), n)
    stratum = member * kind.strata // n
    spread = np.linspace(-1, 1, kind.strata) if kind.strata > 1 else np.zeros(1)
    spread -= np.average(spread, weights=np.bincount(stratum, minlength=kind.strata))
    rate = p + spread * min(1 - p, 0.1) * 0.8
    data: dict[str, Any] = {"survey": survey, "stratum": survey * kind.strata + stratum}
    label = data["stratum"] * (n + 1) + member // kind.cluster
    _, first, data["psu"] = np.unique(label, return_index=True, return_inverse=True)
    of_psu = rate[stratum]
    if kind.correlation:
        strength = 1 / kind.correlation - 1
        mean = rate[stratum[first]]
        of_psu = rng.beta(mean * strength, (1 - mean) * strength)[data["psu"]]
    data["y"] = (rng.random(len(survey)) < of_psu).astype(np.int8)
    data["w"] = np.exp(kind.weights * rng.standard_normal(len(survey)))
    clustered = {"psu": "psu"} if kind.cluster > 1 else {}
    return SurveyDesign(data, strata="stratum", weights="w", **clustered).rate("y", by="survey")


def coverage(kind: Kind, n: int, p: float, method: str) -> tuple[float, float]:
    """Return the share of intervals that cover p, and their mean width."""
    found = simulate(kind, n, p)
    numbers = (found.estimate, found.se, found.df, found.n, found.n_kish)
    some = slice(None, None, 8 if method == "likelihood" else 1)  # that one takes its time
    rates = Rates(*(number[some] for number in numbers))
    lower, upper = interval(rates, method, 0.95)
    lower, upper = np.nan_to_num(lower, nan=0), np.nan_to_num(upper, nan=1)
    return float(((lower <= p) & (p <= upper)).mean()), float((upper - lower).mean())


def false_met(kind: Kind, n: int, target: float = 0.85) -> float:
    """Return how often a true rate at the target is called met."""
    said = simulate(kind, n, target).verdicts(target)
    return said.count("met") / len(said)


def table() -> str:
    """Return coverage in per cent (mean width in points) of each method."""
    lines = ["| Design | n | p | " + " | ".join(METHODS) + " |", "|---" * (3 + len(METHODS)) + "|"]
    for kind in KINDS:
        for n in SIZES:
            for p in RATES:
                figures = (coverage(kind, n, p, method) for method in METHODS)
                cells = (f"{100 * covers:.1f} ({100 * wide:.0f})" for covers, wide in figures)
                lines.append(f"| {kind.name} | {n} | {p} | {' | '.join(cells)} |")
                simulate.cache_clear()
    met = [
        f"{kind.name}: " + ", ".join(f"{100 * false_met(kind, n):.1f} (n = {n})" for n in SIZES)
        for kind in KINDS
    ]
    return "\n".join([*lines, "", "False *met* at a true 85 %, per cent. " + "; ".join(met) + "."])


if __name__ == "__main__":
    print(table())
