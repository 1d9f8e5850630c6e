"""What the server's process hears of its clients."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from webapp import worker
from webapp.worker import Heard

Ends = tuple[socket.socket, Heard]


@pytest.fixture
def ends() -> Iterator[Ends]:
    """A client, and the server's end of its connection."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        with socket.create_connection(listener.getsockname()) as client:
            taken, _ = listener.accept()
            with Heard(fileno=taken.detach()) as heard:
                yield client, heard


def test_time_is_up_for_whoever_sends_nothing_more_but_what_is_there_is_read(ends: Ends) -> None:
    client, heard = ends
    client.sendall(b"late")
    assert heard.has_something(5.0)
    assert heard.recv(100) == b"late"  # its time was over before it began
    assert heard.recv(100) == b""


def test_whoever_reads_with_a_limit_of_their_own_keeps_it(ends: Ends) -> None:
    _, heard = ends
    heard.until = time.monotonic() + 60.0
    heard.settimeout(0.05)
    with pytest.raises(TimeoutError):
        heard.recv(100)


def test_nobody_is_heard_out_for_longer_than_that(
    ends: Ends, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "LINGER", 0.2)
    client, heard = ends
    client.sendall(b"more")  # and it does not hang up
    assert heard.has_something(5.0)
    began = time.monotonic()
    heard.hear_out()
    assert 0.2 <= time.monotonic() - began < 5.0
    assert client.recv(100) == b""


def test_an_answer_that_broke_off_has_closed_already(ends: Ends) -> None:
    _, heard = ends
    heard.close()
    heard.hear_out()
    assert not heard.has_something(0.0)


def test_the_processes_share_what_the_one_that_starts_them_has_loaded() -> None:
    code = """
import gc, sys
from gunicorn.config import Config
shared = Config()
shared.set("worker_class", "webapp.worker.Worker")
shared.worker_class
assert "webapp.application" in sys.modules
assert gc.get_freeze_count() > 100_000  # what is looked through for garbage is copied
"""
    subprocess.run([sys.executable, "-c", code], check=True)
