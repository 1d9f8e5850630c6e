"""Times the package svy on the tasks of tests/benchmarks/estimation.py; prints JSON."""

import json
import sys
import time
from importlib.metadata import version

import polars as pl
import svy

data = pl.read_parquet(sys.argv[1])
RATES = ["y0", "y1", "y2"]
design = svy.Design(stratum="stratum", psu="psu", wgt="w")


def took(task):
    started = time.perf_counter()
    task()
    return time.perf_counter() - started


def rates(sample, **options):
    for name in RATES:
        sample.estimation.prop(name, **options)  # one indicator in each call, as its users do


sample = svy.Sample(data, design)
times = {"version": version("svy")}
if sys.argv[2] == "domains":
    times["overall"] = took(lambda: rates(sample))
    for domain in ("nested", "crossing"):
        times[f"500 domains, {domain}"] = took(lambda: rates(sample, by=domain))  # noqa: B023
else:
    jack = sample.weighting.create_jk_wgts()
    times["JKn, 500 nested domains"] = took(lambda: rates(jack, by="nested", method="replication"))
print(json.dumps(times))
