"""The server's process: threads that each take a connection, answer it, and take the next.

Whoever waits does so in the kernel's one line for all processes, so that a free thread of either
takes whoever came first. Nobody is kept connected: a client that were would wait for the process
that has it, while another stands idle (and whoever is kept by the proxy in front costs nothing).

A thread that reads a request waits for the rest of it as long as the client pleases. A phone that
lost its signal in the middle sends none and does not hang up either: a few such, and every thread
waits for somebody who is gone. Whoever is slow but keeps sending is heard out.
"""

from __future__ import annotations

import gc
import importlib
import select
import selectors
import socket
import struct
import sys
import time
from contextlib import suppress
from threading import Thread
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

PATIENCE = 30.0  # seconds
SLOWEST = 1000.0  # bytes in a second; the slowest networks of phones carry several times that
# Seconds until a busy thread makes way. With Python's own 5 ms, whoever comes back from the disk
# with everybody's transaction in hand waits that long before it can end it.
MAKE_WAY = 0.0005
LINGER = 2.0  # seconds for whoever has not read the answer yet and still sends
LOOK_UP = 0.5  # seconds after which a thread without a client sees whether it is time to stop
SILENT = 5  # seconds for which the kernel keeps whoever connects and says nothing
FIRST_WORD = 1.0 if hasattr(socket, "TCP_DEFER_ACCEPT") else SILENT  # seconds for it after that


class Heard(socket.socket):
    """A connection that is at its end when its client has sent too little for too long."""

    until = 0.0  # by the monotonic clock; what arrives puts it off

    def recv(self, size: int, flags: int = 0) -> bytes:
        """What has arrived; nothing, as from a client who hung up, where time is over."""
        if self.gettimeout() is None and not self.has_something(self.until - time.monotonic()):
            return b""
        data = super().recv(size, flags)
        self.until += len(data) / SLOWEST
        return data

    def hear_out(self) -> None:
        """Before it is closed: what nobody has read must not take the answer from who sent it."""
        with suppress(OSError):
            if self.has_something(0.0):
                self.shutdown(socket.SHUT_WR)
                until = time.monotonic() + LINGER
                while self.has_something(until - time.monotonic()) and super().recv(1 << 16):
                    pass

    def has_something(self, seconds: float) -> bool:
        """Wait for it; what is there already is read however late it is."""
        if self.fileno() < 0:  # closed, as after an answer that broke off
            return False
        poll = select.poll()
        poll.register(self, select.POLLIN)
        return bool(poll.poll(max(seconds, 0.0) * 1000))


class Worker(ThreadWorker):
    """Cuts off whoever does not send the whole of a request, or take the answer, in time."""

    patience = PATIENCE
    silent = SILENT
    alive: bool

    @classmethod
    def setup(cls) -> None:
        """Load what all processes share in the one that starts them: once, and in one memory."""
        importlib.import_module("webapp.application")
        _keep_for_good()

    def init_process(self) -> None:
        """Begin, in the process of its own."""
        sys.setswitchinterval(MAKE_WAY)
        super().init_process()

    def load_wsgi(self) -> None:
        """Make the application."""
        super().load_wsgi()
        _keep_for_good()

    def run(self) -> None:
        """Serve until told to stop, and say all the while that the process is alive."""
        threads = [
            Thread(target=self._serve, args=(listener.sock,), daemon=True)
            for listener in self.sockets
            for _ in range(self.cfg.threads)
        ]
        for listener in self.sockets:
            _wait_in_the_kernel(listener.sock, self.silent)
        for thread in threads:
            thread.start()
        # Whoever tells it to stop writes to this pipe.
        told = self.method_queue
        self.poller.register(told.fileno(), selectors.EVENT_READ, told.run_callbacks)
        while self.alive and self.is_parent_alive():
            self.notify()
            self.wait_for_and_dispatch_events(timeout=1.0)
        self.alive = False
        until = time.monotonic() + self.cfg.graceful_timeout
        while any(thread.is_alive() for thread in threads) and time.monotonic() < until:
            self.notify()
            time.sleep(0.05)

    def _serve(self, listener: socket.socket) -> None:
        """Take whoever comes next, one after the other."""
        while self.alive:
            try:
                taken, client = listener.accept()
            except BlockingIOError:  # nobody came
                continue
            except OSError:
                self.log.exception("Nobody can be taken")
                time.sleep(LOOK_UP)
                continue
            with Heard(fileno=taken.detach()) as connection:
                try:
                    self._answer(connection, client, listener)
                except (Exception, SystemExit):
                    self.log.exception("A connection was lost")

    def _answer(self, connection: Heard, client: Any, listener: socket.socket) -> None:
        if not connection.has_something(FIRST_WORD):
            return
        connection.until = time.monotonic() + self.patience
        # An answer of which nobody takes a byte blocks its thread no longer than that.
        _set_timeout(connection, socket.SO_SNDTIMEO, self.patience)
        conn = TConn(self.cfg, connection, client, listener.getsockname())
        conn.data_ready = True
        self.handle(conn)
        connection.hear_out()


def _keep_for_good() -> None:
    """What is loaded now is never looked through for garbage again, nor copied on that account."""
    gc.collect()
    gc.freeze()


def _wait_in_the_kernel(listener: socket.socket, silent: int) -> None:
    """Who waits for a client is woken one at a time, and where the system can, once it speaks."""
    listener.setblocking(True)
    _set_timeout(listener, socket.SO_RCVTIMEO, LOOK_UP)
    if hasattr(socket, "TCP_DEFER_ACCEPT") and listener.family != socket.AF_UNIX:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, silent)


def _set_timeout(connection: socket.socket, option: int, seconds: float) -> None:
    whole = int(seconds)
    value = struct.pack("ll", whole, int((seconds - whole) * 1e6))
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, option, value)
