"""How right the standard error of a change is, on a rotating panel simulated many times.

``python -m tests.analysis.change_accuracy`` prints the table of docs/simulation.md.

Everyone's answers in both waves are known; a share of the first wave's people is asked again, the
rest is drawn from the others. Every run is a community of its own, so that one comparison of two
waves makes thousands of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.changes import Level
from analysis.scores import Scores, forms
from analysis.wave_cells import WaveCells, compare, cross_blocks

STRATA, PEOPLE, DRAWN = 6, 500, 60
CHUNK = 250  # runs that are compared at once


@dataclass(frozen=True)
class Found:
    """Of many runs.

    Parameters
    ----------
    spread : float
        Standard deviation of the changes found.
    error, coverage : float
        Mean standard error over that, and how often the 95 % interval held the true change.
    error_ignoring, coverage_ignoring : float
        The same without the covariance.
    """

    spread: float
    error: float
    coverage: float
    error_ignoring: float
    coverage_ignoring: float


def population(chance):
    """Two waves' answers of everyone, alike within a person, by stratum."""
    base = np.linspace(0.65, 0.9, STRATA)[:, None]
    first = chance.random((STRATA, PEOPLE)) < base
    again = chance.random((STRATA, PEOPLE)) < base + 0.04
    return first.astype(float), np.where(chance.random((STRATA, PEOPLE)) < 0.6, first, again)


def panels(chance, kept, runs):
    """Who is drawn in each wave of each run."""
    order = chance.random((runs, STRATA, PEOPLE)).argsort(axis=2)
    stay = int(DRAWN * kept)
    again = np.concatenate([order[:, :, :stay], order[:, :, DRAWN : 2 * DRAWN - stay]], axis=2)
    return order[:, :, :DRAWN], again


def wave(truth, drawn):
    """The cells of one wave: in each run a rate over all strata, each of which weighs the same."""
    runs = len(drawn)
    strata = np.arange(runs * STRATA)
    y = np.take_along_axis(np.broadcast_to(truth, (runs, *truth.shape)), drawn, axis=2).ravel()
    stratum = np.repeat(strata, DRAWN)
    unit = (stratum * PEOPLE + drawn.ravel()).astype(str)
    door = np.zeros_like(y)
    factors = (PEOPLE / DRAWN) * np.stack([y, np.ones_like(y), door, door], axis=-1)
    own = Scores(
        unit, stratum // STRATA, stratum, np.full(len(y), DRAWN / PEOPLE),
        np.full(len(strata), float(DRAWN)), factors[:, None, :],
    )  # fmt: skip
    nobody = Scores(unit[:0], stratum[:0], stratum[:0], door[:0], door[:0], factors[:0, None, :])
    totals = factors.reshape(runs, STRATA * DRAWN, 1, 4).sum(axis=1)
    rate = totals[..., 0] / totals[..., 1]
    blocks = forms(own, runs)
    zero = np.zeros_like(rate)
    slopes = np.stack([1 + zero, -rate, zero, zero], axis=-1) / totals[..., 1:2]
    se = np.sqrt(np.einsum("rif,rifg,rig->ri", slopes, blocks, slopes))
    size = np.full((runs + 1, 1), float(STRATA * DRAWN))
    squares = np.stack([totals[..., 0], (PEOPLE / DRAWN) * totals[..., 1]], axis=-1)
    first = [np.concatenate([one[:1], one]) for one in (totals, squares, blocks, rate, se)]
    totals, squares, blocks, rate, se = first  # the whole, which no run has, stands before them
    level = Level(rate, se, size - STRATA, size)
    return WaveCells(own, nobody, totals, squares, blocks, size, level, np.array([True]))


def simulate(kept, runs, seed=1):
    """The changes found with their intervals, with covariance and without, and the true change.

    Shape (runs, 2, 4): change, standard error, bounds.
    """
    chance = np.random.default_rng(seed)
    truth = population(chance)
    rows = []
    for start in range(0, runs, CHUNK):
        drawn = panels(chance, kept, min(CHUNK, runs - start))
        waves = [wave(answers, people) for answers, people in zip(truth, drawn, strict=True)]
        between = cross_blocks(*waves)
        both = [compare(*waves, blocks)[0] for blocks in (between, np.zeros_like(between))]
        rows.append(
            [[one.change, one.se, one.lower, one.upper] for one in both]
        )  # (2, 4, 1 + runs, 1)
    found = np.concatenate([np.array(one)[:, :, 1:, 0] for one in rows], axis=2)
    return np.moveaxis(found, 2, 0), truth[1].mean() - truth[0].mean()


def accuracy(kept, runs):
    """Simulate and compare with what was simulated."""
    found, truth = simulate(kept, runs)
    spread = found[:, 0, 0].std(ddof=1)
    held = ((found[:, :, 2] <= truth) & (truth <= found[:, :, 3])).mean(axis=0)
    error = found[:, :, 1].mean(axis=0) / spread
    return Found(spread, error[0], held[0], error[1], held[1])


def measure(runs=10_000):
    """The table of the documentation."""
    print("| Asked again | SD of the change | SE over SD | Coverage | SE over SD | Coverage |")
    print("|---|---|---|---|---|---|")
    for kept in (0, 0.25, 0.5, 0.75, 1):
        one = accuracy(kept, runs)
        print(
            f"| {kept:.0%} | {100 * one.spread:.3f} points | {one.error:.3f} "
            f"| {one.coverage:.1%} | {one.error_ignoring:.3f} | {one.coverage_ignoring:.1%} |"
        )


if __name__ == "__main__":
    measure()
