"""Estimation: domain rates, raking and replicates, beside the floor and beside other packages.

The floor is one bare DuckDB GROUP BY that computes the very same sums, run in turns with ours. The
package svy is measured where ``MINYI_SVY_PYTHON`` names a Python that has it, R's survey package
where ``Rscript`` is found; both at 10⁵ rows, where they finish.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from analysis import SurveyDesign

PEERS = Path(__file__).parent / "peers"
RATES = ["y0", "y1", "y2"]
DESIGN = {"strata": "stratum", "psu": "psu", "weights": "w"}
CATEGORIES = {"sex": 2, "age": 6, "housing": 5}
RUNS = 5


def respondents(n: int, seed: int = 1) -> pa.Table:
    """200 strata of 20 PSUs, 500 communities nested in them, 500 domains across them."""
    rng = np.random.default_rng(seed)
    psu = rng.integers(0, 4000, n)
    columns: dict[str, Any] = {
        "stratum": psu // 20,
        "psu": psu,
        "nested": psu // 8,
        "crossing": rng.integers(0, 500, n),
        "w": rng.uniform(0.5, 2, n),
    }
    for name, p in zip(RATES, (0.85, 0.5, 0.95), strict=True):
        columns[name] = (rng.random(n) < p).astype(np.int8)
    columns |= {name: rng.integers(0, size, n) for name, size in CATEGORIES.items()}
    return pa.table(columns)


def margins(table: pa.Table) -> dict[str, dict[int, float]]:
    """Population totals somewhat off what the sample holds."""
    rng = np.random.default_rng(2)
    found = {}
    for name, size in CATEGORIES.items():
        shares = rng.uniform(0.8, 1.2, size)
        total = 2.0 * table.num_rows
        found[name] = dict(enumerate((shares / shares.sum() * total).tolist()))
    return found


def floor(table: str, domain: str) -> str:
    """The sums that rates of three 0/1 columns by domain need, and nothing else."""
    sums = ", ".join(f"sum(w * {name})" for name in RATES)
    keys = f"stratum, psu, {domain}"
    return f"SELECT {keys}, count(*), sum(w), sum(w * w), {sums} FROM {table} GROUP BY {keys}"


def seconds(*tasks: Callable[[], Any]) -> list[float]:
    """Run tasks in turns and return the median of each."""
    took: list[list[float]] = [[] for _ in tasks]
    for _ in range(RUNS):
        for task, times in zip(tasks, took, strict=True):
            started = time.perf_counter()
            task()
            times.append(time.perf_counter() - started)
    return [median(times) for times in took]


def measure() -> str:
    """Return the tables."""
    lines = ["| Task | n | Floor | numpy | DuckDB | svy | R |", "|---|---|---|---|---|---|---|"]
    for n in (10**5, 10**6):
        table = respondents(n)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "respondents.parquet"
            pq.write_table(table, file)
            peers = _peers(file) if n == 10**5 else {}
            for task, times in _tasks(table, file).items():
                cells = [*times, *(peers.get(peer, {}).get(task) for peer in ("svy", "R"))]
                shown = " | ".join("–" if cell is None else f"{cell:.3g}" for cell in cells)
                lines.append(f"| {task} | {n:,} | {shown} |")
    lines += [
        "",
        "Seconds, medians of five; the floor is one bare DuckDB GROUP BY of the same sums.",
    ]
    return "\n".join([*lines, "", _out_of_core()])


def _tasks(table: pa.Table, file: Path) -> dict[str, list[float | None]]:
    connection = duckdb.connect()
    connection.register("respondents", table)
    numpy = SurveyDesign(table, **DESIGN)
    duck = SurveyDesign(table, **DESIGN, engine="duckdb")
    totals = margins(table)
    raked = numpy.rake(totals)
    found: dict[str, list[float | None]] = {}
    for domain in ("nested", "crossing"):
        found[f"500 domains, {domain}"] = list(
            seconds(
                lambda: connection.sql(floor("respondents", domain)).to_arrow_table(),  # noqa: B023
                lambda: numpy.rate(RATES, by=domain).interval("logit"),  # noqa: B023
                lambda: duck.rate(RATES, by=domain).interval("logit"),  # noqa: B023
            )
        )
    for task, ask in {
        "overall": lambda d: d.rate(RATES).interval("logit"),
        "rake three margins": lambda d: d.rake(totals),
        "JKn, 500 nested domains": lambda d: d.replicate("jkn").rate(RATES, by="nested"),
        "bootstrap of 200, 500 nested domains": lambda d: d.replicate(
            "bootstrap", replicates=200, seed=1
        ).rate(RATES, by="nested"),
    }.items():
        found[task] = [None, *seconds(lambda: ask(numpy), lambda: ask(duck))]  # noqa: B023
    for kind in ("jkn", "bootstrap"):
        again = raked.replicate(kind, replicates=200, seed=1)
        found[f"{kind} re-raked, overall"] = [None, *seconds(lambda: again.rate(RATES)), None]  # noqa: B023
    return found


def _out_of_core() -> str:
    """10⁷ rows from a Parquet file, in a process of its own whose memory is measured."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "respondents.parquet"
        pq.write_table(respondents(10**7), file)
        code = (
            "from tests.benchmarks.estimation import from_file; import sys; from_file(sys.argv[1])"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, file], capture_output=True, text=True, check=True
        )
    nested, crossing, memory = json.loads(done.stdout.strip().splitlines()[-1])
    return (
        f"10,000,000 rows from a Parquet file: design and 500 nested domains {nested:.2f} s, "
        f"500 crossing domains {crossing:.2f} s, {memory:.2f} GB of memory at most."
    )


def from_file(file: str) -> None:
    """Estimate from a file and print seconds and memory."""
    started = time.perf_counter()
    design = SurveyDesign(file, **DESIGN)
    design.rate(RATES, by="nested").interval("logit")
    nested = time.perf_counter()
    design.rate(RATES, by="crossing").interval("logit")
    crossing = time.perf_counter()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(json.dumps([nested - started, crossing - nested, memory]))


def _peers(file: Path) -> dict[str, dict[str, float]]:
    """What other packages take for the same tasks, where they are installed."""
    table = pq.read_table(file)
    csv = file.with_suffix(".csv")
    pa.csv.write_csv(table, csv)
    commands = {}
    if python := os.environ.get("MINYI_SVY_PYTHON"):
        commands["svy"] = [python, str(PEERS / "svy_package.py"), str(file)]
    if shutil.which("Rscript"):
        commands["R"] = ["Rscript", str(PEERS / "survey.R"), str(csv)]
    found = {}
    for name, command in commands.items():
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            found[name] = json.loads(done.stdout.strip().splitlines()[-1])
    return found
