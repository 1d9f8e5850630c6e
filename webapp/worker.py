"""The server's process: gunicorn's threads, which no client can keep for ever.

A thread that reads a request waits for the rest of it as long as the client pleases. A phone that
lost its signal in the middle sends none and does not hang up either: a few such, and every thread
waits for somebody who is gone.
"""

from __future__ import annotations

import socket
import struct
import time
from contextlib import suppress
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

PATIENCE = 30.0  # seconds


class Worker(ThreadWorker):
    """Cuts off whoever does not send the whole of a request, or take the answer, in time."""

    patience = PATIENCE

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._deadlines: dict[TConn, float] = {}

    def handle(self, conn: TConn) -> Any:
        """Serve a request (in a thread)."""
        # An answer that nobody takes blocks its thread no longer than that.
        limit = struct.pack("ll", int(self.patience), 0)
        with suppress(OSError):
            conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
        self._deadlines[conn] = time.monotonic() + self.patience
        try:
            return super().handle(conn)
        finally:
            del self._deadlines[conn]

    def notify(self) -> None:
        """Give a sign of life (in the main thread, every second)."""
        super().notify()
        now = time.monotonic()
        for conn, until in list(self._deadlines.items()):
            if until < now:
                # Only the reading ends: a view that has its request, and works long on the
                # answer, does not notice.
                with suppress(OSError):
                    conn.sock.shutdown(socket.SHUT_RD)
