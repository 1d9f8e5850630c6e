"""One page of the standard questionnaire saved in a draft, against a bare view that inserts 2 KB.

Both run under the same server with the same settings, write through the same queue, and are
measured in turns, so that whatever else the machine does befalls both. Every POST is the first save
of the page with four environments in a draft of its own. The client is wrk.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from surveys import drafts
from surveys.drafts import Draft
from surveys.office import Office
from surveys.waves import Wave
from tests.benchmarks import bare
from tests.support.fieldwork import Fieldwork, begin
from tests.support.postgres import Cluster
from tests.support.server import Server

CLIENTS = (8, 32)
ROUNDS = 3
SECONDS = 5
DRAFTS = 50_000
PAGE = "environments_1"
BODY = "@version=1&M1=very&M2=fairly&M3=neutral&M4=unsatisfied"
BEFORE = {
    **{"S1": "yes", "S2": "2", "K1": "know", "K2": "board wechat", "Z1": "support"},
    **{"P1": "yes", "P2": "cleaning", "M9": "fairly", "M0": "very"},
}
SCRIPT = Path(__file__).with_name("post.lua")
BARE_SERVER = (
    sys.executable,
    "-c",
    "from webapp.cli.serve import gunicorn;"
    "gunicorn('127.0.0.1', {port}, app='tests.benchmarks.bare:create_app()')",
)


@dataclass
class Target:
    """A server, the addresses to post to in turn, and how far that has gone."""

    server: Server
    addresses: Path
    body: str
    used: int = 0
    done: int = 0


@dataclass(frozen=True)
class Speed:
    """What one run of wrk saw: requests per second, and milliseconds."""

    rate: float
    p50: float
    p99: float

    def __str__(self) -> str:
        return f"{self.rate:.0f}, {self.p50:.1f} ms, {self.p99:.1f} ms"


def measure() -> str:
    """Measure on SQLite and on PostgreSQL; the table as Markdown."""
    if not shutil.which("wrk"):
        raise SystemExit("This benchmark needs wrk. Install it with: apt-get install wrk")
    lines = [
        "| database | clients | bare view: requests/s, p50, p99 | page POST: requests/s, p50, p99 "
        "| ratio |",
        "|---|--:|--:|--:|--:|",
    ]
    for name, make_office in (("SQLite", sqlite), ("PostgreSQL", postgresql)):
        with make_office() as office, targets(office) as (yardstick, page):
            _run(yardstick, CLIENTS[0]), _run(page, CLIENTS[0])  # both warm up
            for clients in CLIENTS:
                rounds = [(_run(yardstick, clients), _run(page, clients)) for _ in range(ROUNDS)]
                bare_speed, page_speed = (_median(side) for side in zip(*rounds, strict=True))
                ratio = page_speed.rate / bare_speed.rate
                lines.append(f"| {name} | {clients} | {bare_speed} | {page_speed} | {ratio:.0%} |")
            _check(office, page)
    return "\n".join(lines)


@contextmanager
def sqlite() -> Iterator[Office]:
    """An office on SQLite."""
    with tempfile.TemporaryDirectory() as folder:
        yield _migrated(Path(folder), None)


@contextmanager
def postgresql() -> Iterator[Office]:
    """An office on a PostgreSQL of its own, which writes through to the disk as SQLite does."""
    with tempfile.TemporaryDirectory() as folder:
        cluster = Cluster(Path(folder) / "postgres", durable=True)
        cluster.start()
        try:
            yield _migrated(Path(folder) / "data", cluster.url)
        finally:
            cluster.stop("immediate")


def _migrated(folder: Path, url: str | None) -> Office:
    office = Office.open(folder, url)
    office.migrate()
    return office


@contextmanager
def targets(office: Office) -> Iterator[tuple[Target, Target]]:
    """The bare view and the page, each under its server, with its addresses."""
    url = office.database.url.render_as_string(hide_password=False)
    bare.TABLE.create(office.database.engine)
    tokens = _drafts(begin(office))
    everywhere = office.data / "bare.txt"
    everywhere.write_text("/\n")
    pages = office.data / "pages.txt"
    pages.write_text("".join(f"/d/{token}/{PAGE}\n" for token in tokens))
    with (
        Server(office.data, url, BARE_SERVER) as bare_server,
        Server(office.data, url) as page_server,
    ):
        yield Target(bare_server, everywhere, "number=1"), Target(page_server, pages, BODY)


def _drafts(fieldwork: Fieldwork) -> list[str]:
    """Tokens of drafts whose owners stand at the page."""
    with fieldwork.office.database.write_connection() as connection:
        wave = connection.execute(sa.select(Wave.id, Wave.area_id)).one()
        community = connection.scalar(sa.text("SELECT id FROM areas WHERE code = 'east'"))
        tokens = [
            drafts.start(
                connection, wave_id=wave.id, community_id=community, unit_id=None,
                stream="open", mode="web", language="zh",
            )
            for _ in range(DRAFTS)
        ]  # fmt: skip
        values = {"answers": BEFORE, "revisions": dict.fromkeys(BEFORE, 1), "version": 1}
        connection.execute(sa.update(Draft).values(values))
    return tokens


def _run(target: Target, clients: int) -> Speed:
    command = ["wrk", "-t1", f"-c{clients}", f"-d{SECONDS}s", "-s", SCRIPT]
    arguments = [target.addresses, target.body, target.used]
    output = subprocess.run(
        [*map(str, command), target.server.url, "--", *map(str, arguments)],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    seen = json.loads(output.splitlines()[-1])
    assert not seen["failed"], output
    target.done += seen["requests"]
    target.used += seen["requests"] + clients  # those still under way at the end
    return Speed(seen["requests"] / seen["seconds"], seen["p50"], seen["p99"])


def _median(speeds: tuple[Speed, ...]) -> Speed:
    columns = ([s.rate for s in speeds], [s.p50 for s in speeds], [s.p99 for s in speeds])
    return Speed(*map(statistics.median, columns))


def _check(office: Office, page: Target) -> None:
    """Every POST must have saved a page for the first time; the next is a cheaper repeat."""
    with office.database.read_connection() as connection:
        saved = connection.scalar(sa.select(sa.func.count()).where(Draft.version > 1))
    if (saved or 0) < page.done:
        raise SystemExit(f"{page.done} pages were posted and {saved} saved: make more DRAFTS.")
