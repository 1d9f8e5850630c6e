"""Estimates in a process of its own, whose seconds and memory are measured."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.ipc

from analysis import SurveyDesign
from analysis.cells import Pass
from analysis.engines import engine_for

RATES = ["y0", "y1", "y2"]
DESIGN = {"strata": "stratum", "psu": "psu", "weights": "w"}


def elsewhere(task: str, *arguments: object) -> dict[str, Any]:
    """Run a task of this module in a new process and return what it prints."""
    code = f"import sys; from tests.benchmarks._large import {task}; {task}(*sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def from_file(file: str) -> None:
    """Declare a design over a file and ask twice; libraries are loaded before."""
    _warm_up("duckdb")
    times = [time.perf_counter()]
    design = SurveyDesign(file, **DESIGN)
    times.append(time.perf_counter())
    for by in ("nested", "crossing"):
        design.rate(RATES, by=by).interval("logit")
        times.append(time.perf_counter())
    took = [after - before for before, after in pairwise(times)]
    print(json.dumps({"seconds": [*took, sum(took)], "memory": _most() / 1e9}))


def from_memory(file: str, engine: str, by: str) -> None:
    """Map a table into memory, then declare a design over it and ask."""
    _warm_up(engine)
    before = _now()
    table = pa.ipc.open_file(pa.memory_map(file)).read_all()
    design = SurveyDesign(table, **DESIGN, engine=engine)
    design.rate(RATES, by=by).interval("logit")
    print(json.dumps({"input": table.nbytes, "most": _most() - before}))


def _warm_up(engine: str) -> None:
    engine_for({"y": [1]}, engine).collapse(Pass(units=("y",)))


def _now() -> int:
    return _memory("VmRSS")


def _most() -> int:
    return _memory("VmHWM")  # not getrusage: its maximum is that of the process before, too


def _memory(what: str) -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.split(f"{what}:")[1].split()[0]) * 1024
