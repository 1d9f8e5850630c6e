"""Estimation: domain rates, raking and replicates, beside the floor and beside other packages.

The floor is one bare DuckDB GROUP BY that computes the very same sums, run in turns with ours. The
package svy is measured where ``MINYI_SVY_PYTHON`` names a Python that has it, R's survey package
where ``MINYI_R`` is set and ``Rscript`` is found, raking packages where ``MINYI_RAKING_PYTHON``
names a Python that has leafblower or weightipy; ours is measured beside each of them again.

``python -m tests.benchmarks estimation`` runs all parts; ``python -m tests.benchmarks.estimation
PART …`` some of them, ``--write`` puts their tables into the docs. A part takes at most minutes.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import click
import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.ipc
import pyarrow.parquet as pq

from analysis import SurveyDesign
from analysis.calibration import Target, calibration
from analysis.cells import Pass
from tests.benchmarks import _large

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


def seconds(*tasks: Callable[[], Any], runs: int = RUNS) -> list[float]:
    """Run tasks in turns and return the median of each."""
    took: list[list[float]] = [[] for _ in tasks]
    for _ in range(runs):
        for task, times in zip(tasks, took, strict=True):
            started = time.perf_counter()
            task()
            times.append(time.perf_counter() - started)
    return [median(times) for times in took]


def domains() -> str:
    """Domain rates with standard errors and intervals, beside the floor."""
    rows = []
    for n in (10**5, 10**6):
        table, connection = respondents(n), duckdb.connect()
        connection.register("respondents", table)
        numpy = SurveyDesign(table, **DESIGN)
        duck = SurveyDesign(table, **DESIGN, engine="duckdb")
        for by in ("nested", "crossing"):
            bare, ours, other, anew = seconds(
                lambda: connection.sql(floor("respondents", by)).to_arrow_table(),  # noqa: B023
                lambda: numpy.rate(RATES, by=by).interval("logit"),  # noqa: B023
                lambda: duck.rate(RATES, by=by).interval("logit"),  # noqa: B023
                lambda: SurveyDesign(table, **DESIGN).rate(RATES, by=by).interval("logit"),  # noqa: B023
            )
            rows.append([
                f"500 domains, {by}", f"{n:,}", bare,
                *(f"{took:.3g} ({took / bare:.2f} ×)" for took in (ours, other, anew)),
            ])  # fmt: skip
        ours, other = seconds(
            lambda: numpy.rate(RATES).interval("logit"),  # noqa: B023
            lambda: duck.rate(RATES).interval("logit"),  # noqa: B023
        )
        rows.append(["overall", f"{n:,}", None, ours, other, None])
    head = ["Task", "n", "Floor", "numpy", "DuckDB", "numpy, design declared anew"]
    return (
        written(head, rows)
        + "\n\nSeconds, medians of five, in turns; in brackets, times the floor."
    )


def replicates() -> str:
    """Raking, and replicates plain and raked anew."""
    rows = []
    for n in (10**5, 10**6):
        table = respondents(n)
        plain, totals = SurveyDesign(table, **DESIGN), margins(table)
        raked = plain.rake(totals)
        linear = plain.calibrate(totals, "linear")
        tasks = {"rake three margins": lambda: plain.rake(totals)}  # noqa: B023
        for kind, name in (("jkn", "JKn of 4,000"), ("bootstrap", "bootstrap of 200")):
            for by in (None, "nested"):
                whom = f"{name}, {'overall' if by is None else '500 nested domains'}"
                for way, design in (
                    ("", plain),
                    (", raked anew", raked),
                    (", linear anew", linear),
                ):
                    tasks[whom + way] = lambda d=design, k=kind, b=by: d.replicate(
                        k, replicates=200, seed=1
                    ).rate(RATES, by=b)
        rows += [[task, f"{n:,}", *seconds(ask, runs=3)] for task, ask in tasks.items()]
    return written(["Task", "n", "numpy"], rows) + "\n\nSeconds, medians of three."


def raking() -> str:
    """Raking a million rows to three margins, beside packages in the same minutes."""
    table = respondents(10**6)
    totals = margins(table)
    plain = SurveyDesign(table, **DESIGN)
    cells, target = plain._classes(tuple(totals), by_weight=False), Target(totals, "rake")
    with stored(table) as file:
        peers = elsewhere(_python("MINYI_RAKING_PYTHON", "raking.py"), file, json.dumps(totals))
        ours, with_pass = seconds(
            lambda: calibration(cells, target), lambda: SurveyDesign(table, **DESIGN).rake(totals)
        )
    rows: list[list[Any]] = [
        ["Minyi, from cells", ours, None],
        ["Minyi, from rows", with_pass, None],
    ]
    rows += [[name, took, f"{took / ours:.0f} ×"] for name, took in peers.items()]
    return written(["Raking 1,000,000 rows", "seconds", "from cells"], rows)


def svy() -> str:
    """Domain rates at 10⁵ rows beside svy."""
    return beside("svy", _python("MINYI_SVY_PYTHON", "svy_package.py"), "domains", ".parquet")


def svy_jkn() -> str:
    """The jackknife at 10⁵ rows beside svy."""
    return beside("svy", _python("MINYI_SVY_PYTHON", "svy_package.py"), "jackknife", ".parquet")


def r() -> str:
    """Domain rates at 10⁵ rows beside R's survey."""
    command = ["Rscript", str(PEERS / "survey.R")] if os.environ.get("MINYI_R") else []
    return beside("R survey", command if shutil.which("Rscript") else [], "domains", ".csv")


