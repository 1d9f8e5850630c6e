"""Times raking packages on the margins of tests/benchmarks/estimation.py; prints JSON.

Each starts from the same rows (and, where it takes them, the same base weights) and stops where it
stops by itself, which is sooner than at our 1e-11.
"""

import json
import sys
import time

import pandas as pd

data = pd.read_parquet(sys.argv[1])
totals = json.loads(sys.argv[2])
columns = list(totals)
text = data[columns].astype(str)
shares = {
    name: {code: count / sum(margin.values()) for code, count in margin.items()}
    for name, margin in totals.items()
}


def leafblower():
    from leafblower import harvest

    return lambda: harvest(
        text, shares, max_weight=50, method="raking", attach_weights=False,
        start_weights=data["w"].to_numpy(),
    )  # fmt: skip


def weightipy():
    import weightipy

    percent = {
        name: {code: 100 * share for code, share in margin.items()}
        for name, margin in shares.items()
    }
    scheme = weightipy.scheme_from_dict(percent)
    return lambda: weightipy.weight(text, scheme)


times = {}
for package in (leafblower, weightipy):
    try:
        rake = package()
        took = []
        for _ in range(3):
            started = time.perf_counter()
            rake()
            took.append(time.perf_counter() - started)
        times[package.__name__] = sorted(took)[1]
    except Exception as error:  # a package that is not there is not measured
        sys.stderr.write(f"{package.__name__}: {error!r}\n")
print(json.dumps(times))
