"""Ranks, changes and trends of 500 communities in 24 monthly waves by 20 indicators.

From the cells as the record keeps them, two Parquet files a wave that must hash to what the record
says: 40 households in each community and wave, a third of whom are drawn anew each time. Every wave
is read, ranked and compared with the one before; the trend of every community and indicator is
smoothed once.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa

from analysis.changes import Level
from analysis.pooling import pool
from analysis.ranking import Populations, rank
from analysis.scores import Scores, forms
from analysis.trends import smooth
from analysis.wave_cells import FACTORS, WaveCells, compare, cross_blocks
from surveys import files
from surveys.results import cells, locked, snapshots
from surveys.results.cells import PAIRS, StoredCells
from surveys.results.locked import Locked, Order

COMMUNITIES, WAVES, INDICATORS, HOUSEHOLDS = 500, 24, 20, 40
NAMES = [f"c{number}" for number in range(COMMUNITIES)]
ORDER = Order(("whole", *NAMES), tuple((f"i{k}", "1", "rate") for k in range(INDICATORS)))


def measure() -> str:
    """The table: seconds of each part on the processor, and of all of it on the clock."""
    with tempfile.TemporaryDirectory() as folder:
        office = SimpleNamespace(data=Path(folder))
        stored = _store(office)
        size = sum(path.stat().st_size for path in Path(folder).iterdir())
        clock, processor = time.perf_counter(), time.process_time()
        spent = _run(office, stored)
        together = (time.process_time() - processor, time.perf_counter() - clock)
    shown = " | ".join(f"{seconds:.2f}" for seconds in (*spent.values(), *together))
    head = "| Reading | Ranks | Changes | Trends | All cores | On the clock |"
    note = f"Seconds of processor time, but for the clock; {size / 1e6:.0f} MB of files."
    return f"{head}\n|---|---|---|---|---|---|\n| {shown} |\n\n{note}"


def _run(office: Any, stored: list[StoredCells]) -> dict[str, float]:
    spent = dict.fromkeys(("reading", "ranks", "changes", "trends"), 0.0)
    before, levels, correlations = None, [], []
    for wave, seconds in _read(office, stored):
        spent["reading"] += seconds
        since = time.thread_time()
        pooled = pool([wave])
        for k in range(INDICATORS):
            _rank(wave.published, pooled.from_whole, k)
        spent["ranks"] += time.thread_time() - since
        if before is not None:
            since = time.thread_time()
            found, _ = compare(before, wave, cross_blocks(before, wave))
            found.holm(slice(1, None))
            spent["changes"] += time.thread_time() - since
            correlations.append(found.correlation)
        before = wave
        levels.append((wave.published.estimate, wave.published.se))
    since = time.thread_time()
    estimate, se = (np.stack(one, axis=-1).reshape(-1, WAVES) for one in zip(*levels, strict=True))
    linked = np.stack(correlations, axis=-1).reshape(-1, WAVES - 1)
    smooth(estimate, se, linked * se[:, 1:] * se[:, :-1])
    spent["trends"] = time.thread_time() - since
    return spent


def _read(office: Any, stored: list[StoredCells]) -> Iterator[tuple[WaveCells, float]]:
    """Each wave as it is kept; the next one is read while one is reckoned with."""

    def read(one: StoredCells) -> tuple[WaveCells, float]:
        since = time.thread_time()
        kept = Locked(0, 0, "", "", {}, (), cells.read(office, one))
        return _published(locked.aligned(kept, ORDER)), time.thread_time() - since

    with ThreadPoolExecutor(1) as reader:
        following = reader.submit(read, stored[0])
        for one in [*stored[1:], None]:
            found = following.result()
            if one is not None:
                following = reader.submit(read, one)
            yield found


def _published(wave: WaveCells) -> WaveCells:
    """Take the figures from the totals, too."""
    respondents = wave.n
    rate = wave.totals[..., 0] / wave.totals[..., 1]
    se = np.sqrt(wave.variance(wave.rate))
    return replace(wave, published=Level(rate, se, respondents - 1, respondents))


def _rank(level: Level, from_whole: np.ndarray, k: int) -> None:
    columns = [one[1:, k] for one in (level.estimate, level.se, level.df, level.n_effective)]
    estimate, se, df, effective = columns
    effective = np.maximum(effective, 50)  # all are ranked, however few
    rank(
        Populations(
            NAMES, estimate, se, df, effective, float(level.estimate[0, k]), from_whole[1:, k]
        )
    )  # fmt: skip


def _store(office: Any) -> list[StoredCells]:
    """Write the cells of all waves."""
    chance = np.random.default_rng(1)
    found = []
    for number in range(WAVES):
        paths = [f"cells-{number}.parquet", f"totals-{number}.parquet"]
        hashes = [
            files.write_whole(office.data / path, snapshots.to_parquet(table))
            for path, table in zip(paths, _tables(chance, number), strict=True)
        ]
        found.append(
            StoredCells(
                path=paths[0], sha256=hashes[0], totals_path=paths[1], totals_sha256=hashes[1]
            )
        )
    return found


def _tables(chance: np.random.Generator, number: int) -> tuple[pa.Table, pa.Table]:
    """One wave's units and totals."""
    n = COMMUNITIES * HOUSEHOLDS
    group = np.repeat(np.arange(COMMUNITIES), HOUSEHOLDS)
    fresh = (np.arange(n) % 3 + number) // 3  # a third is drawn anew each wave
    unit = np.char.add(np.arange(n).astype(str), np.char.add("-", fresh.astype(str)))
    y = (chance.random((n, INDICATORS)) < 0.85).astype(float)
    base = (chance.random((n, INDICATORS)) < 0.97).astype(float)
    door = (chance.random(n) < 0.3)[:, None]
    weight = 40 + 20 * chance.random(n)
    values = weight[:, None, None] * np.stack(
        [y * base, base, y * base * door, base * door], axis=-1
    )
    drawn, fraction = np.full(COMMUNITIES, float(HOUSEHOLDS)), np.full(n, 0.02)
    shape = (group, fraction, drawn, values.astype(np.float32))
    own, whole = Scores(unit, group, *shape), Scores(unit, 0 * group, *shape)
    community = np.array(NAMES)[group]
    units: dict[str, Any] = {
        "unit": unit.tolist(), "community": community.tolist(), "stratum": community.tolist(),
        "fraction": fraction,
    }  # fmt: skip
    for scope in ("own", "whole"):
        for k, (name, _, _) in enumerate(ORDER.indicators):
            for f, factor in enumerate(FACTORS):
                units[f"{scope}:{name}:{factor}"] = own.values[:, k, f]
    of_own = np.add.reduceat(values, np.arange(0, n, HOUSEHOLDS), axis=0)
    totals = np.concatenate([of_own.sum(axis=0)[None], of_own])
    blocks = np.concatenate([forms(whole, 1), forms(own, COMMUNITIES)])
    kept: dict[str, Any] = {
        "area": [area for area in ORDER.areas for _ in ORDER.indicators],
        "indicator": [name for _ in ORDER.areas for name, _, _ in ORDER.indicators],
        "version": ["1"] * (len(ORDER.areas) * INDICATORS),
        "kind": ["rate"] * (len(ORDER.areas) * INDICATORS),
        "n": totals[..., 1].ravel() / 50,
        "yy": totals[..., 0].ravel(),
        "ww": 50 * totals[..., 1].ravel(),
    }
    kept |= {name: totals[:, :, f].ravel() for f, name in enumerate(FACTORS)}
    kept |= {f"v:{FACTORS[a]}:{FACTORS[b]}": blocks[:, :, a, b].ravel() for a, b in PAIRS}
    kept["with"] = pa.nulls(totals.shape[0] * INDICATORS, pa.list_(pa.float32()))
    return pa.table(units), pa.table(kept)
