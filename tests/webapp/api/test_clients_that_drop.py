"""Phones lose their signal in the middle: on real sockets, nothing of them stays in the way."""

from __future__ import annotations

import json
import socket
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
import sqlalchemy as sa

from surveys.database import Database
from surveys.fieldwork.uploads import Upload
from surveys.keys import Keys
from surveys.office import Office
from tests.support.hurried import SERVE_HURRIED, Hurried
from tests.support.record import Small
from tests.support.server import Server
from tests.support.volunteer import HEADERS, Phone

THREADS = 8  # of the server
MANY = 3 * THREADS


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return Office(tmp_path, database, Keys.load(tmp_path / "keys"))


@pytest.fixture
def server(office: Office) -> Iterator[Server]:
    url = office.database.url.render_as_string(hide_password=False)
    with Server(office.data, url, SERVE_HURRIED) as running:
        yield running


@pytest.fixture
def cookie(phone: Phone) -> str:
    found = phone.client.get_cookie("minyi")
    assert found is not None
    return f"minyi={found.value}"


def request(body: bytes, cookie: str) -> bytes:
    """A whole request, as it goes over the wire."""
    length = {"Content-Length": len(body), "Connection": "close"}
    headers = {**HEADERS, "Host": "localhost", "Cookie": cookie, **length}
    lines = [f"{name}: {value}\r\n" for name, value in headers.items()]
    return ("POST /api/v1/attempts HTTP/1.1\r\n" + "".join(lines) + "\r\n").encode() + body


def trickle(connection: socket.socket, data: bytes) -> None:
    """Send a byte now and then, until the other end has had enough."""
    with suppress(OSError):
        for place in range(len(data)):
            connection.sendall(data[place : place + 1])
            time.sleep(0.3)


def dribble(connection: socket.socket, whole: bytes) -> bytes:
    """Send 3 KB in a second, as a phone with little signal does; what was answered."""
    for place in range(0, len(whole), 300):
        connection.sendall(whole[place : place + 300])
        time.sleep(0.1)
    return answered(connection)


def answered(connection: socket.socket) -> bytes:
    """All that the server says before it hangs up."""
    return b"".join(iter(lambda: connection.recv(4096), b""))


def stuck(office: Office) -> int:
    """How many connections to PostgreSQL hold a transaction that nobody works on."""
    if office.database.is_sqlite:
        return 0
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"
    with office.database.read_connection() as connection:
        return connection.scalar(sa.text(waiting)) or 0


def test_whoever_drops_or_dawdles_keeps_nobody_from_being_served(
    office: Office, phone: Phone, small: Small, server: Server, cookie: str
) -> None:
    bodies = [json.dumps(phone.attempt(small.units[0])).encode() for _ in range(MANY)]
    with ExitStack() as open_ones:

        def connect() -> socket.socket:
            connection = socket.create_connection(("127.0.0.1", server.port), timeout=60)
            return open_ones.enter_context(connection)

        for body in bodies:
            whole = request(body, cookie)
            for part in (whole[:20], whole[: -len(body) // 2], whole):
                connection = connect()
                connection.sendall(part)  # the whole one is stored, and nobody hears of it
                connection.close()
        for body in bodies[:THREADS]:
            whole = request(body, cookie)
            connect().sendall(whole[:20])
            connect().sendall(whole[: -len(body) // 2])  # and not a word more
            slow = connect()
            threading.Thread(target=trickle, args=(slow, whole), daemon=True).start()
        cut_off = connect()
        cut_off.sendall(request(bodies[0], cookie)[:-1])

        headers = {**HEADERS, "Cookie": cookie}
        said = Counter[str]()
        for body in bodies:  # what no answer came to is sent again
            url = f"{server.url}/api/v1/attempts"
            again = urllib.request.Request(url, body, headers)
            with urllib.request.urlopen(again, timeout=60) as answer:
                said[json.load(answer)["status"]] += 1
        assert answered(cut_off).startswith(b"HTTP/1.1 408")  # which a phone tries again
    assert said["stored"] + said["repeated"] == len(bodies)
    assert said["repeated"] >= 1  # some were there already, and were stored once
    with office.database.read() as session:
        stored = session.execute(sa.select(Upload.client_id, Upload.status)).all()
    assert sorted(stored) == sorted((json.loads(body)["id"], "stored") for body in bodies)
    assert stuck(office) == 0
    with office.database.write_connection() as connection:  # nobody holds the turn
        connection.execute(sa.select(1))


def test_a_phone_that_is_slow_but_keeps_sending_is_heard_out(
    phone: Phone, small: Small, server: Server, cookie: str
) -> None:
    body = json.dumps({**phone.attempt(small.units[0]), "padding": "x" * 9000}).encode()
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        began = time.monotonic()
        answer = dribble(connection, request(body, cookie))
        assert time.monotonic() - began > Hurried.patience
    assert b'"status": "stored"' in answer


def test_whoever_says_nothing_waits_in_the_kernel_and_keeps_nobody_waiting(server: Server) -> None:
    with ExitStack() as open_ones:
        silent = [
            open_ones.enter_context(socket.create_connection(("127.0.0.1", server.port), 60))
            for _ in range(MANY)
        ]
        began = time.monotonic()
        with urllib.request.urlopen(f"{server.url}/healthz", timeout=60) as answer:
            assert answer.status == 200
        assert time.monotonic() - began < Hurried.patience
        assert {answered(one) for one in silent} == {b""}  # and is let go at last


def test_what_nobody_reads_does_not_take_the_answer_from_whoever_sent_it(server: Server) -> None:
    """A connection that is closed with bytes unread is reset, and the answer may be lost."""
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
            connection.sendall(request(b"x" * 1_000_000, cookie=""))
            assert answered(connection).startswith(b"HTTP/1.1 401")
