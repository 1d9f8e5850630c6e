"""Five hundred phones come online together, with twenty interviews each, and do as the app does.

Each has one connection and sends one interview at a time. It begins within three seconds of the
moment, waits after an answer three times as long as that took, and tries again after a fault,
waiting longer each time (:file:`webapp/static/volunteer/sync.js`). A second table is of phones that
do not wait.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from surveys.office import Office
from tests.benchmarks._phones import PHONES, prepare, stored
from tests.benchmarks.api_interview import API
from tests.benchmarks.resident_post import postgresql, sqlite
from tests.support.server import Server

EACH = 20
WITHIN = 3.0  # seconds in which they begin
PAUSES = 3  # times as long as the answer took
LONGEST_PAUSE = 5.0
LONGEST_WAIT = 300.0  # between two tries
TIMEOUT = 60.0


@dataclass
class Seen:
    """What the phones saw: seconds of every answer, and faults that made them try again."""

    answers: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def at(self, part: float) -> float:
        """Milliseconds that so large a part of the answers took at most."""
        return 1000 * statistics.quantiles(self.answers, n=1000)[round(1000 * part) - 1]


def measure() -> str:
    """Measure on SQLite and on PostgreSQL; the table as Markdown."""
    lines = [
        "| database | phones | interviews | stored once | seconds | requests/s, p50, p99 "
        "| tried again |",
        "|---|---|--:|--:|--:|--:|--:|",
    ]
    for name, make_office in (("SQLite", sqlite), ("PostgreSQL", postgresql)):
        for patient in (True, False):
            with make_office() as office:
                how = "as the app" if patient else "without a pause"
                lines.append(f"| {name} | {how} | {storm(office, patient=patient)} |")
    return "\n".join(lines)


def storm(office: Office, *, patient: bool) -> str:
    """One storm, as a line of the table."""
    url = office.database.url.render_as_string(hide_password=False)
    bodies = office.data / "bodies.txt"
    prepare(office, PHONES * EACH, bodies)
    lines = bodies.read_text("ascii").splitlines()
    with Server(office.data, url) as server:
        requests = [_request(server, line) for line in lines]
        seen, begun = Seen(), time.perf_counter()
        # Every line's volunteer in turn: a phone has every five-hundredth.
        phones = [requests[phone::PHONES] for phone in range(PHONES)]
        asyncio.run(_all(server.port, phones, seen, patient=patient))
        seconds = time.perf_counter() - begun
    speed = f"{len(seen.answers) / seconds:.0f}, {seen.at(0.5):.0f} ms, {seen.at(0.99):.0f} ms"
    number = len(seen.answers)
    return f"{number:,} | {stored(office):,} | {seconds:.1f} | {speed} | {len(seen.faults)}"


def _request(server: Server, line: str) -> bytes:
    cookie, body = line.split("\t")
    head = (
        f"POST {API} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nCookie: {cookie}\r\n"
        f"X-Minyi: 1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return (head + body).encode("ascii")


async def _all(port: int, phones: Sequence[Sequence[bytes]], seen: Seen, *, patient: bool) -> None:
    lot = random.Random(1)
    starts = [lot.uniform(0, WITHIN) if patient else 0.0 for _ in phones]
    await asyncio.gather(
        *(
            _phone(port, requests, seen, start=start, patient=patient)
            for requests, start in zip(phones, starts, strict=True)
        )
    )


async def _phone(
    port: int, requests: Sequence[bytes], seen: Seen, *, start: float, patient: bool
) -> None:
    await asyncio.sleep(start)
    line = _Line(port)
    for request in requests:
        failures = 0
        while True:
            begun = time.perf_counter()
            try:
                status = await asyncio.wait_for(line.post(request), TIMEOUT)
            except (OSError, EOFError, TimeoutError) as error:
                status = 0
                seen.faults.append(type(error).__name__)
                line.hang_up()
            took = time.perf_counter() - begun
            if status == 200:
                break
            if status:
                seen.faults.append(str(status))
            failures += 1
            await asyncio.sleep(min(2.0**failures, LONGEST_WAIT))
        seen.answers.append(took)
        if patient:
            await asyncio.sleep(min(PAUSES * took, LONGEST_PAUSE))
    line.hang_up()


class _Line:
    """A connection as a browser keeps it: one that was shut in silence is opened anew."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, request: bytes) -> int:
        was_open = self._streams is not None
        try:
            return await self._post(request)
        except (ConnectionError, EOFError):
            self.hang_up()
            if not was_open:
                raise
            return await self._post(request)

    async def _post(self, request: bytes) -> int:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
        if b"connection: close" in head:
            self.hang_up()
        return int(head.split(b" ", 2)[1])

    def hang_up(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
        self._streams = None
