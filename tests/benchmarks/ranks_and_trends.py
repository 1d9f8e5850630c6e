"""Ranks, changes and trends of 500 communities in 24 monthly waves by 20 indicators, from cells.

Cells lie in memory as they come from their files: 40 households in each community and wave, a
third of whom were in the wave before. Each wave is ranked and compared with the one before, the
trend of every community and indicator is smoothed once.
"""

from __future__ import annotations

import time

import numpy as np

from analysis.changes import Level
from analysis.pooling import pool
from analysis.ranking import Populations, rank
from analysis.scores import Scores, forms
from analysis.trends import smooth
from analysis.wave_cells import FACTORS, WaveCells, compare, cross_blocks

COMMUNITIES, WAVES, INDICATORS, HOUSEHOLDS = 500, 24, 20, 40
NAMES = [f"c{number}" for number in range(COMMUNITIES)]


def measure() -> str:
    """The table: seconds of processor of each part, on all cores together."""
    chance = np.random.default_rng(1)
    spent = dict.fromkeys(("ranks", "changes", "trends"), 0.0)
    before, levels, correlations = None, [], []
    for number in range(WAVES):
        wave = _wave(chance, number)
        started = time.process_time()
        pooled = pool([wave])
        for k in range(INDICATORS):
            _rank(wave.published, pooled.from_whole, k)
        spent["ranks"] += time.process_time() - started
        if before is not None:
            started = time.process_time()
            found, _ = compare(before, wave, cross_blocks(before, wave))
            found.holm(slice(1, None))
            spent["changes"] += time.process_time() - started
            correlations.append(found.correlation)
        before = wave
        levels.append((wave.published.estimate, wave.published.se))
    started = time.process_time()
    estimate, se = (np.stack(one, axis=-1).reshape(-1, WAVES) for one in zip(*levels, strict=True))
    linked = np.stack(correlations, axis=-1).reshape(-1, WAVES - 1)
    smooth(estimate, se, linked * se[:, 1:] * se[:, :-1])
    spent["trends"] = time.process_time() - started
    cells = " | ".join(f"{seconds:.2f}" for seconds in (*spent.values(), sum(spent.values())))
    head = "| Ranks | Changes | Trends | Together |\n|---|---|---|---|"
    return f"{head}\n| {cells} |\n\nSeconds of processor time, all cores together."


def _rank(level: Level, from_whole: np.ndarray, k: int) -> None:
    columns = [one[1:, k] for one in (level.estimate, level.se, level.df, level.n_effective)]
    estimate, se, df, effective = columns
    effective = np.maximum(effective, 50)  # all are ranked, however few
    rank(
        Populations(
            NAMES, estimate, se, df, effective, float(level.estimate[0, k]), from_whole[1:, k],
            covariance=np.diag(se**2),
        )
    )  # fmt: skip


def _wave(chance: np.random.Generator, number: int) -> WaveCells:
    """One wave's cells."""
    n = COMMUNITIES * HOUSEHOLDS
    group = np.repeat(np.arange(COMMUNITIES), HOUSEHOLDS)
    fresh = (np.arange(n) % 3 + number) // 3  # a third is drawn anew each wave
    unit = np.char.add(np.arange(n).astype(str), np.char.add("-", fresh.astype(str)))
    y = (chance.random((n, INDICATORS)) < 0.85).astype(float)
    base = (chance.random((n, INDICATORS)) < 0.97).astype(float)
    door = (chance.random(n) < 0.3)[:, None]
    values = 50 * np.stack([y * base, base, y * base * door, base * door], axis=-1)
    drawn, fraction = np.full(COMMUNITIES, float(HOUSEHOLDS)), np.full(n, 0.02)
    shape = (group, fraction, drawn, values.astype(np.float32))
    own = Scores(unit, group, *shape)
    whole = Scores(unit, 0 * group, *shape)
    of_own = np.add.reduceat(values, np.arange(0, n, HOUSEHOLDS), axis=0)
    totals = np.concatenate([of_own.sum(axis=0)[None], of_own])
    blocks = np.concatenate([forms(whole, 1), forms(own, COMMUNITIES)])
    rate = totals[..., 0] / totals[..., 1]
    slopes = np.stack([1 / totals[..., 1], -rate / totals[..., 1]], axis=-1)
    se = np.sqrt(np.einsum("aif,aifg,aig->ai", slopes, blocks[..., :2, :2], slopes))
    respondents = totals[..., 1] / 50
    squares = np.stack([totals[..., 0], 50 * totals[..., 1]], axis=-1)
    level = Level(rate, se, respondents - 1, respondents)
    assert len(FACTORS) == totals.shape[-1]
    return WaveCells(
        own, whole, totals, squares, blocks, respondents, level, np.ones(INDICATORS, bool)
    )
