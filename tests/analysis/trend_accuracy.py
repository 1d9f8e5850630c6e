"""How near smoothed levels are to the truth, and what becomes of a jump of ten points.

``python -m tests.analysis.trend_accuracy`` prints the tables of docs/simulation.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.trends import Trend, smooth

SERIES = 2000
JUMP = 0.10


@dataclass(frozen=True)
class Measured:
    """Series around a known truth.

    Parameters
    ----------
    truth, estimate : array, shape (series, waves)
    trend : Trend
    """

    truth: np.ndarray
    estimate: np.ndarray
    trend: Trend

    @property
    def error(self) -> float:
        """The mean squared error of the level over that of the estimate."""
        return float(
            ((self.trend.level - self.truth) ** 2).mean()
            / ((self.estimate - self.truth) ** 2).mean()
        )

    @property
    def coverage(self) -> float:
        """How often the 95 % band holds the true level."""
        lower, upper = self.trend.interval()
        return float(((lower <= self.truth) & (self.truth <= upper)).mean())

    @property
    def flagged(self) -> float:
        """The share of series with a change of level."""
        return float(self.trend.changed.any(axis=1).mean())

    def hidden(self, at: int) -> tuple[float, float]:
        """How often a jump is hidden by the level, and by the estimates themselves.

        Hidden: from the wave before to this one they move by less than half of it, and (of the
        level) no change is flagged.
        """
        level, estimate = (
            one[:, at] - one[:, at - 1] < JUMP / 2 for one in (self.trend.level, self.estimate)
        )
        return float((level & ~self.trend.changed.any(axis=1)).mean()), float(estimate.mean())


def truths(waves: int, seed: int = 1) -> dict[str, np.ndarray]:
    """True levels, each of shape (series, waves)."""
    chance = np.random.default_rng(seed)
    time = np.arange(waves)
    season = 0.04 * np.sin(2 * np.pi * (time + 12 * chance.random((SERIES, 1))) / 12)
    steps = chance.standard_normal((SERIES, waves))
    found = {
        "flat": np.full(waves, 0.8),
        "slow drift (0.5 points a wave)": 0.8 + np.cumsum(0.005 * steps, axis=1),
        "drift (1 point a wave)": 0.8 + np.cumsum(0.01 * steps, axis=1),
        "rise of 15 points": np.linspace(0.7, 0.85, waves),
        "seasons of ± 4 points": 0.8 + season,
        "jump of 10 points in the middle": jump(waves, waves // 2),
        "jump of 10 points at the last wave": jump(waves, waves - 1),
    }
    return {name: np.broadcast_to(one, (SERIES, waves)) for name, one in found.items()}


def jump(waves: int, at: int) -> np.ndarray:
    """A level that jumps."""
    return np.where(np.arange(waves) < at, 0.75, 0.75 + JUMP)


def measured(truth: np.ndarray, se: float, seed: int = 2) -> Measured:
    """Add sampling error and smooth it away again."""
    truth = np.broadcast_to(truth, (SERIES, truth.shape[-1]))
    estimate = truth + se * np.random.default_rng(seed).standard_normal(truth.shape)
    return Measured(truth, estimate, smooth(estimate, np.full(truth.shape, se)))


def measure() -> None:
    """The tables of the documentation."""
    errors = (0.015, 0.03, 0.05)
    head = " | ".join(f"SE {100 * se:g}" for se in errors)
    print(f"| Truth, 12 waves | {head} |\n|---|{'---|' * len(errors)}")
    for name, truth in truths(12).items():
        cells = []
        for se in errors:
            one = measured(truth, se)
            cells.append(f"{one.error:.2f}, {one.coverage:.0%}, {one.flagged:.1%}")
        print(f"| {name} | {' | '.join(cells)} |")
    print(f"\n| Jump at wave, of 12 | {head} |\n|---|{'---|' * len(errors)}")
    for at in (1, 2, 6, 10, 11):
        pairs = (measured(jump(12, at), se).hidden(at) for se in errors)
        cells = [f"{level:.1%} ({estimate:.1%})" for level, estimate in pairs]
        print(f"| {at + 1} | {' | '.join(cells)} |")


if __name__ == "__main__":
    measure()
