"""The server's process: gunicorn's threads, which no client can keep for ever.

A thread that reads a request waits for the rest of it as long as the client pleases. A phone that
lost its signal in the middle sends none and does not hang up either: a few such, and every thread
waits for somebody who is gone. Whoever is slow but keeps sending is heard out.
"""

from __future__ import annotations

import select
import socket
import struct
import sys
import time
from contextlib import suppress
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

PATIENCE = 30.0  # seconds
SLOWEST = 1000.0  # bytes in a second; the slowest networks of phones carry several times that
# Seconds until a busy thread makes way. With Python's own 5 ms, whoever comes back from the disk
# with everybody's transaction in hand waits that long before it can end it.
MAKE_WAY = 0.0005


class Heard(socket.socket):
    """A connection that is at its end when its client has sent too little for too long."""

    until = 0.0  # by the monotonic clock; what arrives puts it off

    def recv(self, size: int, flags: int = 0) -> bytes:
        """What has arrived; nothing, as from a client who hung up, where time is over."""
        if self.gettimeout() is None and not self._has_something():
            return b""
        data = super().recv(size, flags)
        self.until += len(data) / SLOWEST
        return data

    def _has_something(self) -> bool:
        """Wait for it; what is there already is read however late it is."""
        poll = select.poll()
        poll.register(self, select.POLLIN)
        return bool(poll.poll(max(self.until - time.monotonic(), 0.0) * 1000))


class Worker(ThreadWorker):
    """Cuts off whoever does not send the whole of a request, or take the answer, in time."""

    patience = PATIENCE

    def init_process(self) -> None:
        """Begin, in the process of its own."""
        sys.setswitchinterval(MAKE_WAY)
        super().init_process()

    def handle(self, conn: TConn) -> Any:
        """Serve a request (in a thread)."""
        if not conn.initialized and not isinstance(conn.sock, Heard):
            conn.sock = Heard(fileno=conn.sock.detach())
        conn.sock.until = time.monotonic() + self.patience
        # An answer of which nobody takes a byte blocks its thread no longer than that.
        limit = struct.pack("ll", int(self.patience), 0)
        with suppress(OSError):
            conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
        return super().handle(conn)
