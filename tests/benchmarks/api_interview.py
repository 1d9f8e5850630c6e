"""Sealed interviews of 25 answers through the API, against a bare view that inserts 2 KB.

Both run under the same server with the same settings, write through the same queue, and are
measured in turns. Every interview is of an address of its own: unsealed, checked, stored with its
attempt and how it was made, in one transaction.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from surveys.office import Office
from tests.benchmarks import bare
from tests.benchmarks._phones import Run, Target, prepare, stored
from tests.benchmarks.resident_post import BARE_SERVER, postgresql, sqlite
from tests.support.server import Server

CLIENTS = (8, 32)
ROUNDS = 3
SECONDS = 5
INTERVIEWS = 24_000
API = "/api/v1/interviews"


def measure() -> str:
    """Measure on SQLite and on PostgreSQL; the table as Markdown."""
    lines = [
        "| database | clients | bare view: requests/s, p50, p99 | interviews: requests/s, p50, p99 "
        "| ratio |",
        "|---|--:|--:|--:|--:|",
    ]
    for name, make_office in (("SQLite", sqlite), ("PostgreSQL", postgresql)):
        with make_office() as office, targets(office) as (yardstick, phones):
            run(yardstick, CLIENTS[0]), run(phones, CLIENTS[0])  # both warm up
            for clients in CLIENTS:
                rounds = [(run(yardstick, clients), run(phones, clients)) for _ in range(ROUNDS)]
                bare_speed, api_speed = (median(side) for side in zip(*rounds, strict=True))
                ratio = api_speed.rate / bare_speed.rate
                lines.append(f"| {name} | {clients} | {bare_speed} | {api_speed} | {ratio:.0%} |")
            if stored(office) < phones.done:
                raise SystemExit(f"{phones.done} were answered, {stored(office)} are stored.")
    return "\n".join(lines)


@contextmanager
def targets(office: Office) -> Iterator[tuple[Target, Target]]:
    """The bare view and the API, each under its server."""
    url = office.database.url.render_as_string(hide_password=False)
    bare.TABLE.create(office.database.engine)
    form, bodies = office.data / "form.txt", office.data / "bodies.txt"
    form.write_text("none=1\tnumber=1\n")
    prepare(office, INTERVIEWS, bodies)
    with (
        Server(office.data, url, BARE_SERVER) as bare_server,
        Server(office.data, url) as api_server,
    ):
        yield (
            Target(bare_server, "/", "application/x-www-form-urlencoded", form),
            Target(api_server, API, "application/json", bodies),
        )


def run(target: Target, clients: int) -> Run:
    """One measurement; a single error would make it worthless."""
    found = target.post(clients=clients, seconds=SECONDS)
    if found.failed:
        raise SystemExit(f"{found.failed} requests to {target.path} failed.")
    return found


def median(runs: Sequence[Run]) -> Run:
    """The run that has the median of everything."""
    columns = zip(*((one.rate, one.p50, one.p99) for one in runs), strict=True)
    return Run(*map(statistics.median, columns), failed=0, done=sum(one.done for one in runs))