def beside(peer: str, command: Sequence[str], what: str, ending: str) -> str:
    """Measure a package and ours on the same 10⁵ rows, ours before and after it."""
    table = respondents(10**5)
    plain = SurveyDesign(table, **DESIGN)
    ours = {
        "overall": lambda: plain.rate(RATES).interval("logit"),
        "500 domains, nested": lambda: plain.rate(RATES, by="nested").interval("logit"),
        "500 domains, crossing": lambda: plain.rate(RATES, by="crossing").interval("logit"),
        "JKn, 500 nested domains": lambda: plain.replicate("jkn").rate(RATES, by="nested"),
    }
    before = {task: seconds(ask) for task, ask in ours.items()}
    with stored(table, ending) as file:
        theirs = elsewhere(command, file, what)
    rows = []
    for task, took in theirs.items():
        if task in ours:
            mine = median([*before[task], *seconds(ours[task])])
            rows.append([task, mine, took, f"{took / mine:,.0f} ×"])
    version = theirs.get("version", "")
    return written(["100,000 rows", "Minyi", f"{peer} {version}", "ratio"], rows)


def growth() -> str:
    """From 10⁵ to 10⁷ rows in a Parquet file."""
    rows = []
    for n in (10**5, 10**6, 10**7):
        with stored(respondents(n)) as file:
            found = _large.elsewhere("from_file", file)
        rows.append([f"{n:,}", *found["seconds"], f"{found['memory']:.2f} GB"])
    head = ["Rows in Parquet", "declare", "500 nested", "500 crossing", "all three", "most memory"]
    return written(head, rows)


def flat() -> str:
    """The pass over rows, by how many domains there are and how many cells they make."""
    table, rows = respondents(10**6), []
    random = np.random.default_rng(3)
    for count in (5, 50, 500, 4000):
        nested = table["psu"].to_numpy() * count // 4000
        for way, by in (("nested", nested), ("crossing", random.integers(0, count, len(nested)))):
            design = SurveyDesign(table.append_column("by", pa.array(by)), **DESIGN)
            asking = Pass(
                ("stratum", "psu"), ("by",), weight="w", moments=((0, ()), (1, ()), (2, ()))
            )
            cells = len(design.engine.collapse(asking))
            took = seconds(lambda: design.engine.collapse(asking))  # noqa: B023
            rows.append([f"{count:,}, {way}", f"{cells:,}", *took])
    return written(["Domains of 1,000,000 rows", "cells", "the pass"], rows)


def memory() -> str:
    """The most memory of a process that estimates, beyond its libraries, over its input."""
    rows = []
    for n in (10**6, 4 * 10**6):
        with stored(respondents(n), ".arrow") as file:
            for engine in ("numpy", "duckdb"):
                for by in ("nested", "crossing"):
                    found = _large.elsewhere("from_memory", file, engine, by)
                    said = [f"{found[name] / 1e6:.0f} MB" for name in ("input", "most")]
                    times = f"{found['most'] / found['input']:.2f} ×"
                    rows.append([f"{n:,}", f"500, {by}", engine, *said, times])
    head = ["Rows in memory", "domains", "engine", "input", "input and work", "over the input"]
    return written(head, rows)


PARTS: dict[str, Callable[[], str]] = {
    "domains": domains, "growth": growth, "flat": flat, "memory": memory, "replicates": replicates,
    "raking": raking, "svy": svy, "svy-jkn": svy_jkn, "r": r,
}  # fmt: skip


def measure() -> str:
    """Return the tables of all parts."""
    return "\n\n".join(
        f"<!-- estimation-{name} -->\n{_circumstanced(name)}\n<!-- /estimation-{name} -->"
        for name in PARTS
    )


def _circumstanced(name: str) -> str:
    load = f"load {os.getloadavg()[0]:.0f} before"
    table = PARTS[name]()
    return (
        f"{table}\n\n`python -m tests.benchmarks.estimation {name}`, DuckDB {duckdb.__version__}, "
        f"numpy {np.__version__}, {time.strftime('%F')}, {os.cpu_count()} cores, {load} and "
        f"{os.getloadavg()[0]:.0f} after."
    )


def written(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return a Markdown table; a number of seconds has three digits."""
    shown = [["–" if cell is None else cell if isinstance(cell, str) else f"{cell:.3g}"
              for cell in row] for row in rows]  # fmt: skip
    lines = [head, ["---"] * len(head), *shown]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


@contextmanager
def stored(table: pa.Table, ending: str = ".parquet") -> Iterator[Path]:
    """Put respondents into a file for as long as it is needed."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"respondents{ending}"
        write = {".csv": pa.csv.write_csv, ".arrow": _write_plain, ".parquet": pq.write_table}
        write[ending](table, file)
        yield file


def _write_plain(table: pa.Table, file: Path) -> None:
    with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


def elsewhere(command: Sequence[str], *arguments: object) -> dict[str, Any]:
    """Return what another package takes for its tasks; nothing where it is not installed."""
    if not command:
        return {}
    done = subprocess.run(
        [*command, *map(str, arguments)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.stderr.write(done.stderr)
        return {}
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def _python(variable: str, script: str) -> list[str]:
    python = os.environ.get(variable)
    return [python, str(PEERS / script)] if python else []


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice(list(PARTS)))
@click.option("--write", is_flag=True, help="Put the tables into docs/benchmarks.md.")
def main(parts: tuple[str, ...], *, write: bool) -> None:
    """Run some parts and print their tables."""
    from tests.benchmarks.__main__ import DOCUMENT, insert

    for name in parts or PARTS:
        table = _circumstanced(name)
        click.echo(f"\n{table}")
        if write:
            insert(DOCUMENT, f"estimation-{name}", table)


if __name__ == "__main__":
    main()
