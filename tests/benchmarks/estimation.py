"""Estimation: domain rates, raking and replicates, beside the floor and beside other packages.

The floor is one bare DuckDB GROUP BY that computes the very same sums, run in turns with ours. The
package svy is measured where ``MINYI_SVY_PYTHON`` names a Python that has it, R's survey package
where ``MINYI_R`` is set and ``Rscript`` is found; both at 10⁵ rows, where they finish. Raking
packages are measured where ``MINYI_RAKING_PYTHON`` names a Python that has leafblower or weightipy.
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
from analysis.calibration import Target, calibration
from analysis.cells import Pass
from analysis.engines.duck import DuckEngine

PEERS = Path(__file__).parent / "peers"
RATES = ["y0", "y1", "y2"]
DESIGN = {"strata": "stratum", "psu": "psu", "weights": "w"}
CATEGORIES = {"sex": 2, "age": 6, "housing": 5}
RUNS = 3


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
    said: list[str] = []
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
            raking = _raking(file, margins(table))
            said.append(f"Raking {n:,} rows elsewhere: {raking or 'not measured'}.")
    lines += [
        "",
        "Seconds, medians of three; the floor is one bare DuckDB GROUP BY of the same sums.",
    ]
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    lines += ["", *said, "", _out_of_core(), "", f"Load of the machine (two cores): {load}."]
    return "\n".join(lines)


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
    classes = numpy._classes(tuple(totals), by_weight=False)
    target = Target(totals, "rake")
    found["rake three margins, from cells"] = [
        None, *seconds(lambda: calibration(classes, target)), None,
    ]  # fmt: skip
    for kind in ("jkn", "bootstrap"):
        again = raked.replicate(kind, replicates=200, seed=1)
        for name, by in (("overall", None), ("500 nested domains", "nested")):
            found[f"{kind} re-raked, {name}"] = [
                None, *seconds(lambda: again.rate(RATES, by=by)), None,  # noqa: B023
            ]  # fmt: skip
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
    """Estimate from a file and print seconds and memory; libraries are loaded before."""
    DuckEngine({"y": [1]}).collapse(Pass(units=("y",)))
    started = time.perf_counter()
    design = SurveyDesign(file, **DESIGN)
    design.rate(RATES, by="nested").interval("logit")
    nested = time.perf_counter()
    design.rate(RATES, by="crossing").interval("logit")
    crossing = time.perf_counter()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(json.dumps([nested - started, crossing - nested, memory]))


def _raking(file: Path, totals: dict[str, dict[int, float]]) -> str:
    """What raking packages take for the same margins, where they are installed."""
    python = os.environ.get("MINYI_RAKING_PYTHON")
    if not python:
        return ""
    command = [python, str(PEERS / "raking.py"), str(file), json.dumps(totals)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return ""
    times = json.loads(done.stdout.strip().splitlines()[-1])
    return ", ".join(f"{name} {took:.3g} s" for name, took in times.items())


def _peers(file: Path) -> dict[str, dict[str, float]]:
    """What other packages take for the same tasks, where they are installed."""
    table = pq.read_table(file)
    csv = file.with_suffix(".csv")
    pa.csv.write_csv(table, csv)
    commands = {}
    if python := os.environ.get("MINYI_SVY_PYTHON"):
        commands["svy"] = [python, str(PEERS / "svy_package.py"), str(file)]
    if os.environ.get("MINYI_R") and shutil.which("Rscript"):
        commands["R"] = ["Rscript", str(PEERS / "survey.R"), str(csv)]
    found = {}
    for name, command in commands.items():
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            found[name] = json.loads(done.stdout.strip().splitlines()[-1])
    return found
